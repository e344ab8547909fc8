"""What the rules say of the plan that the target gave for a change."""

from __future__ import annotations

from sluicegate.dialects.base import Dialect
from sluicegate.reviews.estimates import Estimated
from sluicegate.sql.model import Access, Finding, Statement, StatementKind, Verdict
from sluicegate.sql.rules.base import PlanSubject
from sluicegate.sql.ruleset import RuleSet, default


def plan_findings(
    statement: Statement,
    estimated: Estimated,
    sizes: dict[str, int],
    rules: RuleSet | None,
    dialect: Dialect,
    *,
    production: bool,
) -> tuple[Finding, ...]:
    """``sizes``: rows of the tables that the plan reads, by folded name."""
    if statement.kind is not StatementKind.DML or statement.verdict is Verdict.DENY:
        return ()
    chosen = rules or default()
    written = [ref.name for ref in statement.objects if ref.access is Access.WRITE and ref.type == "table"]
    subject = PlanSubject(
        statement.operation,
        estimated.estimate,
        written[0] if written else "",
        estimated.table_rows,
        estimated.share,
        sizes,
        production,
    )
    found = []
    for note in chosen.check_plan(subject, statement.objects, dialect.family):
        rule = chosen.rule(note.code)
        found.append(
            Finding(
                rule=rule.id,
                code=rule.code,
                severity=rule.severity if note.severity is None else note.severity,
                message_code=rule.message_code,
                line=statement.line,
                column=statement.column,
                params={"detail": note.detail, **(note.params or {})},
            )
        )
    return tuple(found)
