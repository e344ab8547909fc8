"""One connection, on libpq itself: psycopg's own ``execute`` takes several statements in one message when
there are no parameters, so everything here goes by the extended protocol, where the server refuses that."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import OperationalError, pq

from sluicegate.dialects.base import OutcomeUnknown
from sluicegate.dialects.postgres.errors import statement_error

READ_GRACE = 15.0  # what the server may take longer than its own statement time-out
MAX_NOTICES = 20
COUNTING = (b"INSERT", b"UPDATE", b"DELETE", b"MERGE", b"COPY")
ROWS = (pq.ExecStatus.SINGLE_TUPLE, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.TUPLES_CHUNK)

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one message. ``affected_rows`` None where the command tag counts no changed rows."""

    affected_rows: int | None
    notices: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


class Wire:
    """Messages with errors mapped: StatementFailed and OutcomeUnknown leave it, libpq's errors don't."""

    def __init__(self, pgconn: pq.abc.PGconn, statement_timeout: float) -> None:
        self._pgconn = pgconn
        self._timeout = statement_timeout
        self._notices: list[str] = []
        pgconn.notice_handler = self._notice

    def message(self, text: bytes, params: Sequence[bytes | None] | None = None, keep: int = 0) -> Outcome:
        """One Parse/Bind/Execute of exactly these bytes, its answer read to the end, at most ``keep`` rows
        of it kept."""
        self._notices.clear()
        begun = time.monotonic()
        try:
            self._pgconn.send_query_params(text, params)
            self._pgconn.set_single_row_mode()  # large results pass through without being held
            return self._answer(begun, keep)
        except OperationalError as error:
            raise OutcomeUnknown("outcome_unknown", server_code="", message=str(error).strip()) from error

    def query(self, sql: str, *args: object) -> list[Row]:
        """All rows of a query of our own with ``$n`` parameters, as the server's text."""
        return list(self.run(sql, *args, keep=1_000_000_000).rows)

    def value(self, sql: str, *args: object) -> str | None:
        rows = self.query(sql, *args)
        return rows[0][0] if rows else None

    def run(self, sql: str, *args: object, keep: int = 0) -> Outcome:
        params = [None if arg is None else str(arg).encode("utf-8") for arg in args]
        return self.message(sql.encode("utf-8"), params or None, keep)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What runs meanwhile, in the open transaction, gets no more time than this."""
        usual = self._timeout
        self._timeout = min(usual or seconds, seconds)
        try:
            self.run(f"SET LOCAL statement_timeout = {max(1, round(self._timeout * 1000))}")
            yield
        finally:
            self._timeout = usual

    def status(self) -> pq.TransactionStatus:
        return pq.TransactionStatus(self._pgconn.transaction_status)

    def close(self) -> None:
        self._pgconn.finish()

    def _answer(self, begun: float, keep: int) -> Outcome:
        rows: list[Row] = []
        affected: int | None = None
        failed: pq.abc.PGresult | None = None
        while (result := self._next_result(begun)) is not None:
            status = result.status
            if status == pq.ExecStatus.FATAL_ERROR:
                failed = result
            elif status == pq.ExecStatus.COPY_IN:
                self._pgconn.put_copy_end(b"COPY FROM STDIN isn't available here")
            elif status in {pq.ExecStatus.COPY_OUT, pq.ExecStatus.COPY_BOTH}:
                self._drain_copy()
            elif status in ROWS:
                rows.extend(_row(result, at) for at in range(min(result.ntuples, keep - len(rows))))
                affected = _affected(result) if status == pq.ExecStatus.TUPLES_OK else affected
            else:
                affected = _affected(result)
        if failed is not None:
            raise self._error(failed, begun)
        return Outcome(affected, tuple(self._notices), tuple(rows))

    def _next_result(self, begun: float) -> pq.abc.PGresult | None:
        while self._pgconn.flush() or self._pgconn.is_busy():
            self._wait(begun)
            self._pgconn.consume_input()
        return self._pgconn.get_result()

    def _wait(self, begun: float) -> None:
        """Until the socket has something. Silence long after the server's own time limit is a dead line."""
        poll = select.poll()
        poll.register(self._pgconn.socket, select.POLLIN)
        patience = None
        if self._timeout:
            patience = max(0.0, begun + self._timeout + READ_GRACE - time.monotonic()) * 1000
        if not poll.poll(patience):
            self._pgconn.finish()
            raise OutcomeUnknown("outcome_unknown", server_code="", message="the server fell silent")

    def _drain_copy(self) -> None:
        while self._pgconn.get_copy_data(0)[0] > 0:
            pass

    def _error(self, result: pq.abc.PGresult, begun: float) -> Exception:
        field = result.error_field(pq.DiagnosticField.SQLSTATE)
        primary = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY)
        detail = result.error_field(pq.DiagnosticField.MESSAGE_DETAIL)
        text = (primary or result.error_message.strip()).decode("utf-8", "replace")
        if detail:
            text += f" ({detail.decode('utf-8', 'replace')})"
        return statement_error(
            field.decode() if field else "",
            text,
            lost=self._pgconn.status == pq.ConnStatus.BAD,
            timed_out=bool(self._timeout) and time.monotonic() - begun >= self._timeout,
        )

    def _notice(self, result: pq.abc.PGresult) -> None:
        severity = result.error_field(pq.DiagnosticField.SEVERITY_NONLOCALIZED) or b""
        message = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or b""
        if severity in {b"WARNING", b"NOTICE"} and len(self._notices) < MAX_NOTICES:
            self._notices.append(f"{severity.decode()}: {message.decode('utf-8', 'replace')}")


def _row(result: pq.abc.PGresult, at: int) -> Row:
    cells = (result.get_value(at, column) for column in range(result.nfields))
    return tuple(None if cell is None else bytes(cell).decode("utf-8") for cell in cells)


def _affected(result: pq.abc.PGresult) -> int | None:
    tag = result.command_status or b""
    counts = tag.startswith(COUNTING)
    # CREATE TABLE AS answers "SELECT n" without rows.
    if tag.startswith(b"SELECT") and result.status == pq.ExecStatus.COMMAND_OK:
        counts = True
    return result.command_tuples if counts else None


def quote(name: str) -> str:
    """An identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A string literal, the same whatever standard_conforming_strings is."""
    quoted = value.replace("'", "''")
    return "E'" + quoted.replace("\\", "\\\\") + "'" if "\\" in value else f"'{quoted}'"
