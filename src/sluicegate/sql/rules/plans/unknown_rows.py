"""ROWS_UNKNOWN: in production nobody knows how many rows are changed."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Estimate, Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Options, PlanSubject, Rule, Text


def check(subject: PlanSubject, _options: Options) -> Iterator[Note]:
    if subject.production and subject.estimate.rows is None:
        yield Note("ROWS_UNKNOWN", -1, subject.table)


RULE = Rule(
    id="PLN004",
    code="ROWS_UNKNOWN",
    severity=Severity.WARNING,
    enabled=False,
    families=frozenset({MYSQL, POSTGRESQL}),
    check_plan=check,
    parameters=(),
    title=Text(zh="影响行数未知", en="Unknown number of rows"),
    message=Text(
        zh="无法预估这条语句在生产环境影响多少行。请改写成可预估的形式，或先用 SELECT COUNT(*) 核对并写入备注。",
        en="How many rows this changes in production couldn't be estimated. Rewrite it, or count them with SELECT COUNT(*) and say so in the remark.",
    ),
    why=Text(
        zh="审批人无法判断影响范围。",
        en="Approvers can't judge what it will do.",
    ),
    plan_fails=(PlanSubject("UPDATE", Estimate(None, "estimate_unclear"), production=True),),
    plan_passes=(
        PlanSubject("UPDATE", Estimate(None, "estimate_unclear")),
        PlanSubject("UPDATE", Estimate(1), production=True),
    ),
)
