"""COLUMN_DEFAULT_MISSING: new columns have a default.

Carries over CloudDM's column_016.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions
from sluicegate.sql.structure.definitions import AddColumn, AlterTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for action in actions(subject):
        if isinstance(action, AddColumn):
            column = action.column
            made = column.auto_increment or column.generated is not None or bool(column.identity)
            if column.default is None and not made:
                yield Note("COLUMN_DEFAULT_MISSING", action.at, column.name)


RULE = Rule(
    id="COL020",
    code="COLUMN_DEFAULT_MISSING",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(AlterTable,),
    enabled=False,
    title=Text(zh="新增列没有默认值", en="New column without a default"),
    message=Text(
        zh="新增的列 {detail} 没有默认值。请写明 DEFAULT。",
        en="The new column {detail} has no default. Say DEFAULT.",
    ),
    why=Text(
        zh="有默认值时，旧程序不写该列也能正常插入，已有的行也有明确的值。",
        en="With a default INSERTs of running programs go on, and rows that exist have a definite value.",
    ),
    fails=(Example("ALTER TABLE t ADD COLUMN a INT"),),
    passes=(
        Example("ALTER TABLE t ADD COLUMN a INT DEFAULT 0"),
        Example("CREATE TABLE t (a INT)"),
    ),
)
