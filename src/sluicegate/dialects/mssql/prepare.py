"""T-SQL tokens as the shared readers of queries take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sluicegate.sql.facts import Facts
from sluicegate.sql.grammar import is_name
from sluicegate.sql.tokens import OP, PARAM, QUOTED, VARIABLE, WORD, Token
from sluicegate.sql.words import words

_BEFORE_TABLE: Final = words("FROM JOIN INTO INSERT UPDATE DELETE USING MERGE EXEC EXECUTE TABLE , APPLY")
_HINTS: Final = words(
    """
    NOLOCK READUNCOMMITTED READCOMMITTED READCOMMITTEDLOCK REPEATABLEREAD SERIALIZABLE HOLDLOCK ROWLOCK PAGLOCK
    TABLOCK TABLOCKX UPDLOCK XLOCK READPAST NOWAIT NOEXPAND SNAPSHOT ,
    """
)
_NOT_ALIASES: Final = words(
    """
    VALUES SELECT WHERE ON AND OR IN USING SET AS FROM JOIN WITH OPTION GROUP ORDER UNION EXCEPT INTERSECT APPLY PIVOT
    UNPIVOT OUTPUT DEFAULT EXISTS NOT THEN ELSE WHEN OVER WITHIN REFERENCES CHECK PRIMARY UNIQUE KEY INCLUDE FOR
    """
)
MAX_PARTS: Final = 3  # of a name that stays on this server


def prepared(tokens: Sequence[Token], facts: Facts) -> list[Token]:
    plain: list[Token] = []
    for place, token in enumerate(tokens):
        key = token.key
        previous = plain[-1].key if plain else ""
        if token.kind == PARAM:
            facts.note("CLIENT_COMMAND", token.start, token.text)
        if key == "." and previous == ".":  # database..table: the user's own schema, mostly dbo
            plain.append(Token(WORD, "dbo", token.start, "DBO"))
            plain.append(token)
        elif key == "APPLY" and previous in ("CROSS", "OUTER"):
            plain.append(Token(WORD, token.text, token.start, "JOIN"))
        elif token.kind == VARIABLE and previous in _BEFORE_TABLE and not _assigned(tokens, place):
            plain.append(Token(QUOTED, f'"{token.text}"', token.start, "") if previous != "," else token)
        else:
            plain.append(token)
    _linked(plain, facts)
    return _without_lists(plain)


def _assigned(tokens: Sequence[Token], place: int) -> bool:
    return place + 1 < len(tokens) and tokens[place + 1].key == "="


def _linked(tokens: Sequence[Token], facts: Facts) -> None:
    """Names of four parts are on another server."""
    place = 0
    while place < len(tokens):
        if not is_name(tokens[place]):
            place += 1
            continue
        begin, parts = place, 1
        while place + 2 < len(tokens) and tokens[place + 1].key == "." and is_name(tokens[place + 2]):
            place += 2
            parts += 1
        if parts > MAX_PARTS and begin and tokens[begin - 1].key in _BEFORE_TABLE:
            facts.note(
                "NETWORK", tokens[begin].start, ".".join(t.text for t in tokens[begin : place + 1 : 2])[:60]
            )
        place += 1


def _without_lists(tokens: list[Token]) -> list[Token]:
    """Leave out what looks like a call and is none: ``) AS t (a, b)`` and ``t (NOLOCK)``."""
    plain: list[Token] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.key == "(" and len(plain) > 1 and is_name(plain[-1]) and plain[-1].key not in _NOT_ALIASES:
            close = _closing(tokens, place)
            inner = tokens[place + 1 : close]
            before = plain[-2].key if plain[-2].key != "AS" else plain[-3].key if len(plain) > 2 else ""
            names_only = all(part.kind in (WORD, QUOTED) or part.key == "," for part in inner) and inner
            if names_only and (before == ")" or all(part.key in _HINTS for part in inner)):
                place = close + 1
                continue
        plain.append(token)
        place += 1
    return plain


def _closing(tokens: Sequence[Token], place: int) -> int:
    """The next closing parenthesis; such lists don't nest."""
    for there in range(place + 1, min(place + 2000, len(tokens))):
        if tokens[there].kind == OP and tokens[there].key in ("(", ")"):
            return there if tokens[there].key == ")" else place
    return place
