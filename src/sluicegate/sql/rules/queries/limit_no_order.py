"""LIMIT_NO_ORDER: which rows come is left to chance."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import queried
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    main = queried(subject)
    if main is None:
        return

    if main.limit is None or main.limit == 1 or main.order_by or not main.tables:
        return
    if not (main.aggregates and not main.grouped):
        yield Note("LIMIT_NO_ORDER", main.at)


RULE = Rule(
    id="QRY016",
    code="LIMIT_NO_ORDER",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=frozenset({"SELECT"}),
    reads_literals=True,
    title=Text(
        zh="LIMIT 没有 ORDER BY",
        en="LIMIT without ORDER BY",
    ),
    message=Text(
        zh="查询有 LIMIT 而没有 ORDER BY，返回哪些行不确定，请加上排序。",
        en="LIMIT without ORDER BY returns whichever rows come first. Add an order.",
    ),
    why=Text(
        zh="没有排序时数据库可以按任何顺序返回，分页会重复或漏掉数据。",
        en="Without an order any rows may come; pages repeat or miss rows.",
    ),
    fails=(Example("SELECT a FROM t WHERE b = 1 LIMIT 10"),),
    passes=(
        Example("SELECT a FROM t WHERE b = 1 ORDER BY a LIMIT 10"),
        Example("SELECT a FROM t WHERE b = 1 LIMIT 1"),
        Example("SELECT COUNT(*) FROM t LIMIT 10"),
    ),
)
