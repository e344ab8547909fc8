"""Which ``;`` don't end a PostgreSQL statement: inside the parentheses of a rule, and in the SQL body
of a function (BEGIN ATOMIC … END). psql heeds parentheses in every statement; elsewhere than in CREATE
RULE there is no valid one with ``;`` in them."""

from __future__ import annotations

from sluicegate.sql.split import BodyTracker
from sluicegate.sql.tokens import Token


class PostgresBodies(BodyTracker):
    def __init__(self) -> None:
        self._words: list[str] = []
        self._other = False  # neither parentheses nor words matter
        self._routine = False
        self._depth = 0
        self._parentheses = 0
        self._previous = ""

    def inside(self) -> bool:
        return self._depth > 0 or self._parentheses > 0

    def feed(self, token: Token) -> None:
        key = token.key
        if not self._words and key != "CREATE":
            self._other = True
        if self._other:
            return
        if key == "(":
            self._parentheses += 1
        elif key == ")":
            self._parentheses = max(0, self._parentheses - 1)
        elif token.kind == "WORD":
            if len(self._words) < 4:
                self._head(key)
            if self._routine:
                self._body(key)
        self._previous = key

    def _head(self, key: str) -> None:
        self._words.append(key)
        words = [word for word in self._words if word not in ("OR", "REPLACE")]
        self._routine = words[:1] == ["CREATE"] and len(words) > 1 and words[1] in ("FUNCTION", "PROCEDURE")

    def _body(self, key: str) -> None:
        if (key == "ATOMIC" and self._previous == "BEGIN") or (self._depth and key == "CASE"):
            self._depth += 1
        elif self._depth and key == "END":
            self._depth -= 1
