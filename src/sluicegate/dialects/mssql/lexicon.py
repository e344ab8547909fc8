"""How SQL Server and its clients cut text into tokens.

Sources: Transact-SQL Reference, "Database Identifiers", "Comments", "Constants", "SQL Server Utilities Statements"
(GO); sqlcmd Utility, "Commands". QUOTED_IDENTIFIER is on, as drivers set it; with it off the same characters
are a string.
"""

from __future__ import annotations

import re
from typing import Final

from sluicegate.sql.lexer import BLANKS, LINE, PLAIN_DOUBLE, PLAIN_SINGLE, Lexer
from sluicegate.sql.tokens import BROKEN, CLIENT, COMMENT, OP, WORD

_PART: Final = r"[A-Za-z0-9_@$\#\x80-\U0010ffff]"
BRACKETED: Final = r"\[[^\]]*+(?:\]\][^\]]*+)*+\]"
_NESTING: Final = re.compile(r"/\*|\*/")
_END_OF_LINE: Final = re.compile(r"[ \t\r]*(?:\n|\Z)")
_LINE: Final = re.compile(LINE)
_BLANK: Final = " \t\r\f\v\ufeff"


def _comment(text: str, _start: int, end: int, limit: int, mode: int) -> tuple[str, int, int]:
    """Comments nest."""
    depth = 1
    for match in _NESTING.finditer(text, end, limit):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return COMMENT, match.end(), mode
    return BROKEN, limit, mode


def _begins_line(text: str, start: int) -> bool:
    """Looks back over blanks only: a long line may hold many candidates."""
    while start and text[start - 1] in _BLANK:
        start -= 1
    return start == 0 or text[start - 1] == "\n"


def _line_end(text: str, end: int, limit: int) -> int:
    found = _LINE.match(text, end, limit)
    return limit if found is None else found.end()


def _go(text: str, start: int, end: int, limit: int, mode: int) -> tuple[str, int, int]:
    """GO alone on a line ends a batch; with a count the batch would run as often."""
    if not _begins_line(text, start):
        return WORD, end, mode
    if _END_OF_LINE.match(text, end, limit):
        return "DELIMITER", end, mode
    rest = text[end : _line_end(text, end, limit)].strip(_BLANK)
    if rest.startswith("--"):
        return "DELIMITER", end, mode
    if not rest or rest[0].isdigit() or rest[0] == ";":  # odd blanks: clients don't agree
        return CLIENT, _line_end(text, end, limit), mode
    return WORD, end, mode


def _sqlcmd(text: str, start: int, end: int, limit: int, mode: int) -> tuple[str, int, int]:
    """:r file, :setvar, !!command: sqlcmd obeys them wherever a line begins."""
    if not _begins_line(text, start):
        return OP, end, mode
    return CLIENT, _line_end(text, end, limit), mode


LEXER: Final = Lexer(
    modes=(
        [
            ("SPACE", BLANKS + r"|\A\ufeff"),
            ("COMMENT", rf"--{LINE}"),
            ("NESTED", r"/\*"),
            ("STRING", rf"[nN]?+{PLAIN_SINGLE}"),
            ("QUOTED", rf"{PLAIN_DOUBLE}|{BRACKETED}"),
            ("GO", rf"[gG][oO](?!{_PART})"),
            ("SQLCMD", r":(?=[A-Za-z!])|!!"),
            ("NUMBER", r"0[xX][0-9a-fA-F]*+|[$£¥€]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?+\d++)?+"),
            ("PARAM", r"\$\([^)\n]*+\)?+"),
            ("VARIABLE", rf"@@?+{_PART}++"),
            ("WORD", rf"[A-Za-z_\#\x80-\U0010ffff]{_PART}*+|\$[A-Za-z_]{_PART}*+"),
            ("BROKEN", r"['\"\[].*+"),
            ("OP", r"[+\-*/%&|^]=|<>|!=|<=|>=|!<|!>|::|\|\||."),
        ],
    ),
    hooks={"NESTED": _comment, "GO": _go, "SQLCMD": _sqlcmd},
)
