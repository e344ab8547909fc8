"""JOINS_MANY: more tables than a plan can be trusted with."""

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

    for joins in (query.joins, *(select.joins for select in query.selects)):
        if len(joins) > options.number("max"):
            yield Note("JOINS_MANY", joins[0].at, str(len(joins)))


RULE = Rule(
    id="QRY036",
    code="JOINS_MANY",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("tables",),
    parameters=(
        Parameter(
            "max",
            5,
            Text(
                zh="最多的连接次数",
                en="Most joins",
            ),
            minimum=0,
        ),
    ),
    title=Text(
        zh="连接的表过多",
        en="Too many joins",
    ),
    message=Text(
        zh="一次连接了 {detail} 张以上的表，超过 {max} 次连接，请拆分查询或汇总数据。",
        en="There are {detail} joins, more than {max}. Split the query, or prepare the data.",
    ),
    why=Text(
        zh="表越多，优化器越难选出好的次序，一处统计不准就会慢上千倍。",
        en=(
            "The more tables, the likelier a bad order; one wrong statistic makes it a thousand times slower."
        ),
    ),
    fails=(
        Example("SELECT a.x FROM a JOIN b ON a.i = b.i JOIN c ON b.i = c.i", options={"max": 1}),
        Example(
            "UPDATE a JOIN b ON a.i = b.i JOIN c ON b.i = c.i SET a.x = 1",
            families=("mysql",),
            options={"max": 1},
        ),
    ),
    passes=(Example("SELECT a.x FROM a JOIN b ON a.i = b.i JOIN c ON b.i = c.i"),),
)
