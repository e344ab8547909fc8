"""AUTO_INCREMENT_SIGNED: automatically numbered columns have agreed names and no sign.

Carries over CloudDM's column_015.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns


def check(subject: Subject, options: Options) -> Iterator[Note]:
    wanted = options.word("column_name").casefold()
    for column in columns(subject):
        if not column.auto_increment:
            continue
        signed = column.type is not None and not column.type.unsigned and options.flag("require_unsigned")
        if signed or (wanted and column.name.casefold() != wanted):
            yield Note("AUTO_INCREMENT_SIGNED", column.at, column.name)


RULE = Rule(
    id="COL030",
    code="AUTO_INCREMENT_SIGNED",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(
        Parameter(
            "column_name",
            "id",
            Text(zh="自增列的名称（空表示不限）", en="Name of the numbered column (empty: any)"),
        ),
        Parameter("require_unsigned", True, Text(zh="是否必须无符号", en="Whether it must be unsigned")),
    ),
    title=Text(zh="自增列规范", en="Numbered columns"),
    message=Text(
        zh="自增列 {detail} 不符合规定（名称 {column_name}，无符号：{require_unsigned}）。请改正。",
        en="The numbered column {detail} isn't as agreed (name {column_name}, unsigned: {require_unsigned}). Correct it.",
    ),
    why=Text(
        zh="编号不会为负，无符号可多一倍的范围；统一的名称便于工具处理。",
        en="Numbers are never negative, and unsigned ones reach twice as far; one name helps tools.",
    ),
    fails=(
        Example("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY)"),
        Example("CREATE TABLE t (no INT UNSIGNED AUTO_INCREMENT PRIMARY KEY)"),
    ),
    passes=(
        Example("CREATE TABLE t (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY)"),
        Example(
            "CREATE TABLE t (no INT AUTO_INCREMENT PRIMARY KEY)",
            options={"column_name": "", "require_unsigned": False},
        ),
    ),
)
