"""The marker table: proof in the target, in the change's own transaction."""

# ruff: noqa: S608 - identifiers are quoted, values bound

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from psycopg import pq

from sluicegate.core.errors import Conflict
from sluicegate.dialects.base import Marker, MarkerExists, StatementFailed
from sluicegate.dialects.common.text import checked_place
from sluicegate.dialects.postgres.errors import NO_RIGHT
from sluicegate.dialects.postgres.wire import Row, Wire, quote

TABLE = "sluicegate_marker"
COLUMNS = "marker_key, ordinal, digest, attempt, affected_rows, applied_at"
# The session's time zone is the server's own: ask for UTC.
SELECTED = COLUMNS.replace("applied_at", "applied_at AT TIME ZONE 'UTC'")


def _table(place: str) -> str:
    return f"{quote(checked_place(place))}.{quote(TABLE)}"


def prepare(wire: Wire, place: str) -> None:
    """See ``Session.prepare_markers``. Outside a transaction, which a refused CREATE would spoil."""
    if wire.status() is not pq.TransactionStatus.IDLE:
        raise RuntimeError("markers are prepared outside a transaction")
    try:
        if not _exists(wire, place):
            _create(wire, place)
        _probe(wire, place)
    except StatementFailed as error:
        if error.server_code != NO_RIGHT:
            raise
        raise _unavailable(wire, place, error.message) from error


def _exists(wire: Wire, place: str) -> bool:
    sql = (
        "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = $1 AND c.relname = $2"
    )
    return wire.value(sql, checked_place(place), TABLE) is not None


def _create(wire: Wire, place: str) -> None:
    # IF NOT EXISTS asks for the right to create even where the schema is there.
    if wire.value("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", place) is None:
        wire.run(f"CREATE SCHEMA IF NOT EXISTS {quote(place)}")
    wire.run(
        f"CREATE TABLE IF NOT EXISTS {_table(place)} ("
        "marker_key text NOT NULL, ordinal integer NOT NULL, digest text NOT NULL, "
        "attempt bigint NOT NULL, affected_rows bigint, applied_at timestamptz NOT NULL, "
        "PRIMARY KEY (marker_key, ordinal))"
    )
    comment = "'Sluicegate: which approved statements were applied here'"
    wire.run(f"COMMENT ON TABLE {_table(place)} IS {comment}")


def _unavailable(wire: Wire, place: str, detail: str) -> Conflict:
    rows = wire.query("SELECT current_user, pg_catalog.current_database()")
    user, database = quote(rows[0][0] or ""), quote(rows[0][1] or "")
    if _exists(wire, place):
        right = "SELECT, INSERT, UPDATE"
        grant = f"GRANT USAGE ON SCHEMA {quote(place)} TO {user}; GRANT {right} ON {_table(place)} TO {user};"
    elif wire.value("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", place) is not None:
        right = "CREATE, USAGE"
        grant = f"GRANT {right} ON SCHEMA {quote(place)} TO {user};"
    else:
        right = "CREATE"
        grant = f"GRANT CREATE ON DATABASE {database} TO {user};"
    return Conflict("marker_unavailable", place=place, right=right, grant=grant, detail=detail)


def _probe(wire: Wire, place: str) -> None:
    """Write one and take it back: shows rights and columns before the first ticket needs them."""
    marker = Marker(key=f"probe:{secrets.token_hex(16)}", ordinal=0, digest="0" * 64, attempt=0)
    wire.run("BEGIN")
    try:
        insert(wire, place, marker)
        finish(wire, place, marker)
    finally:
        wire.run("ROLLBACK")


def insert(wire: Wire, place: str, marker: Marker) -> None:
    # ON CONFLICT, because an error would end the transaction and with it the reading of what is there.
    # It waits for another session's marker that isn't committed yet.
    outcome = wire.run(
        f"INSERT INTO {_table(place)} ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, pg_catalog.clock_timestamp()) "
        "ON CONFLICT (marker_key, ordinal) DO NOTHING",
        marker.key,
        marker.ordinal,
        marker.digest,
        marker.attempt,
        marker.affected_rows,
    )
    if outcome.affected_rows == 0:
        held = _select(wire, place, "marker_key = $1 AND ordinal = $2", marker.key, marker.ordinal)
        raise MarkerExists(held[0] if held else marker)


def finish(wire: Wire, place: str, marker: Marker) -> None:
    wire.run(
        f"UPDATE {_table(place)} SET affected_rows = $1 WHERE marker_key = $2 AND ordinal = $3",
        marker.affected_rows,
        marker.key,
        marker.ordinal,
    )


def read(wire: Wire, place: str, key: str, since: int) -> Sequence[Marker]:
    return _select(wire, place, "marker_key = $1 AND ordinal >= $2 ORDER BY ordinal", key, since)


def _select(wire: Wire, place: str, where: str, *args: object) -> list[Marker]:
    return [
        _marker(row) for row in wire.query(f"SELECT {SELECTED} FROM {_table(place)} WHERE {where}", *args)
    ]


def _marker(row: Row) -> Marker:
    key, ordinal, digest, attempt, affected, applied = row
    return Marker(
        key=key or "",
        ordinal=int(ordinal or 0),
        digest=digest or "",
        attempt=int(attempt or 0),
        affected_rows=None if affected is None else int(affected),
        applied_at=datetime.fromisoformat(applied).replace(tzinfo=UTC) if applied else None,
    )
