"""COLUMN_DISPLAY_WIDTH: the width of integers limits nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns
from sluicegate.sql.rules.types import Values, is_boolean, values


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if (
            column.type is not None
            and values(column.type) is Values.INTEGER
            and column.type.arguments
            and not is_boolean(column.type)
        ):
            yield Note("COLUMN_DISPLAY_WIDTH", column.at, column.name, params={"type": str(column.type)})


RULE = Rule(
    id="COL033",
    code="COLUMN_DISPLAY_WIDTH",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    title=Text(zh="整数的显示宽度", en="Display width of an integer"),
    message=Text(
        zh="列 {detail} 写了显示宽度（{type}），它不限制取值范围，已被废弃。请去掉括号。",
        en="Column {detail} has a display width ({type}), which limits nothing and is deprecated. Leave it out.",
    ),
    why=Text(
        zh="INT(1) 和 INT(11) 存的范围完全相同，容易让人误解。",
        en="INT(1) and INT(11) hold the same numbers: it misleads.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT(11))"),
        Example("ALTER TABLE t ADD a BIGINT(20) UNSIGNED"),
    ),
    passes=(Example("CREATE TABLE t (a INT, b TINYINT(1))"),),
)
