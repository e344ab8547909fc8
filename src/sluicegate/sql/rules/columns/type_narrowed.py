"""TYPE_NARROWED: a smaller type cuts values off or fails."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.outcome import changed_columns
from sluicegate.sql.rules.types import narrows
from sluicegate.sql.structure.definitions import AlterTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for old, before, type_, at in changed_columns(subject):
        if before is not None and narrows(before, type_, subject.family):
            yield Note("TYPE_NARROWED", at, old.name, params={"before": str(before), "after": str(type_)})


RULE = Rule(
    id="COL001",
    code="TYPE_NARROWED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="缩小列的类型", en="Narrowing a column"),
    message=Text(
        zh="列 {detail} 由 {before} 缩小为 {after}，放不下的数据会被截断或导致语句失败。请先确认现有数据都放得下。",
        en="Column {detail} shrinks from {before} to {after}: values that don't fit are cut or make the statement fail. Make sure first that all of them fit.",
    ),
    why=Text(
        zh="严格模式下语句会在改了很久之后失败，非严格模式下数据会被悄悄截断，且无法撤销。",
        en="In strict mode the statement fails after a long time, otherwise values are cut silently, and nothing brings them back.",
    ),
    fails=(
        Example(
            "ALTER TABLE t MODIFY b VARCHAR(10)",
            families=("mysql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
        ),
        Example(
            "ALTER TABLE t MODIFY a SMALLINT",
            families=("mysql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
        ),
        Example(
            "ALTER TABLE t CHANGE a c INT UNSIGNED",
            families=("mysql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
        ),
        Example(
            "ALTER TABLE t MODIFY a DECIMAL(8,2)",
            families=("mysql",),
            setup="CREATE TABLE t (a DECIMAL(10,2))",
        ),
        Example("ALTER TABLE t MODIFY a TEXT", families=("mysql",), setup="CREATE TABLE t (a MEDIUMTEXT)"),
        Example("ALTER TABLE t MODIFY a DATE", families=("mysql",), setup="CREATE TABLE t (a DATETIME)"),
        Example(
            "ALTER TABLE t ALTER COLUMN b TYPE VARCHAR(10)",
            families=("postgresql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
        ),
        Example(
            "ALTER TABLE t ALTER COLUMN a TYPE SMALLINT",
            families=("postgresql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
        ),
    ),
    passes=(
        Example(
            "ALTER TABLE t MODIFY b VARCHAR(200), MODIFY a BIGINT",
            families=("mysql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
        ),
        Example("ALTER TABLE t MODIFY b VARCHAR(10)", families=("mysql",)),
        Example(
            "ALTER TABLE t ALTER COLUMN b TYPE TEXT, ALTER COLUMN a TYPE BIGINT",
            families=("postgresql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
        ),
        Example("CREATE TABLE t (b VARCHAR(20)); ALTER TABLE t MODIFY b VARCHAR(10)", families=("mysql",)),
    ),
)
