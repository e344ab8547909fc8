"""SELECT with all that belongs to it: set operations, common table expressions, clauses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from sluicegate.sql.query_structure.base import Scope
from sluicegate.sql.query_structure.clauses import Clause, Clauses
from sluicegate.sql.query_structure.tables import TablePart
from sluicegate.sql.structure.queries import (
    ColumnUse,
    CommonTable,
    OrderItem,
    Place,
    Select,
    SelectItem,
    SetOperation,
    TableUse,
)
from sluicegate.sql.tokens import NUMBER, OP, QUOTED, STRING, WORD
from sluicegate.sql.words import words

_MODIFIERS: Final = words(
    "ALL DISTINCT DISTINCTROW HIGH_PRIORITY STRAIGHT_JOIN SQL_SMALL_RESULT SQL_BIG_RESULT SQL_BUFFER_RESULT SQL_CACHE "
    "SQL_NO_CACHE SQL_CALC_FOUND_ROWS"
)
_RANDOM: Final = frozenset({"RAND", "RANDOM", "NEWID", "UUID", "GEN_RANDOM_UUID"})
_NO_ITEM_ALIAS: Final = words("NULL TRUE FALSE END DEFAULT UNKNOWN")
_BEFORE_ALIAS: Final = frozenset({")", "END", "NULL", "TRUE", "FALSE", "*"})
_WRITING: Final = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE"})


@dataclass(slots=True)
class _Draft:
    """A SELECT while it is read."""

    place: Place
    depth: int
    at: int
    part: TablePart = field(default_factory=TablePart)
    items: list[SelectItem] = field(default_factory=list)
    where: bool = False
    distinct: bool = False
    group_by: list[ColumnUse] = field(default_factory=list)
    grouped: bool = False
    group_positions: bool = False
    having: bool = False
    order_by: tuple[OrderItem, ...] = ()
    limit: int | None = None
    offset: int | None = None
    locking: str = ""

    def finished(self, scope: Scope, *, correlated: bool) -> Select:
        return Select(
            self.place,
            self.depth,
            tuple(self.items),
            tuple(self.part.uses),
            tuple(self.part.joins),
            self.where,
            self.distinct,
            tuple(self.group_by),
            self.grouped,
            self.having,
            self.order_by,
            self.limit,
            self.offset,
            self.locking,
            scope.aggregates,
            self.at,
            correlated,
            self.group_positions,
        )


class Selects(Clauses):
    def query(self, i: int, end: int, place: Place, depth: int) -> None:
        """A query with its set operations; places and depth as in Select."""
        if self.keys[i] == "WITH" and i < end:
            i = self.common_tables(i, end)
        first = len(self.selects)
        last = first
        operations = 0
        while i < end:
            last = len(self.selects)
            i = self._branch(i, end, place, depth, first)
            if i >= end:
                break
            at = self.at(i)
            operator = self.keys[i]
            i += 1
            every = self.keys[i] == "ALL"
            i += self.keys[i] in ("ALL", "DISTINCT")
            self.set_operations.append(SetOperation(operator, every, at))
            operations += 1
            place = Place.SET_OPERATION
        if operations and last > first and last < len(self.selects):
            self._lift(first, last)

    def _branch(self, i: int, end: int, place: Place, depth: int, first: int) -> int:
        """One branch of the set operations; the place of the next operator, or ``end``."""
        key = self.keys[i]
        if key == "(":
            close = min(self.closing[i], end)
            self.enter()
            self.query(i + 1, close, place, depth)
            self.nesting -= 1
            clauses, stop = self.clauses(close + 1, end)
            if first < len(self.selects):
                self._tail(first, clauses)
            return stop
        if key == "SELECT":
            return self._select(i, end, place, depth)
        clauses, stop = self.clauses(i + 1, end)
        if key == "TABLE" and self.named(i + 1):
            parts, _ = self.chain(i + 1, stop)
            use = TableUse(self.grammar.ref(parts), at=self.at(i + 1))
            items = (SelectItem(star=True, at=self.at(i)),)
            self.selects.append(Select(place, depth, items, (use,), at=self.at(i)))
        else:
            self.expression(i, stop, place)
        return stop

    def _tail(self, number: int, clauses: list[Clause]) -> None:
        """ORDER BY and LIMIT behind a parenthesis belong to the whole: to its first SELECT."""
        for word, start, end in clauses:
            if word == "ORDER":
                ordered = self.order_items(start + 1, end)
                self.selects[number] = replace(self.selects[number], order_by=ordered)
            elif word == "LIMIT":
                limit, offset = self.limits(start, end)
                self.selects[number] = replace(self.selects[number], limit=limit, offset=offset)
            elif word == "OFFSET":
                offset, _ = self.limits(start, end)
                self.selects[number] = replace(self.selects[number], offset=offset)

    def _lift(self, first: int, last: int) -> None:
        """What the last branch of set operations has at its end belongs to the whole."""
        tail = self.selects[last]
        if tail.order_by or tail.limit is not None:
            self.selects[first] = replace(
                self.selects[first], order_by=tail.order_by, limit=tail.limit, offset=tail.offset
            )
            self.selects[last] = replace(tail, order_by=(), limit=None, offset=None)

        first_one = self.selects[first]
        if _bounds_matter(first_one.limit, first_one.offset, first_one.order_by):
            self.literals_matter = True

    # ---------------------------------------------------------------- WITH

    def common_tables(self, i: int, end: int) -> int:
        """Reads WITH at ``i``; the place of the statement behind it."""
        keys = self.keys
        i += 1
        recursive = keys[i] == "RECURSIVE"
        i += recursive
        while i < end and self.named(i):
            name, at = self.name(i), self.at(i)
            i += 1
            if keys[i] == "(":
                i = self.closing[i] + 1
            while i < end and keys[i] != "(":
                i += 1
            if i >= end:
                break
            if recursive or self.grammar.always_recursive:
                self.cte_names.add(name.casefold())
            writes = keys[i + 1] in _WRITING
            self.ctes.append(CommonTable(name, recursive, writes, at))
            i = self.subquery(i, Place.CTE)
            self.cte_names.add(name.casefold())
            if keys[i] != ",":
                break
            i += 1
        return i

    # ---------------------------------------------------------------- one SELECT

    def _select(self, i: int, end: int, place: Place, depth: int) -> int:
        number = len(self.selects)
        draft = _Draft(place, depth, self.at(i))
        self.selects.append(Select(place, depth))  # keeps its place while those within it are read
        outer, self.scope = self.scope, Scope(number)
        clauses, stop = self.clauses(i + 1, end)
        # Aliases first: sub-queries in the list of columns may use them.
        for clause in clauses:
            if clause.word == "FROM":
                self.tables(clause.start, clause.end, draft.part, number)
        for clause in clauses:
            self._clause(clause, draft, number)
        if _bounds_matter(draft.limit, draft.offset, draft.order_by):
            self.literals_matter = True
        foreign = self.scope.foreign()
        self.selects[number] = draft.finished(self.scope, correlated=bool(foreign) and depth > 0)
        outer.used |= foreign
        self.scope = outer
        return stop

    def _clause(self, clause: Clause, draft: _Draft, number: int) -> None:
        word, start, end = clause
        if word == "":
            self._items(start, end, draft)
        elif word == "WHERE":
            draft.where = True
            self.condition(start, end, Place.WHERE, number)
        elif word == "GROUP":
            draft.grouped = True
            self._groups(start + 1, end, draft)
        elif word == "HAVING":
            draft.having = True
            self.condition(start, end, Place.HAVING, number)
        elif word == "ORDER":
            draft.order_by = self.order_items(start + 1, end)
        elif word == "LIMIT":
            draft.limit, offset = self.limits(start, end)
            draft.offset = offset if offset is not None else draft.offset
        elif word == "OFFSET":
            draft.offset, _ = self.limits(start, end)
        elif word == "FETCH":
            draft.limit = -1
        elif word in ("FOR", "LOCK"):
            draft.locking = " ".join([word, *(key for key in self.keys[start:end] if key)])
        elif word == "WINDOW":
            self.expression(start, end, Place.OTHER)

    # ---------------------------------------------------------------- clauses

    def _items(self, i: int, end: int, draft: _Draft) -> None:
        while i < end and self.keys[i] in _MODIFIERS:
            draft.distinct = draft.distinct or self.keys[i].startswith("DISTINCT")
            i += 1
        for start, stop in self.pieces(i, end):
            draft.items.append(self._item(start, stop))
            if stop - start > 1:
                self.expression(start, stop, Place.SELECT_LIST)

    def _item(self, i: int, end: int) -> SelectItem:
        keys = self.keys
        at = self.at(i)
        if keys[end - 1] == "*" and (end - i == 1 or keys[end - 2] == "."):
            return SelectItem(star=True, at=at)
        alias, quoted, stop = self._item_alias(i, end)
        column = self.column(i, stop)
        function, argument = "", ""
        if column is None and stop - i > 2 and keys[i + 1] == "(" and self.named(i):
            close = self.closing[i + 1]
            if close == stop - 1 or keys[close + 1] in ("OVER", "FILTER"):
                function = keys[i] or self.name(i).upper()
                if close - i == 3:
                    argument = keys[i + 2] if keys[i + 2] == "*" else ""
                found = self.column(i + 2, close)
                argument = found.name if found is not None else argument
        return SelectItem(False, column, alias, quoted, function, at, argument)

    def _item_alias(self, i: int, end: int) -> tuple[str, bool, int]:
        """The alias, whether it is quoted, and where the expression before it ends."""
        if end - i < 2:
            return "", False, end
        last, before = self.tokens[end - 1], self.tokens[end - 2]
        quoted = last.kind != WORD
        if before.key == "AS":
            return self.name(end - 1), quoted, end - 2
        if last.kind not in (WORD, QUOTED) or last.key in _NO_ITEM_ALIAS:
            return "", False, end
        if before.kind == OP and before.key != ")":
            return "", False, end
        if before.kind == WORD and not self._ends_operand(end - 2):
            return "", False, end
        if before.kind in (NUMBER, STRING) and self.keys[end - 3] in ("INTERVAL", "COLLATE"):
            return "", False, end
        return self.name(end - 1), quoted, end - 1

    def _ends_operand(self, i: int) -> bool:
        key = self.keys[i]
        return key in _BEFORE_ALIAS or key not in (
            "NOT", "IS", "COLLATE", "AND", "OR", "LIKE", "IN", "DIV", "MOD", "BINARY", "XOR", "REGEXP", "BETWEEN",
            "CASE", "WHEN", "THEN", "ELSE", "DISTINCT", "INTERVAL", "ESCAPE",
        )  # fmt: skip

    def _groups(self, i: int, end: int, draft: _Draft) -> None:
        for start, stop in self.pieces(i, end):
            last = stop
            if self.keys[stop - 1] == "ROLLUP" and stop - start > 2:
                last = stop - 2
            column = self.column(start, last)
            if column is not None:
                draft.group_by.append(column)
            elif last - start == 1 and self.tokens[start].kind == NUMBER:
                draft.group_positions = True
            self.expression(start, stop, Place.OTHER)

    def order_items(self, i: int, end: int) -> tuple[OrderItem, ...]:
        return tuple(self._order_item(start, stop) for start, stop in self.pieces(i, end))

    def _order_item(self, i: int, end: int) -> OrderItem:
        at = self.at(i)
        self.expression(i, end, Place.OTHER)
        descending = False
        if self.keys[end - 1] in ("FIRST", "LAST") and self.keys[end - 2] == "NULLS":
            end -= 2
        if end - i > 1 and self.keys[end - 1] in ("ASC", "DESC"):
            descending = self.keys[end - 1] == "DESC"
            end -= 1
        if end - i == 1 and self.tokens[i].kind == NUMBER:
            text = self.tokens[i].text
            return OrderItem(position=int(text) if text.isdecimal() else None, descending=descending, at=at)
        random = self.keys[i] in _RANDOM and self.keys[i + 1] == "("
        return OrderItem(self.column(i, end), random, descending=descending, at=at)

    def limits(self, i: int, end: int) -> tuple[int | None, int | None]:
        """LIMIT's number and OFFSET's (of the form with a comma)."""
        parts = list(self.pieces(i, end))
        if not parts:
            return -1, None
        self.expression(i, end, Place.OTHER)
        numbers = [self._limit(*part) for part in parts]
        return (numbers[1], numbers[0]) if len(numbers) > 1 else (numbers[0], None)

    def _limit(self, i: int, end: int) -> int | None:
        if self.keys[i] == "ALL":
            return None
        text = self.tokens[i].text
        return int(text) if end - i == 1 and text.isdecimal() and len(text) < 20 else -1


def _bounds_matter(limit: int | None, offset: int | None, order_by: tuple[OrderItem, ...]) -> bool:
    """Whether rules may judge by the number: how much is skipped, and what comes in no order."""
    return offset is not None or (limit is not None and not order_by)
