"""INSERT, REPLACE, UPDATE and DELETE, and which of the statements it is."""

from __future__ import annotations

from typing import Final

from sluicegate.sql.model import Access, ObjectRef
from sluicegate.sql.query_structure.rows import Rows
from sluicegate.sql.query_structure.tables import TablePart
from sluicegate.sql.structure.queries import (
    Assignment,
    ColumnUse,
    Join,
    Literal,
    OperandKind,
    OrderItem,
    Place,
    Query,
    TableUse,
)
from sluicegate.sql.tokens import STRING

_PRIORITIES: Final = frozenset({"LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "QUICK"})
_PARTS: Final = {"SET": 1, "FROM": 2, "USING": 2, "WHERE": 3, "ORDER": 4, "LIMIT": 5, "RETURNING": 6}
OWN: Final = -1  # Comparison.select of the statement's own condition


class _Draft:
    """A statement that writes, while it is read."""

    def __init__(self, verb: str) -> None:
        self.verb = verb
        self.targets: list[ObjectRef] = []
        self.part = TablePart()
        self.columns: tuple[str, ...] | None = None
        self.rows: int | None = None
        self.lengths: tuple[int, ...] = ()
        self.values: tuple[tuple[Literal, ...], ...] = ()
        self.assignments: list[Assignment] = []
        self.where = False
        self.limit: int | None = None
        self.order_by: tuple[OrderItem, ...] = ()
        self.ignore = False
        self.upsert = ""
        self.returning = False


class StatementReader(Rows):
    def read(self) -> Query | None:
        """None when it is no query."""
        i = 0
        if self.keys[0] == "WITH":
            i = self.common_tables(0, self.end)
        verb = self.keys[i]
        draft = _Draft(verb)
        if verb in ("INSERT", "REPLACE"):
            self._insert(i + 1, draft)
        elif verb == "UPDATE":
            self._update(i + 1, draft)
        elif verb == "DELETE":
            self._delete(i + 1, draft)
        elif verb in ("SELECT", "VALUES", "TABLE", "("):
            draft.verb = self._query_verb(i)
            if draft.verb == "VALUES":
                counted, _ = self.rows(i + 1, self.end)
                draft.rows, draft.lengths = counted.rows, tuple(counted.lengths)
            else:
                self.query(i, self.end, Place.MAIN, 0)
        else:
            return None
        return self._finished(draft)

    def _query_verb(self, i: int) -> str:
        while self.keys[i] == "(":
            i += 1
        return self.keys[i] if self.keys[i] in ("VALUES", "TABLE") else "SELECT"

    def _finished(self, draft: _Draft) -> Query:
        return Query(
            verb=draft.verb,
            targets=tuple(draft.targets),
            target_uses=tuple(draft.part.uses),
            joins=tuple(draft.part.joins),
            selects=tuple(self.selects),
            set_operations=tuple(self.set_operations),
            ctes=tuple(self.ctes),
            comparisons=tuple(self.comparisons),
            assignments=tuple(draft.assignments),
            columns=draft.columns,
            rows=draft.rows,
            row_lengths=draft.lengths,
            where=draft.where,
            limit=draft.limit,
            order_by=draft.order_by,
            ignore=draft.ignore,
            upsert=draft.upsert,
            returning=draft.returning,
            literals_matter=self.literals_matter,
            at=self.at(0),
            functions=tuple(self.functions),
            values=draft.values,
        )

    def _modifiers(self, i: int, draft: _Draft) -> int:
        while True:
            key = self.keys[i]
            if key == "OR" and self.keys[i + 1] in ("REPLACE", "IGNORE", "ABORT", "FAIL", "ROLLBACK"):
                if self.keys[i + 1] == "REPLACE" and draft.verb == "INSERT":
                    draft.verb = "REPLACE"
                draft.ignore = draft.ignore or self.keys[i + 1] == "IGNORE"
                i += 2
            elif key == "IGNORE":
                draft.ignore = True
                i += 1
            elif key in _PRIORITIES:
                i += 1
            else:
                return i

    def _target(self, i: int) -> tuple[ObjectRef | None, int]:
        if not (self.named(i) or (i < self.end and self.tokens[i].kind == STRING)):
            return None, i
        parts, i = self.chain(i, self.end)
        return self.grammar.ref(parts, access=Access.WRITE), i

    # ---------------------------------------------------------------- INSERT

    def _insert(self, i: int, draft: _Draft) -> None:
        keys, end = self.keys, self.end
        i = self._modifiers(i, draft)
        i += keys[i] == "INTO"
        ref, i = self._target(i)
        if ref is None:
            return
        draft.targets.append(ref)
        if keys[i] == "PARTITION":
            i = self.closing.get(i + 1, end) + 1
        if keys[i] == "AS":
            i += 2
        if keys[i] == "(" and not self.opens_query(i):
            close = self.closing[i]
            draft.columns = tuple(self.name(stop - 1) for _, stop in self.pieces(i + 1, close))
            i = close + 1
        if keys[i] in ("VALUES", "VALUE"):
            counted, i = self.rows(i + 1, end)
            draft.rows, draft.lengths = counted.rows, tuple(counted.lengths)
            draft.values = tuple(counted.values)
        elif keys[i] == "SET":
            i = self._insert_set(i + 1, draft)
        elif keys[i] == "DEFAULT":
            draft.rows, draft.lengths = 1, (0,)
            i += 2
        elif i < end:
            stop = self._behind_source(i)
            self.query(i, stop, Place.INSERT, 0)
            i = stop
        self._after_rows(i, draft)

    def _insert_set(self, i: int, draft: _Draft) -> int:
        stop = self._behind_source(i)
        found = self._assignments(i, stop)
        draft.columns = tuple(assignment.column.name for assignment in found)
        draft.rows, draft.lengths = 1, (len(found),)
        draft.values = (tuple(Literal(one.value, one.literal, one.at) for one in found),)
        return stop

    def _behind_source(self, i: int) -> int:
        """Where the rows' source ends and ON DUPLICATE, ON CONFLICT or RETURNING begins."""
        keys = self.keys
        while i < self.end:
            if keys[i] == "(":
                i = self.closing[i]
            elif keys[i] == "RETURNING" or (keys[i] == "ON" and keys[i + 1] in ("DUPLICATE", "CONFLICT")):
                break
            i += 1
        return min(i, self.end)

    def _after_rows(self, i: int, draft: _Draft) -> None:
        keys, end = self.keys, self.end
        while i < end and keys[i] not in ("ON", "RETURNING"):
            i = self.closing[i] + 1 if keys[i] == "(" else i + 1
        while i < end and keys[i] == "ON":
            stop = self._behind_source(i + 2)
            if keys[i + 1] == "DUPLICATE":
                draft.upsert = "UPDATE"
                draft.assignments += self._assignments(i + 4, stop, upsert=True)
            else:
                self._conflict(i + 2, stop, draft)
            i = stop
        if i < end and keys[i] == "RETURNING":
            draft.returning = True
            self.expression(i, end, Place.OTHER)

    def _conflict(self, i: int, end: int, draft: _Draft) -> None:
        keys = self.keys
        targeted = keys[i] == "("
        while i < end and keys[i] != "DO":
            i = self.closing[i] + 1 if keys[i] == "(" else i + 1
        if keys[i + 1] == "NOTHING":
            draft.upsert = draft.upsert or "NOTHING"
            draft.ignore = draft.ignore or not targeted
            return
        draft.upsert = "UPDATE"
        start = i + 3  # behind DO UPDATE SET
        where = next((place for place in self._level(start, end) if keys[place] == "WHERE"), end)
        draft.assignments += self._assignments(start, where, upsert=True)
        if where < end:
            self.expression(where, end, Place.WHERE)

    def _level(self, i: int, end: int) -> list[int]:
        """The places of this range outside parentheses."""
        places = []
        while i < end:
            places.append(i)
            i = self.closing[i] + 1 if self.keys[i] == "(" else i + 1
        return places

    def _assignments(self, i: int, end: int, *, upsert: bool = False) -> list[Assignment]:
        found: list[Assignment] = []
        for start, stop in self.pieces(i, end):
            if self.keys[start] == "(" and self.keys[self.closing[start] + 1] == "=":
                for one, behind in self.pieces(start + 1, self.closing[start]):
                    column = self.column(one, behind)
                    if column is not None:
                        found.append(
                            Assignment(column, self._row_value(start), upsert=upsert, at=self.at(one))
                        )
                self.expression(self.closing[start] + 2, stop, Place.SET)
                continue
            if not self.named(start):
                continue
            parts, place = self.chain(start, stop)
            if self.keys[place] != "=":
                continue
            self.expression(place + 1, stop, Place.SET)
            value = self.operand(place + 1, stop)
            column = ColumnUse(parts[-1], parts[-2] if len(parts) > 1 else "")
            found.append(
                Assignment(
                    column,
                    value.kind,
                    value.value,
                    upsert,
                    self.at(start),
                    value.column if value.column is not None and not value.function else None,
                )
            )
        return found

    def _row_value(self, start: int) -> OperandKind:
        place = self.closing[start] + 2
        return self.operand(place, self.closing.get(place, place) + 1).kind

    # ---------------------------------------------------------------- UPDATE and DELETE

    def _parts(self, i: int) -> list[tuple[str, int, int]]:
        """The clauses from ``i`` on: word, place behind it, end. The first is called ""."""
        keys, end = self.keys, self.end
        found: list[tuple[str, int, int]] = []
        word, begin, rank = "", i, 0
        while i < end:
            key = keys[i]
            if key == "(":
                i = self.closing[i]
            elif _PARTS.get(key, 0) > rank and keys[i - 1] != "." and self._is_part(key, i, word):
                found.append((word, begin, i))
                word, begin, rank = key, i + 1, _PARTS[key]
            i += 1
        found.append((word, begin, end))
        return found

    def _is_part(self, key: str, i: int, word: str) -> bool:
        if key == "ORDER":
            return self.keys[i + 1] == "BY" and self.keys[i - 1] != "FOR"
        if key == "FROM":
            return not (self.keys[i - 1] == "DISTINCT" and self.keys[i - 2] in ("IS", "NOT"))
        if key == "USING":
            return word == "" and self.keys[i + 1] != "("
        return True

    def _update(self, i: int, draft: _Draft) -> None:
        i = self._modifiers(i, draft)
        clauses = self._parts(i)
        first = clauses[0]
        self.tables(first[1], first[2], draft.part, OWN)
        own = list(draft.part.uses)
        for word, start, end in clauses:
            if word == "FROM":
                draft.part.joins += self._from(start, end, draft)
        for word, start, end in clauses:
            if word == "SET":
                draft.assignments += self._assignments(start, end)
            else:
                self._own(word, start, end, draft)
        draft.targets += self._assigned(own, draft.assignments)

    def _from(self, i: int, end: int, draft: _Draft) -> list[Join]:
        part = TablePart()
        self.tables(i, end, part, OWN)
        draft.part.uses += part.uses
        return part.joins

    def _assigned(self, uses: list[TableUse], assignments: list[Assignment]) -> list[ObjectRef]:
        """The tables that the assignments name; all when some name none and there are several."""
        if len(uses) == 1:
            return [_written(uses[0])]
        named = {assignment.column.qualifier.casefold() for assignment in assignments}
        if "" in named:
            return [_written(use) for use in uses]
        return [_written(use) for use in uses if (use.alias or use.ref.name).casefold() in named]

    def _delete(self, i: int, draft: _Draft) -> None:
        i = self._modifiers(i, draft)
        begins_with_from = self.keys[i] == "FROM"
        i += begins_with_from
        clauses = self._parts(i)
        word, start, end = clauses[0]
        second = clauses[1][0] if len(clauses) > 1 else ""
        several = second == "USING" or (second == "FROM" and not begins_with_from)
        if several:
            names = self._names(start, end)
            for word, start, end in clauses:
                if word in ("USING", "FROM"):
                    self.tables(start, end, draft.part, OWN)
            draft.targets += self._deleted(names, draft.part.uses)
        else:
            self.tables(start, end, draft.part, OWN)
            draft.targets += [_written(use) for use in draft.part.uses[:1]]
        for word, start, end in clauses:
            self._own(word, start, end, draft)

    def _names(self, i: int, end: int) -> list[list[str]]:
        return [self.chain(start, stop)[0] for start, stop in self.pieces(i, end) if self.named(start)]

    def _deleted(self, names: list[list[str]], uses: list[TableUse]) -> list[ObjectRef]:
        by_alias = {(use.alias or use.ref.name).casefold(): use for use in uses}
        found = []
        for parts in names:
            use = by_alias.get(parts[-1].casefold()) if len(parts) == 1 else None
            found.append(self.grammar.ref(parts, access=Access.WRITE) if use is None else _written(use))
        return found

    def _own(self, word: str, start: int, end: int, draft: _Draft) -> None:
        if word == "WHERE":
            draft.where = True
            self.condition(start, end, Place.WHERE, OWN)
        elif word == "ORDER":
            draft.order_by = self.order_items(start + 1, end)
        elif word == "LIMIT":
            draft.limit, _ = self.limits(start, end)
        elif word == "RETURNING":
            draft.returning = True
            self.expression(start, end, Place.OTHER)


def _written(use: TableUse) -> ObjectRef:
    ref = use.ref
    return ObjectRef(ref.name, ref.type, Access.WRITE, ref.schema, ref.database)
