"""QUERY_NO_LIMIT: nobody knows how much comes back."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import queried
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    main = queried(subject)
    if main is None:
        return

    tables = [use for use in main.tables if not use.cte]
    if tables and main.limit is None and not (main.aggregates and not main.grouped):
        yield Note("QUERY_NO_LIMIT", main.at, tables[0].ref.name)


RULE = Rule(
    id="QRY029",
    code="QUERY_NO_LIMIT",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=frozenset({"SELECT"}),
    enabled=False,
    title=Text(
        zh="查询没有 LIMIT",
        en="Query without LIMIT",
    ),
    message=Text(
        zh="查询 {detail} 没有 LIMIT，结果可能很大，请限制返回的行数。",
        en="The query of {detail} has no LIMIT; its result may be large. Limit the rows.",
    ),
    why=Text(
        zh="结果过大会占满内存和网络，也可能把过多数据交给不该看到的人。",
        en="Large results fill memory and network, and may hand out more data than intended.",
    ),
    fails=(Example("SELECT a FROM t WHERE b > 1"),),
    passes=(
        Example("SELECT a FROM t WHERE b > 1 LIMIT 100"),
        Example("SELECT COUNT(*) FROM t"),
    ),
)
