"""SUBQUERY_DEEP: queries within queries within queries."""

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

    deepest = max(query.selects, key=lambda select: select.depth, default=None)
    if deepest is not None and deepest.depth > options.number("max"):
        yield Note("SUBQUERY_DEEP", deepest.at, str(deepest.depth))


RULE = Rule(
    id="QRY038",
    code="SUBQUERY_DEEP",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("selects",),
    parameters=(
        Parameter(
            "max",
            3,
            Text(
                zh="最多的嵌套层数",
                en="Deepest nesting",
            ),
            minimum=0,
        ),
    ),
    title=Text(
        zh="子查询嵌套过深",
        en="Sub-queries nest deeply",
    ),
    message=Text(
        zh="子查询嵌套了 {detail} 层，超过 {max} 层，请改写为连接或 WITH。",
        en="Sub-queries nest {detail} deep, more than {max}. Write joins or WITH.",
    ),
    why=Text(
        zh="层层嵌套难以看懂也难以优化。",
        en="Deep nesting is hard to read and hard to optimise.",
    ),
    fails=(
        Example(
            "SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d IN (SELECT e FROM v))", options={"max": 1}
        ),
    ),
    passes=(Example("SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d IN (SELECT e FROM v))"),),
)
