"""NOT_NULL_DEFAULT_NULL: NOT NULL DEFAULT NULL contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns
from sluicegate.sql.structure.definitions import ExpressionKind


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if (
            column.nullable is False
            and column.default is not None
            and column.default.kind is ExpressionKind.NULL
        ):
            yield Note("NOT_NULL_DEFAULT_NULL", column.at, column.name)


RULE = Rule(
    id="COL010",
    code="NOT_NULL_DEFAULT_NULL",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    title=Text(zh="非空列默认为空", en="NOT NULL with NULL as the default"),
    message=Text(
        zh="列 {detail} 不允许为空，默认值却是 NULL：MySQL 会拒绝，其他数据库在插入时才报错。请去掉其中之一。",
        en="Column {detail} is NOT NULL and NULL by default: MySQL refuses it, others fail at the first INSERT. Remove one of the two.",
    ),
    why=Text(
        zh="两者互相矛盾，说明其中一个写错了。", en="The two contradict each other: one of them is a slip."
    ),
    fails=(
        Example("CREATE TABLE t (a INT NOT NULL DEFAULT NULL)"),
        Example("ALTER TABLE t ADD COLUMN a INT NOT NULL DEFAULT NULL"),
    ),
    passes=(Example("CREATE TABLE t (a INT NOT NULL, b INT DEFAULT NULL)"),),
)
