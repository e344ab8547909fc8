"""NATURAL_JOIN: columns of equal names decide."""

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
            if join.kind == "NATURAL":
                yield Note("NATURAL_JOIN", join.at, join.kind)


RULE = Rule(
    id="QRY032",
    code="NATURAL_JOIN",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("tables",),
    title=Text(
        zh="NATURAL JOIN",
        en="NATURAL JOIN",
    ),
    message=Text(
        zh="NATURAL JOIN 按同名列连接，增加列后含义会改变，请写明 ON 或 USING。",
        en="NATURAL JOIN joins by equal names; a new column changes what it means. Say ON or USING.",
    ),
    why=Text(
        zh="两表各加一个同名列（如 created_at），连接条件就悄悄变了。",
        en="Once both tables get a column of one name (created_at), the condition silently changes.",
    ),
    fails=(Example("SELECT a FROM t NATURAL JOIN u WHERE a = 1"),),
    passes=(Example("SELECT a FROM t JOIN u USING (id) WHERE a = 1"),),
)
