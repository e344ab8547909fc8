"""How ClickHouse cuts text into tokens; source: src/Parsers/Lexer.cpp (comments nest since 21.1)."""

from __future__ import annotations

import re
from typing import Final

from sluicegate.sql.lexer import BACKSLASH_SINGLE, BLANKS, LINE, Lexer
from sluicegate.sql.tokens import BROKEN, COMMENT

DOUBLE: Final = r'"[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+"'
BACKTICK: Final = r"`[^`\\]*+(?:(?:\\.|``)[^`\\]*+)*+`"
_WORD: Final = r"[A-Za-z0-9_$\x80-\u2017\u201e-\U0010ffff]"
_NUMBER: Final = (
    r"0[xX][0-9a-fA-F_]++(?:\.[0-9a-fA-F]*+)?+(?:[pP][+-]?+\d++)?+|0[bB][01_]++"
    r"|\d[\d_]*+(?:\.\d[\d_]*+|\.(?![.A-Za-z_]))?+(?:[eE][+-]?+\d++)?+(?![A-Za-z_])"
    r"|(?<![A-Za-z0-9_)\]`\"])\.\d++(?:[eE][+-]?+\d++)?+"
)
_NESTING: Final = re.compile(r"/\*|\*/")


def _comment(text: str, _start: int, end: int, limit: int, mode: int) -> tuple[str, int, int]:
    depth = 1
    for match in _NESTING.finditer(text, end, limit):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return COMMENT, match.end(), mode
    return BROKEN, limit, mode


def _heredoc(text: str, start: int, end: int, limit: int, mode: int) -> tuple[str, int, int]:
    """$tag$ … $tag$; without the second tag it is a name."""
    found = text.find(text[start:end], end, limit)
    return (BROKEN, limit, mode) if found < 0 else ("STRING", found + end - start, mode)


LEXER: Final = Lexer(
    modes=(
        [
            ("SPACE", BLANKS + r"|\A\ufeff"),
            ("COMMENT", rf"--{LINE}|//{LINE}|\#[ !]{LINE}"),
            ("NESTED", r"/\*"),
            ("STRING", rf"{BACKSLASH_SINGLE}|[xX]'[0-9a-fA-F]*+'|[bB]'[01]*+'"),
            ("QUOTED", rf"{DOUBLE}|{BACKTICK}"),
            ("HEREDOC", r"\$[A-Za-z0-9_]*+\$"),
            ("NUMBER", _NUMBER),
            ("WORD", rf"{_WORD}++"),
            # Typographic quotes are quotes to newer servers and nothing to older ones.
            ("BROKEN", "['\"`\u2018\u2019\u201a-\u201d].*+"),
            ("CLIENT", r"\\[A-Za-z]*+"),
            ("PARAM", r"\?"),
            ("OP", r"->|==|!=|<=>|<=|>=|<>|::|\|\||@@|."),
        ],
    ),
    hooks={"NESTED": _comment, "HEREDOC": _heredoc},
)
