"""ENUM_VALUE_ADDED: an enum's values can be added but never removed."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import AlterType


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, AlterType) and structure.operation == "ADD VALUE":
        yield Note("ENUM_VALUE_ADDED", structure.at, structure.value or structure.ref.name)


RULE = Rule(
    id="PGL024",
    code="ENUM_VALUE_ADDED",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterType,),
    title=Text(zh="新增枚举值", en="Enum value added"),
    message=Text(
        zh="枚举值 {detail} 一旦加入就无法删除，在同一事务里也还不能使用（12 版之前甚至不能放在事务里）。请单独提交工单，并先让程序认识它。",
        en="Value {detail} can't be removed again and can't be used in the same transaction (before version 12 not even be added in one). Use a ticket of its own, after programs know the value.",
    ),
    why=Text(
        zh="ALTER TYPE … ADD VALUE 没有反向操作；撤销要重建类型并重写用到它的表。",
        en="ALTER TYPE … ADD VALUE has no inverse: undoing it means another type and rewriting the tables.",
    ),
    fails=(Example("ALTER TYPE e ADD VALUE 'x'"),),
    passes=(Example("CREATE TYPE e AS ENUM ('a')"),),
)
