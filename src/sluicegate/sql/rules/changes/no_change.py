"""UPDATE_NO_CHANGE: a column is set to itself."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb != "UPDATE":
        return

    use = query.target_uses[0] if query.target_uses else None
    written = "" if use is None else use.alias or use.ref.name
    for assignment in query.assignments:
        other = assignment.other
        if other is None or assignment.upsert or other.name.casefold() != assignment.column.name.casefold():
            continue
        qualifier = (assignment.column.qualifier or written).casefold()
        if (other.qualifier or written).casefold() == qualifier:
            yield Note("UPDATE_NO_CHANGE", assignment.at, assignment.column.name)


RULE = Rule(
    id="CHG031",
    code="UPDATE_NO_CHANGE",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=frozenset({"UPDATE"}),
    needs=("assignments",),
    title=Text(
        zh="更新没有变化",
        en="Update that changes nothing",
    ),
    message=Text(
        zh="列 {detail} 被更新为它自己，请检查是否写错。",
        en="Column {detail} is set to itself. Check whether something else was meant.",
    ),
    why=Text(
        zh="这样的赋值不改变数据，却仍要加锁、写日志、触发触发器，往往是写错了列名。",
        en=(
            "It changes nothing but locks, writes logs and fires triggers; usually a wrong column was named."
        ),
    ),
    fails=(
        Example("UPDATE t SET a = a WHERE id = 1"),
        Example("UPDATE t SET b = 1, a = a WHERE id = 1"),
    ),
    passes=(
        Example("UPDATE t SET a = b WHERE id = 1"),
        Example("UPDATE t SET a = a + 1 WHERE id = 1"),
        Example("UPDATE t JOIN u ON t.i = u.i SET t.a = u.a", families=("mysql",)),
        Example("UPDATE t SET a = v.a FROM v WHERE v.i = t.i", families=("postgresql", "sqlite")),
    ),
)
