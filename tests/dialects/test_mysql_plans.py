"""Plans of servers that can't be had here, in the shapes those servers give: read right, or not at all.

The shapes are those of https://dev.mysql.com/doc/refman/8.4/en/explain.html (both JSON formats), MariaDB's
before and after 10.9, https://docs.pingcap.com/tidb/stable/sql-statement-explain and OceanBase's.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from sluicegate.dialects.common import scan
from sluicegate.dialects.mysql import plans
from sluicegate.dialects.mysql.plan_blocks import Unread
from sluicegate.dialects.mysql.putting_together import Together, limit_of, together
from sluicegate.sql.model import FullScan, PlanFacts

Json = dict[str, Any]


def read(plan: Any) -> plans.Plan:
    return plans.read(json.dumps(plan).encode())


def table(name: str, access: str, scanned: int, produced: int, filtered: str = "100.00", **more: Any) -> Json:
    """A table as MySQL 8 shows it in the first format."""
    cost = {"read_cost": "1.00", "eval_cost": "0.10", "prefix_cost": "1.10", "data_read_per_join": "8K"}
    return {
        "table": {
            "table_name": name,
            "access_type": access,
            "rows_examined_per_scan": scanned,
            "rows_produced_per_join": produced,
            "filtered": filtered,
            "cost_info": cost,
            "used_columns": ["id", "paid"],
            **more,
        }
    }


def block(**parts: Any) -> Json:
    return {"query_block": {"select_id": 1, "cost_info": {"query_cost": "9.35"}, **parts}}


SUBQUERY = {
    "dependent": False,
    "cacheable": True,
    "query_block": {"select_id": 2, **table("paid", "ALL", 40, 40)},
}
FIRST_FORMAT: list[tuple[str, Json, int, bool]] = [
    ("whole table", block(**table("bills", "ALL", 2000, 666, "33.33")), 666, False),
    ("by key", block(**table("bills", "const", 1, 1, key="PRIMARY", ref=["const"])), 1, False),
    (
        "range",
        block(**table("bills", "range", 75, 75, key="by_day", used_key_parts=["day"], index_condition="…")),
        75,
        False,
    ),
    (
        "partitions",
        block(**table("bills", "ALL", 500, 50, "10.00", partitions=["p2024", "p2025"])),
        50,
        False,
    ),
    (
        "as UPDATE and DELETE show it",
        block(
            table={
                "update": True,
                "table_name": "bills",
                "access_type": "range",
                "rows_examined_per_scan": 12,
                "filtered": "100.00",
            }
        ),
        12,
        False,
    ),
    (
        "join",
        block(nested_loop=[table("bills", "ALL", 2000, 200, "10.00"), table("lines", "ref", 4, 800)]),
        800,
        True,
    ),
    (
        "sorted",
        block(ordering_operation={"using_filesort": True, "cost_info": {}, **table("bills", "ALL", 90, 30)}),
        30,
        False,
    ),
    (
        "hash join",
        block(
            nested_loop=[table("a", "ALL", 10, 10), table("b", "ALL", 30, 300, using_join_buffer="hash join")]
        ),
        300,
        True,
    ),
    (
        "semi-join, materialised, looked up",
        block(
            nested_loop=[
                table("bills", "ALL", 500, 500),
                {
                    "table": {
                        "table_name": "<subquery2>",
                        "access_type": "eq_ref",
                        "key": "<auto_distinct_key>",
                        "rows_examined_per_scan": 1,
                        "materialized_from_subquery": {
                            "using_temporary_table": True,
                            "query_block": table("paid", "ALL", 40, 40),
                        },
                    }
                },
            ]
        ),
        500,
        True,
    ),
    (
        "semi-join, materialised, read",
        block(
            nested_loop=[
                {
                    "table": {
                        "table_name": "<subquery2>",
                        "access_type": "ALL",
                        "materialized_from_subquery": {"using_temporary_table": True, "query_block": {}},
                    }
                },
                table("bills", "eq_ref", 1, 40),
            ]
        ),
        40,
        True,
    ),
    (
        "sub-query in the condition",
        block(**table("bills", "ALL", 500, 250, attached_subqueries=[SUBQUERY])),
        250,
        False,
    ),
    (
        "sub-query worked out already",
        block(**table("bills", "ALL", 9, 9), optimized_away_subqueries=[SUBQUERY]),
        9,
        False,
    ),
    (
        "buffered",
        block(buffer_result={"using_temporary_table": True, **table("bills", "ALL", 60, 60)}),
        60,
        False,
    ),
    (
        "window",
        block(windowing={"windows": [{"name": "w"}], "cost_info": {}, **table("bills", "ALL", 60, 60)}),
        60,
        False,
    ),
    ("nothing can match", block(message="Impossible WHERE"), 0, False),
    ("no such key", block(message="no matching row in const table"), 0, False),
    ("no table", block(message="No tables used"), 1, False),
    ("answered by an index", block(message="Select tables optimized away"), 1, False),
    ("no partition", block(message="No matching rows after partition pruning"), 0, False),
    (
        "UNION ALL",
        {
            "query_block": {
                "union_result": {
                    "using_temporary_table": False,
                    "query_specifications": [
                        {"dependent": False, "cacheable": True, **block(**table("bills", "ALL", 70, 70))},
                        {"dependent": False, "cacheable": True, **block(**table("old_bills", "ALL", 30, 30))},
                    ],
                }
            }
        },
        100,
        True,
    ),
]


@pytest.mark.parametrize(
    ("plan", "rows", "several"), [case[1:] for case in FIRST_FORMAT], ids=[case[0] for case in FIRST_FORMAT]
)
def test_mysql_first_format(plan: Json, rows: int, several: bool) -> None:
    found = read(plan)
    assert (found.rows, found.several, found.bound) == (rows, several, False)


def test_what_falls_together_is_only_bounded() -> None:
    grouped = block(
        grouping_operation={"using_temporary_table": True, "nested_loop": [table("a", "ALL", 9, 9)]}
    )
    weeded = block(
        duplicates_removal={"using_temporary_table": True, "nested_loop": [table("a", "ALL", 9, 9)]}
    )
    union = {"query_block": {"union_result": {"using_temporary_table": True, "table_name": "<union1,2>",
             "query_specifications": [block(**table("a", "ALL", 9, 9))]}}}  # fmt: skip
    for plan in (grouped, weeded, union):
        assert (read(plan).rows, read(plan).bound) == (9, True)


def test_facts_of_the_first_format() -> None:
    plan = block(ordering_operation={"using_filesort": True, "nested_loop": [
        table("bills", "ALL", 2000, 200), table("lines", "ALL", 40, 800)]})  # fmt: skip
    assert read(plan).facts == PlanFacts((FullScan("bills", 2000), FullScan("lines", 40, nested=True)), 2000)


# ---------------------------------------------------------------- MariaDB


def maria(name: str, rows: int, filtered: float = 100, **more: Any) -> Json:
    return {"table": {"table_name": name, "access_type": "ALL", "rows": rows, "filtered": filtered, **more}}


def test_mariadb_11_counts_the_loops() -> None:
    plan = block(
        nested_loop=[maria("bills", 100, 10, loops=1, cost=0.1), maria("lines", 5, loops=10, cost=0.2)]
    )
    assert (read(plan).rows, read(plan).several) == (50, True)


def test_mariadb_before_10_9_writes_the_same_key_again() -> None:
    first, second = (json.dumps(maria(name, rows))[1:-1] for name, rows in (("bills", 100), ("lines", 5)))
    text = '{"query_block": {"select_id": 1, %s, %s, "block-nl-join": {%s, "buffer_type": "flat"}}}'
    found = plans.read((text % (first, second, json.dumps(maria("notes", 3))[1:-1])).encode())
    assert (found.rows, found.several) == (1500, True)
    assert [scan.table for scan in found.facts.full_scans] == ["bills", "lines", "notes"]


@pytest.mark.parametrize(
    ("parts", "rows"),
    [
        ({"nested_loop": [maria("bills", 100), maria("paid", 7, first_match="bills")]}, 100),
        ({"nested_loop": [maria("bills", 100), maria("notes", 1, 20, attached_condition="trigcond(x)")]}, 100),
        ({"filesort": {"sort_key": "bills.day", "temporary_table": maria("bills", 12)}}, 12),
        ({"read_sorted_file": {"filesort": {"sort_key": "day", **maria("bills", 12)}}}, 12),
        ({"nested_loop": [maria("a", 3), {"range-checked-for-each-record": {"keys": ["k"], **maria("b", 4)}}]}, 12),
        ({"window_functions_computation": {"sorts": [{"filesort": {"sort_key": "day"}}],
          "temporary_table": maria("bills", 12)}}, 12),
        ({"table": {"message": "Impossible WHERE noticed after reading const tables"}}, 0),
        ({"table": {"message": "No tables used"}}, 1),
    ],
)  # fmt: skip
def test_mariadb(parts: Json, rows: int) -> None:
    assert read(block(**parts)).rows == rows


# ---------------------------------------------------------------- MySQL, second format


def step(operation: str, access: str, rows: float | None, *inputs: Json, **more: Any) -> Json:
    node: Json = {"operation": operation, "access_type": access, **more}
    if rows is not None:
        node |= {"estimated_rows": rows, "estimated_total_cost": 2.5, "estimated_first_row_cost": 0.1}
    return node | ({"inputs": list(inputs)} if inputs else {})


SCAN = step("Table scan on bills", "table", 300.0, table_name="bills", schema_name="shop")
LOOKUP = step("Index lookup on lines", "index", 4.0, table_name="lines", index_access_type="index_lookup")
SECOND_FORMAT: list[tuple[str, Json, int, bool]] = [
    ("scan", SCAN, 300, False),
    ("filter", step("Filter: (bills.paid = 0)", "filter", 30.4, SCAN, condition="(bills.paid = 0)"), 31, False),
    ("filter that doesn't say", step("Filter: (bills.paid = 0)", "filter", None, SCAN), 300, True),
    ("join", step("Nested loop inner join", "join", 1200.0, SCAN, LOOKUP, join_algorithm="nested_loop"), 1200, False),
    ("limit that doesn't say", step("Limit: 5 row(s)", "limit", None, SCAN, limit=5, limit_offset=0), 5, False),
    ("sorted", step("Sort: bills.day", "sort", None, SCAN, sort_fields=["bills.day"]), 300, False),
    ("count", step("Aggregate: count(0)", "aggregate", None, SCAN, functions=["count(0)"]), 1, False),
    ("groups that don't say", step("Group aggregate", "aggregate", None, SCAN, group_by=True), 300, True),
    ("nothing", step("Zero rows (Impossible WHERE)", "zero_rows", None, zero_rows_cause="Impossible WHERE"), 0, False),
    ("const", step("Rows fetched before execution", "rows_fetched_before_execution", 1.0), 1, False),
    ("UNION ALL", step("Append", "append", None, step("Stream results", "stream", None, SCAN), SCAN), 600, False),
    (
        "sub-query in the condition",
        step("Filter", "filter", None, SCAN, step("Limit", "limit", 1.0, SCAN, limit=1, subquery=True)),
        300,
        True,
    ),
]  # fmt: skip


@pytest.mark.parametrize("wrapped", [True, False], ids=["8.4", "8.3"])
@pytest.mark.parametrize(
    ("plan", "rows", "bound"), [case[1:] for case in SECOND_FORMAT], ids=[case[0] for case in SECOND_FORMAT]
)
def test_mysql_second_format(plan: Json, rows: int, bound: bool, wrapped: bool) -> None:
    query = {"query": "/* select#1 */ select 1 AS `1` from `shop`.`bills`"}
    whole = query | {"query_plan": plan, "query_type": "select", "json_schema_version": "2.0"}
    found = read(whole if wrapped else query | plan)
    assert (found.rows, found.bound) == (rows, bound)


def test_facts_of_the_second_format() -> None:
    inner = step("Table scan on lines", "table", 8.0, table_name="lines")
    join = step("Nested loop inner join", "join", 2400.0, SCAN, inner, join_algorithm="nested_loop")
    found = read(step("Sort: lines.day", "sort", 2400.0, join))
    assert found.facts == PlanFacts((FullScan("bills", 300), FullScan("lines", 8, nested=True)), 2400)
    assert found.several


# ---------------------------------------------------------------- TiDB and OceanBase


def operator(name: str, rows: str, *below: Json, accessed: str = "", info: str = "") -> Json:
    node: Json = {
        "id": name,
        "estRows": rows,
        "taskType": "root" if below else "cop[tikv]",
        "operatorInfo": info,
    }
    if accessed:
        node["accessObject"] = accessed
    return node | ({"subOperators": list(below)} if below else {})


def test_tidb() -> None:
    scan_ = operator(
        "TableFullScan_5", "1000.00", accessed="table:bills, partition:p0", info="keep order:false"
    )
    chosen = operator("Selection_6", "33.30", scan_, info="eq(shop.bills.paid, 0)")
    found = read(
        [operator("Projection_4", "33.30", operator("TableReader_7", "33.30", chosen), info="1->Column#4")]
    )
    assert (found.rows, found.several, found.bound) == (34, False, False)
    assert found.facts == PlanFacts((FullScan("bills", 1000),))


def test_tidb_points_and_joins() -> None:
    point = operator("Point_Get_1", "1.00", accessed="table:bills", info="handle:7")
    assert read([operator("Projection_3", "1.00", point)]).rows == 1
    empty = operator("TableDual_6", "0.00", info="rows:0")
    assert read([operator("Projection_3", "0.00", empty)]).rows == 0
    build = operator("TableFullScan_8(Build)", "20.00", accessed="table:a", info="keep order:false")
    probe = operator(
        "IndexRangeScan_9(Probe)", "5.00", accessed="table:b, index:k(x)", info="keep order:false"
    )
    found = read([operator("HashJoin_7", "100.00", build, probe)])
    assert (found.rows, found.several) == (100, True)


def test_tidb_without_statistics_knows_nothing() -> None:
    scan_ = operator(
        "TableFullScan_5", "10000.00", accessed="table:bills", info="keep order:false, stats:pseudo"
    )
    with pytest.raises(Unread) as caught:
        read([operator("TableReader_6", "10000.00", scan_)])
    assert caught.value.reason == "estimate_no_statistics"


def test_oceanbase() -> None:
    left = {"ID": 1, "OPERATOR": "TABLE FULL SCAN", "NAME": "bills", "EST.ROWS": 200, "EST.TIME(us)": 9}
    right = {"ID": 2, "OPERATOR": "TABLE GET", "NAME": "lines", "EST.ROWS": 1, "EST.TIME(us)": 9}
    plan = {"ID": 0, "OPERATOR": "NESTED-LOOP JOIN ", "NAME": "", "EST.ROWS": 180, "EST.TIME(us)": 99, "output": [],
            "CHILD_1": left, "CHILD_2": right}  # fmt: skip
    assert (read(plan).rows, read(plan).several) == (180, True)
    assert read(plan).facts.full_scans == (FullScan("bills", 200),)


# ---------------------------------------------------------------- not certain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "7",
        "[]",
        "{}",
        '{"query_block": {}}',
        '{"query_block": {"select_id": 1}}',
        '{"query_block": {"message": "Something of a later version"}}',
        '{"query_block": {"intersect_result": {"query_specifications": []}}}',
        '{"query_block": {"later_operation": {"table": {"rows_produced_per_join": 9}}}}',
        '{"query_block": {"nested_loop": [{"table": {"rows": 9}}, {"later-join": {"table": {"rows": 9}}}]}}',
        '{"query_block": {"table": {"table_name": "t"}}}',
        '{"query_block": {"table": {"rows": "many"}}}',
        '{"query_block": {"table": {"rows": 1e999}}}',
        '{"query_plan": {"access_type": "later", "inputs": [{"estimated_rows": 1.0}]}}',
        '{"query_plan": {"access_type": "join", "inputs": [{"estimated_rows": 1.0}, {"estimated_rows": 1.0}]}}',
        '{"query_plan": []}',
        '[{"id": "Projection_1"}]',
        "[" * 100_000,
    ],
)
def test_unread(text: str) -> None:
    with pytest.raises(Unread):
        plans.read(text.encode())


# ---------------------------------------------------------------- what the text says


def tokens(text: str) -> list[scan.Token]:
    return scan.tokens(text, scan.MYSQL)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT id FROM a", Together()),
        ("SELECT COUNT(*) FROM a", Together(single=True)),
        ("SELECT 1, COALESCE(MAX(id), 0) + 1 FROM a", Together(single=True)),
        ("SELECT (SELECT MAX(id) FROM b), id FROM a", Together()),
        ("SELECT SUM(x) OVER (PARTITION BY y) FROM a", Together()),
        ("SELECT SUM(x) OVER (), COUNT(*) FROM a", Together(single=True)),
        ("SELECT COUNT(*) FROM a HAVING COUNT(*) > 5", Together(single=True, fewer=True)),
        ("SELECT y, COUNT(*) FROM a GROUP BY y", Together(fewer=True)),
        ("SELECT DISTINCT y FROM a", Together(fewer=True)),
        ("SELECT COUNT(*) FROM a UNION ALL SELECT id FROM b", Together()),
        ("SELECT `count` FROM a", Together()),
    ],
)
def test_rows_put_together(query: str, expected: Together) -> None:
    assert together(tokens(f"INSERT INTO t {query}")) == expected


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("DELETE FROM t LIMIT 5", 5),
        ("DELETE FROM t ORDER BY a LIMIT 5;", 5),
        ("INSERT INTO t SELECT * FROM a LIMIT 10, 3", 3),
        ("INSERT INTO t SELECT * FROM a LIMIT 4 OFFSET 10", 4),
        ("INSERT INTO t SELECT * FROM a LIMIT 4 ON DUPLICATE KEY UPDATE x = 1", 4),
        ("INSERT INTO t SELECT * FROM (SELECT * FROM a LIMIT 4) d", None),
        ("DELETE FROM t LIMIT @n", None),
        ("DELETE FROM t", None),
    ],
)
def test_limits(text: str, limit: int | None) -> None:
    assert limit_of(tokens(text)) == limit
