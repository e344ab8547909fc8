"""Statements that differ only in literals are read once.

The key of a statement is its text with plain literals replaced. It is made only where the text can't
hide anything from one expression: no comments, no escapes outside literals, nothing executable. Two
statements with equal keys have the same tokens but for the content of literals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from sluicegate.sql.facts import Facts, Note
from sluicegate.sql.model import ObjectRef, StatementKind

MARK: Final = "\x01"  # stands for a string; no script may hold it
NUMBER_MARK: Final = "\x02"
MARKS: Final = re.compile("[\x01\x02]")
MAX_LENGTH: Final = 20_000  # longer statements are rarely alike
MAX_SHAPES: Final = 5_000
# Digits, with decimals or without, that are surely a number of their own; any others stay in the key as they are.
NUMBER: Final = r"(?<![0-9A-Za-z_$.@:?`\x80-\U0010ffff])\d++(?:\.\d++)?+(?![0-9A-Za-z_$.\x80-\U0010ffff])"


class ShapeRules:
    """Of one dialect.

    Args:
        names: expression of quoted names, which are part of the key; ``quotes`` are the characters they
            begin with.
        strings: expression of string literals.
        veto: found in a key, it forbids its use.
    """

    def __init__(self, *, names: str, quotes: str, strings: str, veto: str) -> None:
        self._quotes = re.compile(f"[{re.escape(quotes)}]")
        self._strings = re.compile(strings, re.DOTALL)
        self._numbers = re.compile(NUMBER)
        self._named_strings = re.compile(f"({names})|{strings}", re.DOTALL)
        self._named_numbers = re.compile(f"({names})|{NUMBER}", re.DOTALL)
        self._veto = re.compile(veto)

    def key(self, text: str) -> str | None:
        """None when this text must be read by itself."""
        if len(text) > MAX_LENGTH or MARKS.search(text):
            return None
        if self._quotes.search(text):  # several times slower: each replacement looks at its match
            key = self._named_strings.sub(r"\1" + MARK, text)
            key = self._named_numbers.sub(r"\1" + NUMBER_MARK, key)
        else:
            key = self._numbers.sub(NUMBER_MARK, self._strings.sub(MARK, text))
        return None if self._veto.search(key) else key


@dataclass(frozen=True, slots=True)
class Shape:
    """What was read of the first statement of a shape; nothing in it depends on literals or place."""

    kind: StatementKind
    operation: str
    objects: tuple[ObjectRef, ...]
    transactional: bool
    fingerprint: str
    notes: tuple[Note, ...]  # ``at`` is the number of the token, -1 for the statement

    def facts(self) -> Facts:
        return Facts(self.kind, self.operation, list(self.objects), self.transactional)


@dataclass(slots=True)
class ShapeCache:
    """Of one script; forgets everything when it is full."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    by_object: dict[str, set[str]] = field(default_factory=dict)  # folded name -> keys

    def get(self, key: str) -> Shape | None:
        return self.shapes.get(key)

    def put(self, key: str, shape: Shape) -> None:
        if len(self.shapes) >= MAX_SHAPES:
            self.shapes.clear()
            self.by_object.clear()
        self.shapes[key] = shape
        for ref in shape.objects:
            self.by_object.setdefault(ref.name.casefold(), set()).add(key)

    def forget(self, name: str) -> None:
        """What was learnt of statements that name this object."""
        for key in self.by_object.pop(name.casefold(), ()):
            self.shapes.pop(key, None)
