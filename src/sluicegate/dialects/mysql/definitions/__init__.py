"""Reads what MySQL's and MariaDB's definitions say, as values.

Sources: https://dev.mysql.com/doc/refman/8.4/en/sql-data-definition-statements.html;
https://mariadb.com/kb/en/data-definition/; sql/sql_yacc.yy of both servers.

The server has judged nothing yet, so that a text may be wrong: whatever the reader doesn't know it
leaves out. It never raises, and each token is looked at a fixed number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sluicegate.dialects.mysql.definitions import objects
from sluicegate.dialects.mysql.definitions.alter import alter
from sluicegate.dialects.mysql.definitions.reading import Reading
from sluicegate.sql.structure.definitions import Definitions
from sluicegate.sql.tokens import COMMENT, EXEC_CLOSE, EXEC_OPEN, HINT, SPACE, Token

__all__ = ["read"]

_MARKS: Final = frozenset({EXEC_OPEN, EXEC_CLOSE, HINT, COMMENT, SPACE})
_READERS: Final[Mapping[str, Callable[[Reading, int], Definitions | None]]] = {
    "ALTER": alter,
    "CREATE": objects.create,
    "DROP": objects.drop,
    "RENAME": objects.rename,
    "TRUNCATE": objects.truncate,
    "OPTIMIZE": objects.maintain,
    "ANALYZE": objects.maintain,
    "REPAIR": objects.maintain,
    "CHECK": objects.maintain,
    "LOCK": objects.maintain,
    "GRANT": objects.grant,
    "REVOKE": objects.grant,
    "SET": objects.set_variable,
}


def read(script: str, tokens: Sequence[Token]) -> Definitions | None:
    """What the statement of these tokens defines; None when it is none that the reader knows. The marks
    of executable comments don't count: the server runs what is between them."""
    plain = [token for token in tokens if token.kind not in _MARKS]
    reading = Reading(script, plain)
    verb = reading.key()
    reader = _READERS.get(verb)
    if reader is None:
        return None
    at = reading.next().start
    return reader(reading, at)
