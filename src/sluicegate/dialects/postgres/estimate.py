"""How many rows a statement would change, by EXPLAIN, executing nothing.

Planning folds constants, and with them calls IMMUTABLE and, for selectivity, STABLE functions: so no
statement is explained that calls a function from outside pg_catalog (whose volatile functions planning
never calls). The read-only transaction and the extended protocol around it are the further lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sluicegate.dialects.base import StatementFailed
from sluicegate.dialects.common import scan
from sluicegate.dialects.common.text import to_wire
from sluicegate.dialects.postgres import plans
from sluicegate.dialects.postgres.wire import Wire
from sluicegate.sql.model import Estimate, Statement, StatementKind

EXPLAINED = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
# What may stand before "(" and calls nothing, or what only the grammar itself can name.
_KEYWORDS = """
ALL AND ANY ARRAY AS BETWEEN BIT BY CASE CAST CHAR CHARACTER COALESCE CONFLICT DECIMAL DISTINCT ELSE
EXISTS EXTRACT FILTER FROM GREATEST GROUP HAVING ILIKE IN INTERVAL INTO IS JOIN LATERAL LEAST LIKE LIMIT
MATERIALIZED NOT NULLIF NUMERIC ON OR ORDER OVER OVERLAY POSITION PRECISION RETURNING ROW SELECT SET SETS
SIMILAR SOME SUBSTRING THEN TIME TIMESTAMP TIMESTAMPTZ TREAT TRIM UNION USING VALUES VARCHAR VARYING WHEN
WHERE WITHIN
"""
KEYWORDS = frozenset(_KEYWORDS.split())


def estimate(wire: Wire, statement: Statement) -> Estimate:
    """See ``Session.estimate``."""
    if statement.kind is StatementKind.QUERY and statement.operation == "SELECT":
        return Estimate(0)  # it changes nothing
    if statement.kind is not StatementKind.DML or statement.operation not in EXPLAINED:
        return Estimate(None, "estimate_unsupported")
    try:
        parts = scan.tokens(statement.text, scan.POSTGRES)
    except scan.Unclear:
        return Estimate(None, "estimate_unclear")
    if not parts or parts[0].text not in (statement.operation, "WITH"):
        return Estimate(None, "estimate_unclear")
    if statement.operation == "INSERT":
        tuples = scan.values_tuples(parts)
        if tuples is not None:
            return Estimate(tuples)
    names = {call for call in scan.calls(parts, KEYWORDS) if call.qualifier != "PG_CATALOG"}
    if any(call.qualifier for call in names) or _outside(wire, {call.name for call in names}):
        return Estimate(None, "estimate_has_function")
    if not _only_tables(wire, statement):
        return Estimate(None, "estimate_has_view")
    return _explain(wire, statement)


def _outside(wire: Wire, names: set[str]) -> bool:
    """Whether any of the names may be a function that doesn't come with the server."""
    if not names:
        return False
    array = "{" + ",".join('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in names) + "}"
    rows = wire.query(
        "SELECT pg_catalog.upper(p.proname::text), "
        "pg_catalog.bool_or(p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace) "
        "FROM pg_catalog.pg_proc p WHERE pg_catalog.upper(p.proname::text) = ANY ($1::text[]) GROUP BY 1",
        array,
    )
    known = {name for name, outside in rows if outside == "f"}
    return known != names


def _only_tables(wire: Wire, statement: Statement) -> bool:
    """Every object is a table without rewrite rules: views and rules may hold functions."""
    if not statement.objects:
        return False
    for item in statement.objects:
        kind = wire.value(
            "SELECT c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relname = $1 AND NOT c.relhasrules "
            "AND CASE WHEN $2::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END",
            item.name,
            item.schema,
        )
        if kind not in {"r", "p"}:
            return False
    return True


def _explain(wire: Wire, statement: Statement) -> Estimate:
    try:
        outcome = wire.message(b"EXPLAIN (FORMAT JSON) " + to_wire(statement.text), keep=1)
    except StatementFailed:
        return Estimate(None, "estimate_refused")
    try:
        plan = json.loads(outcome.rows[0][0] or "")[0]["Plan"]
        rows = sum(_changed(plan))
    except (ValueError, KeyError, TypeError, IndexError):
        return Estimate(None, "estimate_plan_unread")
    return Estimate(rows, plan=plans.facts(plan))


def _changed(plan: dict[str, Any]) -> Iterator[int]:
    """Rows that each ModifyTable gets from below (its own count is that of RETURNING)."""
    for child in plan.get("Plans", ()):
        # Sub-plans (InitPlan, SubPlan) only help to find the rows.
        if plan["Node Type"] == "ModifyTable" and child.get("Parent Relationship") in {"Outer", "Member"}:
            yield round(child["Plan Rows"])
        yield from _changed(child)
