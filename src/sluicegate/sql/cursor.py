"""A place in a list of tokens, for readers of statement heads."""

from __future__ import annotations

from collections.abc import Sequence

from sluicegate.sql.grammar import is_name, unquote
from sluicegate.sql.tokens import END, NUMBER, STRING, Token


class Cursor:
    """``strings``: a string literal may stand for a name (SQLite)."""

    def __init__(
        self, tokens: Sequence[Token], i: int = 0, end: int | None = None, *, strings: bool = False
    ) -> None:
        self.tokens = tokens
        self.strings = strings
        self.i = i
        self.end = len(tokens) if end is None else end

    @property
    def done(self) -> bool:
        return self.i >= self.end

    def token(self, offset: int = 0) -> Token:
        place = self.i + offset
        return self.tokens[place] if 0 <= place < self.end else END

    def key(self, offset: int = 0) -> str:
        place = self.i + offset
        return self.tokens[place].key if 0 <= place < self.end else ""

    def next(self) -> Token:
        token = self.token()
        self.i += 1
        return token

    def accept(self, *keys: str) -> bool:
        """Step over these words if all of them stand here."""
        if all(self.key(offset) == key for offset, key in enumerate(keys)):
            self.i += len(keys)
            return True
        return False

    def accept_any(self, keys: frozenset[str] | set[str]) -> str:
        key = self.key()
        if key and key in keys:
            self.i += 1
            return key
        return ""

    def if_exists(self) -> bool:
        return self.accept("IF", "NOT", "EXISTS") or self.accept("IF", "EXISTS")

    def name(self) -> list[str]:
        """name[.name…], [] when no name stands here."""
        if not (is_name(self.token()) or (self.strings and self.token().kind == STRING)):
            return []
        parts = [unquote(self.next())]
        while self.key() == "." and (is_name(self.token(1)) or self.token(1).kind in (NUMBER, STRING)):
            parts.append(unquote(self.token(1)))
            self.i += 2
        return parts

    def names(self) -> list[list[str]]:
        """A list of names separated by commas."""
        found: list[list[str]] = []
        while True:
            name = self.name()
            if not name:
                return found
            found.append(name)
            if self.key() != ",":
                return found
            self.i += 1

    def skip_parenthesis(self) -> None:
        """Past the parenthesis that opens here; does nothing when none does."""
        if self.key() != "(":
            return
        depth = 0
        while not self.done:
            key = self.next().key
            depth += (key == "(") - (key == ")")
            if depth == 0:
                return
