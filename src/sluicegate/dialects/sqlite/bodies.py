"""Which ``;`` are inside a trigger: from BEGIN on, until END stands where a statement may begin.
sqlite3_complete() decides the same way."""

from __future__ import annotations

from sluicegate.sql.split import BodyTracker
from sluicegate.sql.tokens import WORD, Token


class SqliteBodies(BodyTracker):
    def __init__(self) -> None:
        self._head: list[str] = []
        self._trigger: bool | None = None
        self._inside = False
        self._previous = ""

    def inside(self) -> bool:
        return self._inside

    def feed(self, token: Token) -> None:
        key = token.key
        if self._trigger is None:
            self._head.append(key)
            words = [word for word in self._head if word not in ("TEMP", "TEMPORARY")]
            if words and words[0] == "EXPLAIN":
                words = [word for word in words[1:] if word not in ("QUERY", "PLAN")]
            if len(words) > 1 or words[:1] not in (["CREATE"], []):
                self._trigger = words[:2] == ["CREATE", "TRIGGER"]
        elif self._trigger and token.kind == WORD:
            if key == "BEGIN" and not self._inside:
                self._inside = True
            elif key == "END" and self._previous in (";", "BEGIN"):
                self._inside = False
                self._trigger = False
        self._previous = key
