"""INSERT … FORMAT name: whatever follows is data for the client to send, up to nobody knows where."""

from __future__ import annotations

from sluicegate.sql.split import BodyTracker
from sluicegate.sql.tokens import WORD, Token


class InlineData(BodyTracker):
    """From the format's name on nothing ends the statement; with VALUES the data are SQL."""

    def __init__(self) -> None:
        self._count = 0
        self._insert = False
        self._depth = 0
        self._previous = ""
        self._data = False

    def inside(self) -> bool:
        return self._data

    def unfinished(self) -> bool:
        return False

    def feed(self, token: Token) -> None:
        key = token.key
        self._count += 1
        if self._count == 1:
            self._insert = key == "INSERT"
        elif not self._insert or self._data:
            return
        if key in ("(", ")"):
            self._depth += 1 if key == "(" else -1
        elif token.kind == WORD and self._depth == 0:
            if key in ("SELECT", "WITH", "VALUES"):
                self._insert = False
            elif self._previous == "FORMAT" and self._count > 3:
                self._data = key != "VALUES"
        self._previous = key


def format_name(tokens: list[Token]) -> Token | None:
    """The format whose data stand in the statement; None where it has none."""
    tracker = InlineData()
    for token in tokens:
        tracker.feed(token)
        if tracker.inside():
            return token
    return None
