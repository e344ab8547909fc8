"""PostgreSQL's data statements, read from the server's own parse tree into values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sluicegate.dialects.postgres.operands import operand
from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.selects import Scope, SelectReader
from sluicegate.dialects.postgres.source import Source
from sluicegate.dialects.postgres.tree import only, table
from sluicegate.sql.model import Access
from sluicegate.sql.structure.queries import (
    ROWS_KEPT,
    Assignment,
    ColumnUse,
    Literal,
    OperandKind,
    Place,
    Query,
    TableUse,
)

_ROW_STARTS: Final = re.compile(r"(?<![wWpP])\(")  # not those of NOW() and CURRENT_TIMESTAMP(6)
QUERIES: Final = frozenset({"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})


def read_query(kind: str, fields: Node, source: Source) -> Query | None:
    return _READERS[kind](fields, source, SelectReader(source))


# ---------------------------------------------------------------- SELECT, VALUES


def _select(fields: Node, source: Source, reader: SelectReader) -> Query:
    reader.with_clause(fields, None)
    verb = "SELECT"
    rows: int | None = None
    lengths: tuple[int, ...] = ()
    if "valuesLists" in fields:
        verb = "VALUES"
        rows, lengths = _counted(fields["valuesLists"])
        reader.rows(fields["valuesLists"], None)
    elif source.key(0) == "TABLE":
        verb = "TABLE"
    reader.select(fields, Place.MAIN, 0, None, skip_with=True)
    return reader.query(verb, rows=rows, row_lengths=lengths)


def _counted(lists: list[Node]) -> tuple[int, tuple[int, ...]]:
    lengths: dict[int, None] = {}
    for item in lists:
        lengths[len(only(item)[1].get("items", []))] = None
    return len(lists), tuple(lengths)


# ---------------------------------------------------------------- INSERT


def _insert(fields: Node, source: Source, reader: SelectReader) -> Query:
    reader.with_clause(fields, None)
    target = table(fields.get("relation", {}), Access.WRITE)
    inner = only(fields.get("selectStmt", {}))[1]
    rows: int | None = None
    lengths: tuple[int, ...] = ()
    values: tuple[tuple[Literal, ...], ...] = ()
    if "valuesLists" in inner:
        lists = inner["valuesLists"]
        rows, lengths = _counted(lists)
        rows += _skipped_rows(source)
        values = tuple(_literals(item, source) for item in lists[:ROWS_KEPT])
        reader.with_clause(inner, None)
        reader.rows(lists, None)
    elif inner:
        reader.with_clause(inner, None)
        reader.select(inner, Place.INSERT, 0, None, skip_with=True)
    else:
        rows = 1
    conflict = fields.get("onConflictClause", {})
    action = str(conflict.get("action", ""))
    upsert = {"ONCONFLICT_UPDATE": "UPDATE", "ONCONFLICT_NOTHING": "NOTHING"}.get(action, "")
    assignments = _assignments(conflict.get("targetList", []), source, reader, None, upsert=True)
    if "whereClause" in conflict:
        reader.condition(conflict["whereClause"], Place.WHERE, None)
    cols = fields.get("cols")
    return reader.query(
        "INSERT",
        targets=(target,),
        columns=None if cols is None else tuple(only(item)[1].get("name", "") for item in cols),
        rows=rows,
        row_lengths=lengths,
        values=values,
        assignments=assignments,
        upsert=upsert,
        ignore=upsert == "NOTHING" and "infer" not in conflict,
        returning=_returns(fields),
    )


def _skipped_rows(source: Source) -> int:
    """Rows that weren't given to the parser: in them only strings and the time of day hold a parenthesis."""
    first, last = source.tree.gap
    return sum(len(_ROW_STARTS.findall(part)) for part in source.script[first:last].split("'")[::2])


def _literals(item: Node, source: Source) -> tuple[Literal, ...]:
    found = []
    for value in only(item)[1].get("items", []):
        read = operand(value)
        found.append(Literal(read.kind, read.value, source.at(only(value)[1])))
    return tuple(found)


def _returns(fields: Node) -> bool:
    return "returningClause" in fields or "returningList" in fields


# ---------------------------------------------------------------- UPDATE, DELETE


def _own_use(fields: Node, source: Source) -> TableUse:
    relation = fields.get("relation", {})
    alias = relation.get("alias", {}).get("aliasname", "")
    return TableUse(table(relation, Access.WRITE), alias, at=source.at(relation))


def _update(fields: Node, source: Source, reader: SelectReader) -> Query:
    return _changed("UPDATE", fields, "fromClause", source, reader)


def _delete(fields: Node, source: Source, reader: SelectReader) -> Query:
    return _changed("DELETE", fields, "usingClause", source, reader)


def _changed(verb: str, fields: Node, others: str, source: Source, reader: SelectReader) -> Query:
    reader.with_clause(fields, None)
    own = _own_use(fields, source)
    uses, joins, scope = reader.tables(fields.get(others, []), None, -1, first=own)
    assignments: tuple[Assignment, ...] = ()
    if verb == "UPDATE":
        assignments = _assignments(fields.get("targetList", []), source, reader, scope)
    if "whereClause" in fields:
        reader.condition(fields["whereClause"], Place.WHERE, scope)
    return reader.query(
        verb,
        targets=(own.ref,),
        target_uses=uses,
        joins=joins,
        assignments=assignments,
        where="whereClause" in fields,
        returning=_returns(fields),
    )


def _assignments(
    items: list[Node], source: Source, reader: SelectReader, scope: Scope | None, *, upsert: bool = False
) -> tuple[Assignment, ...]:
    found = []
    for item in items:
        fields = only(item)[1]
        value = fields.get("val", {})
        kind, inner = only(value)
        if kind == "MultiAssignRef":
            if inner.get("colno", 1) == 1:
                reader.expression(inner.get("source", {}), Place.SET, scope)
            value = _element(inner)
        else:
            reader.expression(value, Place.SET, scope)
        read = operand(value)
        found.append(
            Assignment(
                column=ColumnUse(fields.get("name", "")),
                value=read.kind,
                literal=read.value,
                upsert=upsert,
                at=source.at(fields),
                other=read.column if read.kind is OperandKind.COLUMN else None,
            )
        )
    return tuple(found)


def _element(assigned: Node) -> Node:
    """The part of (a, b) = (…, …) that one column gets."""
    kind, fields = only(assigned.get("source", {}))
    arguments: list[Node] = fields.get("args", [])
    place = int(assigned.get("colno", 1)) - 1
    if kind == "RowExpr" and place < len(arguments):
        return arguments[place]
    node: Node = assigned.get("source", {})
    return node


# ---------------------------------------------------------------- MERGE


def _merge(fields: Node, source: Source, reader: SelectReader) -> Query:
    reader.with_clause(fields, None)
    own = _own_use(fields, source)
    uses, joins, scope = reader.tables([fields.get("sourceRelation", {})], None, -1, first=own)
    reader.condition(fields.get("joinCondition", {}), Place.ON, scope)
    assignments: tuple[Assignment, ...] = ()
    for item in fields.get("mergeWhenClauses", []):
        clause = only(item)[1]
        if "condition" in clause:
            reader.condition(clause["condition"], Place.WHERE, scope)
        if clause.get("commandType") == "CMD_UPDATE":
            assignments += _assignments(clause.get("targetList", []), source, reader, scope)
        for value in clause.get("values", []):
            reader.expression(value, Place.VALUES, scope)
    return reader.query(
        "MERGE",
        targets=(own.ref,),
        target_uses=uses,
        joins=joins,
        assignments=assignments,
        returning=_returns(fields),
    )


_READERS: Final[dict[str, Callable[[Node, Source, SelectReader], Query]]] = {
    "SelectStmt": _select,
    "InsertStmt": _insert,
    "UpdateStmt": _update,
    "DeleteStmt": _delete,
    "MergeStmt": _merge,
}
