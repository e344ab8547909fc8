"""COLUMN_NULLABLE: columns that take no NULL.

Carries over CloudDM's column_014.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.nullable is not False and not column.primary and column.generated is None:
            yield Note("COLUMN_NULLABLE", column.at, column.name)


RULE = Rule(
    id="COL019",
    code="COLUMN_NULLABLE",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    enabled=False,
    title=Text(zh="列允许为空", en="Column that takes NULLs"),
    message=Text(
        zh="列 {detail} 允许为空，规定应为 NOT NULL。请加上 NOT NULL，必要时给默认值。",
        en="Column {detail} takes NULLs; NOT NULL is agreed. Add it, with a default where needed.",
    ),
    why=Text(
        zh="NULL 在比较、聚合、NOT IN 中的结果常出人意料，程序也要多处判断。",
        en="NULLs surprise in comparisons, aggregates and NOT IN, and programs have to look for them everywhere.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT)"),
        Example(
            "ALTER TABLE t ADD COLUMN a INT NULL",
            families=(
                "mysql",
                "postgresql",
            ),
        ),
        Example("ALTER TABLE t ADD COLUMN a INT"),
    ),
    passes=(
        Example("CREATE TABLE t (a INT NOT NULL)"),
        Example("CREATE TABLE t (a INT PRIMARY KEY)"),
    ),
)
