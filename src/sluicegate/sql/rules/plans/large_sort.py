"""LARGE_SORT: many rows are sorted before they are changed."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Estimate, PlanFacts, Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Options, Parameter, PlanSubject, Rule, Text


def check(subject: PlanSubject, options: Options) -> Iterator[Note]:
    plan = subject.estimate.plan
    if plan is not None and max(plan.sorted_rows, plan.temporary_rows) >= options.number("rows"):
        yield Note(
            "LARGE_SORT", -1, subject.table, params={"sorted": max(plan.sorted_rows, plan.temporary_rows)}
        )


RULE = Rule(
    id="PLN006",
    code="LARGE_SORT",
    severity=Severity.INFO,
    enabled=False,
    families=frozenset({MYSQL, POSTGRESQL}),
    check_plan=check,
    parameters=(Parameter("rows", 100000, Text(zh="行数下限", en="From how many rows on"), minimum=1),),
    title=Text(zh="大量排序", en="A large sort"),
    message=Text(
        zh="需要排序或暂存约 {sorted} 行。请按索引顺序处理，或去掉 ORDER BY。",
        en="About {sorted} rows are sorted or kept aside. Follow an index's order, or leave ORDER BY out.",
    ),
    why=Text(
        zh="大排序会占用内存和磁盘，拖慢整个实例。",
        en="Large sorts take memory and disk from everybody.",
    ),
    plan_fails=(
        PlanSubject("DELETE", Estimate(1, plan=PlanFacts((), 200_000))),
        PlanSubject("DELETE", Estimate(1, plan=PlanFacts((), 0, 200_000))),
    ),
    plan_passes=(
        PlanSubject("DELETE", Estimate(1, plan=PlanFacts((), 10))),
        PlanSubject("DELETE", Estimate(1)),
    ),
)
