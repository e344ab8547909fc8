"""COLUMN_TWICE: one name for two columns."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    seen: set[str] = set()
    for column in columns(subject, changed=False):
        name = column.name.casefold()
        if name in seen:
            yield Note("COLUMN_TWICE", column.at, column.name)
        seen.add(name)


RULE = Rule(
    id="COL009",
    code="COLUMN_TWICE",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    title=Text(zh="列名重复", en="Column twice"),
    message=Text(
        zh="列 {detail} 在语句中定义了两次，语句会失败。请去掉或改名。",
        en="Column {detail} is defined twice: the statement fails. Remove one or rename it.",
    ),
    why=Text(zh="通常是复制定义时的笔误。", en="Mostly a slip when definitions are copied."),
    fails=(
        Example("CREATE TABLE t (a INT, A INT)"),
        Example(
            "ALTER TABLE t ADD a INT, ADD a INT",
            families=(
                "mysql",
                "postgresql",
            ),
        ),
    ),
    passes=(Example("CREATE TABLE t (a INT, b INT)"),),
)
