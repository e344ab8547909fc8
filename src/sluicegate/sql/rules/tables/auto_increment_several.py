"""AUTO_INCREMENT_SEVERAL: MySQL takes one automatically numbered column a table."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns
from sluicegate.sql.rules.outcome import after


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = after(subject)
    found = [column for column in (table.columns if table else ()) if column.auto_increment]
    if len(found) > 1 and any(column.auto_increment for column in columns(subject)):
        yield Note("AUTO_INCREMENT_SEVERAL", found[1].at, ", ".join(column.name for column in found))


RULE = Rule(
    id="TAB024",
    code="AUTO_INCREMENT_SEVERAL",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    title=Text(zh="多个自增列", en="Several AUTO_INCREMENT columns"),
    message=Text(
        zh="一张表只能有一个自增列，这里有：{detail}。语句会失败，请只保留一个。",
        en="A table takes one AUTO_INCREMENT column, here are {detail}: the statement fails. Keep one.",
    ),
    why=Text(zh="MySQL 报错 1075。", en="MySQL refuses it with error 1075."),
    fails=(
        Example("CREATE TABLE t (a INT AUTO_INCREMENT PRIMARY KEY, b INT AUTO_INCREMENT UNIQUE)"),
        Example(
            "ALTER TABLE t ADD b INT AUTO_INCREMENT UNIQUE",
            setup="CREATE TABLE t (a INT AUTO_INCREMENT PRIMARY KEY)",
        ),
    ),
    passes=(
        Example("CREATE TABLE t (a INT AUTO_INCREMENT PRIMARY KEY, b INT)"),
        Example("ALTER TABLE t ADD b INT AUTO_INCREMENT UNIQUE"),
    ),
)
