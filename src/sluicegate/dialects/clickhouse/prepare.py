"""ClickHouse's tokens as the shared readers of queries take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sluicegate.dialects.clickhouse.functions import CALLS
from sluicegate.sql.facts import Facts
from sluicegate.sql.grammar import is_name, unquote
from sluicegate.sql.model import Severity
from sluicegate.sql.tokens import OP, PARAM, QUOTED, WORD, Token
from sluicegate.sql.words import words

_AFTER_ARRAY_JOIN: Final = words(
    "WHERE PREWHERE GROUP ORDER LIMIT UNION HAVING LEFT INNER JOIN CROSS FULL RIGHT GLOBAL SETTINGS FORMAT SAMPLE ASOF ) QUALIFY"
)


def prepared(tokens: Sequence[Token], facts: Facts) -> list[Token]:
    plain: list[Token] = []
    place, count = 0, len(tokens)
    while place < count:
        token = tokens[place]
        key = token.key
        following = tokens[place + 1].key if place + 1 < count else ""
        previous = plain[-1].key if plain else ""
        _note(tokens, place, facts)
        if key == "ON" and following == "CLUSTER":
            place += 3
            continue
        if key in ("{", "}"):
            plain.append(_brace(tokens, place, facts))
        elif key == "ARRAY" and following == "JOIN":
            place = _array_join(tokens, place, plain)
            continue
        elif token.kind == PARAM:  # a ? b : c
            plain.append(Token(OP, token.text, token.start, token.text))
        elif key == "PREWHERE":
            plain.append(Token(WORD, token.text, token.start, "WHERE"))
        elif key == "EXCEPT" and previous == "*" and following != "SELECT":
            plain.append(Token(WORD, token.text, token.start, "EXCLUDING"))
        elif key == "TABLE" and previous == "INTO" and following != "FUNCTION" and place + 1 < count:
            if not is_name(tokens[place + 1]):
                plain.append(token)
        else:
            plain.append(token)
        place += 1
    return plain


def _note(tokens: Sequence[Token], place: int, facts: Facts) -> None:
    token = tokens[place]
    following = tokens[place + 1].key if place + 1 < len(tokens) else ""
    if is_name(token):
        if following == "(":
            danger = CALLS.get(unquote(token).upper())
            if danger is not None:
                facts.note(danger.code, token.start, token.text[:60], danger.severity)
        elif following == "OUTFILE" and token.key == "INTO":
            facts.note("FILE_WRITE", token.start, "INTO OUTFILE")
        elif following == "INFILE" and token.key == "FROM":
            facts.note("FILE_READ", token.start, "FROM INFILE")
        elif token.key == "SETTINGS" and place:
            facts.note(
                "HINT", token.start, f"SETTINGS {tokens[place + 1].text}"[:60] if following else "SETTINGS"
            )
        if token.kind == QUOTED and "\\" in token.text:
            facts.note("CONFUSABLE", token.start, token.text[:60], Severity.BLOCK)


def _brace(tokens: Sequence[Token], place: int, facts: Facts) -> Token:
    """A map is a literal; ``{name:Type}`` is a value that nobody gives."""
    token = tokens[place]
    named = place + 2 < len(tokens) and is_name(tokens[place + 1]) and tokens[place + 2].key == ":"
    if token.key == "{" and named:
        facts.note("UNKNOWN", token.start, f"{{{tokens[place + 1].text}:…}}")
    return Token(OP, token.text, token.start, "[" if token.key == "{" else "]")


def _array_join(tokens: Sequence[Token], place: int, plain: list[Token]) -> int:
    """ARRAY JOIN names columns, no tables. Returns where to go on."""
    depth = 0
    end = place + 2
    while end < len(tokens):
        key = tokens[end].key
        if depth == 0 and key in _AFTER_ARRAY_JOIN:
            break
        depth += (key in ("(", "[")) - (key in (")", "]"))
        end += 1
    for token in tokens[place:end]:
        if token.key in ("ARRAY", "JOIN"):
            plain.append(Token(WORD, token.text, token.start, "ON"))
        elif token.key == ",":
            plain.append(Token(OP, token.text, token.start, "+"))
        else:
            plain.append(token)
    return end
