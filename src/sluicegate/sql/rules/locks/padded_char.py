"""PADDED_CHAR: char(n) is padded with blanks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, columns
from sluicegate.sql.structure.definitions import AlterTable, CreateTable, SetType

_TYPES: Final = ("CHAR",)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is not None and column.type.name in _TYPES:
            yield Note("PADDED_CHAR", column.at, column.name)
    for action in actions(subject):
        if isinstance(action, SetType) and action.type.name in _TYPES:
            yield Note("PADDED_CHAR", action.at, action.name)


RULE = Rule(
    id="PGL018",
    code="PADDED_CHAR",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(
        AlterTable,
        CreateTable,
    ),
    title=Text(zh="定长 char(n) 列", en="char(n) column"),
    message=Text(
        zh="列 {detail} 是 char(n)，会用空格补齐，比较和拼接时易出错。请用 text 或 varchar。",
        en="Column {detail} is a char(n): it is padded with blanks, which surprise in comparisons and concatenation. Use text or varchar.",
    ),
    why=Text(
        zh="在 PostgreSQL 中 char(n) 不比 text 快，还占更多空间。",
        en="In PostgreSQL char(n) isn't faster than text, and takes more room.",
    ),
    fails=(
        Example("CREATE TABLE x (c char(10))"),
        Example("ALTER TABLE t ALTER COLUMN c TYPE char(3)"),
    ),
    passes=(Example("CREATE TABLE x (c varchar(10), d text)"),),
)
