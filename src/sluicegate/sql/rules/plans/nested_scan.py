"""NESTED_SCAN: a table without a fitting key is read once for every row of another."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Estimate, FullScan, PlanFacts, Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Options, Parameter, PlanSubject, Rule, Text


def check(subject: PlanSubject, options: Options) -> Iterator[Note]:
    plan = subject.estimate.plan
    for scan in plan.full_scans if plan is not None else ():
        rows = scan.rows if scan.rows is not None else subject.sizes.get(scan.table.casefold())
        if scan.nested and rows is not None and rows >= options.number("rows"):
            yield Note("NESTED_SCAN", -1, scan.table, params={"read": rows})


RULE = Rule(
    id="PLN005",
    code="NESTED_SCAN",
    severity=Severity.WARNING,
    enabled=True,
    families=frozenset({MYSQL, POSTGRESQL}),
    check_plan=check,
    parameters=(Parameter("rows", 1000, Text(zh="表的行数下限", en="From how many rows on"), minimum=1),),
    title=Text(zh="连接没有可用的索引", en="A join without a key"),
    message=Text(
        zh="连接时表 {detail}（约 {read} 行）没有可用的索引，会被反复整表读取。请为连接列建立索引。",
        en="Table {detail} (about {read} rows) has no key for the join and is read again and again. Add an index on the joined column.",
    ),
    why=Text(
        zh="嵌套循环反复扫描，耗时是两张表行数的乘积。",
        en="The work is the product of both tables' rows.",
    ),
    plan_fails=(PlanSubject("UPDATE", Estimate(1, plan=PlanFacts((FullScan("o", 5000, True),)))),),
    plan_passes=(
        PlanSubject("UPDATE", Estimate(1, plan=PlanFacts((FullScan("o", 5000),)))),
        PlanSubject("UPDATE", Estimate(1, plan=PlanFacts((FullScan("o", 5, True),)))),
    ),
)
