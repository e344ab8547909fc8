"""How SQLite cuts text into tokens; source: src/tokenize.c, https://sqlite.org/lang.html."""

from __future__ import annotations

from typing import Final

from sluicegate.sql.lexer import BACKTICK, BLANKS, GO_LINE, LINE, PLAIN_DOUBLE, PLAIN_SINGLE, Lexer

_PART: Final = r"[A-Za-z0-9_$\x80-\U0010ffff]"

LEXER: Final = Lexer(
    modes=(
        [
            ("SPACE", BLANKS + r"|\A\ufeff"),
            # A comment may end with the text: SQLite takes that for complete.
            (
                "COMMENT",
                rf"--{LINE}|/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|\Z)|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*?\Z",
            ),
            ("STRING", rf"[xX]?+{PLAIN_SINGLE}"),
            ("QUOTED", rf"{PLAIN_DOUBLE}|{BACKTICK}|\[[^\]]*+\]"),
            ("CLIENT", rf"(?<![^\n])\.[A-Za-z]{LINE}|\\{LINE}|{GO_LINE}"),
            ("NUMBER", r"0[xX][0-9a-fA-F]++|(?:\d[\d_]*+(?:\.[\d_]*+)?+|\.\d[\d_]*+)(?:[eE][+-]?+\d++)?+"),
            ("WORD", rf"[A-Za-z_\x80-\U0010ffff]{_PART}*+"),
            ("PARAM", rf"\?\d*+|[:@#$](?:{_PART}|::)++"),
            ("BROKEN", r"[xX]?+['\"`\[].*+"),
            ("OP", r"->>|->|<<|>>|<=|>=|<>|!=|==|\|\||."),
        ],
    ),
)
