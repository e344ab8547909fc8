"""LARGE_SHARE: a large part of a table is changed at once."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Estimate, Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Options, Parameter, PlanSubject, Rule, Text


def check(subject: PlanSubject, options: Options) -> Iterator[Note]:
    large = subject.table_rows is not None and subject.table_rows >= options.number("rows")
    share = subject.share
    if large and share is not None and share > options.number("percent") and subject.operation != "INSERT":
        yield Note("LARGE_SHARE", -1, subject.table, params={"share": f"{share:g}"})


RULE = Rule(
    id="PLN003",
    code="LARGE_SHARE",
    severity=Severity.WARNING,
    enabled=True,
    families=frozenset({MYSQL, POSTGRESQL}),
    check_plan=check,
    parameters=(
        Parameter("percent", 50, Text(zh="占比上限（%）", en="At most percent"), minimum=0),
        Parameter("rows", 1000, Text(zh="表的行数下限", en="From how many rows on"), minimum=1),
    ),
    title=Text(zh="改动了大部分数据", en="Most of a table is changed"),
    message=Text(
        zh="预计改动表 {detail} 的 {share}%。请确认条件没有写错；确需全表改动时请分批执行。",
        en="About {share} % of table {detail} is changed. Make sure that the condition is what you mean; if so, go in batches.",
    ),
    why=Text(
        zh="占比过大往往说明条件写漏或写错。",
        en="So large a share often means that a condition is missing or wrong.",
    ),
    plan_fails=(PlanSubject("UPDATE", Estimate(900), "orders", 1000, 90.0),),
    plan_passes=(
        PlanSubject("UPDATE", Estimate(100), "orders", 1000, 10.0),
        PlanSubject("UPDATE", Estimate(4), "orders", 4, 100.0),
        PlanSubject("UPDATE", Estimate(None, "estimate_unclear"), "orders", 1000),
    ),
)
