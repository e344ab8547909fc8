"""ORDER_BY_RANDOM: every row gets a random number, and all are sorted."""

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

    for order in (query.order_by, *(select.order_by for select in query.selects)):
        for item in order:
            if item.random:
                yield Note("ORDER_BY_RANDOM", item.at)


RULE = Rule(
    id="QRY013",
    code="ORDER_BY_RANDOM",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("selects",),
    title=Text(
        zh="按随机数排序",
        en="Random order",
    ),
    message=Text(
        zh="按随机函数排序要为每一行生成随机数并整体排序，请改为先随机选出主键再查询。",
        en=(
            "Sorting by a random function sorts the whole result. Choose random keys first and fetch "
            "those rows."
        ),
    ),
    why=Text(
        zh="即使只取一行，也要读取并排序全部结果，表越大越慢，且无法使用索引。",
        en="Even for one row everything is read and sorted; no index helps.",
    ),
    fails=(
        Example("SELECT a FROM t ORDER BY RAND() LIMIT 1", families=("mysql",)),
        Example("SELECT a FROM t ORDER BY random() LIMIT 1", families=("postgresql", "sqlite")),
    ),
    passes=(Example("SELECT a FROM t ORDER BY a LIMIT 1"),),
)
