"""QUERY_UNION: a query of several branches. Carries over CloudDM's query_007."""

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
    for operation in query.set_operations:
        if operation.operator == "UNION":
            yield Note("QUERY_UNION", operation.at, operation.operator)


RULE = Rule(
    id="QRY005",
    code="QUERY_UNION",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("set_operations",),
    enabled=False,
    parameters=(
        Parameter(
            "allow",
            False,
            Text(
                zh="允许 UNION",
                en="UNION is allowed",
            ),
        ),
    ),
    title=Text(
        zh="UNION 查询",
        en="UNION",
    ),
    message=Text(
        zh="不允许使用 UNION，请分成几条查询。",
        en="UNION isn't allowed here. Write separate queries.",
    ),
    why=Text(
        zh="UNION 会建立临时表并去重，数据量大时很慢。",
        en="UNION builds and sorts a temporary table, which is slow for much data.",
    ),
    fails=(Example("SELECT a FROM t UNION SELECT b FROM u"),),
    passes=(
        Example("SELECT a FROM t"),
        Example("SELECT a FROM t UNION SELECT b FROM u", options={"allow": True}),
    ),
)
