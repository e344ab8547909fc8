"""The marker table, in the database file itself; its place is the head of its name."""

# ruff: noqa: S608 - identifiers are quoted, values bound

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sluicegate.core.errors import Conflict
from sluicegate.dialects.base import Marker, MarkerExists, StatementFailed
from sluicegate.dialects.common.text import checked_place
from sluicegate.dialects.sqlite.wire import Wire, quote

COLUMNS = "marker_key, ordinal, digest, attempt, affected_rows, applied_at"


def _table(place: str) -> str:
    return quote(f"{checked_place(place)}_marker")


def prepare(wire: Wire, place: str) -> None:
    """See ``Session.prepare_markers``."""
    if wire.in_transaction:
        raise RuntimeError("markers are prepared outside a transaction")
    try:
        wire.run(
            f"CREATE TABLE IF NOT EXISTS {_table(place)} (marker_key TEXT NOT NULL, ordinal INTEGER NOT NULL, "
            "digest TEXT NOT NULL, attempt INTEGER NOT NULL, affected_rows INTEGER, applied_at TEXT NOT NULL, "
            "PRIMARY KEY (marker_key, ordinal))"
        )
        _probe(wire, place)
    except StatementFailed as error:
        if error.server_code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            grant = "chmod u+w"
            raise Conflict(
                "marker_unavailable", place=place, right="write", grant=grant, detail=error.message
            ) from error
        raise


def _probe(wire: Wire, place: str) -> None:
    """Write one and take it back: shows rights and columns before the first ticket needs them."""
    marker = Marker(key=f"probe:{secrets.token_hex(16)}", ordinal=0, digest="0" * 64, attempt=0)
    wire.run("BEGIN IMMEDIATE")
    try:
        insert(wire, place, marker)
        finish(wire, place, marker)
    finally:
        wire.run("ROLLBACK")


def insert(wire: Wire, place: str, marker: Marker) -> None:
    changed = wire.run(
        f"INSERT INTO {_table(place)} ({COLUMNS}) VALUES (?, ?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%f', 'now')) "
        "ON CONFLICT (marker_key, ordinal) DO NOTHING",
        (marker.key, marker.ordinal, marker.digest, marker.attempt, marker.affected_rows),
    )
    if changed == 0:
        held = _select(wire, place, "marker_key = ? AND ordinal = ?", marker.key, marker.ordinal)
        raise MarkerExists(held[0] if held else marker)


def finish(wire: Wire, place: str, marker: Marker) -> None:
    wire.run(
        f"UPDATE {_table(place)} SET affected_rows = ? WHERE marker_key = ? AND ordinal = ?",
        (marker.affected_rows, marker.key, marker.ordinal),
    )


def read(wire: Wire, place: str, key: str, since: int) -> Sequence[Marker]:
    return _select(wire, place, "marker_key = ? AND ordinal >= ? ORDER BY ordinal", key, since)


def _select(wire: Wire, place: str, where: str, *args: Any) -> list[Marker]:
    rows = wire.rows(f"SELECT {COLUMNS} FROM {_table(place)} WHERE {where}", args)
    return [
        Marker(key, ordinal, digest, attempt, affected, datetime.fromisoformat(applied).replace(tzinfo=UTC))
        for key, ordinal, digest, attempt, affected, applied in rows
    ]
