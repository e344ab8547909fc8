"""NUMBER_OUT_OF_RANGE: a number that doesn't fit its column. Only the first rows of a VALUES list are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import INTEGERS, literals
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import OperandKind, Query

MAX_DIGITS: Final = 100


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column, kind, value, at in literals(subject):
        bits = INTEGERS.get(column.type.name) if column.type is not None else None
        if bits is None or column.type is None:
            continue
        subject.facts.reusable = False  # the next statement of this shape has other values
        if kind is not OperandKind.NUMBER or not value.lstrip("-").isdecimal() or len(value) > MAX_DIGITS:
            continue
        low, high = (0, 2**bits - 1) if column.type.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        if not low <= int(value) <= high:
            yield Note(
                "NUMBER_OUT_OF_RANGE", at, column.name, params={"value": value, "type": str(column.type)}
            )


RULE = Rule(
    id="CHG035",
    code="NUMBER_OUT_OF_RANGE",
    severity=Severity.ERROR,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(Query,),
    reads_literals=True,
    title=Text(
        zh="数值超出列的范围",
        en="Number out of range",
    ),
    message=Text(
        zh="列 {detail} 的类型是 {type}，装不下 {value}，语句会失败。",
        en="Column {detail} is {type}, which can't hold {value}. The statement would fail.",
    ),
    why=Text(
        zh="严格模式下语句会失败，非严格模式下会悄悄写入类型的最大或最小值。",
        en=(
            "In strict mode the statement fails; otherwise the type's largest or smallest value is "
            "stored silently."
        ),
    ),
    fails=(
        Example(
            "INSERT INTO t (id, n) VALUES (1, 40000)",
            setup="CREATE TABLE t (id INT, name VARCHAR(5), n SMALLINT)",
        ),
        Example(
            "UPDATE t SET n = -40000 WHERE id = 1",
            setup="CREATE TABLE t (id INT, name VARCHAR(5), n SMALLINT)",
        ),
        Example(
            "INSERT INTO t (n) VALUES (-1)", families=("mysql",), setup="CREATE TABLE t (n INT UNSIGNED)"
        ),
    ),
    passes=(
        Example(
            "INSERT INTO t (id, n) VALUES (1, 30000)",
            setup="CREATE TABLE t (id INT, name VARCHAR(5), n SMALLINT)",
        ),
        Example("INSERT INTO t (id, n) VALUES (1, 40000)"),
    ),
)
