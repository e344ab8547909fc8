"""REFERENCES_IGNORED: REFERENCES in a column's own definition makes no foreign key before MySQL 9.

MariaDB heeds it since 10.5, MySQL since 9.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns, foreign_keys


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for key in foreign_keys(subject):
        for column in columns(subject):
            if key.at >= 0 and key.at == column.at:
                yield Note("REFERENCES_IGNORED", key.at, column.name)


RULE = Rule(
    id="TAB029",
    code="REFERENCES_IGNORED",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    title=Text(zh="列定义中的 REFERENCES", en="REFERENCES within a column"),
    message=Text(
        zh="列 {detail} 后面的 REFERENCES 在 MySQL 9.0 之前只解析不生效。请改用表级的 FOREIGN KEY。",
        en="MySQL before 9.0 reads the REFERENCES behind column {detail} and does nothing. Write FOREIGN KEY as an element of its own.",
    ),
    why=Text(
        zh="语句成功却没有建立外键，数据不一致要很久才会被发现。",
        en="The statement succeeds without a foreign key, and bad data is noticed long afterwards.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT REFERENCES o (a))"),
        Example("ALTER TABLE t ADD a INT REFERENCES o (a)"),
    ),
    passes=(Example("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES o (a))"),),
)
