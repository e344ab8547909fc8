"""RECURSIVE_QUERY: it may never end."""

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

    for table in query.ctes:
        if table.recursive:
            yield Note("RECURSIVE_QUERY", table.at, table.name)
            return


RULE = Rule(
    id="QRY041",
    code="RECURSIVE_QUERY",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("ctes",),
    title=Text(
        zh="递归查询",
        en="Recursive query",
    ),
    message=Text(
        zh="递归查询 {detail} 可能执行很久甚至不会结束，请确认有终止条件。",
        en="The recursive query {detail} may run for long or for ever. Make sure that it ends.",
    ),
    why=Text(
        zh="数据中有环，或条件写错，递归就停不下来。",
        en="A cycle in the data or a wrong condition, and it never stops.",
    ),
    fails=(
        Example(
            "WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 5) SELECT n FROM c"
        ),
    ),
    passes=(Example("WITH c AS (SELECT 1 AS n) SELECT n FROM c"),),
)
