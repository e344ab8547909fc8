"""IN_LIST_LONG: a list of many values."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked, conditions, name
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    for found in conditions(query):
        if found.items > options.number("max"):
            column = "" if found.column is None else name(found.column)
            yield Note("IN_LIST_LONG", found.at, column, params={"items": found.items})


RULE = Rule(
    id="QRY018",
    code="IN_LIST_LONG",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("comparisons",),
    parameters=(
        Parameter(
            "max",
            500,
            Text(
                zh="最多的值个数",
                en="Most values",
            ),
            minimum=1,
        ),
    ),
    title=Text(
        zh="IN 列表过长",
        en="Long IN list",
    ),
    message=Text(
        zh="{detail} 的 IN 列表有 {items} 个值，超过 {max}，请分批执行或改为连接临时表。",
        en=(
            "The IN list of {detail} has {items} values, more than {max}. Work in batches, or join a "
            "table of the values."
        ),
    ),
    why=Text(
        zh="值很多时优化器可能放弃索引而扫描全表，解析本身也耗时耗内存。",
        en=(
            "With many values the optimizer may give up the index and scan the table; parsing costs time "
            "and memory too."
        ),
    ),
    fails=(
        Example("SELECT a FROM t WHERE b IN (1, 2, 3)", options={"max": 2}),
        Example("DELETE FROM t WHERE b NOT IN (1, 2, 3)", options={"max": 2}),
    ),
    passes=(Example("SELECT a FROM t WHERE b IN (1, 2, 3)"),),
)
