"""One side of a comparison, or one value, as PostgreSQL's parse tree has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.tree import only, strings
from sluicegate.sql.structure.queries import ColumnUse, OperandKind

_DEEPEST: Final = 12  # functions in functions: whoever writes more isn't helped by an index anyway


@dataclass(frozen=True, slots=True)
class Operand:
    """``function``: around the column; ``value`` of a literal, ``items`` of a list."""

    kind: OperandKind
    column: ColumnUse | None = None
    function: str = ""
    value: str = ""
    items: int = 0


def column_use(fields: Node) -> ColumnUse | None:
    """Of a ColumnRef's fields; None for ``*``."""
    items: list[Node] = fields.get("fields", [])
    if not items or "A_Star" in items[-1]:
        return None
    names = strings(items)
    return ColumnUse(names[-1], names[-2] if len(names) > 1 else "")


def function_name(fields: Node) -> str:
    """Of a FuncCall's fields, in upper case, without its schema."""
    names = strings(fields.get("funcname", []))
    return names[-1].upper() if names else ""


def plain_number(node: Node) -> int | None:
    """An integer literal's value; None for anything else."""
    kind, fields = only(node)
    if kind != "A_Const" or "ival" not in fields:
        return None
    return int(fields["ival"].get("ival", 0))


def operator(fields: Node) -> str:
    names = strings(fields.get("name", []))
    found = names[-1] if names else ""
    return "<>" if found == "!=" else found


_FUNCTION_OF: Final = {
    "CoalesceExpr": "COALESCE",
    "MinMaxExpr": "GREATEST",
    "CollateClause": "COLLATE",
    "CaseExpr": "CASE",
    "A_Indirection": "[]",
    "SQLValueFunction": "",
}


def operand(node: Node, depth: int = 0) -> Operand:
    kind, fields = only(node)
    match kind:
        case "ColumnRef":
            column = column_use(fields)
            return Operand(OperandKind.COLUMN if column else OperandKind.EXPRESSION, column)
        case "A_Const":
            return _constant(fields)
        case "ParamRef":
            return Operand(OperandKind.PARAMETER)
        case "SubLink":
            return Operand(OperandKind.QUERY)
        case "List":
            return Operand(OperandKind.LIST, items=len(fields.get("items", [])))
        case "A_ArrayExpr":
            return Operand(OperandKind.LIST, items=len(fields.get("elements", [])))
        case "TypeCast":
            inner = operand(fields.get("arg", {}), depth + 1) if depth < _DEEPEST else _ANYTHING
            if inner.column is None:
                return inner
            return Operand(OperandKind.EXPRESSION, inner.column, "CAST")
        case _:
            return _computed(kind, fields, depth)


def _constant(fields: Node) -> Operand:
    if fields.get("isnull"):
        return Operand(OperandKind.NULL)
    if "sval" in fields:
        return Operand(OperandKind.STRING, value=str(fields["sval"].get("sval", "")))
    if "ival" in fields:
        return Operand(OperandKind.NUMBER, value=str(fields["ival"].get("ival", 0)))
    if "fval" in fields:
        return Operand(OperandKind.NUMBER, value=str(fields["fval"].get("fval", "")))
    return _ANYTHING


_ANYTHING: Final = Operand(OperandKind.EXPRESSION)


def _computed(kind: str, fields: Node, depth: int) -> Operand:
    if depth > _DEEPEST:
        return _ANYTHING
    if kind == "FuncCall":
        name, inner = function_name(fields), fields.get("args", [])
    elif kind == "A_Expr":
        name, inner = operator(fields), [fields.get("lexpr", {}), fields.get("rexpr", {})]
    elif kind in _FUNCTION_OF:
        name, inner = _FUNCTION_OF[kind], fields.get("args", [])
        if "arg" in fields:
            inner = [fields["arg"], *inner]
    else:
        return _ANYTHING
    for item in inner:
        found = operand(item, depth + 1)
        if found.column is not None:
            return Operand(OperandKind.EXPRESSION, found.column, name)
    return _ANYTHING
