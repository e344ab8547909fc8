"""TYPE_CONVERTED: a type of another kind converts every value."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.outcome import changed_columns
from sluicegate.sql.rules.types import converts, values
from sluicegate.sql.structure.definitions import AlterTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for old, before, type_, at in changed_columns(subject):
        if before is None or values(before) is values(type_):
            continue
        if not converts(before, type_, subject.family):
            yield Note("TYPE_CONVERTED", at, old.name, params={"before": str(before), "after": str(type_)})


RULE = Rule(
    id="COL002",
    code="TYPE_CONVERTED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="改变列的类型种类", en="Another kind of type"),
    message=Text(
        zh="列 {detail} 由 {before} 变为 {after}，是另一类数据，无法转换的值会丢失或导致语句失败。建议新增一列，转换并核对后再切换。",
        en="Column {detail} changes from {before} to {after}, another kind of values: what can't be converted is lost or fails. Rather add a column, convert, compare, and switch over.",
    ),
    why=Text(
        zh="转换会重写整张表，数字与文本互转时可能丢失前导零、精度或格式，程序的读取方式也要同时改。",
        en="The whole table is written anew, leading zeroes, digits and formats get lost, and programs must change at the same time.",
    ),
    fails=(
        Example(
            "ALTER TABLE t MODIFY b INT", families=("mysql",), setup="CREATE TABLE t (a INT, b VARCHAR(20))"
        ),
        Example(
            "ALTER TABLE t MODIFY a VARCHAR(5)",
            families=("mysql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
        ),
        Example(
            "ALTER TABLE t MODIFY a FLOAT", families=("mysql",), setup="CREATE TABLE t (a DECIMAL(10,2))"
        ),
        Example(
            "ALTER TABLE t ALTER COLUMN b TYPE INT USING b::INT",
            families=("postgresql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
        ),
    ),
    passes=(
        Example(
            "ALTER TABLE t MODIFY a VARCHAR(20)",
            families=("mysql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
        ),
        Example(
            "ALTER TABLE t MODIFY a DECIMAL(12,2)",
            families=("mysql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
        ),
        Example("ALTER TABLE t MODIFY b INT", families=("mysql",)),
        Example(
            "ALTER TABLE t ALTER COLUMN a TYPE TEXT",
            families=("postgresql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
        ),
    ),
)
