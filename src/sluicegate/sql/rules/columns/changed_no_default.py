"""COLUMN_CHANGED_WITHOUT_DEFAULT: changed columns have a default.

Carries over CloudDM's column_017.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions
from sluicegate.sql.structure.definitions import AlterTable, ChangeColumn, SetDefault


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for action in actions(subject):
        if isinstance(action, ChangeColumn):
            column = action.column
            if column.default is None and not column.auto_increment and column.generated is None:
                yield Note("COLUMN_CHANGED_WITHOUT_DEFAULT", action.at, column.name)
        elif isinstance(action, SetDefault) and action.default is None:
            yield Note("COLUMN_CHANGED_WITHOUT_DEFAULT", action.at, action.name)


RULE = Rule(
    id="COL021",
    code="COLUMN_CHANGED_WITHOUT_DEFAULT",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=(AlterTable,),
    enabled=False,
    title=Text(zh="修改列没有默认值", en="Changed column without a default"),
    message=Text(
        zh="修改后的列 {detail} 没有默认值。请写明 DEFAULT。",
        en="The changed column {detail} has no default. Say DEFAULT.",
    ),
    why=Text(
        zh="MODIFY、CHANGE 不写默认值时，原来的默认值会消失。",
        en="MODIFY and CHANGE drop the old default when they don't say one.",
    ),
    fails=(
        Example("ALTER TABLE t MODIFY a INT"),
        Example("ALTER TABLE t CHANGE a b INT"),
        Example("ALTER TABLE t ALTER a DROP DEFAULT"),
    ),
    passes=(
        Example("ALTER TABLE t MODIFY a INT DEFAULT 0"),
        Example("ALTER TABLE t ADD a INT"),
    ),
)
