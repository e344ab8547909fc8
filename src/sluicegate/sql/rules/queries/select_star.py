"""SELECT_STAR: all columns, whichever there are."""

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

    if query.verb not in ("SELECT", "WITH"):
        return
    for select in query.selects:
        if select.place not in (Place.MAIN, Place.SET_OPERATION, Place.CTE, Place.FROM):
            continue
        tables = [use for use in select.tables if not use.cte]
        item = next((item for item in select.items if item.star), None)
        if item is not None and tables:
            yield Note("SELECT_STAR", item.at, tables[0].ref.name)


RULE = Rule(
    id="QRY010",
    code="SELECT_STAR",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("selects",),
    title=Text(
        zh="SELECT *",
        en="SELECT *",
    ),
    message=Text(
        zh="查询 {detail} 使用了 SELECT *，请只列出需要的列。",
        en="The query of {detail} selects *. Name the columns that are needed.",
    ),
    why=Text(
        zh="SELECT * 会取出不需要的列，用不上覆盖索引，增删列后程序还可能出错。",
        en=(
            "It fetches columns that nobody needs, rules out covering indexes, and breaks programs when "
            "columns come or go."
        ),
    ),
    fails=(
        Example("SELECT * FROM t WHERE a = 1"),
        Example("SELECT t.*, u.b FROM t JOIN u ON t.i = u.i WHERE t.i = 1"),
    ),
    passes=(
        Example("SELECT a, b FROM t WHERE a = 1"),
        Example("SELECT COUNT(*) FROM t WHERE a = 1"),
        Example("SELECT a FROM t WHERE EXISTS (SELECT * FROM u WHERE u.i = t.i)"),
        Example("WITH c AS (SELECT 1) SELECT * FROM c"),
    ),
)
