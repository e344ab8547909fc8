"""The text that a parse tree was made of: where its nodes stand, and slices as written."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.tree import Locate
from sluicegate.sql.tokens import QUOTED, WORD, Token

_OPEN: Final = frozenset({"(", "["})
_CLOSE: Final = frozenset({")", "]"})
# What a column's next clause begins with: a default ends before it.
CLAUSES: Final = frozenset(
    {
        "NOT", "NULL", "CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "REFERENCES", "GENERATED", "COLLATE",
        "DEFERRABLE", "INITIALLY", "DEFAULT", "STORAGE", "COMPRESSION",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tree:
    """One statement as the parser read it, kept for the readers of structures.

    ``gap`` is the range of the script that was left out because it holds rows of literals only.
    """

    kind: str
    fields: Node
    locate: Locate
    gap: tuple[int, int] = (0, 0)


class Source:
    """Args:
    script: the whole text.
    tokens: the statement's significant ones.
    """

    def __init__(self, script: str, tokens: Sequence[Token], tree: Tree) -> None:
        self.script = script
        self.tokens = tokens
        self.tree = tree
        self._starts = [token.start for token in tokens]
        self.start = self._starts[0] if tokens else -1

    def at(self, node: Node) -> int:
        """Where the node stands in the script, -1 when it doesn't say."""
        return self.tree.locate(node.get("location", -1))

    def index(self, offset: int) -> int:
        """The number of the token that stands there, or of the next one."""
        return bisect_left(self._starts, offset)

    def key(self, index: int) -> str:
        return self.tokens[index].key if 0 <= index < len(self.tokens) else ""

    def find(self, keys: frozenset[str], start: int, end: int | None = None) -> int:
        """The next token with one of these keys outside of parentheses, -1 when there is none."""
        depth = 0
        for index in range(start, len(self.tokens) if end is None else end):
            key = self.tokens[index].key
            if depth == 0 and key in keys:
                return index
            depth += (key in _OPEN) - (key in _CLOSE)
        return -1

    def text(self, first: int, last: int) -> str:
        """The script from one token up to, but not including, another."""
        last = min(last, len(self.tokens))
        if not 0 <= first < last:
            return ""
        return self.script[self.tokens[first].start : self.tokens[last - 1].end]

    def expression(self, first: int, stops: frozenset[str] = frozenset()) -> str:
        """From this token to a comma, a closing parenthesis or one of these words; its own first token doesn't
        end it."""
        depth = 0
        for index in range(first, len(self.tokens)):
            key = self.tokens[index].key
            if depth == 0 and (key in (",", ")", ";") or (index > first and key in stops)):
                return self.text(first, index)
            depth += (key in _OPEN) - (key in _CLOSE)
        return self.text(first, len(self.tokens))

    def closing(self, opening: int) -> int:
        """The parenthesis that closes this one."""
        depth = 0
        for index in range(opening, len(self.tokens)):
            key = self.tokens[index].key
            depth += (key in _OPEN) - (key in _CLOSE)
            if depth == 0:
                return index
        return len(self.tokens)

    def inside(self, start: int) -> str:
        """What the next parentheses hold."""
        opening = self.find(frozenset({"("}), start)
        return "" if opening < 0 else self.text(opening + 1, self.closing(opening))

    def parts(self, start: int, end: int | None = None) -> list[tuple[int, int]]:
        """The ranges between commas outside of parentheses."""
        end = len(self.tokens) if end is None else end
        found, depth, first = [], 0, start
        for index in range(start, end):
            key = self.tokens[index].key
            if key == "," and depth == 0:
                found.append((first, index))
                first = index + 1
            depth += (key in _OPEN) - (key in _CLOSE)
        found.append((first, end))
        return found

    def after_name(self, offset: int) -> int:
        """The token behind the qualified name that stands there."""
        index = self.index(offset) + 1
        while self.key(index) == "." and index + 1 < len(self.tokens):
            index += 2
        while self.key(index) in ("*", ")"):
            index += 1
        return index

    def quoted_names(self) -> frozenset[str]:
        return frozenset(token.text[1:-1].replace('""', '"') for token in self.tokens if token.kind == QUOTED)

    def words(self, first: int, last: int) -> str:
        """The words of a range in upper case, for people."""
        return " ".join(token.key for token in self.tokens[first:last] if token.kind == WORD)
