"""COLUMN_COMMENT_MISSING: columns say what they hold.

Carries over CloudDM's column_005.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if not (column.comment or "").strip():
            yield Note("COLUMN_COMMENT_MISSING", column.at, column.name)


RULE = Rule(
    id="COL018",
    code="COLUMN_COMMENT_MISSING",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    title=Text(zh="列缺少注释", en="Column without a comment"),
    message=Text(
        zh="列 {detail} 没有注释。请用 COMMENT '…' 说明含义。",
        en="Column {detail} has no comment. Say by COMMENT '…' what it holds.",
    ),
    why=Text(
        zh="注释是最不容易丢失的文档，尤其是状态、类型这类列的取值含义。",
        en="A comment is the documentation that doesn't get lost, above all for states and kinds.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT)"),
        Example("ALTER TABLE t ADD a INT COMMENT ''"),
        Example("ALTER TABLE t MODIFY a INT"),
    ),
    passes=(
        Example("CREATE TABLE t (a INT COMMENT 'x')"),
        Example("ALTER TABLE t DROP a"),
    ),
)
