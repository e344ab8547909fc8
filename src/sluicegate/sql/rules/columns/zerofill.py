"""COLUMN_ZEROFILL: ZEROFILL only pads what is shown.

Carries over CloudDM's column_004.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is not None and column.type.zerofill:
            yield Note("COLUMN_ZEROFILL", column.at, column.name)


RULE = Rule(
    id="COL026",
    code="COLUMN_ZEROFILL",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    title=Text(zh="使用 ZEROFILL", en="ZEROFILL"),
    message=Text(
        zh="列 {detail} 使用了 ZEROFILL。请去掉，补零由程序完成。",
        en="Column {detail} says ZEROFILL. Leave it out, and let the program pad numbers.",
    ),
    why=Text(
        zh="MySQL 8.0.17 起已废弃；它还会让列变成无符号。",
        en="It is deprecated since MySQL 8.0.17, and makes the column unsigned, too.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT(5) ZEROFILL)"),
        Example("ALTER TABLE t ADD a INT ZEROFILL"),
    ),
    passes=(Example("CREATE TABLE t (a INT)"),),
)
