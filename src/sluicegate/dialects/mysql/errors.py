"""MySQL's and MariaDB's error numbers, mapped in one place.

Numbers: https://mariadb.com/kb/en/mariadb-error-codes/, https://dev.mysql.com/doc/mysql-errors/8.0/en/
"""

from __future__ import annotations

import ssl

import pymysql

from sluicegate.core.errors import SluicegateError
from sluicegate.dialects.base import ConnectionFailed, OutcomeUnknown, StatementFailed

# The connection is gone, so what the server did with the last message isn't known. 1927 and 3169 are the
# server's word to a session that KILL ended, 1053 that of a server shutting down.
LOST = frozenset({0, 1053, 1152, 1158, 1159, 1160, 1161, 1927, 2006, 2013, 2014, 2027, 2055, 3169})
DUPLICATE_KEY = 1062
NO_SUCH_THREAD = 1094
NO_RIGHT = frozenset({1044, 1142, 1143, 1227, 1410})
STATEMENT_TIMEOUT = frozenset({1969, 3024})
LOCK_WAIT_TIMEOUT = 1205
DEADLOCK = 1213
INTERRUPTED = 1317

AUTHENTICATION = frozenset({1045, 1130, 1251, 1275, 1698, 1862, 2059, 2061, 4151})
DATABASE = frozenset({1044, 1049})
TLS = frozenset({2026, 3159})

STATEMENT_CODES = {
    LOCK_WAIT_TIMEOUT: "statement_lock_timeout",
    DEADLOCK: "statement_deadlock",
    INTERRUPTED: "statement_cancelled",
    **dict.fromkeys(STATEMENT_TIMEOUT, "statement_timeout"),
}


def number_of(error: pymysql.Error) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def message_of(error: pymysql.Error) -> str:
    return str(error.args[1]) if len(error.args) > 1 else str(error)


def statement_error(error: pymysql.Error) -> SluicegateError:
    """What a failed message means for the statement in it."""
    number = number_of(error)
    if number in LOST:
        return OutcomeUnknown("outcome_unknown", server_code=str(number), message=message_of(error))
    code = STATEMENT_CODES.get(number, "statement_failed")
    return StatementFailed(code, server_code=str(number), message=message_of(error))


def connection_error(error: Exception, host: str, port: int, database: str) -> ConnectionFailed:
    """Which of the reasons a session couldn't be opened for. The server's own words are kept: they never
    hold the password."""
    code = "target_connect_failed"
    cause: object = getattr(error, "original_exception", error.__context__ or error)
    if isinstance(cause, ssl.SSLError):
        code = "target_tls_failed"
    elif isinstance(cause, TimeoutError):
        code = "target_timeout"
    elif isinstance(cause, OSError):
        code = "target_unreachable"
    elif isinstance(error, pymysql.Error):
        number = number_of(error)
        if number in TLS:
            code = "target_tls_failed"
        elif number in DATABASE:
            code = "target_database_missing"
        elif number in AUTHENTICATION:
            code = "target_auth_failed"
        detail = message_of(error)
        return ConnectionFailed(code, host=host, port=port, database=database, detail=detail)
    return ConnectionFailed(code, host=host, port=port, database=database, detail=str(cause))
