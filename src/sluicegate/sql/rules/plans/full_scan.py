"""FULL_SCAN: a large table is read from end to end to find the rows."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Estimate, FullScan, PlanFacts, Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Options, Parameter, PlanSubject, Rule, Text


def check(subject: PlanSubject, options: Options) -> Iterator[Note]:
    plan = subject.estimate.plan
    for scan in plan.full_scans if plan is not None else ():
        rows = scan.rows if scan.rows is not None else subject.sizes.get(scan.table.casefold())
        if rows is not None and rows >= options.number("rows"):
            yield Note("FULL_SCAN", -1, scan.table, params={"read": rows})


RULE = Rule(
    id="PLN001",
    code="FULL_SCAN",
    severity=Severity.WARNING,
    enabled=True,
    families=frozenset({MYSQL, POSTGRESQL}),
    check_plan=check,
    parameters=(Parameter("rows", 100000, Text(zh="表的行数下限", en="From how many rows on"), minimum=1),),
    title=Text(zh="全表扫描", en="A whole table is read"),
    message=Text(
        zh="要读完整张表 {detail}（约 {read} 行）才能找到目标行。请为条件列建立索引，或改用主键分批执行。",
        en="All of table {detail} (about {read} rows) is read to find the rows. Add an index for the condition, or go by key in batches.",
    ),
    why=Text(
        zh="全表扫描耗时长，更新时还会锁住扫描过的行，影响线上业务。",
        en="It takes long, and a change may lock every row that it passes, so that others wait.",
    ),
    plan_fails=(
        PlanSubject("UPDATE", Estimate(1, plan=PlanFacts((FullScan("orders", 200_000),)))),
        PlanSubject("UPDATE", Estimate(1, plan=PlanFacts((FullScan("Orders"),))), sizes={"orders": 100_000}),
    ),
    plan_passes=(
        PlanSubject("UPDATE", Estimate(1, plan=PlanFacts((FullScan("orders", 99),)))),
        PlanSubject("UPDATE", Estimate(1, plan=PlanFacts((FullScan("orders"),)))),
        PlanSubject("UPDATE", Estimate(None, "estimate_unclear")),
    ),
)
