"""QUERY_WITH: common table expressions, where a team doesn't want them. Carries over CloudDM's query_008."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    if options.flag("allow"):
        return
    for table in query.ctes[:1]:
        yield Note("QUERY_WITH", table.at, table.name)


RULE = Rule(
    id="QRY006",
    code="QUERY_WITH",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("ctes",),
    enabled=False,
    parameters=(
        Parameter(
            "allow",
            True,
            Text(
                zh="允许 WITH 子句",
                en="WITH is allowed",
            ),
        ),
    ),
    title=Text(
        zh="WITH 子句",
        en="WITH",
    ),
    message=Text(
        zh="不允许使用 WITH 子句（{detail}），请改写为普通查询。",
        en="WITH isn't allowed here ({detail}). Write it as a plain query.",
    ),
    why=Text(
        zh="较旧的服务器不支持 WITH，有的版本还会把它整体物化，性能难以预料。",
        en=(
            "Older servers don't know WITH, and some always materialise it, so that its cost is hard to "
            "foresee."
        ),
    ),
    fails=(Example("WITH c AS (SELECT 1) SELECT * FROM c", options={"allow": False}),),
    passes=(
        Example("WITH c AS (SELECT 1) SELECT * FROM c"),
        Example("SELECT 1", options={"allow": False}),
    ),
)
