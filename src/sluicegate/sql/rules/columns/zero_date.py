"""ZERO_DATE: dates of zeroes."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.default is not None and column.default.text.strip("'\"").startswith("0000-00-00"):
            yield Note("ZERO_DATE", column.at, column.name)


RULE = Rule(
    id="COL013",
    code="ZERO_DATE",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    title=Text(zh="零日期默认值", en="Zero date as default"),
    message=Text(
        zh="列 {detail} 的默认值是零日期，严格模式（NO_ZERO_DATE）下会被拒绝，许多驱动也读不了。请改用 NULL 或真实的日期。",
        en="The default of {detail} is a date of zeroes: strict mode (NO_ZERO_DATE) refuses it, and many drivers can't read it. Use NULL or a real date.",
    ),
    why=Text(
        zh="零日期不是合法日期，迁移到其他数据库或升级时都会出错。",
        en="It is no date: migrations and upgrades stumble over it.",
    ),
    fails=(
        Example("CREATE TABLE t (a DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00')"),
        Example("ALTER TABLE t ADD a DATE DEFAULT '0000-00-00'"),
    ),
    passes=(Example("CREATE TABLE t (a DATETIME DEFAULT '1970-01-01 00:00:00')"),),
)
