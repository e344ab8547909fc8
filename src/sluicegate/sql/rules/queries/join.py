"""QUERY_JOIN: a query that joins tables, where a team doesn't want it. Carries over CloudDM's query_004."""

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
    for select in query.selects:
        for join in select.joins[:1]:
            yield Note("QUERY_JOIN", join.at, join.kind)


RULE = Rule(
    id="QRY003",
    code="QUERY_JOIN",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("selects",),
    enabled=False,
    parameters=(
        Parameter(
            "allow",
            True,
            Text(
                zh="允许连接查询",
                en="Joins are allowed",
            ),
        ),
    ),
    title=Text(
        zh="连接查询",
        en="Joins",
    ),
    message=Text(
        zh="按约定不允许连接查询，请拆成单表查询。",
        en="Joins aren't allowed here. Query one table at a time.",
    ),
    why=Text(
        zh="分库分表或高并发的系统常约定只做单表查询，连接放在程序中完成。",
        en="Sharded or busy systems often keep to single tables and join in the program.",
    ),
    fails=(Example("SELECT a.x FROM a JOIN b ON a.i = b.i WHERE a.x = 1", options={"allow": False}),),
    passes=(
        Example("SELECT a.x FROM a JOIN b ON a.i = b.i"),
        Example("SELECT x FROM a", options={"allow": False}),
    ),
)
