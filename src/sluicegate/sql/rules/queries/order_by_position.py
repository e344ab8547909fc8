"""ORDER_BY_POSITION: sorted by the number of a column."""

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
        for item in select.order_by:
            if item.position is not None:
                yield Note("ORDER_BY_POSITION", item.at)


RULE = Rule(
    id="QRY014",
    code="ORDER_BY_POSITION",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("selects",),
    enabled=False,
    title=Text(
        zh="按列序号排序",
        en="ORDER BY position",
    ),
    message=Text(
        zh="ORDER BY 使用了列的序号，请改写列名。",
        en="ORDER BY names a column by its number. Write its name.",
    ),
    why=Text(
        zh="增减或调换查询的列之后，序号会悄悄指向别的列。",
        en="Once the list of columns changes, the number silently means another one.",
    ),
    fails=(Example("SELECT a, b FROM t ORDER BY 2"),),
    passes=(Example("SELECT a, b FROM t ORDER BY b DESC"),),
)
