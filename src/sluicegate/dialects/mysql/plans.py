"""What a plan of the family (EXPLAIN FORMAT=JSON) says beyond the number of rows.

https://mariadb.com/kb/en/explain-format-json/ and
https://dev.mysql.com/doc/refman/8.0/en/explain-output.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sluicegate.sql.model import FullScan, PlanFacts

_SORTS: Final = frozenset({"filesort", "read_sorted_file"})
_TEMPORARY: Final = frozenset({"temporary_table"})


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
