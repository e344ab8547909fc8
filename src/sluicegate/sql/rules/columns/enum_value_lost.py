"""ENUM_VALUE_LOST: values of an ENUM or SET that go, or move."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.outcome import changed_columns
from sluicegate.sql.structure.definitions import AlterTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for old, before, type_, at in changed_columns(subject):
        if before is None or before.name != type_.name or before.name not in ("ENUM", "SET"):
            continue
        lost = [value for value in before.arguments if value not in type_.arguments]
        if lost:
            yield Note("ENUM_VALUE_LOST", at, old.name, params={"values": ", ".join(lost)})


RULE = Rule(
    id="COL003",
    code="ENUM_VALUE_LOST",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=(AlterTable,),
    title=Text(zh="枚举值被去掉", en="Values of an ENUM go"),
    message=Text(
        zh="列 {detail} 去掉了枚举值 {values}，使用这些值的行会变成空值或导致语句失败。请先改掉这些行。",
        en="Column {detail} loses the values {values}: rows that have them become empty or make the statement fail. Change those rows first.",
    ),
    why=Text(
        zh="非严格模式下 MySQL 会把不在清单里的值悄悄改成空字符串。",
        en="Outside of strict mode MySQL silently turns values that aren't listed into empty texts.",
    ),
    fails=(
        Example("ALTER TABLE t MODIFY a ENUM('x')", setup="CREATE TABLE t (a ENUM('x','y'))"),
        Example("ALTER TABLE t MODIFY a SET('q')", setup="CREATE TABLE t (a SET('p','q'))"),
    ),
    passes=(
        Example("ALTER TABLE t MODIFY a ENUM('x','y','z')", setup="CREATE TABLE t (a ENUM('x','y'))"),
        Example("ALTER TABLE t MODIFY a ENUM('x')"),
    ),
)
