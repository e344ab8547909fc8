"""COLUMN_COLLATION: the collation of columns.

Carries over CloudDM's column_002 (``require``: text columns must say it).
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.agreed import column_options
from sluicegate.sql.rules.base import MYSQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN


def check(subject: Subject, options: Options) -> Iterator[Note]:
    return column_options(subject, options, "COLUMN_COLLATION", "collation", "collate")


RULE = Rule(
    id="COL024",
    code="COLUMN_COLLATION",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(
        Parameter(
            "require",
            False,
            Text(zh="文本列是否必须写明排序规则", en="Whether text columns must say the collation"),
        ),
        Parameter("collate", "utf8mb4_unicode_ci", Text(zh="排序规则", en="The collation")),
    ),
    title=Text(zh="列的排序规则", en="Collation of columns"),
    message=Text(
        zh="列 {detail} 的排序规则为 {actual}，规定为 {collate}。请改正。",
        en="The collation of column {detail} is {actual} instead of {collate} as agreed. Correct it.",
    ),
    why=Text(
        zh="与表或其他列不一致时，比较和关联会转换数据而用不上索引。",
        en="Where columns differ, comparisons convert values and use no index.",
    ),
    fails=(
        Example("CREATE TABLE t (a TEXT COLLATE utf8mb4_bin)"),
        Example("ALTER TABLE t ADD a TEXT", options={"require": True}),
    ),
    passes=(
        Example("CREATE TABLE t (a TEXT)"),
        Example("CREATE TABLE t (a TEXT COLLATE utf8mb4_unicode_ci)"),
    ),
)
