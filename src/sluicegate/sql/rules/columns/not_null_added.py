"""NOT_NULL_WITHOUT_DEFAULT: a new NOT NULL column needs a value for the rows that exist."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.filled import is_empty, weight
from sluicegate.sql.structure.definitions import AddColumn, AlterTable, ExpressionKind


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    if ref is None or is_empty(subject, ref):
        return
    for action in actions(subject):
        if not isinstance(action, AddColumn):
            continue
        column = action.column
        given = column.default is not None and column.default.kind is not ExpressionKind.NULL
        made = column.auto_increment or column.generated is not None or bool(column.identity)
        if column.nullable is False and not given and not made and not column.primary:
            yield Note("NOT_NULL_WITHOUT_DEFAULT", action.at, column.name, weight(subject, ref))


RULE = Rule(
    id="COL005",
    code="NOT_NULL_WITHOUT_DEFAULT",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(AlterTable,),
    title=Text(zh="新增非空列没有默认值", en="NOT NULL column added without a default"),
    message=Text(
        zh="新增的非空列 {detail} 没有默认值：表中已有数据时，PostgreSQL 和 SQLite 会报错，MySQL 会填入 0 或空串。请写明默认值，或先允许为空、补数据后再改。",
        en="The new NOT NULL column {detail} has no default: with rows there PostgreSQL and SQLite refuse, MySQL fills in 0 or ''. Give a default, or allow NULL first and fill it.",
    ),
    why=Text(
        zh="MySQL 填入的隐式值往往不是业务想要的，而且很难与真实数据区分；旧程序的 INSERT 也会因缺少该列而失败。",
        en="The implicit value of MySQL is seldom what is meant and can't be told from real ones, and INSERTs of running programs fail.",
    ),
    fails=(
        Example("ALTER TABLE t ADD COLUMN c INT NOT NULL"),
        Example("ALTER TABLE t ADD COLUMN c INT NOT NULL", setup="CREATE TABLE t (a INT)", rows=10),
    ),
    passes=(
        Example("ALTER TABLE t ADD COLUMN c INT NOT NULL DEFAULT 0"),
        Example("ALTER TABLE t ADD COLUMN c INT"),
        Example("ALTER TABLE t ADD COLUMN c INT NOT NULL", setup="CREATE TABLE t (a INT)", rows=0),
        Example("CREATE TABLE t (a INT); ALTER TABLE t ADD COLUMN c INT NOT NULL"),
    ),
)
