"""How many rows a statement would change. SQLite's plans hold no row counts, so the rows of a plain
single-table UPDATE or DELETE are counted by a query with the same condition, read-only.

A reader keeps a writer from committing for as long as it reads, unless the file has a write-ahead log: so it
has a second, and what takes longer is unknown."""

# ruff: noqa: S608 - slices of the statement, under the authorizer and query_only

from __future__ import annotations

from typing import Final

from sluicegate.dialects.base import StatementFailed
from sluicegate.dialects.common import scan
from sluicegate.dialects.sqlite.wire import Wire
from sluicegate.sql.model import Estimate, ImagePlan, PlanFacts, Statement, StatementKind

SECONDS: Final = 1.0
COUNTED = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE"})
# Outside all parentheses these make the statement more than one table and one condition.
MORE = frozenset({"WITH", "FROM", "JOIN", "RETURNING", "ORDER", "LIMIT", "INDEXED"})


def estimate(wire: Wire, statement: Statement) -> Estimate:
    """See ``Session.estimate``."""
    if statement.kind is StatementKind.QUERY and statement.operation == "SELECT":
        return Estimate(0)  # it changes nothing
    if statement.kind is not StatementKind.DML or statement.operation not in COUNTED:
        return Estimate(None, "estimate_unsupported")
    try:
        parts = scan.tokens(statement.text, scan.SQLITE)
    except scan.Unclear:
        return Estimate(None, "estimate_unclear")
    if not parts or parts[0].text != statement.operation:
        return Estimate(None, "estimate_unclear")
    if statement.operation in {"INSERT", "REPLACE"}:
        return _inserted(wire, statement, parts)
    return _counted(wire, statement, parts)


def count(wire: Wire, plan: ImagePlan | None, seconds: float) -> Estimate:
    """See ``Session.count``. A query can run only functions of SQLite's own, and the authorizer refuses those that
    reach outside."""
    if plan is None:
        return Estimate(None, "estimate_not_counted")
    source = f"SELECT 1 FROM {plan.table_text} {plan.alias_text} {plan.tail_text}\n"
    try:
        return Estimate(wire.counted(f"SELECT count(*) FROM ({source})", seconds))
    except StatementFailed as error:
        slow = error.code == "statement_timeout"
        return Estimate(None, "estimate_count_timeout" if slow else "estimate_not_counted")


def _inserted(wire: Wire, statement: Statement, parts: list[scan.Token]) -> Estimate:
    tuples = scan.values_tuples(parts)
    if tuples is not None:
        return Estimate(tuples)
    top = [token for token in parts if token.depth == 0 and token.kind is scan.TokenKind.WORD]
    select = next((token.start for token in top if token.text == "SELECT"), None)
    # ON may be of a join or of ON CONFLICT, which then follows.
    if select is None or {token.text for token in top} & {"WITH", "CONFLICT", "RETURNING"}:
        return Estimate(None, "estimate_unsupported")
    return _count(wire, f"({statement.text[select : _end(statement, parts)]}\n)")


def _end(statement: Statement, parts: list[scan.Token]) -> int:
    return next((token.start for token in parts if token.text == ";"), len(statement.text))


def _counted(wire: Wire, statement: Statement, parts: list[scan.Token]) -> Estimate:
    top = [token for token in parts if token.depth == 0 and token.kind is scan.TokenKind.WORD]
    words = [token.text for token in top]
    if statement.operation == "DELETE":
        words = words[2:] if words[1:2] == ["FROM"] else ["WITH"]
        first = parts[2].start if len(parts) > 2 else 0
        before = None
    else:
        first = parts[1].start if len(parts) > 1 else 0
        before = next((token.start for token in top if token.text == "SET"), None)
    if set(words) & MORE or words[1:2] == ["OR"]:
        return Estimate(None, "estimate_unsupported")
    where = next((token.start for token in top if token.text == "WHERE"), None)
    end = _end(statement, parts)
    if statement.operation == "UPDATE" and before is None:
        return Estimate(None, "estimate_unclear")
    named = statement.text[first : before or where or end]
    condition = statement.text[where:end] if where is not None else ""
    return _count(wire, f"{named}\n{condition}")


def _count(wire: Wire, source: str) -> Estimate:
    try:
        # A plan that says nothing: unlike rows that the statement's own text holds, these may still change.
        return Estimate(wire.counted(f"SELECT count(*) FROM {source}", SECONDS), plan=PlanFacts())
    except StatementFailed as error:
        slow = error.code == "statement_timeout"
        return Estimate(None, "estimate_timeout" if slow else "estimate_refused")
