"""ENUM_VALUE_RENAMED: programs that know the old value fail at once."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import AlterType


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, AlterType) and structure.operation == "RENAME VALUE":
        yield Note("ENUM_VALUE_RENAMED", structure.at, structure.value or structure.ref.name)


RULE = Rule(
    id="PGL025",
    code="ENUM_VALUE_RENAMED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterType,),
    title=Text(zh="修改枚举值", en="Enum value renamed"),
    message=Text(
        zh="枚举值 {detail} 改名后，仍使用旧值的程序会立即报错。请新增一个值，迁移数据和程序。",
        en="Programs that use {detail} fail as soon as it is renamed. Add another value and move data and programs to it.",
    ),
    why=Text(
        zh="改名对所有会话同时生效，无法与程序的发布同步。",
        en="The new name holds for all sessions at once, which no roll-out of programs can match.",
    ),
    fails=(Example("ALTER TYPE e RENAME VALUE 'a' TO 'b'"),),
    passes=(Example("ALTER TYPE e ADD VALUE 'x'"),),
)
