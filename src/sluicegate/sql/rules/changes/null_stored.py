"""NULL_NOT_ALLOWED: NULL for a column that allows none."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import has_trigger, literals, target
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import OperandKind, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = target(subject)
    if table is None or has_trigger(subject, table.ref):
        return
    for column, kind, _value, at in literals(subject):
        if (
            kind is not OperandKind.NULL
            or column.nullable is not False
            or column.auto_increment
            or column.serial
        ):
            continue
        kind_name = "" if column.type is None else column.type.name
        if kind_name != "TIMESTAMP" and not (column.primary and kind_name == "INTEGER"):
            yield Note("NULL_NOT_ALLOWED", at, column.name)


RULE = Rule(
    id="CHG040",
    code="NULL_NOT_ALLOWED",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    title=Text(
        zh="向非空列写入 NULL",
        en="NULL for a NOT NULL column",
    ),
    message=Text(
        zh="列 {detail} 不允许为空，却写入了 NULL，语句会失败。",
        en="Column {detail} allows no NULL but gets one; the statement would fail. Give it a value.",
    ),
    why=Text(
        zh="数据库会拒绝这条语句；MySQL 在非严格模式下更新会悄悄写入 0 或空串。",
        en="The server refuses it; MySQL in a lax mode silently stores 0 or an empty string on UPDATE.",
    ),
    fails=(
        Example(
            "INSERT INTO t (id, a) VALUES (1, NULL)",
            setup="CREATE TABLE t (id INT NOT NULL, a INT NOT NULL, b INT NOT NULL DEFAULT 0, c INT)",
        ),
        Example(
            "UPDATE t SET a = NULL WHERE id = 1",
            setup="CREATE TABLE t (id INT NOT NULL, a INT NOT NULL, b INT NOT NULL DEFAULT 0, c INT)",
        ),
    ),
    passes=(
        Example(
            "INSERT INTO t (id, a, c) VALUES (1, 2, NULL)",
            setup="CREATE TABLE t (id INT NOT NULL, a INT NOT NULL, b INT NOT NULL DEFAULT 0, c INT)",
        ),
        Example("INSERT INTO t (id, a) VALUES (1, NULL)"),
    ),
)
