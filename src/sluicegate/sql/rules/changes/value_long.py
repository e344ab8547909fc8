"""VALUE_TOO_LONG: a text that doesn't fit its column. Only the first rows of a VALUES list are looked at."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import is_text, literals
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import OperandKind, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column, kind, value, at in literals(subject):
        if not is_text(column) or column.type is None or column.type.length is None:
            continue
        if column.type.name.endswith("TEXT"):
            continue  # there the length only chooses the type
        subject.facts.reusable = False  # the next statement of this shape has other values
        length = column.type.length
        if kind is OperandKind.STRING and "\\" not in value and len(value.rstrip()) > length:
            params = {"length": len(value), "limit": length}
            yield Note("VALUE_TOO_LONG", at, column.name, params=params)


RULE = Rule(
    id="CHG034",
    code="VALUE_TOO_LONG",
    severity=Severity.ERROR,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(Query,),
    reads_literals=True,
    title=Text(
        zh="值超出列的长度",
        en="Value too long for its column",
    ),
    message=Text(
        zh="写入列 {detail} 的值有 {length} 个字符，超过列的长度 {limit}，语句会失败或被截断。",
        en=(
            "The value for column {detail} has {length} characters, the column takes {limit}. The "
            "statement would fail, or cut it."
        ),
    ),
    why=Text(
        zh="严格模式下语句会失败，非严格模式下值会被悄悄截断。",
        en="In strict mode the statement fails; otherwise the value is silently cut.",
    ),
    fails=(
        Example(
            "INSERT INTO t (id, name) VALUES (1, 'abcdef')",
            setup="CREATE TABLE t (id INT, name VARCHAR(5), n SMALLINT)",
        ),
        Example(
            "UPDATE t SET name = 'abcdef' WHERE id = 1",
            setup="CREATE TABLE t (id INT, name VARCHAR(5), n SMALLINT)",
        ),
        Example(
            "INSERT INTO t (id, name) VALUES (1, 'abc'); INSERT INTO t (id, name) VALUES (2, 'abcdef')",
            setup="CREATE TABLE t (id INT, name VARCHAR(5), n SMALLINT)",
        ),
    ),
    passes=(
        Example(
            "INSERT INTO t (id, name) VALUES (1, 'abcde')",
            setup="CREATE TABLE t (id INT, name VARCHAR(5), n SMALLINT)",
        ),
        Example("INSERT INTO t (id, name) VALUES (1, 'abcdef')"),
        Example(
            "INSERT INTO t (id, name) VALUES (1, 'abcde   ')",
            setup="CREATE TABLE t (id INT, name VARCHAR(5), n SMALLINT)",
        ),
    ),
)
