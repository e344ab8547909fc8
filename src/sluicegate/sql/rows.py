"""Long INSERTs: rows of nothing but literals are not looked at one by one.

Between the first row and the last of such a statement there is nothing that a reader could miss: one
expression makes sure that it is only literals, commas and parentheses.
"""

from __future__ import annotations

import re
from typing import Final

SHORTEST: Final = 2_000  # characters from which on a statement is worth the look

_BLANKS: Final = r"[ \t\n\r]*+"
_NAME: Final = r"(?:[A-Za-z_][A-Za-z0-9_]*+|`[^`]++`|\"[^\"]++\"|\[[^\]]++\])"
_HEAD: Final = re.compile(
    rf"{_BLANKS}(?:INSERT|REPLACE)[ \t\n\r]++(?:IGNORE[ \t\n\r]++)?INTO[ \t\n\r]++{_NAME}(?:\.{_NAME})?{_BLANKS}"
    rf"(?:\({_BLANKS}{_NAME}{_BLANKS}(?:,{_BLANKS}{_NAME}{_BLANKS})*+\))?{_BLANKS}VALUES{_BLANKS}",
    re.IGNORECASE,
)
_NUMBER: Final = r"[+-]?+\d++(?:\.\d*+)?+(?:[eE][+-]?+\d++)?+(?![0-9A-Za-z_.$\x80-\U0010ffff])"
_WORD: Final = r"(?:NULL|TRUE|FALSE|DEFAULT)(?![0-9A-Za-z_.$\x80-\U0010ffff])"


def pattern(string: str) -> re.Pattern[str]:
    """Matches any number of rows, each with its comma; ``string`` is the dialect's plain literal."""
    literal = rf"(?:{string}|{_NUMBER}|{_WORD})"
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
