"""GENERATED_COLUMN_WRITTEN: a computed column gets a value."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import literals
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import OperandKind, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column, kind, _value, at in literals(subject):
        if column.generated is not None and kind in (
            OperandKind.NUMBER,
            OperandKind.STRING,
            OperandKind.NULL,
        ):
            yield Note("GENERATED_COLUMN_WRITTEN", at, column.name)


RULE = Rule(
    id="CHG041",
    code="GENERATED_COLUMN_WRITTEN",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    title=Text(
        zh="写入了生成列",
        en="Value for a generated column",
    ),
    message=Text(
        zh="列 {detail} 是生成列，不能写入值，请去掉。",
        en="Column {detail} is generated and takes no values. Leave it out.",
    ),
    why=Text(
        zh="生成列的值由表达式算出，写入会被数据库拒绝。",
        en="Its value comes from an expression; the server refuses another.",
    ),
    fails=(
        Example(
            "INSERT INTO t (id, a) VALUES (1, 2)",
            setup="CREATE TABLE t (id INT, a INT GENERATED ALWAYS AS (id + 1) STORED)",
        ),
        Example(
            "UPDATE t SET a = 5 WHERE id = 1",
            setup="CREATE TABLE t (id INT, a INT GENERATED ALWAYS AS (id + 1) STORED)",
        ),
    ),
    passes=(
        Example(
            "INSERT INTO t (id) VALUES (1)",
            setup="CREATE TABLE t (id INT, a INT GENERATED ALWAYS AS (id + 1) STORED)",
        ),
        Example("INSERT INTO t (id, a) VALUES (1, 2)"),
    ),
)
