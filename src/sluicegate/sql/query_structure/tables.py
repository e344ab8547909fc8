"""FROM, and the table part of UPDATE and DELETE: tables, aliases, joins."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from sluicegate.sql.query_structure.conditions import Conditions
from sluicegate.sql.structure.queries import Join, Place, TableUse
from sluicegate.sql.tokens import QUOTED, STRING, WORD
from sluicegate.sql.words import words

NO_ALIAS: Final = words(
    """
    WHERE SET JOIN INNER LEFT RIGHT CROSS NATURAL FULL OUTER STRAIGHT_JOIN ON USING GROUP ORDER HAVING LIMIT UNION
    EXCEPT INTERSECT MINUS FOR LOCK INTO PARTITION USE FORCE IGNORE INDEXED NOT WINDOW RETURNING VALUES VALUE SELECT
    AS PROCEDURE FETCH OFFSET TABLESAMPLE DEFAULT WITH TABLE END FROM AND OR THEN ELSE DO LATERAL SEPARATOR
    """
)
_JOINING: Final = frozenset(
    {"JOIN", "INNER", "LEFT", "RIGHT", "CROSS", "NATURAL", "FULL", "OUTER", "STRAIGHT_JOIN"}
)
_HINTS: Final = frozenset({"USE", "FORCE", "IGNORE"})


@dataclass(slots=True)
class TablePart:
    uses: list[TableUse] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)


class Tables(Conditions):
    def tables(self, i: int, end: int, part: TablePart, select: int) -> None:
        """Read the list of tables into ``part``; ``select`` as in Comparison."""
        self.enter()
        expecting = True
        lateral = False
        while i < end:
            key = self.keys[i]
            if expecting:
                if key == "LATERAL":
                    lateral = True
                    i += 1
                    continue
                if lateral and part.joins:
                    part.joins[-1] = replace(part.joins[-1], lateral=True)
                lateral = False
                i, expecting = self._factor(i, end, part, select)
            elif key == ",":
                part.joins.append(Join("COMMA", conditional=False, at=self.at(i)))
                expecting = True
                i += 1
            elif key in _JOINING:
                i = self._joining(i, end, part)
                expecting = True
            elif key == "ON":
                stop = self._condition_end(i + 1, end)
                self.condition(i + 1, stop, Place.ON, select)
                _conditioned(part)
                i = stop
            elif key == "USING" and self.keys[i + 1] == "(":
                _conditioned(part)
                i = self.closing[i + 1] + 1
            elif key == "(":
                i = self.closing[i] + 1
            else:
                i += 1
        self.nesting -= 1

    def _joining(self, i: int, end: int, part: TablePart) -> int:
        at = self.at(i)
        kind = "INNER"
        while i < end and self.keys[i] in _JOINING:
            key = self.keys[i]
            if key in ("LEFT", "RIGHT", "FULL", "CROSS") and kind != "NATURAL":
                kind = key
            elif key == "NATURAL":
                kind = "NATURAL"
            elif key == "STRAIGHT_JOIN":
                kind = "STRAIGHT"
            i += 1
        part.joins.append(Join(kind, conditional=kind == "NATURAL", at=at))
        return i

    def _factor(self, i: int, end: int, part: TablePart, select: int) -> tuple[int, bool]:
        """The table at ``i``; the place behind it, and whether one is still expected."""
        if self.keys[i] == "(":
            close = min(self.closing[i], end)
            if self.opens_query(i):
                behind = self.subquery(i, Place.FROM)
            else:
                self.tables(i + 1, close, part, select)
                behind = close + 1
            alias, behind = self.alias(behind, end)
            if alias:
                self.scope.names.add(alias.casefold())
            return (self.closing[behind] + 1 if alias and self.keys[behind] == "(" else behind), False
        if not (self.named(i) or self.tokens[i].kind == STRING):
            return i + 1, True
        begin = i
        parts, i = self.chain(i, end)
        if self.keys[i] == "(" and i < end:  # a table-valued function
            self.functions[parts[-1].upper()] = None
            close = min(self.closing[i], end)
            self.expression(i + 1, close, Place.FROM)
            alias, i = self.alias(close + 1, end)
            self.scope.names.add((alias or parts[-1]).casefold())
            return i, False
        if self.keys[i] == "PARTITION" and self.keys[i + 1] == "(":
            i = self.closing[i + 1] + 1
        if self.keys[i] in ("FOR", "AS") and self.keys[i + 1] in ("SYSTEM_TIME", "OF"):
            while i < end and self.keys[i] not in _JOINING and self.keys[i] not in (",", "ON", "USING"):
                i += 1
        alias, i = self.alias(i, end)
        cte = len(parts) == 1 and parts[0].casefold() in self.cte_names
        self.scope.names.add((alias or parts[-1]).casefold())
        if parts[-1].casefold() != "dual" or len(parts) > 1:
            part.uses.append(TableUse(self.grammar.ref(parts), alias, cte, self.at(begin)))
        return self._hints(i, end), False

    def _hints(self, i: int, end: int) -> int:
        while i < end:
            if self.keys[i] in _HINTS and self.keys[i + 1] in ("INDEX", "KEY"):
                while i < end and self.keys[i] != "(":
                    i += 1
                i = self.closing.get(i, end) + 1
            elif self.keys[i] == "INDEXED":
                i += 3
            elif self.keys[i] == "NOT" and self.keys[i + 1] == "INDEXED":
                i += 2
            else:
                break
        return i

    def alias(self, i: int, end: int) -> tuple[str, int]:
        if i >= end:
            return "", i
        if self.keys[i] == "AS" and i + 1 < end:
            return self.name(i + 1), i + 2
        token = self.tokens[i]
        if token.kind == QUOTED or (token.kind == WORD and token.key not in NO_ALIAS):
            return self.name(i), i + 1
        return "", i

    def _condition_end(self, i: int, end: int) -> int:
        keys = self.keys
        while i < end:
            key = keys[i]
            if key == "(":
                i = self.closing[i]
            elif key in (",", "ON") or (key in _JOINING and keys[i + 1] != "("):
                return i
            i += 1
        return min(i, end)


def _conditioned(part: TablePart) -> None:
    """The condition belongs to the last join that has none yet."""
    for number in range(len(part.joins) - 1, -1, -1):
        join = part.joins[number]
        if not join.conditional and join.kind not in ("COMMA", "NATURAL"):
            part.joins[number] = replace(join, conditional=True)
            return
