"""ORDER_IN_SUBQUERY: an order that nothing keeps."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked, sub_queries
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Place, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    for select in sub_queries(query):
        if select.order_by and select.limit is None and select.place in (Place.FROM, Place.WHERE, Place.CTE):
            yield Note("ORDER_IN_SUBQUERY", select.at)


RULE = Rule(
    id="QRY043",
    code="ORDER_IN_SUBQUERY",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("selects",),
    title=Text(
        zh="子查询中的排序",
        en="ORDER BY in a sub-query",
    ),
    message=Text(
        zh="子查询中的 ORDER BY 没有 LIMIT，排序不起作用，请移到最外层。",
        en="ORDER BY in a sub-query without LIMIT has no effect. Move it to the outermost query.",
    ),
    why=Text(
        zh="外层查询不保证沿用子查询的次序，排序只是白费。",
        en="The outer query needn't keep the order, so that the sort is in vain.",
    ),
    fails=(Example("SELECT a FROM (SELECT a FROM t ORDER BY a) s"),),
    passes=(
        Example("SELECT a FROM (SELECT a FROM t ORDER BY a LIMIT 5) s"),
        Example("SELECT a FROM t ORDER BY a"),
    ),
)
