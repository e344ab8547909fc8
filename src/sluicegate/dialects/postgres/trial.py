"""PostgreSQL's conditions, read from the parse tree to be tried (see ``sql.trial``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sluicegate.dialects.postgres.parser import Node
from sluicegate.sql import trial
from sluicegate.sql.trial import OPAQUE, Expression, Trial
from sluicegate.sql.trial_functions import call

MAX_DEPTH: Final = 40
MAX_NODES: Final = 300
_ARITHMETIC: Final = frozenset({"+", "-", "*", "/", "%", "&", "|", "#"})
_TEXTS: Final = {
    "t": True,
    "true": True,
    "yes": True,
    "on": True,
    "f": False,
    "false": False,
    "no": False,
    "off": False,
}
_FUNCTIONS: Final = {"pg_catalog.position": "STRPOS", "strpos": "STRPOS"}
Handler = Callable[["_Reader", Node], Expression]


def holds_always(where: Node, table: str, *, alone: bool) -> bool:
    """Whether every row satisfies it, as far as trying shows.

    Args:
        table: the name of the one that is changed.
        alone: the statement names no other beside it.
    """
    reader = _Reader(table, alone=alone)
    expression = reader.read(where)
    return reader.nodes <= MAX_NODES and reader.trial.holds(expression)


def filters_anyway(where: Node) -> bool:
    """Whether one of its parts joined by AND leaves rows out whatever the values of its literals: a column
    compared with a literal, a list of them, or NULL."""
    kind, fields = _only(where)
    if kind == "BoolExpr":
        return fields.get("boolop") == "AND_EXPR" and any(map(filters_anyway, fields.get("args", [])))
    if kind == "NullTest":
        return fields.get("nulltesttype") == "IS_NULL" and "ColumnRef" in fields.get("arg", {})
    if kind != "A_Expr":
        return False
    name, left, right = _names(fields.get("name", []))[-1:], fields.get("lexpr", {}), fields.get("rexpr", {})
    if "A_Const" in left:
        left, right = right, left
    column = _column_name(left)
    if not column:
        return False
    if fields.get("kind") == "AEXPR_IN":
        return name == ["="] and all("A_Const" in item for item in right.get("List", {}).get("items", []))
    if fields.get("kind") != "AEXPR_OP" or not _literal(right):
        return False
    return name == ["="] or (name[0] in ("<", "<=", ">", ">=", "<>") and not trial.key_like(column))


def _literal(node: Node) -> bool:
    kind, fields = _only(node)
    return kind == "A_Const" or (kind == "TypeCast" and _literal(fields.get("arg", {})))


def has_literals(where: Node) -> bool:
    """Outside of sub-queries with tables, whose rows nobody knows anyway."""
    waiting: list[Any] = [where]
    while waiting:
        current = waiting.pop()
        if isinstance(current, list):
            waiting.extend(current)
        elif isinstance(current, dict):
            if "A_Const" in current:
                return True
            if "fromClause" not in current:
                waiting.extend(value for value in current.values() if isinstance(value, (dict, list)))
    return False


def _only(node: Node) -> tuple[str, Node]:
    for kind, fields in node.items():
        return kind, fields
    return "", {}


def _names(items: list[Node]) -> list[str]:
    return [item["String"].get("sval", "") for item in items if "String" in item]


def _opaque(_row: trial.Row) -> trial.Value:
    return OPAQUE


def _nothing(_row: trial.Row) -> trial.Value:
    return None


class _Reader:
    def __init__(self, table: str, *, alone: bool) -> None:
        self.trial = Trial()
        self.table = table
        self.alone = alone
        self.nodes = 0
        self.depth = 0

    def read(self, node: Node) -> Expression:
        kind, fields = _only(node)
        handler = _HANDLERS.get(kind)
        self.nodes += 1
        if handler is None or self.depth >= MAX_DEPTH or self.nodes > MAX_NODES:
            return _opaque
        self.depth += 1
        found = handler(self, fields)
        self.depth -= 1
        return found

    def all(self, nodes: list[Node]) -> list[Expression]:
        return [self.read(node) for node in nodes]

    # ---------------------------------------------------------------- values

    def _constant(self, fields: Node) -> Expression:
        if fields.get("isnull"):
            return _nothing
        for name, make in _CONSTANTS.items():
            if name in fields:
                inner = next(iter(fields[name].values()), None)
                try:
                    return self.trial.constant(make(inner))
                except ValueError:
                    return _opaque
        return _opaque

    def _column(self, fields: Node) -> Expression:
        names = _names(fields.get("fields", []))
        if len(names) != len(fields.get("fields", [])):
            return _opaque  # table.*
        return self.trial.column(names[-1] if self.alone else ".".join(names))

    def _cast(self, fields: Node) -> Expression:
        inner = self.read(fields.get("arg", {}))
        if _names(fields.get("typeName", {}).get("names", []))[-1:] != ["bool"]:
            return inner

        def evaluate(row: trial.Row) -> trial.Value:
            value = inner(row)
            return _TEXTS.get(value.lower(), OPAQUE) if isinstance(value, str) else trial.truth(value)

        return evaluate

    def _call(self, fields: Node) -> Expression:
        name = ".".join(_names(fields.get("funcname", [])))
        if any(part in fields for part in ("over", "agg_filter", "agg_order", "agg_star")):
            return _opaque
        return call(_FUNCTIONS.get(name, name.rpartition(".")[2].upper()), self.all(fields.get("args", [])))

    def _coalesce(self, fields: Node) -> Expression:
        return call("COALESCE", self.all(fields.get("args", [])))

    def _extreme(self, fields: Node) -> Expression:
        name = "GREATEST" if fields.get("op") == "IS_GREATEST" else "LEAST"
        return call(name, self.all(fields.get("args", [])))

    def _row(self, fields: Node) -> Expression:
        return call("ROW", self.all(fields.get("args", [])))

    def _case(self, fields: Node) -> Expression:
        subject = self.read(fields["arg"]) if "arg" in fields else None
        branches = []
        for item in fields.get("args", []):
            when = _only(item)[1]
            condition = self.read(when.get("expr", {}))
            if subject is not None:
                condition = trial.comparison("=", subject, condition)
            branches.append((condition, self.read(when.get("result", {}))))
        otherwise = self.read(fields["defresult"]) if "defresult" in fields else _nothing
        return trial.chosen(branches, otherwise)

    # ---------------------------------------------------------------- conditions

    def _logic(self, fields: Node) -> Expression:
        parts = self.all(fields.get("args", []))
        match fields.get("boolop"):
            case "AND_EXPR":
                return trial.conjunction(parts)
            case "OR_EXPR":
                return trial.disjunction(parts)
            case _:
                return trial.negation(parts[0]) if parts else _opaque

    def _null_test(self, fields: Node) -> Expression:
        found = trial.is_value(self.read(fields.get("arg", {})), None)
        return trial.negation(found) if fields.get("nulltesttype") == "IS_NOT_NULL" else found

    def _truth_test(self, fields: Node) -> Expression:
        kind = str(fields.get("booltesttype", ""))
        wanted = True if kind.endswith("TRUE") else False if kind.endswith("FALSE") else None
        found = trial.is_value(self.read(fields.get("arg", {})), wanted)
        return trial.negation(found) if "NOT" in kind else found

    def _operation(self, fields: Node) -> Expression:
        kind, name = str(fields.get("kind", "")), "".join(_names(fields.get("name", []))[-1:])
        right = fields.get("rexpr", {})
        if kind in ("AEXPR_OP_ANY", "AEXPR_OP_ALL"):
            return self._each(fields, name, every=kind.endswith("ALL"))
        if kind == "AEXPR_IN":
            found = trial.among(self.read(fields.get("lexpr", {})), self._items(right))
            return trial.negation(found) if name == "<>" else found
        if kind in ("AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN"):
            bounds = self._items(right)
            if len(bounds) != 2:
                return _opaque
            found = trial.between(self.read(fields.get("lexpr", {})), *bounds)
            return trial.negation(found) if kind == "AEXPR_NOT_BETWEEN" else found
        pattern = right.get("FuncCall", {})
        if _names(pattern.get("funcname", []))[-1:] in _ESCAPES:
            right = pattern.get("args", [{}])[0]
        left, other = self.read(fields.get("lexpr", {})), self.read(right)
        if kind in ("AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT"):
            found = trial.distinct(left, other)
            return found if kind == "AEXPR_DISTINCT" else trial.negation(found)
        if kind == "AEXPR_NULLIF":
            return call("NULLIF", [left, other])
        return self._binary(name, left, other, signed="lexpr" not in fields)

    def _binary(self, name: str, left: Expression, right: Expression, *, signed: bool) -> Expression:
        if signed:
            return right if name == "+" else trial.negative(right) if name == "-" else _opaque
        if name in trial.COMPARISONS:
            return trial.comparison(name, left, right)
        if name.startswith(("~~", "!~~")):
            found = trial.like(left, right)
            return trial.negation(found) if name.startswith("!") else found
        if name == "||":
            return trial.joined([left, right])
        return trial.computed(name, left, right) if name in _ARITHMETIC else call(name, [left, right])

    def _each(self, fields: Node, name: str, *, every: bool) -> Expression:
        """x = ANY (ARRAY[…])."""
        items = fields.get("rexpr", {}).get("A_ArrayExpr", {}).get("elements")
        if items is None or name not in trial.COMPARISONS:
            return _opaque
        left = self.read(fields.get("lexpr", {}))
        parts = [trial.comparison(name, left, item) for item in self.all(items)]
        return trial.conjunction(parts) if every else trial.disjunction(parts)

    def _items(self, node: Node) -> list[Expression]:
        return self.all(node.get("List", {}).get("items", []))

    def _subquery(self, fields: Node) -> Expression:
        select = fields.get("subselect", {}).get("SelectStmt", {})
        whole = not any(part in select for part in _NARROWING)
        kind = fields.get("subLinkType")
        sources = select.get("fromClause", [])
        if kind == "EXISTS_SUBLINK":
            return (lambda _row: True) if whole and (not sources or self._own(sources)) else _opaque
        targets = select.get("targetList", [])
        value = targets[0].get("ResTarget", {}).get("val", {}) if len(targets) == 1 else {}
        if not whole or not value or (kind == "ANY_SUBLINK" and "operName" in fields):
            return _opaque
        if kind == "EXPR_SUBLINK" and not sources:
            return self.read(value)
        if kind != "ANY_SUBLINK":
            return _opaque
        left = self.read(fields.get("testexpr", {}))
        if not sources:
            return trial.among(left, [self.read(value)])
        same = _column_name(value) and _column_name(value) == _column_name(fields.get("testexpr", {}))
        return trial.negation(trial.is_value(left, None)) if same and self._own(sources) else _opaque

    def _own(self, sources: list[Node]) -> bool:
        """FROM the very table that is changed."""
        return len(sources) == 1 and sources[0].get("RangeVar", {}).get("relname") == self.table


_ESCAPES: Final = (["like_escape"], ["similar_to_escape"])
_NARROWING: Final = (
    "whereClause",
    "havingClause",
    "limitCount",
    "limitOffset",
    "larg",
    "withClause",
    "groupClause",
)


def _column_name(node: Node) -> str:
    names: list[str] = _names(node.get("ColumnRef", {}).get("fields", []))
    return names[-1] if names else ""


def _boolean(value: Any) -> bool:
    return bool(value)


_CONSTANTS: Final[dict[str, Callable[[Any], Any]]] = {
    "ival": lambda value: int(value or 0),
    "fval": lambda value: float(str(value)[:30]),
    "sval": lambda value: str(value or ""),
    "boolval": _boolean,
}
_HANDLERS: Final[dict[str, Handler]] = {
    "A_Const": _Reader._constant,
    "ColumnRef": _Reader._column,
    "TypeCast": _Reader._cast,
    "FuncCall": _Reader._call,
    "CoalesceExpr": _Reader._coalesce,
    "MinMaxExpr": _Reader._extreme,
    "RowExpr": _Reader._row,
    "CaseExpr": _Reader._case,
    "BoolExpr": _Reader._logic,
    "NullTest": _Reader._null_test,
    "BooleanTest": _Reader._truth_test,
    "A_Expr": _Reader._operation,
    "SubLink": _Reader._subquery,
}
