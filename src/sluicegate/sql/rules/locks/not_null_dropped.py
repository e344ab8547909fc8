"""NOT_NULL_DROPPED: programs that never met NULL may now."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import existing
from sluicegate.sql.structure.definitions import AlterTable, SetNullable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None or not existing(subject, table):
        return
    for action in actions(subject):
        if isinstance(action, SetNullable) and action.nullable:
            yield Note("NOT_NULL_DROPPED", action.at, action.name)


RULE = Rule(
    id="PGL014",
    code="NOT_NULL_DROPPED",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="取消非空约束", en="NOT NULL dropped"),
    message=Text(
        zh="列 {detail} 今后可能为 NULL。请确认读取它的程序和报表能处理 NULL。",
        en="Column {detail} may hold NULL from now on. Make sure that programs and reports that read it can cope.",
    ),
    why=Text(
        zh="一直读到非空值的程序遇到 NULL 常会出错，比较和聚合的结果也会变。",
        en="Programs that never met NULL often fail at it, and comparisons and aggregates come out differently.",
    ),
    fails=(Example("ALTER TABLE t ALTER COLUMN a DROP NOT NULL"),),
    passes=(
        Example("ALTER TABLE t ALTER COLUMN a SET NOT NULL"),
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE t ALTER COLUMN a DROP NOT NULL"
        ),
    ),
)
