"""What an INSERT … SELECT does to its rows after they are found: LIMIT, and putting them together.

Plans made of query blocks don't say: to them SELECT COUNT(*) yields as many rows as it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sluicegate.dialects.common.scan import Token, TokenKind

_NAMES: Final = """
ANY_VALUE AVG BIT_AND BIT_OR BIT_XOR COUNT GROUP_CONCAT JSON_ARRAYAGG JSON_OBJECTAGG MAX MIN STD STDDEV
STDDEV_POP STDDEV_SAMP SUM VARIANCE VAR_POP VAR_SAMP
"""
AGGREGATES: Final = frozenset(_NAMES.split())
SET_OPERATORS: Final = frozenset({"UNION", "INTERSECT", "EXCEPT"})
_QUERIES: Final = frozenset({"SELECT", "WITH", "VALUES", "TABLE"})


@dataclass(frozen=True, slots=True)
class Together:
    """``single``: all rows become one. ``fewer``: some fall together, or out, so that the number found is the
    most there can be."""

    single: bool = False
    fewer: bool = False


def together(parts: Sequence[Token]) -> Together:
    """Of the outermost query of an INSERT … SELECT."""
    words = [token.text for token in parts if token.depth == 0 and token.kind is TokenKind.WORD]
    if "SELECT" not in words:
        return Together()
    words = words[words.index("SELECT") :]
    fewer = bool({"GROUP", "HAVING", "INTERSECT", "EXCEPT"} & set(words)) or words[1:2] in (
        ["DISTINCT"],
        ["DISTINCTROW"],
    )
    if "GROUP" in words or SET_OPERATORS & set(words):
        return Together(fewer=fewer)
    return Together(single=_aggregates(parts), fewer=fewer)


def _aggregates(parts: Sequence[Token]) -> bool:
    """Whether the select list calls an aggregate function, outside sub-queries and not over a window."""
    start = next(at for at, token in enumerate(parts) if token.depth == 0 and token.text == "SELECT")
    inside: list[bool] = []  # of each open parenthesis: whether a query stands in it
    waiting: list[int] = []  # depths of aggregate calls that are open
    for at in range(start + 1, len(parts)):
        token = parts[at]
        if token.depth == 0 and token.kind is TokenKind.WORD and token.text == "FROM":
            return False
        if token.kind is not TokenKind.OTHER:
            continue
        if token.text == "(":
            query = (
                at + 1 < len(parts)
                and parts[at + 1].text in _QUERIES
                and parts[at + 1].kind is TokenKind.WORD
            )
            before = parts[at - 1]
            called = before.kind is TokenKind.WORD and before.text in AGGREGATES
            if called and not any(inside):
                waiting.append(token.depth)
            inside.append(query)
        elif token.text == ")":
            inside.pop()
            if waiting and waiting[-1] == token.depth:
                waiting.pop()
                if at + 1 == len(parts) or parts[at + 1].text != "OVER":
                    return True
    return False


def limit_of(parts: Sequence[Token]) -> int | None:
    """The most rows that the statement's own LIMIT leaves: ``LIMIT n``, ``LIMIT skipped, n``, ``LIMIT n OFFSET
    skipped``; None where there is none, or where it isn't a number."""
    top = [token for token in parts if token.depth == 0]
    places = [at for at, token in enumerate(top) if token.kind is TokenKind.WORD and token.text == "LIMIT"]
    if not places:
        return None
    behind = [token.text for token in top[places[-1] + 1 : places[-1] + 4]]
    chosen = behind[2:3] if behind[1:2] == [","] else behind[:1]
    return int(chosen[0]) if chosen and chosen[0].isascii() and chosen[0].isdecimal() else None
