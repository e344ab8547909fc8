"""QUERY_NO_WHERE: a query of a whole table. Carries over CloudDM's query_002."""

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
    if tables and not main.where:
        yield Note("QUERY_NO_WHERE", main.at, tables[0].ref.name)


RULE = Rule(
    id="QRY001",
    code="QUERY_NO_WHERE",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=frozenset({"SELECT"}),
    enabled=False,
    title=Text(
        zh="查询没有 WHERE 条件",
        en="Query without WHERE",
    ),
    message=Text(
        zh="查询表 {detail} 没有 WHERE 条件，会读取全部数据，请加上过滤条件。",
        en="The query reads all of table {detail}. Add a WHERE.",
    ),
    why=Text(
        zh="没有条件的查询要读整张表，表大时会拖慢数据库，也会取出并不需要的数据。",
        en=(
            "Without a condition the whole table is read, which slows the server down and fetches what "
            "nobody needs."
        ),
    ),
    fails=(
        Example("SELECT a FROM t"),
        Example("SELECT a FROM t ORDER BY a LIMIT 5"),
    ),
    passes=(
        Example("SELECT a FROM t WHERE a = 1"),
        Example("SELECT 1"),
        Example("UPDATE t SET a = 1 WHERE b = 2"),
    ),
)
