"""How Oracle and its clients cut text into tokens.

Sources: Oracle Database SQL Language Reference 23ai, "Lexical Conventions", "Literals" and "Comments"; SQL*Plus
User's Guide and Reference 23ai, "SQL*Plus Command Reference".

Two modes: 0 where a statement may begin, 1 within one. SQL*Plus knows its commands only in the first; a line
with only ``/`` runs the statement in the second, and runs the last one again in the first.
"""

from __future__ import annotations

from typing import Final

from sluicegate.sql.lexer import BLANKS, BLOCK_COMMENT, LINE, PLAIN_SINGLE, Hook, Lexer
from sluicegate.sql.tokens import BROKEN, OP, STRING

START: Final = 0
INSIDE: Final = 1
_END_OF_LINE: Final = r"(?=[ \t\r]*+(?:\n|\Z))"
_REST: Final = rf"{LINE}(?:(?<=-)\n{LINE})*+"  # a hyphen at the end continues a command's line

# Abbreviations as SQL*Plus takes them; none of these words begins a statement of the server, but for SET.
_COMMANDS: Final = (
    "ACC(?:E(?:P(?:T)?)?)?|APPEND|ARCHIVE|ATTR(?:IBUTE)?|BRE(?:AK)?|BTI(?:TLE)?|CD|CHANGE|CL(?:EAR)?"
    "|COL(?:UMN)?|COMP(?:UTE)?|CONN(?:ECT)?|COPY|DEF(?:INE)?|DEL|DESC(?:RIBE)?|DISC(?:ONNECT)?|ED(?:IT)?"
    "|EXEC(?:UTE)?|EXIT|GET|HELP|HIST(?:ORY)?|HO(?:ST)?|INPUT|LIST|LOAD|OERR|PASSW(?:ORD)?|PAU(?:SE)?|PING"
    "|PRI(?:NT)?|PRO(?:MPT)?|QUIT|RECOVER|REM(?:ARK)?|REPF(?:OOTER)?|REPH(?:EADER)?|RUN|SAVE?|SCRIPT|SHO(?:W)?"
    "|SHUTDOWN|SPO(?:OL)?|START|STARTUP|STORE|TIMI(?:NG)?|TTI(?:TLE)?|UNDEF(?:INE)?|VAR(?:IABLE)?|WHENEVER"
    "|XQUERY|[ACILRV]"
)
_COMMAND: Final = (
    rf"(?:{_COMMANDS})(?![A-Za-z0-9_$\#\x80-\U0010ffff]){_REST}"
    rf"|SET(?=[ \t])(?![ \t]++(?:TRANSACTION|ROLE|CONSTRAINTS?)(?![A-Za-z0-9_$\#])){_REST}"
    rf"|[@!$\#.]{_REST}|/{_END_OF_LINE}"
)
_CLOSERS: Final = {"[": "]", "{": "}", "<": ">", "(": ")"}
_PART: Final = r"[A-Za-z0-9_$\#\x80-\U0010ffff]"


def _q_quoted(text: str, _start: int, end: int, limit: int, mode: int) -> tuple[str, int, int]:
    """q'[…]': the character behind the quote decides what ends it."""
    if end >= limit or text[end] in " \t\r\n":
        return BROKEN, limit, mode
    closer = _CLOSERS.get(text[end], text[end]) + "'"
    found = text.find(closer, end + 1, limit)
    return (BROKEN, limit, mode) if found < 0 else (STRING, found + 2, INSIDE)


def _slash(text: str, start: int, end: int, _limit: int, mode: int) -> tuple[str, int, int]:
    """``/`` at the end of a line: alone on it, it runs the statement."""
    line = text.rfind("\n", 0, start) + 1
    return ("DELIMITER" if not text[line:start].strip(" \t\r\f\v") else OP), end, mode


def _first(kind: str) -> Hook:
    def enter(_text: str, _start: int, end: int, _limit: int, _mode: int) -> tuple[str, int, int]:
        return kind, end, INSIDE

    return enter


_SPACE: Final = ("SPACE", BLANKS + r"|\A\ufeff")
_COMMENT: Final = ("COMMENT", rf"--(?!\+){LINE}|(?!/\*\+){BLOCK_COMMENT}")
_TOKENS: Final = (
    ("HINT", r"/\*\+[^*]*+(?:\*(?!/)[^*]*+)*+\*/" + rf"|--\+{LINE}"),
    ("STRING", rf"[nN]?+{PLAIN_SINGLE}"),
    ("QUOTED", r'"[^"]*+"'),
    (
        "NUMBER",
        r"(?:\d++(?:\.(?!\.)\d*+)?+|\.\d++)(?:[eE][+-]?+\d++)?+[fFdD]?+(?![A-Za-z0-9_$\#\x80-\U0010ffff])",
    ),
    ("WORD", rf"[A-Za-z\x80-\U0010ffff]{_PART}*+"),
    ("PARAM", r":(?:[A-Za-z][A-Za-z0-9_$\#]*+|\d++|\"[^\"]*+\")|&&?+[A-Za-z0-9_$\#]++\.?+"),
    # No name begins with a digit: servers cut ``1FROM t`` somewhere, and not all alike.
    ("BROKEN", r"['\"].*+|/\*.*+|\d.*+"),
    ("OP", r"\*\*|:=|=>|<=|>=|<>|!=|\^=|~=|\|\||\.\.|<<|>>|."),
)

LEXER: Final = Lexer(
    modes=(
        [
            _SPACE,
            _COMMENT,
            ("CLIENT", f"(?i:{_COMMAND})"),
            ("QQUOTE", r"[nN]?+[qQ]'"),
            *((kind if kind == "BROKEN" else f"FIRST_{kind}", body) for kind, body in _TOKENS),
        ],
        [
            _SPACE,
            _COMMENT,
            ("CLIENT", rf"(?<![^\n])(?:\#{LINE}|\.{_END_OF_LINE})"),
            ("QQUOTE", r"[nN]?+[qQ]'"),
            ("SLASH", rf"/{_END_OF_LINE}"),
            *_TOKENS,
        ],
    ),
    hooks={
        "QQUOTE": _q_quoted,
        "SLASH": _slash,
        **{f"FIRST_{kind}": _first(kind) for kind, _body in _TOKENS if kind != "BROKEN"},
    },
)
