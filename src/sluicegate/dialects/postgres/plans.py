"""What a plan of PostgreSQL (EXPLAIN, FORMAT JSON) says beyond the number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sluicegate.sql.model import FullScan, PlanFacts


def facts(plan: dict[str, Any]) -> PlanFacts:
    """``FullScan.rows`` is None: a plan tells what a scan yields, not what it reads."""
    scans = [
        FullScan(str(node["Relation Name"]), None, nested)
        for node, nested in _nodes(plan, False)
        if node.get("Node Type") == "Seq Scan" and "Relation Name" in node
    ]
    sorts = [
        int(node.get("Plan Rows", 0)) for node, _ in _nodes(plan, False) if node.get("Node Type") == "Sort"
    ]
    return PlanFacts(tuple(scans), max(sorts, default=0))


def _nodes(node: dict[str, Any], nested: bool) -> Iterator[tuple[dict[str, Any], bool]]:
    """(node, whether it is read once for every row of another); a Materialize below a loop reads once."""
    yield node, nested
    loop = node.get("Node Type") == "Nested Loop"
    for child in node.get("Plans", ()):
        inner = loop and child.get("Parent Relationship") == "Inner" and child.get("Node Type") == "Seq Scan"
        yield from _nodes(child, inner)
