"""One connection: messages with text of others as they are, and queries of our own with parameters."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.constants import COMMAND, SERVER_STATUS
from pymysql.protocol import EOFPacketWrapper, OKPacketWrapper

from sluicegate.dialects.base import OutcomeUnknown
from sluicegate.dialects.mysql.errors import statement_error

# Dead networks are noticed by the kernel, whatever the statement's own time limit is.
KEEPALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
READ_GRACE = 15.0  # what the server may take longer than its own statement time-out

Cell = bytes | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one message. ``affected_rows`` None when it was a result set."""

    affected_rows: int | None
    warning_count: int
    rows: tuple[tuple[Cell, ...], ...] = ()


class Connection(pymysql.connections.Connection):
    """PyMySQL's connection with messages sent and answers read without its cursors: these would keep
    whole result sets, decode what need not be text, and forget the transaction flag after a SELECT."""

    if TYPE_CHECKING:  # what the stubs leave out of PyMySQL 1.2
        _sock: socket.socket
        server_status: int

        def _execute_command(self, command: int, sql: bytes) -> None: ...
        def _force_close(self) -> None: ...
        def _read_packet(self, packet_type: Any = ...) -> Any: ...

    def after_connect(self, statement_timeout: float) -> None:
        """Replace the connect's time limit for reads by the statements'."""
        self._read_timeout = statement_timeout + READ_GRACE if statement_timeout else None
        self._write_timeout = None
        for name, value in KEEPALIVE:
            option = getattr(socket, name, None)
            if option is not None:
                self._sock.setsockopt(socket.IPPROTO_TCP, option, value)

    def message(self, payload: bytes, keep: int = 0) -> Outcome:
        """Send one COM_QUERY and read its answer to the end, keeping at most ``keep`` rows as raw bytes."""
        self._execute_command(COMMAND.COM_QUERY, payload)
        while True:
            outcome, more = self._read_answer(keep)
            if not more:  # a CALL answers with several
                return outcome

    def abandon(self) -> None:
        """Hang up without a word."""
        self._force_close()

    def _read_answer(self, keep: int) -> tuple[Outcome, bool]:
        packet = self._read_packet()
        if packet.is_ok_packet():
            ok = OKPacketWrapper(packet)
            self.server_status = ok.server_status
            return Outcome(ok.affected_rows, ok.warning_count), bool(ok.has_next)
        if packet.is_load_local_packet():
            # We never offer LOCAL INFILE, so a server that asks for a file is not to be talked to.
            self._force_close()
            raise pymysql.err.OperationalError(2027, "the server asked for a local file")
        columns = packet.read_length_encoded_integer()
        for _ in range(columns + 1):  # one description each, then EOF
            self._read_packet()
        rows: list[tuple[Cell, ...]] = []
        while True:
            packet = self._read_packet()
            if packet.is_eof_packet():
                eof = EOFPacketWrapper(packet)
                self.server_status = eof.server_status & 0xFFFF
                return Outcome(None, eof.warning_count, tuple(rows)), bool(eof.has_next)
            if len(rows) < keep:
                rows.append(tuple(packet.read_length_coded_string() for _ in range(columns)))


class Wire:
    """A connection with errors mapped: StatementFailed and OutcomeUnknown leave it, driver errors don't."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._flag_stale = False

    def message(self, payload: bytes, keep: int = 0) -> Outcome:
        try:
            outcome = self._connection.message(payload, keep)
        except pymysql.Error as error:
            self._flag_stale = True  # an error packet carries no transaction flag
            raise statement_error(error) from error
        except (OSError, ValueError, IndexError, AssertionError) as error:
            # Anything but a well-formed answer: the stream can't be trusted any more.
            self._connection.abandon()
            raise OutcomeUnknown("outcome_unknown", server_code="", message=str(error)) from error
        self._flag_stale = False
        return outcome

    def run(self, sql: str, args: Sequence[Any] = ()) -> Outcome:
        """A statement of our own with ``%s`` parameters."""
        return self.message(self.bind(sql, args))

    def query(self, sql: str, args: Sequence[Any] = ()) -> list[tuple[str | None, ...]]:
        """All rows of a query of our own, as the server's text."""
        outcome = self.message(self.bind(sql, args), keep=1_000_000_000)
        return [
            tuple(None if cell is None else cell.decode("utf-8", "replace") for cell in row)
            for row in outcome.rows
        ]

    def value(self, sql: str, args: Sequence[Any] = ()) -> str | None:
        rows = self.query(sql, args)
        return rows[0][0] if rows else None

    def bind(self, sql: str, args: Sequence[Any]) -> bytes:
        text = sql % tuple(self._connection.escape(arg) for arg in args) if args else sql
        return text.encode("utf-8")

    def in_transaction(self) -> bool:
        if self._flag_stale:
            try:
                self._connection.ping(reconnect=False)
            except (pymysql.Error, OSError):
                return False  # no session, no transaction
            self._flag_stale = False
        return bool(self._connection.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS)

    def close(self) -> None:
        try:
            self._connection.close()
        except (pymysql.Error, OSError):
            self._connection.abandon()


def quote(name: str) -> str:
    """An identifier in backticks."""
    return "`" + name.replace("`", "``") + "`"
