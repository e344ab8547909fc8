"""COLUMN_CHAR_PADDED: CHAR pads with blanks."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns
from sluicegate.sql.rules.types import is_char


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is not None and is_char(column.type):
            yield Note("COLUMN_CHAR_PADDED", column.at, column.name, params={"type": str(column.type)})


RULE = Rule(
    id="COL036",
    code="COLUMN_CHAR_PADDED",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=COLUMNS_IN,
    enabled=False,
    title=Text(zh="使用 CHAR(n)", en="CHAR(n)"),
    message=Text(
        zh="列 {detail} 的类型是 {type}，会用空格补齐。请改用 TEXT 或 VARCHAR。",
        en="Column {detail} is {type}, which pads with blanks. Use TEXT or VARCHAR.",
    ),
    why=Text(
        zh="补齐的空格占空间，比较和拼接时的行为容易出错，也没有性能好处。",
        en="The blanks take space, surprise in comparisons, and make nothing faster.",
    ),
    fails=(Example("CREATE TABLE t (a CHAR(10))"),),
    passes=(Example("CREATE TABLE t (a VARCHAR(10), b TEXT)"),),
)
