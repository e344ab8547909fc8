"""COLUMN_INVISIBLE: columns that SELECT * leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.invisible:
            yield Note("COLUMN_INVISIBLE", column.at, column.name)


RULE = Rule(
    id="COL034",
    code="COLUMN_INVISIBLE",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    title=Text(zh="不可见列", en="Invisible column"),
    message=Text(
        zh="列 {detail} 是不可见列，SELECT * 不会返回它。请确认使用者都知道。",
        en="Column {detail} is invisible: SELECT * leaves it out. Make sure that everybody knows.",
    ),
    why=Text(zh="导出、同步工具可能漏掉它，数据因此不完整。", en="Exports and synchronisation may miss it."),
    fails=(Example("CREATE TABLE t (a INT, b INT INVISIBLE)"),),
    passes=(Example("CREATE TABLE t (a INT)"),),
)
