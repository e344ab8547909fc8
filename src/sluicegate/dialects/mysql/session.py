"""Sessions on the MySQL family, through PyMySQL."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Sequence

import pymysql
from pymysql.constants import CLIENT

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
    Unsupported,
)
from sluicegate.dialects.common import tls
from sluicegate.dialects.common.target_schema import TargetSchema
from sluicegate.dialects.common.text import bounded_name, to_wire
from sluicegate.dialects.mysql import catalogue, estimate, markers
from sluicegate.dialects.mysql.errors import NO_SUCH_THREAD, connection_error
from sluicegate.dialects.mysql.images import read_after, read_before
from sluicegate.dialects.mysql.literals import NoLiteral
from sluicegate.dialects.mysql.target_schema import MysqlSchema
from sluicegate.dialects.mysql.variant import Variant
from sluicegate.dialects.mysql.wire import Connection, Wire
from sluicegate.sql.model import Estimate, ImagePlan, NoImage, ObjectRef, Statement

# The lexer takes backslash for an escape and double quotes for a string, so neither NO_BACKSLASH_ESCAPES
# nor ANSI_QUOTES may hold; strict, so that a value that doesn't fit is an error and not another value.
SQL_MODE = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
LOCK_NAME_LIMIT = 64
MAX_WARNINGS = 20
TOO_BIG = "1153"  # ER_NET_PACKET_TOO_LARGE


def connect(endpoint: Endpoint, limits: SessionLimits, *, label: str, variant: Variant) -> Session:
    """Open and pin a session. Raises ConnectionFailed."""
    context = tls.context(endpoint.tls)
    try:
        connection = Connection(
            host=endpoint.host,
            port=endpoint.port or variant.default_port,
            user=endpoint.user,
            password=endpoint.password,
            database=endpoint.database or None,
            charset="utf8mb4",
            ssl=context,
            ssl_disabled=context is None,
            local_infile=False,
            autocommit=None,
            connect_timeout=max(1, round(limits.connect)),
            read_timeout=max(1, round(limits.connect)),
            write_timeout=max(1, round(limits.connect)),
            program_name=label,
            defer_connect=True,
        )
        connection.connect(_reached(endpoint, variant, limits.connect))
    except (pymysql.Error, OSError, ssl.SSLError) as error:
        raise connection_error(error, endpoint.host, endpoint.port, endpoint.database) from error
    if connection.client_flag & (CLIENT.MULTI_STATEMENTS | CLIENT.LOCAL_FILES):
        connection.abandon()
        raise ConnectionFailed(
            "target_connect_failed",
            host=endpoint.host,
            port=endpoint.port,
            database=endpoint.database,
            detail="the driver offers multi statements or LOCAL INFILE",
        )
    wire = Wire(connection)
    try:
        session = MysqlSession(wire, variant, limits)
    except (StatementFailed, OutcomeUnknown) as error:
        wire.close()
        raise ConnectionFailed(
            "target_connect_failed",
            host=endpoint.host,
            port=endpoint.port,
            database=endpoint.database,
            detail=str(error.params.get("message", "")),
        ) from error
    connection.after_connect(limits.statement)
    return session


def _reached(endpoint: Endpoint, variant: Variant, seconds: float) -> socket.socket:
    """A connection to the first address that answers. Raises OSError, of the last one."""
    *others, last = endpoint.addresses or (endpoint.host,)
    port = endpoint.port or variant.default_port
    for address in others:
        with contextlib.suppress(OSError):  # the next one is tried; the last one's error counts
            return _connected(address, port, seconds)
    return _connected(last, port, seconds)


def _connected(address: str, port: int, seconds: float) -> socket.socket:
    found = socket.create_connection((address, port), seconds)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return found


def version_of(text: str) -> tuple[int, ...]:
    """(major, minor, patch) of ``10.11.19-MariaDB-…`` or of ``5.5.5-10.11…``, its disguise for old clients."""
    numbers = re.match(r"(?:5\.5\.5-(?=\d+\.\d+\.\d+-MariaDB))?(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(number or 0) for number in numbers.groups()) if numbers else ()


class MysqlSession(Session):
    """See ``Session``. ``server_sql_mode`` is the mode the server would have given."""

    def __init__(self, wire: Wire, variant: Variant, limits: SessionLimits) -> None:
        self._wire = wire
        self._variant = variant
        text = wire.value("SELECT VERSION()") or ""
        self._mariadb = "mariadb" in text.lower()
        self.server_sql_mode = wire.value("SELECT @@sql_mode") or ""
        self._pin(limits)
        self.identity = ServerSession(
            session_id=wire.value("SELECT CONNECTION_ID()") or "",
            server_uuid=self._server_uuid(),
            version=version_of(text),
            version_text=text,
        )
        self._max_packet = int(wire.value("SELECT @@max_allowed_packet") or 1 << 24)

    def _pin(self, limits: SessionLimits) -> None:
        """Set what decides the meaning of a statement, and read back that it holds.

        The time zone stays the server's: NOW() in a ticket must say what it says to the application.
        """
        wanted: dict[str, str] = {"sql_mode": SQL_MODE, "autocommit": "1"}
        self._wire.run("SET NAMES utf8mb4")
        self._wire.run("SET SESSION time_zone = @@GLOBAL.time_zone")
        if limits.lock_wait:
            seconds = str(max(1, round(limits.lock_wait)))
            wanted |= {"lock_wait_timeout": seconds, "innodb_lock_wait_timeout": seconds}
        if limits.statement and self._mariadb:
            wanted["max_statement_time"] = f"{limits.statement:.6f}"
        elif limits.statement:
            wanted["max_execution_time"] = str(max(1, round(limits.statement * 1000)))  # SELECT only
        for name, value in wanted.items():
            literal = value if re.fullmatch(r"[\d.]+", value) else f"'{value}'"
            self._wire.run(f"SET SESSION {name} = {literal}")
        names = [*wanted, "character_set_client", "character_set_connection"]
        wanted |= {"character_set_client": "utf8mb4", "character_set_connection": "utf8mb4"}
        held = self._wire.query("SELECT " + ", ".join(f"@@{name}" for name in names))[0]
        for name, now in zip(names, held, strict=True):
            if not _same_setting(wanted[name], now or ""):
                message = f"{name} is {now!r}, not {wanted[name]!r}, after it was set"
                raise StatementFailed("statement_failed", server_code="", message=message)

    def _server_uuid(self) -> str:
        """``server_uuid`` (MySQL), ``server_uid`` (MariaDB from 10.5.26 on), else where it keeps its data."""
        rows = self._wire.query("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid')")
        uuid = rows[0][1] if rows else None
        if uuid:
            return uuid
        place = self._wire.query("SELECT @@hostname, @@port, @@server_id, @@datadir")[0]
        return ":".join(part or "" for part in place)

    # -- running what was approved

    def begin(self, *, read_only: bool = False) -> None:
        # TiDB has only the words READ ONLY, and refuses them.
        written = (
            "START TRANSACTION READ ONLY" if read_only and not self._variant.tidb else "START TRANSACTION"
        )
        self._wire.run(written)

    def commit(self) -> None:
        self._wire.run("COMMIT")

    def rollback(self) -> None:
        self._wire.run("ROLLBACK")

    def in_transaction(self) -> bool:
        return self._wire.in_transaction()

    def execute(self, statement: str) -> StatementResult:
        payload = to_wire(statement)
        if len(payload) >= self._max_packet:
            message = f"{len(payload)} bytes; max_allowed_packet of the server is {self._max_packet}"
            raise StatementFailed("statement_failed", server_code=TOO_BIG, message=message)
        outcome = self._wire.message(payload)
        warnings = self._warnings() if outcome.warning_count else ()
        return StatementResult(outcome.affected_rows, warnings)

    def _warnings(self) -> tuple[str, ...]:
        rows = self._wire.query(f"SHOW WARNINGS LIMIT {MAX_WARNINGS}")
        return tuple(f"{level} {code}: {message}" for level, code, message in rows)

    def close(self) -> None:
        self._wire.close()

    # -- lock and life of sessions

    def acquire_lock(self, name: str) -> bool:
        self._require(self._variant.named_locks, "GET_LOCK")
        return self._wire.value("SELECT GET_LOCK(%s, 0)", (bounded_name(name, LOCK_NAME_LIMIT),)) == "1"

    def lock_holder(self, name: str) -> str | None:
        self._require(self._variant.named_locks, "IS_USED_LOCK")
        return self._wire.value("SELECT IS_USED_LOCK(%s)", (bounded_name(name, LOCK_NAME_LIMIT),))

    def session_alive(self, session_id: str) -> bool:
        sql = "SELECT 1 FROM information_schema.processlist WHERE id = %s"
        return self._wire.value(sql, (int(session_id),)) is not None

    def cancel(self, session_id: str) -> None:
        self._require(self._variant.kill_query, "KILL QUERY")
        self._kill(f"KILL QUERY {int(session_id)}")

    def terminate(self, session_id: str) -> None:
        self._kill(f"KILL {int(session_id)}")

    def _kill(self, sql: str) -> None:
        try:
            self._wire.run(sql)
        except StatementFailed as error:
            if error.server_code != str(NO_SUCH_THREAD):  # gone already: what was wanted
                raise

    def _require(self, capability: bool, name: str) -> None:
        if not capability:
            raise Unsupported("target_capability_missing", dialect=self._variant.label, capability=name)

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
        return estimate.estimate(self._wire, statement, self._variant)

    def count(self, statement: Statement, plan: ImagePlan | None, *, seconds: float) -> Estimate:
        return estimate.count(self._wire, statement, plan, seconds, mariadb=self._mariadb)

    def read_before(self, plan: ImagePlan, *, limit: int) -> ImageSet | NoImage:
        return read_before(self._wire, plan, limit)

    def read_after(self, images: ImageSet) -> ImageSet | NoImage:
        try:
            return read_after(self._wire, images)
        except NoLiteral:
            return NoImage("image_value_inexact")

    def non_transactional(self, objects: Sequence[ObjectRef]) -> tuple[str, ...]:
        found = (name for ref in objects if (name := self._engine_without_transactions(ref)))
        return tuple(dict.fromkeys(found))

    def _engine_without_transactions(self, ref: ObjectRef) -> str | None:
        rows = self._wire.query(
            "SELECT t.table_name FROM information_schema.tables t"
            " JOIN information_schema.engines e ON e.engine = t.engine"
            " WHERE t.table_schema = COALESCE(%s, DATABASE()) AND t.table_name = %s"
            " AND COALESCE(e.transactions, 'NO') <> 'YES'",
            (ref.database, ref.name),
        )
        return rows[0][0] if rows else None

    def databases(self) -> Sequence[str]:
        return catalogue.databases(self._wire)

    def schemas(self) -> Sequence[str]:
        raise Unsupported("target_capability_missing", dialect=self._variant.label, capability="schemas")

    def tables(self, schema: str | None = None) -> Sequence[TableSummary]:
        return catalogue.tables(self._wire, schema)

    def table(self, name: str, schema: str | None = None) -> Table:
        return catalogue.table(self._wire, name, schema)

    def target_schema(self) -> TargetSchema:
        return TargetSchema(MysqlSchema(self._wire, self._variant, self.identity.version))


def _same_setting(wanted: str, held: str) -> bool:
    if re.fullmatch(r"[\d.]+", wanted):
        return float(wanted) == float(held)
    return set(wanted.split(",")) == set(held.split(","))
