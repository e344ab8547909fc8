"""PostgreSQL's SQLSTATEs, mapped in one place: https://www.postgresql.org/docs/current/errcodes-appendix.html"""

from __future__ import annotations

from sluicegate.core.errors import SluicegateError
from sluicegate.dialects.base import OutcomeUnknown, StatementFailed

NO_RIGHT = "42501"
QUERY_CANCELED = "57014"

STATEMENT_CODES = {
    "55P03": "statement_lock_timeout",
    "40P01": "statement_deadlock",
    QUERY_CANCELED: "statement_cancelled",
}
CONNECTION_CODES = {
    "28P01": "target_auth_failed",
    "28000": "target_auth_failed",
    "42501": "target_auth_failed",  # no CONNECT on the database
    "3D000": "target_database_missing",
}


def statement_error(sqlstate: str, message: str, *, lost: bool, timed_out: bool = False) -> SluicegateError:
    """What a failed message means for the statement in it; ``lost``: the connection went with it."""
    if lost:
        return OutcomeUnknown("outcome_unknown", server_code=sqlstate, message=message)
    code = STATEMENT_CODES.get(sqlstate, "statement_failed")
    if sqlstate == QUERY_CANCELED and timed_out:
        code = "statement_timeout"
    return StatementFailed(code, server_code=sqlstate, message=message)
