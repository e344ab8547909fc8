"""WHERE, ON and HAVING: the comparisons in them, and which of them are branches of an OR."""

from __future__ import annotations

from typing import Final

from sluicegate.sql.query_structure.operands import Operand, Operands
from sluicegate.sql.structure.queries import ColumnUse, Comparison, OperandKind, Place

_AND: Final = frozenset({"AND", "&&"})
_OR: Final = frozenset({"OR", "XOR"})
_SYMBOLS: Final = frozenset({"=", "==", "<=>", "<>", "!=", "<", ">", "<=", ">="})
_WORDS: Final = frozenset(
    {"IN", "LIKE", "ILIKE", "GLOB", "REGEXP", "RLIKE", "MATCH", "BETWEEN", "IS", "ISNULL", "NOTNULL"}
)
_FOUND: Final = _SYMBOLS | _WORDS
_SPOKEN: Final = {"==": "=", "!=": "<>", "RLIKE": "REGEXP", "ISNULL": "IS", "NOTNULL": "IS"}
_TURNED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_PATTERNS: Final = frozenset({"LIKE", "ILIKE", "GLOB", "REGEXP"})


class _Group:
    """A parenthesis around conditions, or the whole."""

    __slots__ = ("alternatives", "end", "first")

    def __init__(self, end: int, first: int) -> None:
        self.end = end
        self.first = first
        self.alternatives = False


class Conditions(Operands):
    def condition(self, i: int, end: int, place: Place, select: int) -> None:
        """Read the condition into ``comparisons``, and the queries within it."""
        ors = _OR | {"||"} if self.grammar.pipes_or else _OR
        found: list[Comparison] = []
        branches: list[tuple[int, int]] = []
        groups = [_Group(end, 0)]
        negated = False
        while groups:
            group = groups[-1]
            if i >= group.end:
                groups.pop()
                if group.alternatives:
                    branches.append((group.first, len(found)))
                i = group.end + 1
                continue
            key = self.keys[i]
            if key in ("NOT", "!"):
                negated = not negated
            elif key in ors:
                group.alternatives = True
            elif key == "(" and self._group(i, group.end, ors):
                groups.append(_Group(min(self.closing[i], group.end), len(found)))
                negated = False
            elif key not in _AND:
                stop, operator = self._term(i, group.end, ors)
                comparison = self._comparison(i, stop, operator, place, select, negated=negated)
                if comparison is not None:
                    found.append(comparison)
                negated = False
                i = stop
                continue
            i += 1
        self.comparisons += _marked(found, branches) if branches else found

    def _group(self, i: int, end: int, ors: frozenset[str]) -> bool:
        """Whether the parenthesis at ``i`` is a whole term, so that conditions stand in it."""
        if self.opens_query(i):
            return False
        behind = self.closing[i] + 1
        return behind >= end or self.keys[behind] in ors or self.keys[behind] in _AND

    def _term(self, i: int, end: int, ors: frozenset[str]) -> tuple[int, int]:
        """Where the term at ``i`` ends, and the place of its operator, -1 when it has none."""
        keys, closing = self.keys, self.closing
        operator, cases, between = -1, 0, False
        begin = i
        while i < end:
            key = keys[i]
            if key == "(":
                i = closing[i]
            elif key == "CASE":
                cases += 1
            elif key == "END" and cases:
                cases -= 1
            elif cases or (i > begin and keys[i - 1] == "."):
                pass
            elif key in _AND and not between:
                break
            elif key in _AND:
                between = False
            elif key in ors:
                break
            elif key == "BETWEEN":
                between = True
                operator = i if operator < 0 else operator
            elif operator < 0 and i > begin and key in _FOUND:
                operator = i
            i += 1
        return min(i, end), operator

    def _comparison(
        self, i: int, end: int, operator: int, place: Place, select: int, *, negated: bool
    ) -> Comparison | None:
        self.expression(i, end, place)
        if operator < 0:
            return self._without_operator(i, end, place, select, negated=negated)
        keys = self.keys
        word = keys[operator]
        left_end = operator
        if keys[operator - 1] in ("NOT", "SOUNDS"):
            negated = not negated if keys[operator - 1] == "NOT" else negated
            left_end -= 1
        if word in ("<>", "!=", "NOTNULL"):
            negated = not negated
        left = self.operand(i, left_end)
        right_at = operator + 1
        if word == "IS" and keys[right_at] == "NOT":
            negated = not negated
            right_at += 1
        spoken = _SPOKEN.get(word, word)
        right, items = self._right(spoken, right_at, end)
        if spoken in _PATTERNS and right.kind is OperandKind.STRING:
            self.literals_matter = True
        if left.column is None and right.column is not None and spoken not in _PATTERNS:
            left, right, spoken = right, left, _TURNED.get(spoken, spoken)
        other = right.column if right.kind is OperandKind.COLUMN else None
        return Comparison(
            left.column,
            spoken,
            right.kind,
            left.function,
            other,
            right.value,
            items,
            negated,
            place=place,
            at=self.tokens[i].start,
            select=select,
        )

    def _right(self, operator: str, i: int, end: int) -> tuple[Operand, int]:
        keys = self.keys
        if operator == "IS" and i >= end:
            return Operand(OperandKind.NULL), 0  # ISNULL
        if operator == "IN":
            if keys[i] != "(" or self.opens_query(i):
                return Operand(
                    OperandKind.QUERY if keys[i] in ("(",) or self.named(i) else OperandKind.EXPRESSION
                ), 0
            return Operand(OperandKind.LIST), sum(1 for _ in self.pieces(i + 1, self.closing[i]))
        stop = end
        if operator == "BETWEEN":
            stop = self._until(i, end, _AND)
        elif operator in _PATTERNS:
            stop = self._until(i, end, frozenset({"ESCAPE"}))
        return self.operand(i, stop), 0

    def _until(self, i: int, end: int, words: frozenset[str]) -> int:
        while i < end and self.keys[i] not in words:
            i = self.closing[i] + 1 if self.keys[i] == "(" else i + 1
        return min(i, end)

    def _without_operator(
        self, i: int, end: int, place: Place, select: int, *, negated: bool
    ) -> Comparison | None:
        at = self.tokens[i].start
        if self.keys[i] == "EXISTS":
            return Comparison(
                None, "EXISTS", OperandKind.QUERY, negated=negated, place=place, at=at, select=select
            )
        if end - i > 2 and self.keys[end - 2 : end] == ["NOT", "NULL"]:  # SQLite: a NOT NULL
            column: ColumnUse | None = self.column(i, end - 2)
            return Comparison(
                column, "IS", OperandKind.NULL, negated=not negated, place=place, at=at, select=select
            )
        return None


def _marked(found: list[Comparison], branches: list[tuple[int, int]]) -> list[Comparison]:
    """``found`` with what lies in one of the ranges marked as an alternative."""
    steps = [0] * (len(found) + 1)
    for first, end in branches:
        steps[first] += 1
        steps[end] -= 1
    depth = 0
    marked: list[Comparison] = []
    for number, comparison in enumerate(found):
        depth += steps[number]
        marked.append(_alternative(comparison) if depth else comparison)
    return marked


def _alternative(found: Comparison) -> Comparison:
    return Comparison(
        found.column,
        found.operator,
        found.other,
        found.function,
        found.other_column,
        found.value,
        found.items,
        found.negated,
        True,
        found.place,
        found.at,
        found.select,
    )
