"""COLUMN_OWN_CHARSET: columns that don't take the table's character set.

Carries over CloudDM's column_003.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns


def check(subject: Subject, options: Options) -> Iterator[Note]:
    allowed = options.word("allow")
    for column in columns(subject):
        if (column.charset and allowed not in ("both", "charset")) or (
            column.collation and allowed not in ("both", "collation")
        ):
            yield Note("COLUMN_OWN_CHARSET", column.at, column.name)


RULE = Rule(
    id="COL025",
    code="COLUMN_OWN_CHARSET",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(
        Parameter(
            "allow",
            "both",
            Text(zh="允许的设置", en="What is allowed"),
            choices=("both", "charset", "collation", "none"),
        ),
    ),
    title=Text(zh="列级字符集或排序规则", en="Character set of a column's own"),
    message=Text(
        zh="列 {detail} 单独指定了字符集或排序规则，本策略不允许（允许：{allow}）。请沿用表的设置。",
        en="Column {detail} has a character set or collation of its own, which this policy doesn't allow (allowed: {allow}). Leave it to the table.",
    ),
    why=Text(
        zh="同一张表里混用字符集，比较和关联时会隐式转换，也容易在改表时丢失设置。",
        en="Mixed character sets convert values in comparisons and are easily lost in changes.",
    ),
    fails=(
        Example("CREATE TABLE t (a TEXT CHARACTER SET latin1)", options={"allow": "none"}),
        Example("CREATE TABLE t (a TEXT COLLATE latin1_bin)", options={"allow": "charset"}),
    ),
    passes=(
        Example("CREATE TABLE t (a TEXT CHARACTER SET latin1)"),
        Example("CREATE TABLE t (a TEXT)", options={"allow": "none"}),
    ),
)
