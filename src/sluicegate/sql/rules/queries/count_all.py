"""COUNT_ALL: all rows are read to be counted."""

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
        for item in select.items:
            if item.function == "COUNT" and item.argument == "*" and select.tables and not select.where:
                yield Note("COUNT_ALL", item.at, select.tables[0].ref.name)


RULE = Rule(
    id="QRY031",
    code="COUNT_ALL",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("selects",),
    enabled=False,
    title=Text(
        zh="不带条件的 COUNT(*)",
        en="COUNT(*) of a whole table",
    ),
    message=Text(
        zh="对 {detail} 做不带条件的 COUNT(*) 要扫描整张表，请加上条件或使用统计信息。",
        en="COUNT(*) of all of {detail} reads the whole table. Add a condition, or use the statistics.",
    ),
    why=Text(
        zh="支持事务的引擎不保存确切行数，只能逐行去数。",
        en="Transactional engines keep no exact number of rows; they count one by one.",
    ),
    fails=(Example("SELECT COUNT(*) FROM t"),),
    passes=(
        Example("SELECT COUNT(*) FROM t WHERE b = 1"),
        Example("SELECT a FROM t"),
    ),
)
