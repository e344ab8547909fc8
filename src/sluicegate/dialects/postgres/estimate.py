"""How many rows a statement would change, by EXPLAIN, executing nothing.

Planning folds constants, and with them calls IMMUTABLE and, for selectivity, STABLE functions: so no
statement is explained that calls a function from outside pg_catalog (whose volatile functions planning
never calls), by its own name or as ``planning`` finds it. The read-only transaction and the extended protocol around it are the further lines.
"""

# ruff: noqa: S608 - slices of the statement, read only

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sluicegate.dialects.base import StatementFailed
from sluicegate.dialects.common import scan
from sluicegate.dialects.common.text import to_wire
from sluicegate.dialects.postgres import plans
from sluicegate.dialects.postgres.finding import Rows, changed_rows, finding_query
from sluicegate.dialects.postgres.planning import array, obstacle
from sluicegate.dialects.postgres.wire import Outcome, Wire
from sluicegate.sql.model import Estimate, ImagePlan, Statement, StatementKind

EXPLAINED = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "SELECT"})  # a SELECT whose WITH changes rows
# What may stand before "(" and calls nothing, or what only the grammar itself can name.
_KEYWORDS = """
ALL AND ANY ARRAY AS BETWEEN BIT BY CASE CAST CHAR CHARACTER COALESCE CONFLICT DECIMAL DISTINCT ELSE
EXISTS EXTRACT FILTER FROM GREATEST GROUP HAVING ILIKE IN INTERVAL INTO IS JOIN LATERAL LEAST LIKE LIMIT
MATERIALIZED NOT NULLIF NUMERIC ON OR ORDER OVER OVERLAY POSITION PRECISION RETURNING ROW SELECT SET SETS
SIMILAR SOME SUBSTRING THEN TIME TIMESTAMP TIMESTAMPTZ TREAT TRIM UNION USING VALUES VARCHAR VARYING WHEN
WHERE WITHIN
"""
KEYWORDS = frozenset(_KEYWORDS.split())
# The review account may be another one than the one that executes.
_OF_THE_ACCOUNT = frozenset(
    {"CURRENT_USER", "SESSION_USER", "USER", "CURRENT_ROLE", "SYSTEM_USER", "CURRENT_SETTING"}
)
_NO_PRIVILEGE = "42501"


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
    hidden = obstacle(wire, statement, parts)
    return _explain(wire, statement) if hidden is None else Estimate(None, hidden)


def count(wire: Wire, statement: Statement, plan: ImagePlan | None, seconds: float) -> Estimate:
    """See ``Session.count``. Unlike EXPLAIN this runs the condition, so nothing of it may be anybody's own:
    neither functions, which a name without parentheses can call as well (``row.function``), nor operators,
    casts, domains and row security; and no volatile function of the server's."""
    rows = changed_rows(statement.text) if plan is None else _rows_of(plan)
    try:
        parts = scan.tokens(rows.text, scan.POSTGRES) if rows is not None else []
    except scan.Unclear:
        return Estimate(None, "estimate_not_counted")
    named = {token.text for token in parts if token.kind in {scan.TokenKind.WORD, scan.TokenKind.QUOTED}}
    calls = {call.name for call in scan.calls(parts, KEYWORDS)}
    words = {token.text for token in parts if token.kind is scan.TokenKind.WORD}
    if (
        rows is None
        or words & _OF_THE_ACCOUNT
        or (plan is None and _limited_inside(parts))
        or _may_run_others(wire, named, calls, statement)
        or not _only_tables(wire, statement)
        or obstacle(wire, statement, parts) is not None
    ):
        return Estimate(None, "estimate_not_counted")
    try:
        with wire.within(seconds):
            outcome = wire.message(
                to_wire(f"SELECT pg_catalog.count(*) FROM ({rows.text}\n) AS counted_rows"), keep=1
            )
    except StatementFailed as error:
        slow = error.code == "statement_timeout"
        return Estimate(None, "estimate_count_timeout" if slow else "estimate_not_counted")
    return Estimate(int(outcome.rows[0][0] or 0), "estimate_at_most" if rows.bound else None)


def _rows_of(plan: ImagePlan) -> Rows:
    return Rows(f"SELECT 1 FROM {plan.table_text} {plan.alias_text} {plan.tail_text}")


def _limited_inside(parts: list[scan.Token]) -> bool:
    """Which rows a sub-query leaves isn't certain."""
    limiting = {"LIMIT", "FETCH", "TABLESAMPLE"}
    return any(token.text in limiting and (token.depth or token.text == "TABLESAMPLE") for token in parts)


_OTHERS = """
WITH own AS (SELECT 'pg_catalog'::pg_catalog.regnamespace AS oid),
extended AS (SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e')
SELECT 1 FROM pg_catalog.pg_proc p WHERE
  pg_catalog.upper(p.proname::text) = ANY ($1::text[]) AND p.pronamespace <> (SELECT oid FROM own)
  OR pg_catalog.upper(p.proname::text) = ANY ($2::text[]) AND p.provolatile = 'v'
UNION ALL SELECT 1 FROM pg_catalog.pg_type t WHERE
  pg_catalog.upper(t.typname::text) = ANY ($1::text[]) AND t.typtype = 'd'
  AND t.typnamespace::pg_catalog.regnamespace <> 'information_schema'::pg_catalog.regnamespace
UNION ALL SELECT 1 FROM pg_catalog.pg_operator o WHERE o.oprnamespace <> (SELECT oid FROM own)
  AND ('pg_catalog.pg_operator'::pg_catalog.regclass, o.oid) NOT IN (SELECT classid, objid FROM extended)
UNION ALL SELECT 1 FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc
  WHERE p.pronamespace <> (SELECT oid FROM own)
  AND ('pg_catalog.pg_cast'::pg_catalog.regclass, c.oid) NOT IN (SELECT classid, objid FROM extended)
UNION ALL SELECT 1 FROM pg_catalog.pg_class r
  WHERE r.relrowsecurity AND pg_catalog.upper(r.relname::text) = ANY ($3::text[])
LIMIT 1
"""


def _may_run_others(wire: Wire, named: set[str], calls: set[str], statement: Statement) -> bool:
    tables = {item.name.upper() for item in statement.objects}
    names = {name.upper() for name in named}
    return bool(wire.query(_OTHERS, array(list(names - tables)), array(list(calls)), array(list(tables))))


def _outside(wire: Wire, names: set[str]) -> bool:
    """Whether any of the names may be a function that doesn't come with the server."""
    if not names:
        return False
    listed = array(list(names))
    rows = wire.query(
        "SELECT pg_catalog.upper(p.proname::text), "
        "pg_catalog.bool_or(p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace) "
        "FROM pg_catalog.pg_proc p WHERE pg_catalog.upper(p.proname::text) = ANY ($1::text[]) GROUP BY 1",
        listed,
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
    """The plan of the statement itself; where the account may only read, of the query that finds its rows."""
    wire.run("SAVEPOINT sluicegate_plan")
    try:
        outcome = _plan(wire, statement.text)
    except StatementFailed as error:
        if error.server_code != _NO_PRIVILEGE:
            return Estimate(None, "estimate_refused")
        return _explain_reading(wire, statement)
    try:
        plan = json.loads(outcome.rows[0][0] or "")[0]["Plan"]
        rows = sum(_changed(plan))
    except (ValueError, KeyError, TypeError, IndexError):
        return Estimate(None, "estimate_plan_unread")
    return Estimate(rows, plan=plans.facts(plan))


def _explain_reading(wire: Wire, statement: Statement) -> Estimate:
    query = finding_query(statement.text)
    if query is None:
        return Estimate(None, "estimate_no_privilege")
    wire.run("ROLLBACK TO SAVEPOINT sluicegate_plan")
    try:
        outcome = _plan(wire, query)
    except StatementFailed as error:
        denied = error.server_code == _NO_PRIVILEGE
        return Estimate(None, "estimate_no_privilege" if denied else "estimate_refused")
    try:
        plan = json.loads(outcome.rows[0][0] or "")[0]["Plan"]
        rows = round(plan["Plan Rows"])
    except (ValueError, KeyError, TypeError, IndexError):
        return Estimate(None, "estimate_plan_unread")
    return Estimate(rows, plan=plans.facts(plan))


def _plan(wire: Wire, query: str) -> Outcome:
    return wire.message(b"EXPLAIN (FORMAT JSON) " + to_wire(query), keep=1)


def _changed(plan: dict[str, Any]) -> Iterator[int]:
    """Rows that each ModifyTable gets from below (its own count is that of RETURNING)."""
    for child in plan.get("Plans", ()):
        # Sub-plans (InitPlan, SubPlan) only help to find the rows.
        if plan["Node Type"] == "ModifyTable" and child.get("Parent Relationship") in {"Outer", "Member"}:
            yield round(child["Plan Rows"])
        yield from _changed(child)
