"""REQUIRED_COLUMN_ADDED: NOT NULL without a default fails as soon as there is a row."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import locking
from sluicegate.sql.structure.definitions import AddColumn, AlterTable, Column, ExpressionKind


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None:
        return
    for action in actions(subject):
        if isinstance(action, AddColumn) and _required(action.column):
            yield from locking(subject, table, "REQUIRED_COLUMN_ADDED", action.at, action.column.name)


def _required(column: Column) -> bool:
    filled = column.default is not None and column.default.kind is not ExpressionKind.NULL
    return column.nullable is False and not (filled or column.generated or column.auto_increment)


RULE = Rule(
    id="PGL002",
    code="REQUIRED_COLUMN_ADDED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="新增非空列没有默认值", en="Required column added without a default"),
    message=Text(
        zh="表 {table} 只要有一行数据，新增非空且没有默认值的列 {detail} 就会失败；仍在插入旧格式数据的程序也会报错。请加上默认值，或先允许为空、回填后再设为 NOT NULL。",
        en="Adding {detail} NOT NULL without a default fails as soon as table {table} holds a row, and breaks programs that insert without it. Give it a default, or add it nullable, fill it and set NOT NULL afterwards.",
    ),
    why=Text(
        zh="已有的行没有值可填，语句会直接报错。",
        en="The rows that are there would have no value: the statement fails.",
    ),
    fails=(
        Example("ALTER TABLE t ADD COLUMN x int NOT NULL"),
        Example(
            "ALTER TABLE t ADD COLUMN x int NOT NULL",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
    ),
    passes=(
        Example("ALTER TABLE t ADD COLUMN x int NOT NULL DEFAULT 0"),
        Example("ALTER TABLE t ADD COLUMN x int"),
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE t ADD COLUMN x int NOT NULL"
        ),
        Example(
            "ALTER TABLE t ADD COLUMN x int NOT NULL",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=0,
        ),
    ),
)
