"""CROSS_JOIN: written as such. Carries over CloudDM's query_005."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    if options.flag("allow"):
        return
    for joins in (query.joins, *(select.joins for select in query.selects)):
        for join in joins:
            if join.kind == "CROSS":
                yield Note("CROSS_JOIN", join.at, join.kind)


RULE = Rule(
    id="QRY004",
    code="CROSS_JOIN",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("tables",),
    enabled=False,
    parameters=(
        Parameter(
            "allow",
            False,
            Text(
                zh="允许交叉连接",
                en="CROSS JOIN is allowed",
            ),
        ),
    ),
    title=Text(
        zh="交叉连接",
        en="CROSS JOIN",
    ),
    message=Text(
        zh="不允许使用 CROSS JOIN，请改用带 ON 条件的连接。",
        en="CROSS JOIN isn't allowed here. Join ON a condition.",
    ),
    why=Text(
        zh="交叉连接的结果是两表行数的乘积，很小的表也可能得到巨大的结果。",
        en="Its result has as many rows as the product of both tables; even small tables make a huge one.",
    ),
    fails=(Example("SELECT a.x FROM a CROSS JOIN b WHERE a.x = 1"),),
    passes=(
        Example("SELECT a.x FROM a JOIN b ON a.i = b.i"),
        Example("SELECT a.x FROM a CROSS JOIN b", options={"allow": True}),
    ),
)
