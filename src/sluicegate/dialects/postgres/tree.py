"""Walks a parse tree of PostgreSQL: which tables and functions, which conditions hold always."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from sluicegate.dialects.postgres.functions import GRAMMAR
from sluicegate.dialects.postgres.parser import Node
from sluicegate.sql.facts import Facts
from sluicegate.sql.model import Access, ObjectRef, Severity
from sluicegate.sql.query import note_call

Locate = Callable[[int], int]
"""Byte offset in the statement -> character offset in the script, -1 for none."""

Scope = tuple[tuple[dict[str, int], int], ...]
"""Common table expressions in sight: for each WITH its names by position, and how many of them count."""


def strings(items: list[Node]) -> list[str]:
    """The values of a list of String nodes."""
    return [item["String"].get("sval", "") for item in items if "String" in item]


def only(node: Node) -> tuple[str, Node]:
    """(type, fields) of a wrapped node."""
    for kind, fields in node.items():
        return kind, fields
    return "", {}


def table(fields: Node, access: Access = Access.READ, kind: str = "table") -> ObjectRef:
    """The object of a RangeVar's fields."""
    if fields.get("relpersistence") == "t" and access is Access.WRITE:
        kind = "temporary"
    return ObjectRef(
        fields.get("relname", ""), kind, access, fields.get("schemaname"), fields.get("catalogname")
    )


class TreeReader:
    """Collects objects and notes of everything below a node."""

    def __init__(self, facts: Facts, locate: Locate) -> None:
        self.facts = facts
        self.locate = locate

    def read(self, kind: str, fields: Node) -> None:
        """Depth first with a stack of its own; common table expressions are known by scope."""
        stack: list[tuple[str, Any, Scope]] = [(kind, fields, ())]
        while stack:
            node_kind, node, scope = stack.pop()
            if isinstance(node, list):
                stack.extend(("", item, scope) for item in reversed(node))
                continue
            if not isinstance(node, dict):
                continue
            scope, skip = self._visit(node_kind, node, scope, stack)
            for name, value in reversed(node.items()):
                if name in skip or not isinstance(value, (dict, list)):
                    continue
                if name[0].isupper() and isinstance(value, dict):
                    stack.append((name, value, scope))
                else:
                    stack.append((_FIELD_TYPES.get((node_kind, name), ""), value, scope))

    def _visit(
        self, kind: str, node: Node, scope: Scope, stack: list[tuple[str, Any, Scope]]
    ) -> tuple[Scope, frozenset[str]]:
        """What this node tells; the scope of what is below it, and fields that are done."""
        skip: set[str] = set()
        if "withClause" in node:
            scope = self._with(node["withClause"], scope, stack)
            skip.add("withClause")
        if kind in ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"):
            self.facts.add(table(node["relation"], Access.WRITE))
            skip.add("relation")
            self._change(kind, node)
        elif "relname" in node:
            self._table(node, scope)
        elif kind == "FuncCall":
            self._function(node)
        elif kind == "LockingClause":
            self.facts.note("LOCK", -1, "FOR UPDATE", Severity.INFO)
            skip.add("lockedRels")  # names of the FROM list, aliases too
        elif kind == "SelectStmt" and "intoClause" in node:
            skip.add("intoClause")
        elif kind == "ParamRef":
            self.facts.unknown(self.locate(node.get("location", -1)), f"${node.get('number', '')}")
        return scope, frozenset(skip)

    def _with(self, clause: Node, scope: Scope, stack: list[tuple[str, Any, Scope]]) -> Scope:
        expressions = [only(item)[1] for item in clause.get("ctes", [])]
        names = {expression.get("ctename", ""): place for place, expression in enumerate(expressions)}
        for place, expression in enumerate(expressions):
            count = len(expressions) if clause.get("recursive") else place
            stack.append(("", expression.get("ctequery", {}), (*scope, (names, count))))
        return (*scope, (names, len(expressions)))

    def _table(self, node: Node, scope: Scope) -> None:
        name = node["relname"]
        if not node.get("schemaname") and any(names.get(name, count) < count for names, count in scope):
            return
        ref = table(node)
        if not self.facts.names(ref.name, ref.schema):
            self.facts.add(ref)

    def _function(self, node: Node) -> None:
        parts = strings(node.get("funcname", []))
        if parts:
            note_call(self.facts, GRAMMAR, parts, self.locate(node.get("location", -1)))
        if parts and parts[-1] in _SEQUENCE_FUNCTIONS and (len(parts) == 1 or parts[-2] == "pg_catalog"):
            self._sequence(node.get("args", []), _SEQUENCE_FUNCTIONS[parts[-1]])

    def _sequence(self, arguments: list[Node], access: Access) -> None:
        """The sequence that nextval('name') draws from, where it is a literal."""
        name = _constant(arguments[0]) if arguments else None
        if not isinstance(name, str):
            return
        parts = [quoted.replace('""', '"') or plain.lower() for quoted, plain in _NAME_PART.findall(name)]
        if parts:
            schema = parts[-2] if len(parts) > 1 else None
            self.facts.reusable = False
            self.facts.add(ObjectRef(parts[-1], "sequence", access, schema))

    def _change(self, kind: str, node: Node) -> None:
        if kind in ("UpdateStmt", "DeleteStmt"):
            verb = "UPDATE" if kind == "UpdateStmt" else "DELETE"
            where = node.get("whereClause")
            if where is None:
                self.facts.note("NO_WHERE", self._at(node["relation"]), verb)
            elif self._filters_nothing(where):
                self.facts.note("TAUTOLOGY", self._at(node["relation"]), "WHERE")
        if kind == "UpdateStmt":
            self._assignments(node)
        if "returningList" in node or "returningClause" in node:
            self.facts.note("DATA_RETURN", -1, "RETURNING")

    def _filters_nothing(self, where: Node) -> bool:
        self.facts.reusable = self.facts.reusable and not literal_terms(where)
        return always_true(where)

    def _assignments(self, node: Node) -> None:
        for item in node.get("targetList", []):
            fields = item.get("ResTarget", {})
            value = fields.get("val", {}).get("BoolExpr")
            if value is not None and any(_compares(argument) for argument in value.get("args", [])[1:]):
                self.facts.note("LINT", self.locate(value.get("location", -1)), "AND")

    def _at(self, node: Node) -> int:
        return self.locate(node.get("location", -1))


_SEQUENCE_FUNCTIONS: Final = {"nextval": Access.WRITE, "setval": Access.WRITE, "currval": Access.READ}
_NAME_PART: Final = re.compile(r'"((?:[^"]|"")+)"|([^".\s]+)')

# Fields that hold a node without its wrapper.
_FIELD_TYPES: Final = {
    ("SelectStmt", "larg"): "SelectStmt",
    ("SelectStmt", "rarg"): "SelectStmt",
}


def _compares(node: Node) -> bool:
    kind, fields = only(node)
    return kind == "A_Expr" and strings(fields.get("name", [])) == ["="]


# ---------------------------------------------------------------- conditions


def _constant(node: Node) -> object:
    """The value of a literal; None when it is none."""
    kind, fields = only(node)
    if kind == "TypeCast":
        return _constant(fields.get("arg", {}))
    if kind != "A_Const" or fields.get("isnull"):
        return None
    for name in ("ival", "fval", "sval", "boolval", "bsval"):
        if name in fields:
            inner = fields[name]
            value = next(iter(inner.values()), None)
            if value is None:
                return {"ival": 0, "boolval": False, "sval": ""}.get(name)
            return value
    return None


def _truth(node: Node) -> bool | None:
    """The truth of a condition of literals alone."""
    kind, fields = only(node)
    if kind in ("A_Const", "TypeCast"):
        value = _constant(node)
        if isinstance(value, bool):
            return value
        return {"t": True, "true": True, "f": False, "false": False}.get(str(value).lower())
    if kind == "A_Expr" and fields.get("kind") == "AEXPR_OP":
        left, right = _constant(fields.get("lexpr", {})), _constant(fields.get("rexpr", {}))
        operator = "".join(strings(fields.get("name", [])))
        if left is None or right is None or type(left) is not type(right):
            return None
        return _ordered(left, operator, right)
    return None


def _ordered(left: Any, operator: str, right: Any) -> bool | None:
    if operator == "=":
        return bool(left == right)
    if operator in ("<>", "!="):
        return bool(left != right)
    if operator in ("<", ">", "<=", ">=") and isinstance(left, int):
        return bool(
            {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[operator]
        )
    return None


def literal_terms(node: Node, depth: int = 0) -> bool:
    """Whether ``always_true`` may change with the values of literals."""
    kind, fields = only(node)
    if depth > 50:
        return True
    if kind == "BoolExpr":
        return any(literal_terms(branch, depth + 1) for branch in _branches(fields))
    if kind == "A_Expr":
        likes = fields.get("kind") in ("AEXPR_LIKE", "AEXPR_ILIKE")
        return likes or only(fields.get("lexpr", {}))[0] in ("A_Const", "TypeCast")
    return kind in ("A_Const", "TypeCast")


def _branches(fields: Node) -> Iterator[Node]:
    return iter(fields.get("args", []))


def always_true(node: Node, depth: int = 0) -> bool:
    """Whether every row satisfies it, as far as constants and identities show."""
    if depth > 50:
        return False
    kind, fields = only(node)
    if kind == "BoolExpr":
        operator = fields.get("boolop")
        if operator == "OR_EXPR":
            return any(always_true(branch, depth + 1) for branch in _branches(fields))
        if operator == "AND_EXPR":
            return all(always_true(branch, depth + 1) for branch in _branches(fields))
        return any(_truth(branch) is False for branch in _branches(fields))
    if _truth(node) is True:
        return True
    if kind == "A_Expr":
        return _identity(fields)
    return False


def _identity(fields: Node) -> bool:
    left, right = fields.get("lexpr", {}), fields.get("rexpr", {})
    operator = "".join(strings(fields.get("name", [])))
    if fields.get("kind") in ("AEXPR_LIKE", "AEXPR_ILIKE") and operator in ("~~", "~~*"):
        value = _constant(right)
        return isinstance(value, str) and bool(value) and set(value) == {"%"}
    same = fields.get("kind") == "AEXPR_NOT_DISTINCT" or operator in ("=", "<=", ">=")
    if not same or "ColumnRef" not in left or "ColumnRef" not in right:
        return False
    return strings(left["ColumnRef"].get("fields", [])) == strings(right["ColumnRef"].get("fields", [])) != []
