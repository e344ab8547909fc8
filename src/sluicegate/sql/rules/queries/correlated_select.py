"""CORRELATED_SELECT_LIST: a query for each row of the result."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Place, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    for select in query.selects:
        if select.place is Place.SELECT_LIST and select.correlated:
            yield Note(
                "CORRELATED_SELECT_LIST", select.at, select.tables[0].ref.name if select.tables else ""
            )


RULE = Rule(
    id="QRY039",
    code="CORRELATED_SELECT_LIST",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("selects",),
    title=Text(
        zh="查询列表中的相关子查询",
        en="Correlated sub-query in the select list",
    ),
    message=Text(
        zh="查询列表中的子查询（{detail}）对每一行都要执行一次，请改写为连接。",
        en="The sub-query on {detail} in the select list runs once for each row. Write a join.",
    ),
    why=Text(
        zh="结果有多少行，子查询就执行多少次。",
        en="It runs as often as the result has rows.",
    ),
    fails=(Example("SELECT t.a, (SELECT MAX(u.b) FROM u WHERE u.i = t.i) FROM t"),),
    passes=(
        Example("SELECT t.a, (SELECT MAX(u.b) FROM u) FROM t"),
        Example("SELECT t.a FROM t JOIN u ON u.i = t.i"),
    ),
)
