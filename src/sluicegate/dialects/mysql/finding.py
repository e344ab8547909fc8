"""The query that finds the rows of a change, of slices of its text."""

# ruff: noqa: S608 - slices of the statement

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sluicegate.dialects.common.scan import Token, TokenKind

MODIFIERS: Final = frozenset({"LOW_PRIORITY", "IGNORE", "QUICK"})


@dataclass(frozen=True, slots=True)
class Clauses:
    """Of an UPDATE or DELETE, as offsets: the tables from ``begin`` to ``end``, those that a DELETE names apart
    from them in ``named``; ``tail`` is the text from WHERE on."""

    begin: int
    end: int
    tail: str
    named: tuple[int, int] | None = None

    def sources(self, text: str) -> str:
        return text[self.begin : self.end]


def finding_query(text: str, operation: str, parts: Sequence[Token]) -> str | None:
    """``SELECT`` of what an UPDATE, DELETE or INSERT … SELECT would change; None for any other statement."""
    if operation in {"INSERT", "REPLACE"}:
        query = source_of_insert(text, parts)
        return None if query is None else text[query[0] : query[1]]
    found = clauses(text, operation, parts)
    return None if found is None else f"SELECT 1 FROM {found.sources(text)}\n{found.tail}"


def first_of(parts: Sequence[Token], *names: str, after: int = 0) -> Token | None:
    """The first of these words outside all parentheses."""
    return next((token for token in _words(parts) if token.text in names and token.start >= after), None)


def source_of_insert(text: str, parts: Sequence[Token]) -> tuple[int, int] | None:
    """Where the SELECT of an INSERT begins and ends; None without one, or with one in another shape."""
    select, duplicate = first_of(parts, "SELECT"), first_of(parts, "DUPLICATE")
    if select is None or first_of(parts, "WITH", "TABLE") is not None:
        return None
    if duplicate is None:
        return select.start, _end(text, parts)
    # The last ON before DUPLICATE: earlier ones are of joins.
    ons = [token.start for token in _words(parts) if token.text == "ON" and token.end < duplicate.start]
    return (select.start, ons[-1]) if ons else None


def clauses(text: str, operation: str, parts: Sequence[Token]) -> Clauses | None:
    words, end = _words(parts), _end(text, parts)
    skipped = 1
    while skipped < len(words) and words[skipped].text in MODIFIERS:
        skipped += 1
    begin = words[skipped - 1].end
    if operation == "UPDATE":
        assign = first_of(parts, "SET")
        if assign is None:
            return None
        tail = first_of(parts, "WHERE", "ORDER", "LIMIT", after=assign.end)
        return Clauses(begin, assign.start, text[tail.start : end] if tail else "")
    source = first_of(parts, "FROM", after=begin)
    if source is None:
        return None
    apart = any(begin <= token.start < source.start for token in parts)
    named = (begin, source.start) if apart else None
    using = _using(parts, source.end) if named is None else None
    if using is not None:
        named, source = (source.end, using.start), using
    tail = first_of(parts, "WHERE", "ORDER", "LIMIT", after=source.end)
    cut = tail.start if tail is not None else end
    return Clauses(source.end, cut, text[cut:end], named)


def _using(parts: Sequence[Token], after: int) -> Token | None:
    """The word of ``DELETE FROM a USING a JOIN b``, not that of a join's columns."""
    for token, following in pairwise(parts):
        if token.start < after or token.depth or token.kind is not TokenKind.WORD:
            continue
        if token.text in {"WHERE", "JOIN"}:
            return None
        if token.text == "USING":
            return None if following.text == "(" else token
    return None


def _words(parts: Sequence[Token]) -> list[Token]:
    return [token for token in parts if token.depth == 0 and token.kind is TokenKind.WORD]


def _end(text: str, parts: Sequence[Token]) -> int:
    return next(
        (token.start for token in parts if token.depth == 0 and token.text in {";", "RETURNING"}), len(text)
    )
