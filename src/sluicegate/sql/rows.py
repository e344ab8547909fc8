"""Long INSERTs: rows of nothing but literals are not looked at one by one.

Between the first row and the last of such a statement there is nothing that a reader could miss: one
expression makes sure that it is only literals, the time of day, commas and parentheses.
"""

from __future__ import annotations

import re
from string import ascii_letters, digits
from typing import Final

from sluicegate.sql.lexer import wide

SHORTEST: Final = 2_000  # characters from which on a statement is worth the look

_BLANKS: Final = r"[ \t\n\r]*+"
_NAME: Final = r"(?:[A-Za-z_][A-Za-z0-9_]*+|`[^`]++`|\"[^\"]++\"|\[[^\]]++\])"
_HEAD: Final = re.compile(
    rf"{_BLANKS}(?:INSERT|REPLACE)[ \t\n\r]++(?:IGNORE[ \t\n\r]++)?INTO[ \t\n\r]++{_NAME}(?:\.{_NAME})?{_BLANKS}"
    rf"(?:\({_BLANKS}{_NAME}{_BLANKS}(?:,{_BLANKS}{_NAME}{_BLANKS})*+\))?{_BLANKS}VALUES{_BLANKS}",
    re.IGNORECASE,
)
_END: Final = rf"(?!{wide(digits + ascii_letters + '_.$')})"
_NUMBER: Final = rf"[+-]?+\d++(?:\.\d*+)?+(?:[eE][+-]?+\d++)?+{_END}"
_HEXADECIMAL: Final = rf"0x[0-9a-f]++{_END}"
# NOW() is the server's own everywhere that it exists; a stored function of that name and of no arguments needs its
# schema in front. CURRENT_TIMESTAMP is a keyword, with its precision too; NOW(6) isn't in PostgreSQL.
_WORD: Final = (
    r"(?:NULL|TRUE|FALSE|DEFAULT|(?:NOW|CURRENT_TIMESTAMP)\([0-6]?+\)|CURRENT_TIMESTAMP(?!\())"
    rf"{_END}"
)


def pattern(string: str) -> re.Pattern[str]:
    """Matches any number of rows, each with its comma; ``string`` is the dialect's literal of text."""
    literal = rf"(?:{string}|{_NUMBER}|{_HEXADECIMAL}|{_WORD})"
    row = rf"\({_BLANKS}{literal}{_BLANKS}(?:,{_BLANKS}{literal}{_BLANKS})*+\)"
    return re.compile(rf"(?:{row}{_BLANKS},{_BLANKS})*+", re.DOTALL | re.IGNORECASE)


def literal_rows(rows: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int]:
    """The range of rows that can be passed over; empty when there are none."""
    if end - start < SHORTEST:
        return end, end
    head = _HEAD.match(text, start, end)
    if head is None:
        return end, end
    found = rows.match(text, head.end(), end)
    return (head.end(), found.end()) if found is not None else (end, end)
