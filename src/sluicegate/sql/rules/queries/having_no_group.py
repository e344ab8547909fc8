"""HAVING_NO_GROUP: a filter behind an aggregation that isn't there."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import MYSQL, SQLITE, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    for select in query.selects:
        if select.having and not select.grouped and not select.aggregates:
            yield Note("HAVING_NO_GROUP", select.at)


RULE = Rule(
    id="QRY028",
    code="HAVING_NO_GROUP",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL, SQLITE}),
    structures=(Query,),
    needs=("selects",),
    title=Text(
        zh="HAVING 没有 GROUP BY",
        en="HAVING without GROUP BY",
    ),
    message=Text(
        zh="查询有 HAVING 而没有 GROUP BY 和聚合函数，请改用 WHERE。",
        en="HAVING stands without GROUP BY and without aggregates. Write WHERE.",
    ),
    why=Text(
        zh="HAVING 在读取全部行之后才过滤，不能使用索引；别的数据库会直接拒绝。",
        en="HAVING filters after everything was read, without any index; other servers refuse it.",
    ),
    fails=(Example("SELECT a FROM t HAVING a > 1", families=("mysql", "sqlite")),),
    passes=(
        Example("SELECT a, COUNT(*) FROM t GROUP BY a HAVING COUNT(*) > 1"),
        Example("SELECT COUNT(*) FROM t HAVING COUNT(*) > 1"),
    ),
)
