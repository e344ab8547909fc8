"""COLUMN_CHARSET: the character set of columns.

Carries over CloudDM's column_001 (``require``: text columns must say it).
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.agreed import column_options
from sluicegate.sql.rules.base import MYSQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN


def check(subject: Subject, options: Options) -> Iterator[Note]:
    return column_options(subject, options, "COLUMN_CHARSET", "charset", "character_set")


RULE = Rule(
    id="COL023",
    code="COLUMN_CHARSET",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(
        Parameter(
            "require",
            False,
            Text(zh="文本列是否必须写明字符集", en="Whether text columns must say the character set"),
        ),
        Parameter("character_set", "utf8mb4", Text(zh="字符集", en="The character set")),
    ),
    title=Text(zh="列的字符集", en="Character set of columns"),
    message=Text(
        zh="列 {detail} 的字符集为 {actual}，规定为 {character_set}。请改正。",
        en="The character set of column {detail} is {actual} instead of {character_set} as agreed. Correct it.",
    ),
    why=Text(
        zh="与表或其他列不一致时，比较和关联会转换数据而用不上索引。",
        en="Where columns differ, comparisons convert values and use no index.",
    ),
    fails=(
        Example("CREATE TABLE t (a TEXT CHARACTER SET latin1)"),
        Example("CREATE TABLE t (a TEXT)", options={"require": True}),
    ),
    passes=(
        Example("CREATE TABLE t (a TEXT)"),
        Example("CREATE TABLE t (a TEXT CHARACTER SET utf8mb4, b INT)", options={"require": True}),
    ),
)
