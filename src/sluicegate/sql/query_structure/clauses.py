"""Where the clauses of a statement begin."""

from __future__ import annotations

from typing import Final, NamedTuple

from sluicegate.sql.query_structure.base import SET_OPERATORS
from sluicegate.sql.query_structure.tables import Tables
from sluicegate.sql.tokens import NUMBER, PARAM

# In the order in which they follow each other: a word that comes too late is no clause.
RANKS: Final = {
    "FROM": 1,
    "WHERE": 2,
    "GROUP": 3,
    "HAVING": 4,
    "WINDOW": 5,
    "ORDER": 6,
    "LIMIT": 7,
    "OFFSET": 8,
    "FETCH": 8,
    "FOR": 9,
    "LOCK": 9,
    "INTO": 10,
    "PROCEDURE": 10,
    "RETURNING": 10,
}
_SOUGHT: Final = frozenset(RANKS) | SET_OPERATORS | {"("}


class Clause(NamedTuple):
    """``start`` is behind the word itself, ``end`` the place of the next."""

    word: str
    start: int
    end: int


class Clauses(Tables):
    def clauses(self, i: int, end: int) -> tuple[list[Clause], int]:
        """The clauses of one SELECT (the first is called ""), and where it ends: at a set operator, or
        at ``end``."""
        keys, sought = self.keys, _SOUGHT
        found: list[Clause] = []
        word, begin, rank = "", i, 0
        while i < end:
            key = keys[i]
            if key not in sought:
                i += 1
                continue
            if key == "(":
                i = self.closing[i] + 1
                continue
            if i and keys[i - 1] == ".":
                i += 1
                continue
            if key in SET_OPERATORS:
                if key != "MINUS" or keys[i + 1] in ("SELECT", "(", "ALL", "DISTINCT"):
                    break
            elif (RANKS[key] > rank or key == "INTO") and self._is_clause(key, i, word):
                found.append(Clause(word, begin, i))
                word, begin = key, i + 1
                rank = max(rank, RANKS[key]) if key != "INTO" else rank
            i += 1
        i = min(i, end)
        found.append(Clause(word, begin, i))
        return found, i

    def _is_clause(self, key: str, i: int, word: str) -> bool:
        following = self.keys[i + 1]
        if key in ("GROUP", "ORDER"):
            return following == "BY" and self.keys[i - 1] not in ("FOR", "WITHIN")
        if key == "FROM":
            return not (self.keys[i - 1] == "DISTINCT" and self.keys[i - 2] in ("IS", "NOT"))
        if key == "FOR":
            return following in ("UPDATE", "SHARE", "NO", "KEY") and self.keys[i - 1] not in ("INDEX", "KEY")
        if key == "LOCK":
            return following == "IN"
        if key == "WINDOW":
            return self.named(i + 1) and self.keys[i + 2] == "AS"
        if key == "OFFSET":
            return word in ("LIMIT", "FETCH") or (
                i + 1 < self.end and self.tokens[i + 1].kind in (NUMBER, PARAM)
            )
        if key == "FETCH":
            return following in ("FIRST", "NEXT")
        if key == "PROCEDURE":
            return following != ","
        return True
