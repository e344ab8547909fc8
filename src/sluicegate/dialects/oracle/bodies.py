"""Which ``;`` belong to PL/SQL: from its first word on everything up to a line with only ``/``.

Source: SQL*Plus User's Guide, "Running PL/SQL Blocks".
"""

from __future__ import annotations

from typing import Final

from sluicegate.sql.split import BodyTracker
from sluicegate.sql.tokens import Token

SKIPPED: Final = frozenset(
    {"CREATE", "OR", "REPLACE", "EDITIONABLE", "NONEDITIONABLE", "IF", "NOT", "EXISTS", "AND", "RESOLVE"}
)
STORED: Final = frozenset({"PROCEDURE", "FUNCTION", "PACKAGE", "TRIGGER", "TYPE", "JAVA", "LIBRARY"})
_HEAD_LIMIT: Final = 8
_NOT_THE_BLOCK: Final = frozenset({"IF", "LOOP", "CASE"})


class OracleBodies(BodyTracker):
    def __init__(self) -> None:
        self._plsql: bool | None = None  # None while the head doesn't tell
        self._count = 0
        self._began = False
        self._last: tuple[str, str, str] = ("", "", "")

    def inside(self) -> bool:
        return bool(self._plsql)

    def unfinished(self) -> bool:
        """A block may end with the text, without ``/``: behind END or END and its name."""
        if not self._plsql or not self._began:
            return False
        before, previous, last = self._last
        return last != ";" or not (previous == "END" or (before == "END" and previous not in _NOT_THE_BLOCK))

    def feed(self, token: Token) -> None:
        key = token.key
        self._count += 1
        if self._plsql is None:
            self._decide(key)
        self._began = self._began or key == "BEGIN"
        self._last = (self._last[1], self._last[2], key)

    def _decide(self, key: str) -> None:
        if self._count == 1:
            if key in ("BEGIN", "DECLARE", "<<"):
                self._plsql = True
            elif key not in ("CREATE", "WITH"):
                self._plsql = False
        elif self._last[2] == "WITH":
            self._plsql = key in ("FUNCTION", "PROCEDURE")
        elif key in STORED:
            self._plsql = True
        elif key not in SKIPPED or self._count > _HEAD_LIMIT:
            self._plsql = False
