"""IMPLICIT_CONVERSION: the server converts every row's value before it compares."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import CHANGES, asked, column_of, conditions, is_number, is_text, name
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import OperandKind, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    for found in conditions(query):
        if (
            found.column is None
            or found.function
            or found.other not in (OperandKind.NUMBER, OperandKind.STRING)
        ):
            continue
        resolved = column_of(subject, query, found.column, found.select)
        if resolved is None:
            continue
        column = resolved[1]
        params = {"type": str(column.type)}
        if is_text(column) and found.other is OperandKind.NUMBER:
            severity = Severity.WARNING if query.verb in CHANGES else Severity.INFO
            yield Note("IMPLICIT_CONVERSION", found.at, name(found.column), severity, params)
        elif is_number(column) and found.other is OperandKind.STRING:
            yield Note("IMPLICIT_CONVERSION", found.at, name(found.column), Severity.INFO, params)


RULE = Rule(
    id="QRY023",
    code="IMPLICIT_CONVERSION",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=(Query,),
    needs=("comparisons",),
    title=Text(
        zh="隐式类型转换",
        en="Implicit conversion",
    ),
    message=Text(
        zh="列 {detail} 的类型是 {type}，与不同类型的值比较会发生隐式转换，请把值写成与列相同的类型。",
        en=(
            "Column {detail} is {type} but is compared with a value of another type. Write the value in "
            "the column's type."
        ),
    ),
    why=Text(
        zh="字符串列与数字比较时，每一行都要转成数字：索引用不上，而且 'abc' 会等于 0，可能改错、删错数据。",
        en=(
            "A text column compared with a number is converted row by row: no index helps, and 'abc' "
            "equals 0, so that wrong rows are found, changed or deleted."
        ),
    ),
    fails=(
        Example(
            "SELECT a FROM t WHERE phone = 13800000000", setup="CREATE TABLE t (a INT, phone VARCHAR(20))"
        ),
        Example("DELETE FROM t WHERE phone = 0", setup="CREATE TABLE t (a INT, phone VARCHAR(20))"),
        Example("SELECT a FROM t WHERE a = '5'", setup="CREATE TABLE t (a INT, phone VARCHAR(20))"),
    ),
    passes=(
        Example(
            "SELECT a FROM t WHERE phone = '13800000000' AND a = 5",
            setup="CREATE TABLE t (a INT, phone VARCHAR(20))",
        ),
        Example("SELECT a FROM t WHERE phone = 13800000000"),
    ),
)
