"""The query that finds the rows which a statement changes, for accounts that may read and nothing else."""

from __future__ import annotations

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


def _select(node: Any) -> Any:
    """The SelectStmt, or None."""
    kind = node.WhichOneof("node")
    select = _pb.SelectStmt(limit_option=_pb.LIMIT_OPTION_DEFAULT, op=_pb.SETOP_NONE)
    if kind == "insert_stmt":
        insert = node.insert_stmt
        if insert.select_stmt.WhichOneof("node") != "select_stmt" or insert.HasField("with_clause"):
            return None
        select.CopyFrom(insert.select_stmt.select_stmt)
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
