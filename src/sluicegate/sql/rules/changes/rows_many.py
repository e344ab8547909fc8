"""INSERT_ROWS_MANY: a large batch in one statement."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import INSERTS, asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in INSERTS:
        return

    if query.rows is not None and query.rows > options.number("max"):
        yield Note("INSERT_ROWS_MANY", query.at, str(query.rows))


RULE = Rule(
    id="CHG024",
    code="INSERT_ROWS_MANY",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=INSERTS,
    parameters=(
        Parameter(
            "max",
            5000,
            Text(
                zh="最多的行数",
                en="Most rows",
            ),
            minimum=1,
        ),
    ),
    title=Text(
        zh="一次插入的行数过多",
        en="Many rows in one INSERT",
    ),
    message=Text(
        zh="一条 INSERT 插入了 {detail} 行，超过 {max} 行，请分批。",
        en="One INSERT has {detail} rows, more than {max}. Use smaller batches.",
    ),
    why=Text(
        zh="过大的语句会超过数据包上限，造成主从延迟，失败时回滚也很慢。",
        en="Very large statements exceed the packet size, delay replicas, and take long to roll back.",
    ),
    fails=(Example("INSERT INTO t (a) VALUES (1), (2), (3)", options={"max": 2}),),
    passes=(Example("INSERT INTO t (a) VALUES (1), (2), (3)"),),
)
