"""UNION_NOT_ALL: duplicates are sought, wanted or not."""

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

    for operation in query.set_operations:
        if operation.operator == "UNION" and not operation.all:
            yield Note("UNION_NOT_ALL", operation.at)


RULE = Rule(
    id="QRY026",
    code="UNION_NOT_ALL",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("set_operations",),
    title=Text(
        zh="UNION 未加 ALL",
        en="UNION without ALL",
    ),
    message=Text(
        zh="UNION 会对结果去重；如果结果不会重复或允许重复，请改用 UNION ALL。",
        en="UNION removes duplicates. If there are none, or they don't matter, write UNION ALL.",
    ),
    why=Text(
        zh="去重需要临时表和排序，数据量大时开销明显。",
        en="Removing duplicates takes a temporary table and a sort.",
    ),
    fails=(Example("SELECT a FROM t WHERE a = 1 UNION SELECT b FROM u WHERE b = 1"),),
    passes=(Example("SELECT a FROM t WHERE a = 1 UNION ALL SELECT b FROM u WHERE b = 1"),),
)
