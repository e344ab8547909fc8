"""Tokens: what a lexer cuts a text into, without losing a character."""

from __future__ import annotations

from typing import Final, NamedTuple

WORD: Final = "WORD"  # keyword or unquoted identifier
QUOTED: Final = "QUOTED"  # quoted identifier
STRING: Final = "STRING"  # string literal, prefix included
NUMBER: Final = "NUMBER"
VARIABLE: Final = "VARIABLE"  # @x, @@x
PARAM: Final = "PARAM"  # ?, $1, :name
OP: Final = "OP"  # operator or punctuation
SPACE: Final = "SPACE"
COMMENT: Final = "COMMENT"
HINT: Final = "HINT"  # /*+ … */
EXEC_OPEN: Final = "EXEC_OPEN"  # /*!50000 of a comment whose content the server runs
EXEC_CLOSE: Final = "EXEC_CLOSE"
DELIMITER: Final = "DELIMITER"  # what the client command DELIMITER set
CLIENT: Final = "CLIENT"  # a command that the database's own client would obey
DATA: Final = "DATA"  # lines after COPY … FROM STDIN
BROKEN: Final = "BROKEN"  # a literal or comment that never ends

INSIGNIFICANT: Final = frozenset({SPACE, COMMENT})

RawToken = tuple[str, int, int]  # kind, start, end


class Token(NamedTuple):
    """``key`` is the upper-cased text of words and the text of operators; "" for everything else, so
    that a comparison with a keyword never meets a quoted name or a literal."""

    kind: str
    text: str
    start: int
    key: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


END: Final = Token(SPACE, "", -1, "")  # stands for "no token here"


def make(kind: str, text: str, start: int) -> Token:
    key = text.upper() if kind == WORD else text if kind == OP else ""
    return tuple.__new__(Token, (kind, text, start, key))  # half the time of Token(…)
