"""One connection to a database file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from typing import Any

from sluicegate.core.errors import SluicegateError
from sluicegate.dialects.base import OutcomeUnknown
from sluicegate.dialects.sqlite.errors import PRIMARY, is_driver_error, statement_error

LONGEST_COUNTED = 64_000_000  # bytes of one value: making it is a single step, which no clock ends
PROGRESS_STEPS = 10_000  # virtual machine steps between looks at the clock: some tenths of a millisecond
IOERR, CORRUPT, FULL = 10, 11, 13
# Pragmas that only show something; any other could change what the file or the session means.
_SHOWING = """
table_info table_xinfo table_list index_list index_info index_xinfo foreign_key_list foreign_key_check
database_list compile_options integrity_check quick_check collation_list function_list
"""
SHOWING = frozenset(_SHOWING.split())
EITHER_WAY = frozenset({"user_version", "application_id", "optimize", "incremental_vacuum"})
NO_FUNCTIONS = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})


class Wire:
    """Statements with errors mapped. Text of others is compiled under an authorizer."""

    def __init__(self, connection: sqlite3.Connection, statement_timeout: float) -> None:
        self._connection = connection
        self._timeout = statement_timeout
        self._deadline = float("inf")
        self._guarded = False
        self.ended = False
        connection.set_authorizer(self._authorize)
        connection.set_progress_handler(self._tick, PROGRESS_STEPS)

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def message(self, text: str) -> tuple[int | None, int]:
        """Run one statement of others to its end: (changed rows, None where it isn't a change; rows shown)."""
        self._guarded = True
        try:
            with self._timed():
                cursor = self._connection.execute(text)
                shown = sum(1 for _ in cursor)
                return (cursor.rowcount if cursor.rowcount >= 0 else None), shown
        finally:
            self._guarded = False

    def rows(self, sql: str, args: Sequence[Any] = (), keep: int = -1) -> list[tuple[Any, ...]]:
        """Rows of a query of our own, at most ``keep`` of them."""
        with self._timed():
            cursor = self._connection.execute(sql, tuple(args))
            found = cursor.fetchall() if keep < 0 else cursor.fetchmany(keep)
            cursor.close()
            return found

    def counted(self, sql: str, seconds: float = 0.0) -> int:
        """The single number that a query with slices of others' text yields; ``seconds`` bound it further."""
        usual = self._timeout
        self._timeout = min(usual or seconds, seconds) if seconds else usual
        self._guarded = True
        longest = self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_COUNTED)
        try:
            return int(self.rows(sql)[0][0])
        finally:
            self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
            self._guarded = False
            self._timeout = usual

    def run(self, sql: str, args: Sequence[Any] = ()) -> int:
        """A statement of our own; the rows it changed."""
        with self._timed():
            return self._connection.execute(sql, tuple(args)).rowcount

    def interrupt(self) -> None:
        self._connection.interrupt()

    def close(self) -> None:
        self._connection.close()

    def _timed(self) -> _Timed:
        return _Timed(self)

    def begin_clock(self) -> None:
        self._deadline = time.monotonic() + self._timeout if self._timeout else float("inf")

    def failed(self, error: Exception) -> SluicegateError:
        number = (getattr(error, "sqlite_errorcode", None) or 0) & PRIMARY
        if number in {IOERR, CORRUPT}:
            # The disk failed under it: whether the pages got there is known only when it is read again.
            return OutcomeUnknown("outcome_unknown", server_code=str(number), message=str(error))
        return statement_error(error, timed_out=time.monotonic() >= self._deadline)

    def _tick(self) -> int:
        return int(self.ended or time.monotonic() >= self._deadline)

    def _authorize(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if not self._guarded:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_ATTACH:
            # VACUUM attaches a nameless temporary file to itself; VACUUM INTO and ATTACH name one.
            return sqlite3.SQLITE_OK if first == "" else sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_PRAGMA:
            name = (first or "").lower()
            return sqlite3.SQLITE_OK if name in SHOWING | EITHER_WAY else sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in NO_FUNCTIONS:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK


class _Timed:
    """Starts the statement's clock and maps what goes wrong."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def __enter__(self) -> None:
        if self._wire.ended:
            raise OutcomeUnknown("outcome_unknown", server_code="", message="the session was terminated")
        self._wire.begin_clock()

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception) and is_driver_error(error):
            raise self._wire.failed(error) from error


def quote(name: str) -> str:
    """An identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
