"""WHERE, ON and HAVING of PostgreSQL, as comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sluicegate.dialects.postgres.operands import Operand, operand, operator
from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.tree import only
from sluicegate.sql.structure.queries import Comparison, OperandKind, Place

if TYPE_CHECKING:
    from sluicegate.dialects.postgres.selects import Scope, SelectReader

_DEEPEST: Final = 60  # altogether
_NAMED: Final = {
    "AEXPR_LIKE": "LIKE",
    "AEXPR_ILIKE": "ILIKE",
    "AEXPR_SIMILAR": "SIMILAR TO",
    "AEXPR_IN": "IN",
    "AEXPR_BETWEEN": "BETWEEN",
    "AEXPR_NOT_BETWEEN": "BETWEEN",
    "AEXPR_BETWEEN_SYM": "BETWEEN",
    "AEXPR_NOT_BETWEEN_SYM": "BETWEEN",
    "AEXPR_DISTINCT": "<=>",
    "AEXPR_NOT_DISTINCT": "<=>",
}
_NEGATED: Final = frozenset({"AEXPR_NOT_BETWEEN", "AEXPR_NOT_BETWEEN_SYM", "AEXPR_DISTINCT"})
_PATTERNS: Final = {
    "~": "REGEXP", "~*": "REGEXP", "!~": "REGEXP", "!~*": "REGEXP",
    "~~": "LIKE", "!~~": "LIKE", "~~*": "ILIKE", "!~~*": "ILIKE",
}  # fmt: skip
_MATCHED: Final = frozenset({"LIKE", "ILIKE", "SIMILAR TO", "REGEXP"})
_MIRRORED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def read_condition(reader: SelectReader, node: Node, place: Place, scope: Scope | None) -> None:
    _Conditions(reader, place, scope).read(node, False, False)


class _Conditions:
    def __init__(self, reader: SelectReader, place: Place, scope: Scope | None) -> None:
        self.reader = reader
        self.place = place
        self.scope = scope

    def read(self, node: Node, negated: bool, alternative: bool) -> None:
        kind, fields = only(node)
        if kind == "BoolExpr" and self.reader.nested < _DEEPEST:
            self.reader.nested += 1
            operation = fields.get("boolop")
            turned = negated != (operation == "NOT_EXPR")
            either = alternative or operation == "OR_EXPR"
            for argument in fields.get("args", []):
                self.read(argument, turned, either)
            self.reader.nested -= 1
        elif kind == "A_Expr":
            self._compared(fields, negated, alternative)
        elif kind == "NullTest":
            self._null_test(fields, negated, alternative)
        elif kind == "SubLink":
            self._sublink(fields, negated, alternative)
        else:
            self.reader.expression(node, self.place, self.scope)

    # ---------------------------------------------------------------- kinds of conditions

    def _compared(self, fields: Node, negated: bool, alternative: bool) -> None:
        left_node, right_node = fields.get("lexpr", {}), fields.get("rexpr", {})
        self.reader.expression(left_node, self.place, self.scope)
        self.reader.expression(right_node, self.place, self.scope)
        name, turned = _operator(fields, right_node)
        left, right = operand(left_node), operand(right_node)
        if fields.get("kind") == "AEXPR_SIMILAR":
            right = _pattern(right_node)
        if name in _MATCHED and right.kind is OperandKind.STRING:
            self.reader.literals_matter = True
        if left.column is None and right.column is not None:
            left, right, name = right, left, _MIRRORED.get(name, name)
        self._add(left, name, right, negated != turned, alternative, fields)

    def _null_test(self, fields: Node, negated: bool, alternative: bool) -> None:
        self.reader.expression(fields.get("arg", {}), self.place, self.scope)
        turned = fields.get("nulltesttype") == "IS_NOT_NULL"
        self._add(
            operand(fields.get("arg", {})),
            "IS",
            Operand(OperandKind.NULL),
            negated != turned,
            alternative,
            fields,
        )

    def _sublink(self, fields: Node, negated: bool, alternative: bool) -> None:
        kind = fields.get("subLinkType")
        self.reader.expression(fields.get("testexpr", {}), self.place, self.scope)
        self.reader.subquery(only(fields.get("subselect", {}))[1], self.place, self.scope)
        name = "IN"
        if kind == "EXISTS_SUBLINK":
            name = "EXISTS"
        elif kind == "ALL_SUBLINK" or "operName" in fields:
            name = operator({"name": fields.get("operName", [])})
        left = operand(fields["testexpr"]) if "testexpr" in fields else Operand(OperandKind.EXPRESSION)
        self._add(left, name, Operand(OperandKind.QUERY), negated, alternative, fields)

    def _add(
        self, left: Operand, name: str, right: Operand, negated: bool, alternative: bool, fields: Node
    ) -> None:
        bare = right.kind is OperandKind.COLUMN
        self.reader.comparisons.append(
            Comparison(
                column=left.column,
                operator=name,
                other=right.kind,
                function=left.function,
                other_column=right.column if bare else None,
                value=right.value,
                items=right.items,
                negated=negated,
                alternative=alternative,
                place=self.place,
                at=self.reader.source.at(fields),
                select=None if self.scope is None else self.scope.number,
            )
        )


def _operator(fields: Node, right: Node) -> tuple[str, bool]:
    """Its name as rules know it, and whether it is the negation of it."""
    kind, written = str(fields.get("kind", "")), operator(fields)
    if kind in _NAMED:
        return _NAMED[kind], kind in _NEGATED or written.startswith("!") or written == "<>"
    if kind in ("AEXPR_OP_ANY", "AEXPR_OP_ALL") and "A_ArrayExpr" in right:
        wanted = "=" if kind == "AEXPR_OP_ANY" else "<>"
        if written == wanted:
            return "IN", wanted == "<>"
    if written in _PATTERNS:
        return _PATTERNS[written], written.startswith("!")
    return written, written == "<>"


def _pattern(node: Node) -> Operand:
    """SIMILAR TO calls a function on its pattern."""
    arguments = only(node)[1].get("args", [])
    return operand(arguments[0]) if arguments else operand(node)
