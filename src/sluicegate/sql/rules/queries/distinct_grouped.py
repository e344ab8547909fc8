"""DISTINCT_WITH_GROUP: groups are distinct already."""

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

    for select in query.selects:
        if select.distinct and select.grouped:
            yield Note("DISTINCT_WITH_GROUP", select.at)


RULE = Rule(
    id="QRY027",
    code="DISTINCT_WITH_GROUP",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("selects",),
    title=Text(
        zh="DISTINCT 与 GROUP BY 并用",
        en="DISTINCT with GROUP BY",
    ),
    message=Text(
        zh="同时使用了 DISTINCT 和 GROUP BY，请检查是否多余，去掉其中之一。",
        en="DISTINCT and GROUP BY stand together. Check which one is meant, and drop the other.",
    ),
    why=Text(
        zh="分组之后通常已无重复，DISTINCT 只是多做一次去重，也常说明查询没有想清楚。",
        en=(
            "Groups are distinct already; DISTINCT costs a second pass and often shows that the query "
            "isn't what was meant."
        ),
    ),
    fails=(Example("SELECT DISTINCT a, COUNT(*) FROM t GROUP BY a"),),
    passes=(
        Example("SELECT DISTINCT a FROM t"),
        Example("SELECT a, COUNT(*) FROM t GROUP BY a"),
    ),
)
