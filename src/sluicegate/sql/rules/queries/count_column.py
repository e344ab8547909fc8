"""COUNT_COLUMN: NULLs aren't counted."""

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
            if item.function == "COUNT" and item.argument not in ("", "*"):
                yield Note("COUNT_COLUMN", item.at, item.argument)


RULE = Rule(
    id="QRY030",
    code="COUNT_COLUMN",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("selects",),
    enabled=False,
    title=Text(
        zh="COUNT(列)",
        en="COUNT(column)",
    ),
    message=Text(
        zh="COUNT({detail}) 不统计值为 NULL 的行；要统计行数请用 COUNT(*)。",
        en="COUNT({detail}) leaves out NULLs. To count rows, write COUNT(*).",
    ),
    why=Text(
        zh="COUNT(列) 只统计非 NULL 的值，常被误当成行数。",
        en=("COUNT(column) counts the values that aren't NULL, which is often taken for the number of rows."),
    ),
    fails=(Example("SELECT COUNT(a) FROM t WHERE b = 1"),),
    passes=(
        Example("SELECT COUNT(*) FROM t WHERE b = 1"),
        Example("SELECT SUM(a) FROM t"),
    ),
)
