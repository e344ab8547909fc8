"""Sessions on PostgreSQL, on libpq through psycopg's low-level wrapper."""

from __future__ import annotations

import re
from collections.abc import Sequence

from psycopg import pq

from sluicegate.dialects.base import (
    ConnectionFailed,
    Endpoint,
    ImageSet,
    Marker,
    OutcomeUnknown,
    ServerSession,
    Session,
    SessionLimits,
    StatementFailed,
    StatementResult,
    Table,
    TableSummary,
)
from sluicegate.dialects.common.target_schema import TargetSchema
from sluicegate.dialects.common.text import to_wire
from sluicegate.dialects.postgres import catalogue, estimate, markers
from sluicegate.dialects.postgres.connecting import open_connection
from sluicegate.dialects.postgres.images import read_after, read_before
from sluicegate.dialects.postgres.target_schema import PostgresSchema
from sluicegate.dialects.postgres.wire import Wire, literal, quote
from sluicegate.sql.model import Estimate, ImagePlan, NoImage, Statement

# What decides the meaning of a statement's text, and of a value's text in an image. The time zone and the
# search path stay those of the database and role: now() must say what it says to the application.
PINNED = {
    "client_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "IntervalStyle": "postgres",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "xmloption": "content",
    "row_security": "on",
    # An open transaction of a session whose line is dead must not hold its locks for ever.
    "idle_in_transaction_session_timeout": "600000",
}


def connect(endpoint: Endpoint, limits: SessionLimits, *, label: str) -> Session:
    """Open and pin a session. Raises ConnectionFailed."""
    pgconn = open_connection(endpoint, limits, label)
    try:
        return PostgresSession(Wire(pgconn, limits.statement), limits, endpoint.schema)
    except (StatementFailed, OutcomeUnknown) as error:
        pgconn.finish()
        raise ConnectionFailed(
            "target_connect_failed",
            host=endpoint.host,
            port=endpoint.port,
            database=endpoint.database,
            detail=str(error.params.get("message", "")),
        ) from error


class PostgresSession(Session):
    """See ``Session``."""

    def __init__(self, wire: Wire, limits: SessionLimits, schema: str = "") -> None:
        self._wire = wire
        self._pin(limits)
        if schema:
            self._stay_in(schema)
        rows = wire.query("SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_setting('server_version')")
        pid, version = rows[0]
        numbers = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", version or "")
        self.identity = ServerSession(
            session_id=pid or "",
            server_uuid=self._server_uuid(),
            version=tuple(int(number or 0) for number in numbers.groups()) if numbers else (),
            version_text=wire.value("SELECT pg_catalog.version()") or "",
        )

    def _pin(self, limits: SessionLimits) -> None:
        """Set and read back."""
        wanted = dict(PINNED)
        if limits.lock_wait:
            wanted["lock_timeout"] = str(max(1, round(limits.lock_wait * 1000)))
        if limits.statement:
            wanted["statement_timeout"] = str(max(1, round(limits.statement * 1000)))
        for name, value in wanted.items():
            self._wire.run(f"SET SESSION {name} = {literal(value)}")
        self._wire.run("SET SESSION DateStyle = 'ISO'")  # keeps the database's order of day and month
        rows = self._wire.query(
            "SELECT name, setting FROM pg_catalog.pg_settings WHERE name = ANY ($1::text[])",
            "{" + ",".join(wanted) + "}",
        )
        held = {row[0]: row[1] for row in rows}
        for name, value in wanted.items():
            if held.get(name) != value:
                message = f"{name} is {held.get(name)!r}, not {value!r}, after it was set"
                raise StatementFailed("statement_failed", server_code="", message=message)

    def _stay_in(self, schema: str) -> None:
        """Have names without a schema mean this one, and only this one."""
        found = self._wire.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", schema)
        if not found:
            message = f"schema {schema!r} does not exist"
            raise StatementFailed("statement_failed", server_code="3F000", message=message)
        quoted = '"' + schema.replace('"', '""') + '"'
        self._wire.run(f"SET SESSION search_path = {quoted}")
        # Where the role may not use it, the server leaves it out without a word.
        if self._wire.value("SELECT pg_catalog.current_schema()") != schema:
            message = f"schema {schema!r} may not be used"
            raise StatementFailed("statement_failed", server_code="42501", message=message)

    def _server_uuid(self) -> str:
        """The cluster's system identifier; where the role may not read it, what identifies the database."""
        try:
            found = self._wire.value("SELECT system_identifier FROM pg_catalog.pg_control_system()")
        except StatementFailed:
            found = None
        if found:
            return found
        return (
            self._wire.value(
                "SELECT pg_catalog.concat_ws(':', oid, datname, pg_catalog.inet_server_addr(), "
                "pg_catalog.inet_server_port()) FROM pg_catalog.pg_database "
                "WHERE datname = pg_catalog.current_database()"
            )
            or ""
        )

    # -- running what was approved

    def begin(self, *, read_only: bool = False) -> None:
        self._wire.run("BEGIN READ ONLY" if read_only else "BEGIN")

    def commit(self) -> None:
        if self._wire.status() is pq.TransactionStatus.INERROR:
            # COMMIT would be answered with ROLLBACK and no error.
            self.rollback()
            message = "the transaction had failed and was rolled back"
            raise StatementFailed("statement_failed", server_code="25P02", message=message)
        self._wire.run("COMMIT")

    def rollback(self) -> None:
        self._wire.run("ROLLBACK")

    def in_transaction(self) -> bool:
        return self._wire.status() in {
            pq.TransactionStatus.INTRANS,
            pq.TransactionStatus.INERROR,
            pq.TransactionStatus.ACTIVE,
        }

    def execute(self, statement: str) -> StatementResult:
        outcome = self._wire.message(to_wire(statement))
        return StatementResult(outcome.affected_rows, outcome.notices)

    def close(self) -> None:
        self._wire.close()

    # -- lock and life of sessions

    def acquire_lock(self, name: str) -> bool:
        sql = "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended($1, 0))"
        return self._wire.value(sql, name) == "t"

    def lock_holder(self, name: str) -> str | None:
        # A bigint key is shown as its halves: classid the high, objid the low one, objsubid 1.
        return self._wire.value(
            "WITH wanted AS (SELECT pg_catalog.hashtextextended($1, 0) AS key) "
            "SELECT pid FROM pg_catalog.pg_locks, wanted WHERE locktype = 'advisory' AND granted "
            "AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) "
            "AND objsubid = 1 AND classid = ((key >> 32) & 4294967295)::oid AND objid = (key & 4294967295)::oid",
            name,
        )

    def session_alive(self, session_id: str) -> bool:
        sql = "SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = $1::int"
        return self._wire.value(sql, int(session_id)) is not None

    def cancel(self, session_id: str) -> None:
        self._wire.run("SELECT pg_catalog.pg_cancel_backend($1::int)", int(session_id))

    def terminate(self, session_id: str) -> None:
        self._wire.run("SELECT pg_catalog.pg_terminate_backend($1::int)", int(session_id))

    # -- markers, estimates, images, catalogue

    def prepare_markers(self, place: str) -> None:
        markers.prepare(self._wire, place)

    def insert_marker(self, place: str, marker: Marker) -> None:
        markers.insert(self._wire, place, marker)

    def finish_marker(self, place: str, marker: Marker) -> None:
        markers.finish(self._wire, place, marker)

    def read_markers(self, place: str, key: str, *, since: int = 0) -> Sequence[Marker]:
        return markers.read(self._wire, place, key, since)

    def read_names_as(self, other: Session) -> None:
        if not isinstance(other, PostgresSession):
            raise TypeError("a session on another kind of server")
        wanted = other.searched()
        if self.searched() != wanted:
            path = ", ".join(quote(name) for name in wanted)
            self._wire.run(f"SET SESSION search_path = {path or literal('')}")
        left_out = set(wanted) - set(self.searched())
        if left_out:
            # Names would mean tables of other schemas.
            message = f"schema {', '.join(sorted(left_out))} may not be used"
            raise StatementFailed("statement_failed", server_code="42501", message=message)

    def searched(self) -> tuple[str, ...]:
        """The schemas that a name without one is looked for in, in order; those of the server's own left out."""
        rows = self._wire.query("SELECT pg_catalog.unnest(pg_catalog.current_schemas(false))")
        return tuple(row[0] or "" for row in rows)

    def estimate(self, statement: Statement) -> Estimate:
        return estimate.estimate(self._wire, statement)

    def count(self, statement: Statement, plan: ImagePlan | None, *, seconds: float) -> Estimate:
        return estimate.count(self._wire, statement, plan, seconds)

    def read_before(self, plan: ImagePlan, *, limit: int) -> ImageSet | NoImage:
        return read_before(self._wire, plan, limit)

    def read_after(self, images: ImageSet) -> ImageSet:
        return read_after(self._wire, images)

    def databases(self) -> Sequence[str]:
        return catalogue.databases(self._wire)

    def schemas(self) -> Sequence[str]:
        return catalogue.schemas(self._wire)

    def tables(self, schema: str | None = None) -> Sequence[TableSummary]:
        return catalogue.tables(self._wire, schema)

    def table(self, name: str, schema: str | None = None) -> Table:
        return catalogue.table(self._wire, name, schema)

    def target_schema(self) -> TargetSchema:
        return TargetSchema(PostgresSchema(self._wire))
