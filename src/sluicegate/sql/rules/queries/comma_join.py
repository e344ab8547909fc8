"""COMMA_JOIN: tables listed with commas."""

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
    for joins in (query.joins, *(select.joins for select in query.selects)):
        for join in joins:
            if join.kind == "COMMA" and not join.lateral:
                yield Note("COMMA_JOIN", join.at, join.kind)


RULE = Rule(
    id="QRY034",
    code="COMMA_JOIN",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("tables",),
    enabled=False,
    title=Text(
        zh="逗号连接",
        en="Tables joined by commas",
    ),
    message=Text(
        zh="用逗号连接表容易漏写条件，请改为 JOIN … ON。",
        en="Tables joined by commas easily lack a condition. Write JOIN … ON.",
    ),
    why=Text(
        zh="连接条件混在 WHERE 中，漏掉一个就成了笛卡尔积；与 JOIN 混用时优先级还不同。",
        en=(
            "The conditions hide in WHERE; one forgotten makes a cartesian product, and mixed with JOIN "
            "the precedence differs."
        ),
    ),
    fails=(Example("SELECT t.a FROM t, u WHERE t.i = u.i"),),
    passes=(Example("SELECT t.a FROM t JOIN u ON t.i = u.i"),),
)
