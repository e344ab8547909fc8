"""How many rows a plan made of operators yields: MySQL's second JSON format, TiDB's and OceanBase's.

https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_explain_json_format_version
https://docs.pingcap.com/tidb/stable/sql-statement-explain (FORMAT='tidb_json')
https://en.oceanbase.com/docs/common-oceanbase-database-10000000001106642 (EXPLAIN FORMAT=JSON)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sluicegate.dialects.mysql.plan_blocks import Json, Unread
from sluicegate.sql.model import FullScan, PlanFacts

# MySQL's operators that pass on what they get; a filter passes on no more than that.
_PASSING: Final = frozenset(
    {"stream", "materialize", "sort", "window", "filter", "table", "temp_table_scan", "weedout", "index"}
)
_OPERATOR: Final = re.compile(r"[A-Za-z]+")
_TIDB_TABLE: Final = re.compile(r"table:([^,]+)")


@dataclass(frozen=True, slots=True)
class Tree:
    """``tables``: how many are read. ``bound``: ``rows`` is only the most there can be."""

    rows: float
    tables: int
    bound: bool
    facts: PlanFacts


# ---------------------------------------------------------------- MySQL


def mysql(plan: Json) -> Tree:
    """``plan``: the root operator. Raises Unread."""
    rows, bound = _mysql_rows(plan)
    nodes = list(_mysql_nodes(plan, False))
    scans = tuple(
        FullScan(str(node["table_name"]), _whole(node.get("estimated_rows")), nested)
        for node, nested in nodes
        if node.get("access_type") == "table" and "inputs" not in node and "table_name" in node
    )
    sorts = [
        _whole(node.get("estimated_rows")) or 0 for node, _ in nodes if node.get("access_type") == "sort"
    ]
    temporary = [
        _whole(node.get("estimated_rows")) or 0 for node, _ in nodes if node.get("temp_table") is True
    ]
    tables = sum(1 for node, _ in nodes if "table_name" in node and "inputs" not in node)
    facts = PlanFacts(scans, max(sorts, default=0), max(temporary, default=0))
    return Tree(rows, tables, bound, facts)


def _mysql_rows(node: Json) -> tuple[float, bool]:
    """(rows, whether they are only the most): of an operator that doesn't say, by those below it."""
    kind = str(node.get("access_type", ""))
    if kind == "zero_rows":
        return 0.0, False
    if kind in ("zero_rows_aggregated", "rows_fetched_before_execution"):
        return 1.0, False
    if kind == "aggregate" and node.get("group_by") is not True:
        return 1.0, False
    if "estimated_rows" in node:
        return float(node["estimated_rows"]), False
    below = [item for item in node.get("inputs", ()) if item.get("subquery") is not True]
    found = [_mysql_rows(item) for item in below]
    if kind == "append" and found:
        return sum(rows for rows, _ in found), any(bound for _, bound in found)
    if len(found) != 1:
        raise Unread
    rows, bound = found[0]
    if kind == "limit":
        return min(rows, float(node["limit"])), bound
    if kind == "aggregate" or kind in _PASSING:
        return rows, bound or kind in ("aggregate", "filter", "weedout")
    raise Unread


def _mysql_nodes(node: Json, nested: bool) -> Iterator[tuple[Json, bool]]:
    """(operator, whether it is read once for every row of another)."""
    yield node, nested
    looping = node.get("join_algorithm") == "nested_loop"
    for number, item in enumerate(node.get("inputs", ())):
        yield from _mysql_nodes(item, nested or (looping and number > 0))


# ---------------------------------------------------------------- TiDB


def tidb(roots: Sequence[Json]) -> Tree:
    """``roots``: the plan, behind it perhaps CTEs. Raises Unread; without statistics TiDB takes every table
    for one of ten thousand rows, which says nothing."""
    nodes = [node for root in roots for node in _tidb_nodes(root)]
    if any("stats:pseudo" in str(node.get("operatorInfo", "")) for node in nodes):
        raise Unread("estimate_no_statistics")
    named = [(_operator(node), node) for node in nodes]
    scans = tuple(
        FullScan(match.group(1).strip(), _whole(node.get("estRows")))
        for kind, node in named
        if kind == "TableFullScan" and (match := _TIDB_TABLE.search(str(node.get("accessObject", ""))))
    )
    sorts = [_whole(node.get("estRows")) or 0 for kind, node in named if kind in ("Sort", "TopN")]
    read = {
        str(node["accessObject"]) for node in nodes if str(node.get("accessObject", "")).startswith("table:")
    }
    return Tree(float(roots[0]["estRows"]), len(read), False, PlanFacts(scans, max(sorts, default=0)))


def _tidb_nodes(node: Json) -> Iterator[Json]:
    yield node
    for item in node.get("subOperators") or ():
        yield from _tidb_nodes(item)


def _operator(node: Json) -> str:
    """``TableFullScan_5(Build)`` is a TableFullScan."""
    match = _OPERATOR.match(str(node.get("id", "")))
    return match.group() if match else ""


# ---------------------------------------------------------------- OceanBase


def oceanbase(plan: Json) -> Tree:
    """Raises Unread."""
    nodes = list(_oceanbase_nodes(plan))
    scans = tuple(
        FullScan(str(node["NAME"]), _whole(node.get("EST.ROWS")))
        for node in nodes
        if str(node.get("OPERATOR", "")).strip() == "TABLE FULL SCAN"
    )
    tables = sum(
        1
        for node in nodes
        if "SCAN" in str(node.get("OPERATOR", "")) or "GET" in str(node.get("OPERATOR", ""))
    )
    return Tree(float(plan["EST.ROWS"]), tables, False, PlanFacts(scans))


def _oceanbase_nodes(node: Json) -> Iterator[Json]:
    yield node
    for value in node.values():
        if isinstance(value, dict) and "OPERATOR" in value:
            yield from _oceanbase_nodes(value)


def _whole(value: Any) -> int | None:
    return None if value is None else round(float(value))
