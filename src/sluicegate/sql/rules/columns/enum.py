"""COLUMN_ENUM: ENUM and SET."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns
from sluicegate.sql.rules.types import Values, values


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is not None and values(column.type) is Values.CHOICE:
            yield Note("COLUMN_ENUM", column.at, column.name, params={"type": str(column.type)})


RULE = Rule(
    id="COL031",
    code="COLUMN_ENUM",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    title=Text(zh="使用 ENUM 或 SET", en="ENUM or SET"),
    message=Text(
        zh="列 {detail} 的类型是 {type}，增减取值要改表结构。请改用小整数或代码表。",
        en="Column {detail} is {type}: other values mean altering the table. Use a small integer or a table of codes.",
    ),
    why=Text(
        zh="删改或重排取值会重写整张表，按下标排序也常出人意料。",
        en="Removing or moving values rewrites the table, and sorting by position surprises people.",
    ),
    fails=(
        Example("CREATE TABLE t (a ENUM('x','y'))"),
        Example("ALTER TABLE t ADD a SET('x')"),
    ),
    passes=(Example("CREATE TABLE t (a TINYINT)"),),
)
