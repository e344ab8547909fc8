"""MANY_ROWS: more rows are changed than agreed."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Estimate, Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Options, Parameter, PlanSubject, Rule, Text


def check(subject: PlanSubject, options: Options) -> Iterator[Note]:
    rows = subject.estimate.rows
    if rows is not None and rows > options.number("max") and subject.operation not in ("INSERT", "REPLACE"):
        yield Note("MANY_ROWS", -1, subject.table, params={"changed": rows})


RULE = Rule(
    id="PLN002",
    code="MANY_ROWS",
    severity=Severity.WARNING,
    enabled=True,
    families=frozenset({MYSQL, POSTGRESQL}),
    check_plan=check,
    parameters=(Parameter("max", 10000, Text(zh="最多行数", en="At most"), minimum=0),),
    title=Text(zh="影响行数过多", en="Many rows are changed"),
    message=Text(
        zh="预计影响 {changed} 行，超过 {max} 行。请按主键分批执行，每批单独提交。",
        en="About {changed} rows are changed, more than {max}. Do it in batches by key, each a statement of its own.",
    ),
    why=Text(
        zh="一次改动大量行会长时间持锁、产生大事务，并造成主从延迟；出错时回滚也很慢。",
        en="One large change holds its locks for long, makes replicas lag, and takes as long again to be rolled back.",
    ),
    plan_fails=(PlanSubject("DELETE", Estimate(10_001)),),
    plan_passes=(
        PlanSubject("DELETE", Estimate(10_000)),
        PlanSubject("DELETE", Estimate(None, "estimate_unclear")),
        PlanSubject("INSERT", Estimate(20_000)),
    ),
)
