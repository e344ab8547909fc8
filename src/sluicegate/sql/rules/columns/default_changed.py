"""COLUMN_DEFAULT_CHANGED: another default changes what programs write."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.filled import old_column
from sluicegate.sql.structure.definitions import AlterTable, ChangeColumn, SetDefault


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    for action in actions(subject):
        if isinstance(action, SetDefault):
            yield Note("COLUMN_DEFAULT_CHANGED", action.at, action.name)
        elif isinstance(action, ChangeColumn) and action.column.default is not None:
            old = old_column(subject, ref, action.name)
            before = None if old is None or old.default is None else old.default.text
            if old is not None and before != action.column.default.text:
                yield Note("COLUMN_DEFAULT_CHANGED", action.at, action.name)


RULE = Rule(
    id="COL022",
    code="COLUMN_DEFAULT_CHANGED",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(AlterTable,),
    enabled=False,
    title=Text(zh="修改默认值", en="Changing a default"),
    message=Text(
        zh="列 {detail} 的默认值被修改：只影响之后的写入，已有的行不变。请确认依赖旧默认值的程序。",
        en="The default of column {detail} changes: for rows written from now on, not for those that exist. Look for programs that rely on the old one.",
    ),
    why=Text(
        zh="没有写明该列的 INSERT 会从此写入不同的值。",
        en="INSERTs that don't name the column write another value from then on.",
    ),
    fails=(
        Example("ALTER TABLE t ALTER COLUMN a SET DEFAULT 1"),
        Example(
            "ALTER TABLE t MODIFY a INT DEFAULT 2",
            families=("mysql",),
            setup="CREATE TABLE t (a INT DEFAULT 1)",
        ),
    ),
    passes=(
        Example("ALTER TABLE t ADD COLUMN a INT DEFAULT 1"),
        Example(
            "ALTER TABLE t MODIFY a INT DEFAULT 1",
            families=("mysql",),
            setup="CREATE TABLE t (a INT DEFAULT 1)",
        ),
    ),
)
