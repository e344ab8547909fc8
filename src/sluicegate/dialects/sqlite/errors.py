"""SQLite's result codes, mapped in one place: https://www.sqlite.org/rescode.html"""

from __future__ import annotations

import sqlite3

from sluicegate.core.errors import SluicegateError
from sluicegate.dialects.base import StatementFailed

BUSY, LOCKED, INTERRUPT = 5, 6, 9
PRIMARY = 0xFF  # the low byte of an extended code

STATEMENT_CODES = {
    BUSY: "statement_lock_timeout",
    LOCKED: "statement_lock_timeout",
    INTERRUPT: "statement_cancelled",
}


def statement_error(error: Exception, *, timed_out: bool = False) -> SluicegateError:
    """What the error means for the statement. SQLite undoes a failed statement itself, and there is no line
    to be lost in between."""
    number = getattr(error, "sqlite_errorcode", None)
    name = getattr(error, "sqlite_errorname", None)
    code = STATEMENT_CODES.get((number or 0) & PRIMARY, "statement_failed")
    if code == "statement_cancelled" and timed_out:
        code = "statement_timeout"
    return StatementFailed(code, server_code=name or "", message=str(error))


def is_driver_error(error: Exception) -> bool:
    """sqlite3 answers two statements in one text with a Warning, and odd text with ValueError."""
    return isinstance(error, sqlite3.Error | sqlite3.Warning | ValueError | OverflowError)
