"""How many rows a plan made of query blocks yields: MariaDB's, and MySQL's in its first JSON format.

https://mariadb.com/kb/en/explain-format-json/ and
https://dev.mysql.com/doc/refman/8.0/en/explain-output.html
Whatever isn't known for sure to be beside the flow of rows makes the plan unreadable: a part that was
overlooked would be a wrong number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Json = Mapping[str, Any]

# Parts that the rows of their block flow through.
_FEEDING: Final = frozenset(
    {"nested_loop", "buffer", "buffer_result", "filesort", "temporary_table", "block-nl-join",
     "ordering_operation", "grouping_operation", "duplicates_removal", "read_sorted_file", "sort_file",
     "windowing", "window_functions_computation", "range-checked-for-each-record"}
)  # fmt: skip
# Parts beside that flow: their rows are counted inside the table that uses them, or not at all.
_ASIDE: Final = frozenset(
    {"cost_info", "windows", "sorts", "keys", "sort_key", "subqueries", "attached_subqueries",
     "optimized_away_subqueries", "select_list_subqueries", "having_subqueries", "order_by_subqueries",
     "group_by_subqueries", "update_value_subqueries", "expression_cache", "materialized"}
)  # fmt: skip
_EMPTY: Final = frozenset(
    {"impossible where", "impossible where noticed after reading const tables", "impossible having",
     "impossible having noticed after reading const tables", "no matching row in const table", "zero limit",
     "no matching rows after partition pruning", "no matching min/max row", "unique row not found",
     "not optimized, outer query is empty"}
)  # fmt: skip
_SINGLE: Final = frozenset({"no tables used", "select tables optimized away"})


class Unread(ValueError):
    """The plan holds no number that can be relied on. ``reason`` is a catalogue code."""

    def __init__(self, reason: str = "estimate_plan_unread") -> None:
        super().__init__(reason)
        self.reason = reason


def paired(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For ``json.loads``: before 10.9 MariaDB writes the tables of a join one after the other into one
    object, under the same key. They become the list that later versions write."""
    flowing = [(name, value) for name, value in pairs if name == "table" or name in _FEEDING]
    if len(flowing) < 2:
        return dict(pairs)
    rest = {name: value for name, value in pairs if name != "table" and name not in _FEEDING}
    return rest | {"nested_loop": [{name: value} for name, value in flowing]}


class Flow:
    """The rows of one block, table by table.

    Attributes:
        rows: that come out, so far.
        tables: how many tables fed them.
        bound: rows leave on the way nobody can say how many of, so that ``rows`` is only the most.
    """

    def __init__(self) -> None:
        self.rows = 1.0
        self.tables = 0
        self.bound = False
        self.said: float | None = None  # a message stands for the whole block

    def block(self, block: Json) -> None:
        """Raises Unread."""
        if "union_result" in block:
            self._union(block["union_result"])
        else:
            self._part(block)
        if self.said is not None:
            self.rows = self.said
        elif not self.tables:
            raise Unread

    def _union(self, union: Json) -> None:
        parts = union.get("query_specifications")
        if not isinstance(parts, list):
            raise Unread
        total = 0.0
        for part in parts:
            flow = Flow()
            flow.block(part["query_block"])
            total += flow.rows
            self.tables += max(flow.tables, 1)
        self.rows = total
        # UNION takes the same rows out, UNION ALL keeps them: MySQL says which by its temporary table.
        self.bound = union.get("using_temporary_table") is not False

    def _part(self, part: Json) -> None:
        if "message" in part:
            self._message(str(part["message"]))
        for name, value in part.items():
            if name == "table":
                self._table(value)
            elif name in _FEEDING:
                self.bound |= name in ("grouping_operation", "duplicates_removal")
                for item in value if isinstance(value, list) else [value]:
                    self._part(item)
            elif isinstance(value, dict | list) and name not in _ASIDE:
                raise Unread

    def _message(self, text: str) -> None:
        folded = text.casefold()
        if folded in _EMPTY:
            self.said = 0.0
        elif folded in _SINGLE:
            self.said = 1.0
        else:
            raise Unread

    def _table(self, table: Json) -> None:
        if "rows_produced_per_join" in table:  # MySQL: the product up to this table
            self.rows = float(table["rows_produced_per_join"])
        elif "rows" in table or "rows_examined_per_scan" in table:
            self.rows *= self._factor(table)
        elif "message" in table:
            self._message(str(table["message"]))
            return
        elif "materialized_from_subquery" not in table:  # MySQL: of a semi-join, which adds no rows
            raise Unread
        self.tables += 1

    def _factor(self, table: Json) -> float:
        """How many rows of it there are for each row before it."""
        rows = float(table.get("rows", table.get("rows_examined_per_scan", 0)))
        found = rows * float(table.get("filtered", 100)) / 100
        if "first_match" in table or "loose_scan" in table:
            return min(found, 1.0)
        if "trigcond(" in str(table.get("attached_condition", "")):  # an outer join keeps what has no match
            return max(found, 1.0)
        return found
