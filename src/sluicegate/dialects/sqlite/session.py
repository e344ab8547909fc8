"""Sessions on SQLite files."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote as url_quote
from weakref import WeakValueDictionary

from sluicegate.dialects.base import (
    ConnectionFailed,
    Endpoint,
    ImageSet,
    Marker,
    ServerSession,
    Session,
    SessionLimits,
    StatementFailed,
    StatementResult,
    Table,
    TableSummary,
    Unsupported,
)
from sluicegate.dialects.common.target_schema import TargetSchema
from sluicegate.dialects.common.text import to_wire
from sluicegate.dialects.sqlite import catalogue, estimate, markers
from sluicegate.dialects.sqlite.images import read_after, read_before
from sluicegate.dialects.sqlite.literals import NoLiteral
from sluicegate.dialects.sqlite.locks import NamedLocks
from sluicegate.dialects.sqlite.target_schema import SqliteSchema
from sluicegate.dialects.sqlite.wire import Wire
from sluicegate.sql.model import Estimate, ImagePlan, NoImage, Statement

LABEL = "SQLite"
# A statement of another process can't be reached; of this process, by its connection.
_open_sessions: WeakValueDictionary[str, SqliteSession] = WeakValueDictionary()


def connect(endpoint: Endpoint, limits: SessionLimits, *, label: str) -> Session:
    """Open and pin a session on an existing file. Raises ConnectionFailed."""
    path = Path(endpoint.database)
    if not path.is_file():
        raise ConnectionFailed(
            "target_database_missing", host="", port=0, database=endpoint.database, detail="no such file"
        )
    path = path.resolve()
    try:
        connection = sqlite3.connect(
            f"file:{url_quote(str(path))}?mode=rw",
            uri=True,
            timeout=limits.lock_wait,
            isolation_level=None,
            cached_statements=0,
            check_same_thread=False,
        )
        try:
            return SqliteSession(connection, path, limits, label)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, StatementFailed) as error:
        detail = str(error.params.get("message", "")) if isinstance(error, StatementFailed) else str(error)
        raise ConnectionFailed("target_file_invalid", database=endpoint.database, detail=detail) from error


class SqliteSession(Session):
    """See ``Session``. ``session_id`` holds the process id and a random part."""

    def __init__(self, connection: sqlite3.Connection, path: Path, limits: SessionLimits, label: str) -> None:
        self._wire = Wire(connection, limits.statement)
        self._read_only = False
        if hasattr(connection, "enable_load_extension"):  # some builds of Python leave extensions out
            connection.enable_load_extension(False)
        # Foreign keys are on: what the application declared shall hold. Functions of the schema (views,
        # defaults, triggers) may not reach outside the database.
        for pragma in ("foreign_keys = ON", "trusted_schema = OFF", "query_only = OFF"):
            self._wire.run(f"PRAGMA {pragma}")
        self._wire.rows("SELECT count(*) FROM sqlite_master")  # a file of another kind shows itself here
        stat = path.stat()
        self.identity = ServerSession(
            session_id=f"{label}-{os.getpid()}-{secrets.token_hex(6)}",
            server_uuid=f"{stat.st_dev:x}-{stat.st_ino:x}",
            version=sqlite3.sqlite_version_info,
            version_text=f"SQLite {sqlite3.sqlite_version}",
        )
        self._locks = NamedLocks(path, self.identity.session_id)
        _open_sessions[self.identity.session_id] = self

    # -- running what was approved

    def begin(self, *, read_only: bool = False) -> None:
        # IMMEDIATE takes the write lock now: later it could be refused in the middle of the change.
        if read_only:
            self._wire.run("PRAGMA query_only = ON")
            self._read_only = True
        self._wire.run("BEGIN" if read_only else "BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._wire.run("COMMIT")
        self._end_read_only()

    def rollback(self) -> None:
        if self._wire.in_transaction:  # SQLite itself ends it after some errors
            self._wire.run("ROLLBACK")
        self._end_read_only()

    def _end_read_only(self) -> None:
        if self._read_only:
            self._wire.run("PRAGMA query_only = OFF")
            self._read_only = False

    def in_transaction(self) -> bool:
        return self._wire.in_transaction

    def execute(self, statement: str) -> StatementResult:
        to_wire(statement)
        affected, _ = self._wire.message(statement)
        return StatementResult(affected)

    def close(self) -> None:
        self._locks.release_all()
        self._wire.close()

    # -- lock and life of sessions

    def acquire_lock(self, name: str) -> bool:
        return self._locks.acquire(name)

    def lock_holder(self, name: str) -> str | None:
        return self._locks.holder(name)

    def session_alive(self, session_id: str) -> bool:
        """True for a session that holds a lock (as an executing one does) and for those of this process."""
        return session_id in _open_sessions or self._locks.alive(session_id)

    def cancel(self, session_id: str) -> None:
        self._other(session_id)._wire.interrupt()

    def terminate(self, session_id: str) -> None:
        other = self._other(session_id)
        other._wire.ended = True
        other._wire.interrupt()

    def _other(self, session_id: str) -> SqliteSession:
        other = _open_sessions.get(session_id)
        if other is None:
            raise Unsupported("target_session_elsewhere", dialect=LABEL)
        return other

    # -- markers, estimates, images, catalogue

    def prepare_markers(self, place: str) -> None:
        markers.prepare(self._wire, place)

    def insert_marker(self, place: str, marker: Marker) -> None:
        markers.insert(self._wire, place, marker)

    def finish_marker(self, place: str, marker: Marker) -> None:
        markers.finish(self._wire, place, marker)

    def read_markers(self, place: str, key: str, *, since: int = 0) -> Sequence[Marker]:
        return markers.read(self._wire, place, key, since)

    def estimate(self, statement: Statement) -> Estimate:
        return estimate.estimate(self._wire, statement)

    def count(self, statement: Statement, plan: ImagePlan | None, *, seconds: float) -> Estimate:  # noqa: ARG002
        return estimate.count(self._wire, plan, seconds)

    def read_before(self, plan: ImagePlan, *, limit: int) -> ImageSet | NoImage:
        return read_before(self._wire, plan, limit)

    def read_after(self, images: ImageSet) -> ImageSet | NoImage:
        try:
            return read_after(self._wire, images)
        except NoLiteral:
            return NoImage("image_value_inexact")

    def databases(self) -> Sequence[str]:
        return ["main"]

    def schemas(self) -> Sequence[str]:
        raise Unsupported("target_capability_missing", dialect=LABEL, capability="schemas")

    def tables(self, schema: str | None = None) -> Sequence[TableSummary]:  # noqa: ARG002 - it has one only
        return catalogue.tables(self._wire)

    def table(self, name: str, schema: str | None = None) -> Table:  # noqa: ARG002 - it has one only
        return catalogue.table(self._wire, name)

    def target_schema(self) -> TargetSchema:
        return TargetSchema(SqliteSchema(self._wire))
