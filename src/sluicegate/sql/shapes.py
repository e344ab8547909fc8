"""Statements that differ only in literals are read once.

The key of a statement is its text with plain literals replaced. It is made only where the text can't
hide anything from one expression: no comments, no escapes outside literals, nothing executable. Two
statements with equal keys have the same tokens but for the content of literals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from string import ascii_letters, digits
from typing import Final

from sluicegate.sql.facts import Facts, Note
from sluicegate.sql.lexer import wide
from sluicegate.sql.model import Finding, ObjectRef, StatementKind

MARK: Final = "\x01"  # stands for a string; no plain text holds it
NUMBER_MARK: Final = "\x02"
MAX_LENGTH: Final = 20_000  # longer statements are rarely alike
MAX_SHAPES: Final = 5_000
MAX_SIZE: Final = 4_000_000  # characters of all keys
MAX_SITUATIONS: Final = 16  # remembered of one shape
_JOINED: Final = wide(digits + ascii_letters + "_$.@:?`")
_CONTINUED: Final = wide(digits + ascii_letters + "_$.")
# Digits that are surely a number of their own; any others stay in the key as they are. Expressions that begin
# with what they look for, and look back afterwards, are found many times faster.
NUMBER: Final = rf"[0-9](?<!{_JOINED}[0-9])[0-9]*+(?:\.[0-9]++)?+(?!{_CONTINUED})"
# Rows of an INSERT without parentheses or quoted names in them, and a whole literal in such a row.
_ROWS: Final = re.compile(
    r"\bVALUES?[ \t\r\n]*+\([^()\"`\[]*+\)(?:[ \t\r\n]*+,[ \t\r\n]*+\([^()\"`\[]*+\))*+",
    re.IGNORECASE | re.ASCII,
)
_LITERAL: Final = re.compile(
    rf"(?<=[(,])[ \t\r\n]*+(?:[+-]?{NUMBER_MARK}|{MARK}|NULL|TRUE|FALSE)[ \t\r\n]*+(?=[,)])",
    re.IGNORECASE | re.ASCII,
)
_ALIKE: Final = "\x03"  # begins the keys of ``alike``


class ShapeRules:
    """Of one dialect.

    Args:
        names: expression of quoted names, which are part of the key; ``quotes`` are the characters they
            begin with.
        strings: expression of string literals, which should begin with their quote.
        veto: found in a key, it forbids its use; comments do anyway.
    """

    def __init__(self, *, names: str, quotes: str, strings: str, veto: str) -> None:
        self._quotes = tuple(quotes)
        self._strings = re.compile(strings, re.DOTALL | re.ASCII)
        self._numbers = re.compile(NUMBER)
        self._named_strings = re.compile(f"({names})|{strings}", re.DOTALL | re.ASCII)
        self._named_numbers = re.compile(f"({names})|{NUMBER}", re.DOTALL | re.ASCII)
        self._veto = re.compile(veto)

    def key(self, text: str) -> str | None:
        """None when this text must be read by itself. It must be plain (``characters.is_plain``)."""
        if len(text) > MAX_LENGTH:
            return None
        for quote in self._quotes:
            if quote in text:  # several times slower: each replacement looks at its match
                key = self._named_strings.sub(r"\1" + MARK, text)
                key = self._named_numbers.sub(r"\1" + NUMBER_MARK, key)
                break
        else:
            key = self._numbers.sub(NUMBER_MARK, self._strings.sub(MARK, text))
        return None if "--" in key or "/*" in key or self._veto.search(key) else key


def alike(key: str) -> str | None:
    """The key for statements that differ in what literals stand in rows of values too (a text, a number, NULL);
    None where there are no such rows. What such statements have in common tells no places."""
    rows = _ROWS.search(key)
    if rows is None:
        return None
    return _ALIKE + key[: rows.start()] + _LITERAL.sub(NUMBER_MARK, rows[0]) + key[rows.end() :]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules that look at the script said of a shape in one situation.

    ``findings`` are what the notes come to where none has a place inside the statement, else None; their lines
    and columns mean nothing.
    """

    notes: tuple[Note, ...]
    objects: tuple[ObjectRef, ...]
    findings: tuple[Finding, ...] | None = None


@dataclass(slots=True)
class Shape:
    """What was read of the first statement of a shape; nothing in it depends on literals or place.

    ``situation`` and ``judged`` remember what the rules said that look at the script: by the distance from
    the statement before, as long as the situation is the same.
    """

    kind: StatementKind
    operation: str
    objects: tuple[ObjectRef, ...]
    transactional: bool
    fingerprint: str
    notes: tuple[Note, ...]  # ``at`` is the number of the token, -1 for the statement
    placed: bool = False  # some note has a place
    asks: bool = False  # what was said of it may change with the schema
    situation: int = -1
    judged: dict[int, Judged] = field(default_factory=dict)

    def facts(self) -> Facts:
        return Facts(self.kind, self.operation, list(self.objects), self.transactional)

    def known(self, situation: int, distance: int) -> Judged | None:
        if self.situation != situation:
            self.situation = situation
            self.judged.clear()
            return None
        return self.judged.get(distance)

    def remember(self, distance: int, judged: Judged) -> None:
        if len(self.judged) >= MAX_SITUATIONS:
            self.judged.clear()
        self.judged[distance] = judged


class ShapeCache:
    """Of one script; forgets everything when it is full."""

    def __init__(self) -> None:
        self._shapes: dict[str, Shape] = {}
        self._by_object: dict[str, set[str]] = {}  # folded name -> keys
        self._size = 0

    def get(self, key: str) -> Shape | None:
        found = self._shapes.get(key)
        if found is None:
            wider = alike(key)
            found = None if wider is None else self._shapes.get(wider)
            if found is not None:
                self._store(key, found)
        return found

    def put(self, key: str, shape: Shape) -> None:
        self._store(key, shape)
        wider = None if shape.placed else alike(key)
        if wider is not None:
            self._store(wider, shape)

    def _store(self, key: str, shape: Shape) -> None:
        if len(self._shapes) >= MAX_SHAPES or self._size >= MAX_SIZE:
            self._shapes.clear()
            self._by_object.clear()
            self._size = 0
        self._shapes[key] = shape
        self._size += len(key)
        for ref in shape.objects if shape.asks else ():
            self._by_object.setdefault(ref.name.casefold(), set()).add(key)

    def forget(self, names: Iterable[str]) -> None:
        """What was learnt with the schema in mind of statements that name one of these objects."""
        for name in names:
            for key in self._by_object.pop(name.casefold(), ()):
                if self._shapes.pop(key, None) is not None:
                    self._size -= len(key)
