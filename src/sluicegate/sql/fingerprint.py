"""One name for all statements of the same shape: literals and blanks don't count, hints and executable
comments do."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from sluicegate.sql.tokens import NUMBER, PARAM, STRING, Token

_LITERAL_WORDS: Final = frozenset({"NULL", "TRUE", "FALSE", "DEFAULT"})


def normalised(tokens: Iterable[Token]) -> str:
    """The statement with ``?`` for literals, lists of literals shortened to one, and words in upper
    case (quoted names as they are)."""
    out: list[str] = []
    for token in tokens:
        kind = token.kind
        if kind in (NUMBER, STRING, PARAM) or (
            token.key in _LITERAL_WORDS and out and (out[-1] == "," or out[-1] == "(")
        ):
            if len(out) >= 2 and out[-1] in ("-", "+") and out[-2] in ("(", ","):
                out.pop()  # the sign of a literal
            if len(out) >= 2 and out[-1] == "," and out[-2] == "?":
                out.pop()
                continue
            out.append("?")
        elif token.key:
            out.append(token.key)
            if token.key == ")" and out[-3:] == ["(", "?", ")"] and out[-7:-3] == ["(", "?", ")", ","]:
                del out[-4:]
        else:
            out.append(token.text)
    return " ".join(out)


def fingerprint(tokens: Iterable[Token]) -> str:
    """32 hexadecimal digits."""
    return sha256(normalised(tokens).encode("utf-8", "surrogatepass")).hexdigest()[:32]
