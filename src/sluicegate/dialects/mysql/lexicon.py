"""How MySQL and MariaDB cut text into tokens.

Sources: sql/sql_lex.cc of both servers; https://dev.mysql.com/doc/refman/8.4/en/comments.html;
https://mariadb.com/kb/en/comment-syntax/. Strings follow the SQL mode that our sessions pin: backslash
escapes on, ANSI_QUOTES off.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from sluicegate.dialects.mysql.variant import Variant
from sluicegate.sql.lexer import (
    BACKTICK,
    BLANKS,
    BLOCK_COMMENT,
    GO_LINE,
    LINE,
    Lexer,
)
from sluicegate.sql.tokens import BROKEN, COMMENT, EXEC_OPEN

_WORD_CHARACTER: Final = r"[0-9A-Za-z_$\x80-\U0010ffff]"
_NOT_IN_WORD: Final = r"(?![0-9A-Za-z_$\x80-\U0010ffff])"
# A byte that isn't UTF-8 (read as a lone surrogate) may be the first half of a character whose second
# half is a backslash (GBK 0xBF5C): such a script is denied, and read the dangerous way.
SINGLE: Final = r"'[^'\\\udc80-\udcff]*+(?:(?:\\.|''|[\udc80-\udcff]\\?+)[^'\\\udc80-\udcff]*+)*+'"
DOUBLE: Final = r'"[^"\\\udc80-\udcff]*+(?:(?:\\.|""|[\udc80-\udcff]\\?+)[^"\\\udc80-\udcff]*+)*+"'
# Behind a name or its quote, digits after a dot are a name. A dot or an exponent makes a number that ends where
# it ends, whatever follows: ``1.FROM t`` and ``1e0OR 1`` are two tokens; without them ``1FROM`` is a name.
_NUMBER: Final = (
    rf"0[xX][0-9a-fA-F]++{_NOT_IN_WORD}|0[bB][01]++{_NOT_IN_WORD}"
    r"|(?<!\.)\d++(?:\.\d*+(?:[eE][+-]?+\d++)?+|[eE][+-]?+\d++)"
    rf"|\d++(?:\.\d*+)?+(?:[eE][+-]?+\d++)?+{_NOT_IN_WORD}"
    r"|(?<![0-9A-Za-z_$`\x80-\U0010ffff])\.\d++(?:[eE][+-]?+\d++)?+|\\N"
)
_NESTING: Final = re.compile(r"/\*|\*/")
_GATE: Final = re.compile(r"/\*M?!(\d{5,6})")


def _number(version: tuple[int, ...]) -> int:
    major, minor, patch = (*version, 0, 0, 0)[:3]
    return major * 10000 + minor * 100 + patch


def gate_open(opener: str, variant: Variant, version: tuple[int, ...] | None) -> bool | None:
    """Whether the server runs the content of this executable comment; None where that depends on a
    version nobody told us."""
    found = _GATE.match(opener)
    if found is None:
        return True
    needed = int(found[1])
    if variant.mariadb and 50700 <= needed <= 99999:
        return False  # MariaDB takes these for MySQL's own and skips them
    if version is not None:
        return _number(version) >= needed
    return True if needed <= _number(variant.minimum_version) else None


def _skipped_end(text: str, start: int, limit: int) -> int | None:
    """Where a comment that the server skips ends: one comment may be nested in it."""
    nested = False
    for match in _NESTING.finditer(text, start, limit):
        if match[0] == "*/":
            if not nested:
                return match.end()
            nested = False
        elif not nested:
            nested = True
    return None


@cache
def lexer(variant: Variant, version: tuple[int, ...] | None, delimiter: str = ";") -> Lexer:
    """The lexer of this server; ``delimiter`` other than ";" becomes a token of its own."""

    def open_executable(text: str, start: int, end: int, limit: int, _mode: int) -> tuple[str, int, int]:
        if gate_open(text[start:end], variant, version) is not False:
            return EXEC_OPEN, end, 1
        stop = _skipped_end(text, end, limit)
        return (BROKEN, limit, 0) if stop is None else (COMMENT, stop, _mode)

    def close_executable(_text: str, _start: int, end: int, _limit: int, _mode: int) -> tuple[str, int, int]:
        return "EXEC_CLOSE", end, 0

    marks = ["!"]
    if variant.mariadb:
        marks.append("M!")
    executable = r"/\*(?:" + "|".join(marks) + r")(?:\d{6}|\d{5})?+"
    if variant.tidb:
        executable += r"|/\*T!(?:\[[^\]*]*+\])?+"
    word = _WORD_CHARACTER
    delimited: list[tuple[str, str]] = []
    if delimiter != ";":
        escaped = re.escape(delimiter)
        word = f"(?:(?!{escaped}){_WORD_CHARACTER})"
        delimited.append(("DELIMITER", escaped))
    base = [
        *delimited,
        ("SPACE", BLANKS + r"|\A\ufeff"),
        ("OPEN", executable),
        ("HINT", r"/\*\+[^*]*+(?:\*(?!/)[^*]*+)*+\*/"),
        ("COMMENT", rf"--(?=[\x00-\x20\x7f]|\Z){LINE}|\#{LINE}|{BLOCK_COMMENT}"),
        ("STRING", rf"[nNxXbB]?+(?:{SINGLE})|{DOUBLE}"),
        ("QUOTED", BACKTICK),
        ("NUMBER", _NUMBER),
        ("VARIABLE", rf"@@?+(?:{BACKTICK}|{SINGLE}|{DOUBLE}|[0-9A-Za-z_$.\x80-\U0010ffff]++)"),
        ("CLIENT", rf"\\{LINE}|{GO_LINE}"),
        ("WORD", rf"{word}++"),
        ("PARAM", r"\?"),
        ("BROKEN", r"['\"`].*+|/\*.*+"),
        ("OP", r"<=>|->>|->|:=|<<|>>|<=|>=|<>|!=|&&|\|\||."),
    ]
    inside = [*delimited, ("CLOSE", r"\*/"), *base[len(delimited) :]]
    return Lexer(modes=(base, inside), hooks={"OPEN": open_executable, "CLOSE": close_executable})
