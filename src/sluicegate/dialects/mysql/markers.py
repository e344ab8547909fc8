"""The marker table: proof in the target, in the change's own transaction (InnoDB only)."""

# ruff: noqa: S608 - identifiers are quoted, values bound or exact literals

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from sluicegate.core.errors import Conflict
from sluicegate.dialects.base import Marker, MarkerExists, StatementFailed
from sluicegate.dialects.common.text import checked_place
from sluicegate.dialects.mysql.errors import DUPLICATE_KEY, NO_RIGHT
from sluicegate.dialects.mysql.wire import Wire, quote

TABLE = "sluicegate_marker"
COLUMNS = "marker_key, ordinal, digest, attempt, affected_rows, applied_at"


def _table(place: str) -> str:
    return f"{quote(checked_place(place))}.{quote(TABLE)}"


def prepare(wire: Wire, place: str) -> None:
    """See ``Session.prepare_markers``. Must not be called within a transaction: DDL would commit it."""
    if wire.in_transaction():
        raise RuntimeError("markers are prepared outside a transaction")
    try:
        if not _exists(wire, place):
            _create(wire, place)
        _require_innodb(wire, place)
        _probe(wire, place)
    except StatementFailed as error:
        if int(error.server_code or 0) not in NO_RIGHT:
            raise
        user = wire.value("SELECT CURRENT_USER()") or ""
        name, _, host = user.rpartition("@")
        grant = f"GRANT CREATE, SELECT, INSERT, UPDATE ON {quote(place)}.* TO '{name}'@'{host}';"
        raise Conflict(
            "marker_unavailable", place=place, right="CREATE, SELECT, INSERT, UPDATE", grant=grant,
            detail=error.message,
        ) from error  # fmt: skip


def _exists(wire: Wire, place: str) -> bool:
    sql = "SELECT 1 FROM information_schema.tables WHERE table_schema = %s AND table_name = %s"
    return wire.value(sql, (place, TABLE)) is not None


def _create(wire: Wire, place: str) -> None:
    sql = "SELECT 1 FROM information_schema.schemata WHERE schema_name = %s"
    if wire.value(sql, (place,)) is None:
        wire.run(f"CREATE DATABASE IF NOT EXISTS {quote(place)} CHARACTER SET utf8mb4")
    wire.run(
        f"CREATE TABLE IF NOT EXISTS {_table(place)} ("
        "marker_key VARCHAR(191) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
        "ordinal INT UNSIGNED NOT NULL, "
        "digest CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, "
        "attempt BIGINT UNSIGNED NOT NULL, "
        "affected_rows BIGINT NULL, "
        "applied_at DATETIME(6) NOT NULL, "
        "PRIMARY KEY (marker_key, ordinal)) ENGINE=InnoDB "
        "COMMENT='Sluicegate: which approved statements were applied here'"
    )


def _require_innodb(wire: Wire, place: str) -> None:
    """A marker outside the change's transaction would prove nothing."""
    sql = "SELECT engine FROM information_schema.tables WHERE table_schema = %s AND table_name = %s"
    engine = wire.value(sql, (place, TABLE))
    if engine != "InnoDB":
        raise Conflict(
            "marker_not_transactional", place=place, table=TABLE, engine=engine or "",
            change=f"ALTER TABLE {_table(place)} ENGINE=InnoDB;",
        )  # fmt: skip


def _probe(wire: Wire, place: str) -> None:
    """Write one and take it back: shows rights and columns before the first ticket needs them."""
    marker = Marker(key=f"probe:{secrets.token_hex(16)}", ordinal=0, digest="0" * 64, attempt=0)
    wire.run("START TRANSACTION")
    try:
        insert(wire, place, marker)
        finish(wire, place, marker)
    finally:
        wire.run("ROLLBACK")


def insert(wire: Wire, place: str, marker: Marker) -> None:
    try:
        wire.run(
            f"INSERT INTO {_table(place)} ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, UTC_TIMESTAMP(6))",
            (marker.key, marker.ordinal, marker.digest, marker.attempt, marker.affected_rows),
        )
    except StatementFailed as error:
        if error.server_code != str(DUPLICATE_KEY):
            raise
        # A locking read: our snapshot may be older than the marker.
        held = _select(
            wire, place, "marker_key = %s AND ordinal = %s LOCK IN SHARE MODE", marker.key, marker.ordinal
        )
        raise MarkerExists(held[0] if held else marker) from error


def finish(wire: Wire, place: str, marker: Marker) -> None:
    wire.run(
        f"UPDATE {_table(place)} SET affected_rows = %s WHERE marker_key = %s AND ordinal = %s",
        (marker.affected_rows, marker.key, marker.ordinal),
    )


def read(wire: Wire, place: str, key: str, since: int) -> Sequence[Marker]:
    return _select(wire, place, "marker_key = %s AND ordinal >= %s ORDER BY ordinal", key, since)


def _select(wire: Wire, place: str, where: str, *args: object) -> list[Marker]:
    rows = wire.query(f"SELECT {COLUMNS} FROM {_table(place)} WHERE {where}", args)
    return [_marker(row) for row in rows]


def _marker(row: Sequence[str | None]) -> Marker:
    key, ordinal, digest, attempt, affected, applied = row
    return Marker(
        key=key or "",
        ordinal=int(ordinal or 0),
        digest=digest or "",
        attempt=int(attempt or 0),
        affected_rows=None if affected is None else int(affected),
        applied_at=datetime.fromisoformat(applied).replace(tzinfo=UTC) if applied else None,
    )
