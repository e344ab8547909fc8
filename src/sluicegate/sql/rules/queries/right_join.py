"""RIGHT_JOIN: reads backwards."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return
    for joins in (query.joins, *(select.joins for select in query.selects)):
        for join in joins:
            if join.kind == "RIGHT":
                yield Note("RIGHT_JOIN", join.at, join.kind)


RULE = Rule(
    id="QRY033",
    code="RIGHT_JOIN",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("tables",),
    enabled=False,
    title=Text(
        zh="RIGHT JOIN",
        en="RIGHT JOIN",
    ),
    message=Text(
        zh="请把 RIGHT JOIN 改写为 LEFT JOIN，并交换两张表的次序。",
        en="Write the RIGHT JOIN as a LEFT JOIN with the tables exchanged.",
    ),
    why=Text(
        zh="左右连接混用难以看清保留的是哪张表，容易写错。",
        en="With both directions it is hard to see which table keeps its rows.",
    ),
    fails=(Example("SELECT a FROM t RIGHT JOIN u ON t.i = u.i"),),
    passes=(Example("SELECT a FROM t LEFT JOIN u ON t.i = u.i"),),
)
