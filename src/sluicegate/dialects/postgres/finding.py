"""The query that finds the rows which a statement changes, for accounts that may read and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from google.protobuf.message import DecodeError

# By name: the type stubs aren't valid.
_postgast: Any = import_module("postgast")
_pb: Any = import_module("postgast.pg_query_pb2")


def finding_query(text: str) -> str | None:
    """``SELECT`` of what an UPDATE, DELETE or INSERT … SELECT would change, with its joins and CTEs; None for
    any other statement. For planning only: the parser writes it anew, so it isn't a slice of the text."""
    try:
        tree = _postgast.parse(text)
        select = _select(tree.stmts[0].stmt) if len(tree.stmts) == 1 else None
        if select is None:
            return None
        found = _pb.ParseResult(version=tree.version)
        found.stmts.add().stmt.select_stmt.CopyFrom(select)
        return str(_postgast.deparse(found))
    except _postgast.PgQueryError:  # not what a query can say: WHERE CURRENT OF
        return None
    except DecodeError:  # nested deeper than protobuf reads without being told to
        return None


@dataclass(frozen=True, slots=True)
class Rows:
    """``text`` is a SELECT of the rows, each once. ``bound``: no more of them are changed, and maybe fewer."""

    text: str
    bound: bool = False


def changed_rows(text: str) -> Rows | None:
    """What an UPDATE, DELETE or INSERT … SELECT changes, to be counted; None for any other statement, and for one
    that changes more than one table. A join finds a row as often as it has partners, but it is changed once."""
    try:
        tree = _postgast.parse(text)
        if len(tree.stmts) != 1:
            return None
        node = tree.stmts[0].stmt
        select = None if _writes_beside(node) else _select(node)
        if select is None:
            return None
        if node.WhichOneof("node") != "insert_stmt":
            _each_once(select)
        found = _pb.ParseResult(version=tree.version)
        found.stmts.add().stmt.select_stmt.CopyFrom(select)
        return Rows(str(_postgast.deparse(found)), _passes_over(node))
    except _postgast.PgQueryError:  # not what a query can say: WHERE CURRENT OF
        return None
    except DecodeError:  # nested deeper than protobuf reads without being told to
        return None


def _writes_beside(node: Any) -> bool:
    """One of its common table expressions changes rows too."""
    change = getattr(node, node.WhichOneof("node"))
    clauses = [change.with_clause] if hasattr(change, "with_clause") else []
    return any(
        cte.common_table_expr.ctequery.WhichOneof("node") != "select_stmt"
        for clause in clauses
        for cte in clause.ctes
    )


def _passes_over(node: Any) -> bool:
    """DO NOTHING, or DO UPDATE of some rows only."""
    if node.WhichOneof("node") != "insert_stmt" or not node.insert_stmt.HasField("on_conflict_clause"):
        return False
    conflict = node.insert_stmt.on_conflict_clause
    return bool(conflict.action == _pb.ONCONFLICT_NOTHING or conflict.HasField("where_clause"))


def _each_once(select: Any) -> None:
    """The place of each row of the changed table, which is the first."""
    relation = select.from_clause[0].range_var
    name = relation.alias.aliasname or relation.relname
    del select.target_list[:]
    for column in ("tableoid", "ctid"):
        fields = select.target_list.add().res_target.val.column_ref.fields
        fields.add().string.sval = name
        fields.add().string.sval = column
    select.distinct_clause.add()


def _select(node: Any) -> Any:
    """The SelectStmt, or None."""
    kind = node.WhichOneof("node")
    select = _pb.SelectStmt(limit_option=_pb.LIMIT_OPTION_DEFAULT, op=_pb.SETOP_NONE)
    if kind == "insert_stmt":
        insert = node.insert_stmt
        if insert.select_stmt.WhichOneof("node") != "select_stmt":
            return None
        select.CopyFrom(insert.select_stmt.select_stmt)
        if insert.HasField("with_clause"):
            if select.HasField("with_clause"):
                return None
            select.with_clause.CopyFrom(insert.with_clause)
        return select
    if kind == "update_stmt":
        change, others = node.update_stmt, node.update_stmt.from_clause
    elif kind == "delete_stmt":
        change, others = node.delete_stmt, node.delete_stmt.using_clause
    else:
        return None
    select.from_clause.add().range_var.CopyFrom(change.relation)
    for other in others:
        select.from_clause.add().CopyFrom(other)
    if change.HasField("where_clause"):
        select.where_clause.CopyFrom(change.where_clause)
    if change.HasField("with_clause"):
        select.with_clause.CopyFrom(change.with_clause)
    select.target_list.add().res_target.val.a_const.ival.ival = 1
    return select
