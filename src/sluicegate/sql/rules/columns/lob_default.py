"""LOB_DEFAULT: MySQL takes no literal as the default of TEXT, BLOB and JSON."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns
from sluicegate.sql.rules.types import Values, is_lob, values
from sluicegate.sql.structure.definitions import ExpressionKind


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is None or column.default is None:
            continue
        large = is_lob(column.type) or values(column.type) is Values.DOCUMENT
        if (
            large
            and column.default.kind is ExpressionKind.LITERAL
            and not column.default.text.startswith("(")
        ):
            yield Note("LOB_DEFAULT", column.at, column.name)


RULE = Rule(
    id="COL014",
    code="LOB_DEFAULT",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    title=Text(zh="大字段带默认值", en="Default of TEXT, BLOB or JSON"),
    message=Text(
        zh="列 {detail} 是 TEXT、BLOB 或 JSON，MySQL 不接受字面默认值（错误 1101）。请去掉，或在 8.0.13 之后写成括号中的表达式。",
        en="Column {detail} is TEXT, BLOB or JSON, for which MySQL takes no literal default (error 1101). Leave it out, or write an expression in parentheses from 8.0.13 on.",
    ),
    why=Text(
        zh="MariaDB 接受而 MySQL 拒绝，同一脚本在不同环境结果不同。",
        en="MariaDB takes it and MySQL doesn't, so that one script behaves differently.",
    ),
    fails=(
        Example("CREATE TABLE t (a TEXT DEFAULT 'x')"),
        Example("ALTER TABLE t ADD a JSON DEFAULT '{}'"),
    ),
    passes=(
        Example("CREATE TABLE t (a TEXT, b VARCHAR(9) DEFAULT 'x', c TEXT DEFAULT NULL)"),
        Example("CREATE TABLE t (a TEXT DEFAULT ('x'))"),
    ),
)
