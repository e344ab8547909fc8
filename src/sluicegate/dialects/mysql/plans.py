"""What a plan of the family says, whatever its server writes it like: how many rows, and how they are found."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sluicegate.dialects.mysql import plan_trees
from sluicegate.dialects.mysql.plan_blocks import Flow, Unread, paired
from sluicegate.sql.model import FullScan, PlanFacts

_SORTS: Final = frozenset({"filesort", "read_sorted_file"})
_TEMPORARY: Final = frozenset({"temporary_table"})


@dataclass(frozen=True, slots=True)
class Plan:
    """``rows``: that the query yields. ``several``: more than one table feeds them. ``bound``: it is the most
    there can be, because rows fall together on the way. ``blocks``: it is made of query blocks, which don't
    say how many rows are left where a query puts rows together."""

    rows: int
    several: bool
    bound: bool
    facts: PlanFacts
    blocks: bool = False


def read(text: bytes) -> Plan:
    """Raises Unread, with its reason, for whatever isn't certainly understood."""
    try:
        return _read(json.loads(text, object_pairs_hook=paired))
    except Unread:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Unread from error


def _read(plan: Any) -> Plan:
    if isinstance(plan, list):
        return _of_tree(plan_trees.tidb(plan))
    if "query_block" in plan:
        flow = Flow()
        flow.block(plan["query_block"])
        return Plan(_ceil(flow.rows), flow.tables > 1, flow.bound, facts(plan["query_block"]), blocks=True)
    if "query_plan" in plan or "access_type" in plan:
        return _of_tree(plan_trees.mysql(plan.get("query_plan", plan)))
    if "EST.ROWS" in plan:
        return _of_tree(plan_trees.oceanbase(plan))
    raise Unread


def _of_tree(tree: plan_trees.Tree) -> Plan:
    return Plan(_ceil(tree.rows), tree.tables > 1, tree.bound, tree.facts)


def _ceil(rows: float) -> int:
    if not math.isfinite(rows) or rows < 0:
        raise Unread
    return math.ceil(rows)


def facts(block: dict[str, Any]) -> PlanFacts:
    """Never raises on any JSON: what isn't understood isn't said."""
    scans: list[FullScan] = []
    sizes = {"sort": 0, "temporary": 0}
    for part, flags, nested in _parts(block, frozenset(), False):
        rows = _rows(part)
        if part.get("access_type") == "ALL" and isinstance(part.get("table_name"), str):
            scans.append(FullScan(part["table_name"], rows, nested))
        for flag in flags:
            sizes[flag] = max(sizes[flag], rows or 0)
    return PlanFacts(tuple(scans), sizes["sort"], sizes["temporary"])


def _rows(table: dict[str, Any]) -> int | None:
    for name in ("rows_examined_per_scan", "rows"):
        if isinstance(table.get(name), int | float):
            return int(table[name])
    return None


def _parts(
    part: Any, flags: frozenset[str], nested: bool
) -> Iterator[tuple[dict[str, Any], frozenset[str], bool]]:
    """(a table of the plan, what its rows go through, whether it is read once for every row of another)."""
    if isinstance(part, list):
        for item in part:
            yield from _parts(item, flags, nested)
        return
    if not isinstance(part, dict):
        return
    if part.get("using_filesort") is True:
        flags |= {"sort"}
    if part.get("using_temporary_table") is True:
        flags |= {"temporary"}
    for name, value in part.items():
        below = (
            flags | ({"sort"} if name in _SORTS else set()) | ({"temporary"} if name in _TEMPORARY else set())
        )
        if name == "table" and isinstance(value, dict):
            yield value, below, nested
        if name == "nested_loop" and isinstance(value, list):
            for number, item in enumerate(value):
                yield from _parts(item, below, nested or number > 0)
        else:
            yield from _parts(value, below, nested)
