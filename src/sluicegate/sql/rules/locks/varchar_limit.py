"""VARCHAR_LIMIT: a limit in the type is hard to change."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import columns
from sluicegate.sql.structure.definitions import AlterTable, CreateTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is not None and column.type.name == "VARCHAR" and column.type.arguments:
            yield Note("VARCHAR_LIMIT", column.at, column.name)


RULE = Rule(
    id="PGL019",
    code="VARCHAR_LIMIT",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(
        AlterTable,
        CreateTable,
    ),
    enabled=False,
    title=Text(zh="用 varchar(n) 而非 text", en="varchar(n) instead of text"),
    message=Text(
        zh="列 {detail} 是 varchar(n)，缩短长度时要扫描全表。请用 text，需要时另加 CHECK (length(…) <= n)。",
        en="Column {detail} is a varchar(n), whose limit is hard to lower later. Use text, with CHECK (length(…) <= n) where a limit is needed.",
    ),
    why=Text(
        zh="text 与 varchar 存储相同；CHECK 可以用 NOT VALID 不锁表地修改。",
        en="text is stored alike; a CHECK can be changed with NOT VALID without locking.",
    ),
    fails=(Example("CREATE TABLE x (c varchar(10))"),),
    passes=(
        Example("CREATE TABLE x (c text)"),
        Example("CREATE TABLE x (c varchar)"),
    ),
)
