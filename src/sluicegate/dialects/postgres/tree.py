"""Walks a parse tree of PostgreSQL: which tables and functions, which conditions hold always."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from sluicegate.dialects.postgres.functions import GRAMMAR
from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.trial import filters_anyway, has_literals, holds_always
from sluicegate.sql.facts import Facts
from sluicegate.sql.model import Access, ObjectRef, Severity
from sluicegate.sql.query import note_call
from sluicegate.sql.words import words

Locate = Callable[[int], int]
"""Byte offset in the statement -> character offset in the script, -1 for none."""

MAX_BRANCHES: Final = 200  # of an OR, compared with each other

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
    temporary = fields.get("relpersistence") == "t" or fields.get("schemaname", "").startswith("pg_temp")
    if temporary and access is Access.WRITE:
        kind = "temporary"
    return ObjectRef(
        fields.get("relname", ""), kind, access, fields.get("schemaname"), fields.get("catalogname")
    )


_TELLING: Final = words(
    """
    InsertStmt UpdateStmt DeleteStmt MergeStmt SelectStmt FuncCall A_Expr CreateStmt AlterTableCmd PartitionCmd
    LockingClause ParamRef
    """
)
"""Nodes that tell something by themselves; others do by a field."""
_SILENT: Final = frozenset({"A_Const", "ColumnRef", "String"})  # neither do these nor what is below them
_NO_FIELDS: Final[frozenset[str]] = frozenset()


class TreeReader:
    """Collects objects and notes of everything below a node."""

    def __init__(self, facts: Facts, locate: Locate) -> None:
        self.facts = facts
        self.locate = locate

    def read(self, kind: str, fields: Node) -> None:
        """Depth first with a stack of its own; common table expressions are known by scope."""
        stack: list[tuple[str, Node, Scope]] = [(kind, fields, ())]
        while stack:
            node_kind, node, scope = stack.pop()
            skip = _NO_FIELDS
            if node_kind in _TELLING or "relname" in node or "withClause" in node:
                scope, skip = self._visit(node_kind, node, scope, stack)
            for name, value in reversed(node.items()):
                if name in _SILENT or name in skip:
                    continue
                if isinstance(value, dict):
                    wrapped = name if name[0].isupper() else _FIELD_TYPES.get((node_kind, name), "")
                    stack.append((wrapped, value, scope))
                elif isinstance(value, list):
                    stack.extend([("", item, scope) for item in reversed(value) if isinstance(item, dict)])

    def _visit(
        self, kind: str, node: Node, scope: Scope, stack: list[tuple[str, Node, Scope]]
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
        elif kind == "A_Expr" and len(strings(node.get("name", []))) > 1:
            self._operator(node)
        elif kind in ("CreateStmt", "AlterTableCmd", "PartitionCmd"):
            self._family(kind, node)
        elif kind == "LockingClause":
            self.facts.note("LOCK", -1, "FOR UPDATE", Severity.INFO)
            skip.add("lockedRels")  # names of the FROM list, aliases too
        elif kind == "SelectStmt" and "intoClause" in node:
            skip.add("intoClause")
        elif kind == "ParamRef":
            self.facts.unknown(self.locate(node.get("location", -1)), f"${node.get('number', '')}")
        return scope, frozenset(skip)

    def _with(self, clause: Node, scope: Scope, stack: list[tuple[str, Node, Scope]]) -> Scope:
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

    def _family(self, kind: str, node: Node) -> None:
        """Parents and partitions change with their relatives: whoever reads a parent reads its children."""
        related = node.get("inhRelations", []) if kind == "CreateStmt" else []
        if kind == "PartitionCmd" and "name" in node:
            related = [{"RangeVar": node["name"]}]
        elif kind == "AlterTableCmd" and node.get("subtype") in ("AT_AddInherit", "AT_DropInherit"):
            related = [node.get("def", {})]
        for item in related:
            self.facts.add(table(item.get("RangeVar", {}), Access.WRITE))

    def _operator(self, node: Node) -> None:
        """OPERATOR(schema.=) is somebody's own function, unless the server's schema is named."""
        parts = strings(node.get("name", []))
        if parts[0] != "pg_catalog":
            self.facts.note("STORED_CODE", self.locate(node.get("location", -1)), ".".join(parts))

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
            elif self._filters_nothing(node, where):
                self.facts.note("TAUTOLOGY", self._at(node["relation"]), "WHERE")
        if kind == "UpdateStmt":
            self._assignments(node)
        elif kind == "MergeStmt":
            self._merge(node)
        if "returningList" in node or "returningClause" in node:
            self.facts.note("DATA_RETURN", -1, "RETURNING")

    def _merge(self, node: Node) -> None:
        """Rows that match everything, or that nothing matches."""
        at = self._at(node["relation"])
        matched = False
        for item in node.get("mergeWhenClauses", []):
            clause = only(item)[1]
            changes = clause.get("commandType") in ("CMD_UPDATE", "CMD_DELETE")
            if changes and "condition" not in clause:
                matched = matched or clause.get("matchKind") != "MERGE_WHEN_NOT_MATCHED_BY_SOURCE"
                if clause.get("matchKind") == "MERGE_WHEN_NOT_MATCHED_BY_SOURCE":
                    self.facts.note("NO_WHERE", at, "NOT MATCHED BY SOURCE")
        condition = node.get("joinCondition")
        if matched and condition and self._filters_nothing(node, condition):
            self.facts.note("TAUTOLOGY", at, "ON")

    def _filters_nothing(self, node: Node, where: Node) -> bool:
        if filters_anyway(where):
            return False
        if has_literals(where):
            self.facts.reusable = False
        alone = not any(part in node for part in ("fromClause", "usingClause", "sourceRelation"))
        return always_true(where) or holds_always(where, node["relation"].get("relname", ""), alone=alone)

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
            branches = list(_branches(fields))
            return any(always_true(branch, depth + 1) for branch in branches) or _exhaustive(branches)
        if operator == "AND_EXPR":
            return all(always_true(branch, depth + 1) for branch in _branches(fields))
        return any(_truth(branch) is False for branch in _branches(fields))
    truth = _truth(node)
    if truth is not None:
        return truth
    if kind == "CurrentOfExpr":
        return False
    return _without_columns(node) or (kind == "A_Expr" and _identity(fields))


def _without_columns(node: Node) -> bool:
    """Whether nothing of a row is in it: constants alone filter nothing, whatever comes out."""
    waiting: list[Any] = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, list):
            waiting.extend(current)
        elif isinstance(current, dict):
            if "ColumnRef" in current or "fromClause" in current or "ParamRef" in current:
                return False
            waiting.extend(value for value in current.values() if isinstance(value, (dict, list)))
    return True


def _identity(fields: Node) -> bool:
    left, right = fields.get("lexpr", {}), fields.get("rexpr", {})
    operator = "".join(strings(fields.get("name", [])))
    kind = fields.get("kind")
    if kind in ("AEXPR_LIKE", "AEXPR_ILIKE") and operator in ("~~", "~~*"):
        value = _constant(right)
        return isinstance(value, str) and bool(value) and set(value) == {"%"}
    if kind == "AEXPR_SIMILAR":
        pattern = right.get("FuncCall", {}).get("args", [{}])[0]
        return _constant(pattern) == "%" and operator == "~"
    if kind == "AEXPR_OP" and operator in ("~", "~*"):
        value = _constant(right)
        return isinstance(value, str) and value.removeprefix("^").removesuffix("$") in ("", ".*")
    if kind in ("AEXPR_IN", "AEXPR_BETWEEN"):
        items = right.get("List", {}).get("items", [])
        same = [_canonical(left) == _canonical(item) for item in items]
        return operator != "<>" and (any(same) if kind == "AEXPR_IN" else bool(same) and all(same))
    reflexive = kind == "AEXPR_NOT_DISTINCT" or (kind == "AEXPR_OP" and operator in ("=", "<=", ">="))
    return reflexive and _canonical(left) == _canonical(right)


def _canonical(node: Any) -> Any:
    """A value that is equal for equal expressions, wherever they stand."""
    if isinstance(node, list):
        return tuple(_canonical(item) for item in node)
    if isinstance(node, dict):
        return tuple((name, _canonical(value)) for name, value in node.items() if "location" not in name)
    return node


def _exhaustive(branches: list[Node]) -> bool:
    """``x = 1 OR x <> 1``, ``x IS NULL OR x IS NOT NULL`` and the like."""
    if len(branches) > MAX_BRANCHES:
        return False
    seen: dict[Any, set[bool]] = {}
    for branch in branches:
        plain, negated = _negation(branch)
        found = seen.setdefault(_canonical(plain), set())
        found.add(negated)
        if len(found) == 2:
            return True
    return False


_NEGATED: Final = {"<>": "=", "!=": "=", ">=": "<", "<=": ">", "!~~": "~~", "!~": "~"}


def _negation(node: Node) -> tuple[Node, bool]:
    """The condition without its negation, and whether there was one."""
    kind, fields = only(node)
    if kind == "BoolExpr" and fields.get("boolop") == "NOT_EXPR":
        return fields.get("args", [{}])[0], True
    if kind == "NullTest":
        plain = {**fields, "nulltesttype": "IS_NULL"}
        return {kind: plain}, fields.get("nulltesttype") != "IS_NULL"
    operator = "".join(strings(fields.get("name", []))) if kind == "A_Expr" else ""
    if operator in _NEGATED:
        return {kind: {**fields, "name": [{"String": {"sval": _NEGATED[operator]}}]}}, True
    return node, False
