"""How PostgreSQL cuts text into tokens; source: src/backend/parser/scan.l, src/fe_utils/psqlscan.l.

Only splitting and the rules of text rely on it: structure comes from the server's own parser.
"""

from __future__ import annotations

import re
from typing import Final

from sluicegate.sql.lexer import BLANKS, GO_LINE, PLAIN_DOUBLE, PLAIN_SINGLE, Lexer
from sluicegate.sql.tokens import BROKEN, COMMENT, HINT, STRING

_NESTING: Final = re.compile(r"/\*|\*/")
_ESCAPED_BODY: Final = r"'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+'"
# A literal goes on behind a line end, with the same escapes.
_CONTINUED: Final = (
    r"(?:[ \t\f\v]*+(?:--[^\n\r]*+)?+[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*+[\n\r])*+" + _ESCAPED_BODY + ")*+"
)
_START: Final = r"[A-Za-z_\x80-\U0010ffff]"
_PART: Final = r"[A-Za-z0-9_$\x80-\U0010ffff]"


def _comment(text: str, start: int, _end: int, limit: int, mode: int) -> tuple[str, int, int]:
    depth = 0
    for match in _NESTING.finditer(text, start, limit):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return HINT if text.startswith("/*+", start) else COMMENT, match.end(), mode
    return BROKEN, limit, mode


def _dollar(text: str, start: int, end: int, limit: int, mode: int) -> tuple[str, int, int]:
    close = text.find(text[start:end], end, limit)
    if close < 0:
        return BROKEN, limit, mode
    return STRING, close + end - start, mode


_ALTERNATIVES: Final = [
    ("SPACE", BLANKS + r"|\A\ufeff"),
    ("OPENCOMMENT", r"/\*"),
    ("COMMENT", r"--[^\n\r]*+"),
    ("STRING", rf"[eE]{_ESCAPED_BODY}{_CONTINUED}|(?:[uU]&|[bBxXnN])?+{PLAIN_SINGLE}"),
    ("QUOTED", rf"(?:[uU]&)?+{PLAIN_DOUBLE}"),
    ("DOLLAR", rf"\$(?:{_START}[A-Za-z0-9_\x80-\U0010ffff]*+)?+\$"),
    ("CLIENT", rf"\\[^\n]*+|{GO_LINE}"),
    ("WORD", rf"{_START}{_PART}*+"),
    (
        "NUMBER",
        r"0[xXoObB][0-9a-fA-F_]++|(?:\d[\d_]*+(?:\.(?!\.)[\d_]*+)?+|\.\d[\d_]*+)(?:[eE][+-]?+\d++)?+",
    ),
    ("PARAM", r"\$\d++"),
    ("BROKEN", r"(?:[eE]|[uU]&|[bBxXnN])?+['\"].*+"),
    ("OP", r"::|:=|\.\.|(?:(?!--|/\*)[~!@#^&|`?+\-*/%<>=])++|."),
]
_HOOKS: Final = {"OPENCOMMENT": _comment, "DOLLAR": _dollar}

LEXER: Final = Lexer(modes=(_ALTERNATIVES,), hooks=_HOOKS)
# The same under standard_conforming_strings = off, when a script changes it (which is denied).
ESCAPING_LEXER: Final = Lexer(
    modes=(
        [
            *_ALTERNATIVES[:3],
            ("STRING", rf"[eEbBxXnN]?+{_ESCAPED_BODY}{_CONTINUED}|[uU]&{PLAIN_SINGLE}"),
            *_ALTERNATIVES[4:],
        ],
    ),
    hooks=_HOOKS,
)
