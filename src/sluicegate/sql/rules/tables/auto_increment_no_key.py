"""AUTO_INCREMENT_NOT_KEY: an automatically numbered column must lead an index."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns
from sluicegate.sql.rules.outcome import after


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = after(subject)
    if table is None:
        return
    leading = {index.columns[0].casefold() for index in table.indexes if index.columns}
    for column in columns(subject):
        if column.auto_increment and column.name.casefold() not in leading:
            yield Note("AUTO_INCREMENT_NOT_KEY", column.at, column.name)


RULE = Rule(
    id="TAB025",
    code="AUTO_INCREMENT_NOT_KEY",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    title=Text(zh="自增列没有索引", en="AUTO_INCREMENT without a key"),
    message=Text(
        zh="自增列 {detail} 必须是主键或某个索引的第一列，否则语句会失败。请为它定义主键。",
        en="The AUTO_INCREMENT column {detail} must be the primary key or lead an index, or the statement fails. Make it the primary key.",
    ),
    why=Text(
        zh="InnoDB 要靠该索引取得当前最大值，否则报错 1075。",
        en="InnoDB finds the highest value by that index and refuses otherwise with error 1075.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT AUTO_INCREMENT, b INT)"),
        Example("CREATE TABLE t (a INT AUTO_INCREMENT, b INT, KEY (b, a))"),
    ),
    passes=(
        Example("CREATE TABLE t (a INT AUTO_INCREMENT, PRIMARY KEY (a))"),
        Example("CREATE TABLE t (a INT AUTO_INCREMENT KEY)"),
        Example("ALTER TABLE t MODIFY a INT AUTO_INCREMENT"),
    ),
)
