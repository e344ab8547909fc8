"""INSERT_SELECT_STAR: the columns match only as long as nobody changes a table."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import INSERTS, asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in INSERTS:
        return

    main = query.main
    if main is None:
        return
    for item in main.items:
        if item.star and any(not use.cte for use in main.tables):
            yield Note("INSERT_SELECT_STAR", item.at, query.targets[0].name if query.targets else "")
            return


RULE = Rule(
    id="CHG020",
    code="INSERT_SELECT_STAR",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=INSERTS,
    title=Text(
        zh="INSERT … SELECT *",
        en="INSERT … SELECT *",
    ),
    message=Text(
        zh="向 {detail} 插入的数据来自 SELECT *，请写明列名。",
        en="The rows for {detail} come from SELECT *. Name the columns.",
    ),
    why=Text(
        zh="任何一张表增删列或调整次序，数据就会写进错误的列，或语句失败。",
        en="Once a column comes, goes or moves, values land in the wrong columns, or the statement fails.",
    ),
    fails=(
        Example("INSERT INTO t (a, b) SELECT * FROM u"),
        Example("INSERT INTO t SELECT u.* FROM u WHERE u.a = 1"),
    ),
    passes=(
        Example("INSERT INTO t (a, b) SELECT a, b FROM u WHERE a = 1"),
        Example("INSERT INTO t (a) VALUES (1)"),
    ),
)
