"""TABLE_NAME_LONG: how long table names may be.

Carries over CloudDM's table_011.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.names import NAMED_IN, TABLE, names


def check(subject: Subject, options: Options) -> Iterator[Note]:
    length = options.number("length")
    for named in names(subject, TABLE):
        if len(named.name) > length:
            yield Note("TABLE_NAME_LONG", named.at, named.name, params={"actual": len(named.name)})


RULE = Rule(
    id="NAM004",
    code="TABLE_NAME_LONG",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=NAMED_IN,
    enabled=False,
    parameters=(Parameter("length", 30, Text(zh="最多字符数", en="Most characters"), minimum=1),),
    title=Text(zh="表名长度", en="Length of table names"),
    message=Text(
        zh="表名 {detail} 有 {actual} 个字符，超过规定的 {length} 个。请改用更短的名称。",
        en="The table name {detail} has {actual} characters, more than the {length} that are agreed. Choose a shorter one.",
    ),
    why=Text(
        zh="名称过长会让 SQL 难读，派生出的索引名、备份表名还可能超过数据库的上限（MySQL 64，PostgreSQL 63）而被拒绝或截断。",
        en="Long names make SQL hard to read, and what is derived from them (indexes, backups) runs into the server's limit (MySQL 64, PostgreSQL 63) and is refused or cut.",
    ),
    fails=(
        Example("CREATE TABLE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (id INT)"),
        Example("ALTER TABLE t RENAME TO aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        Example("CREATE TABLE orders (id INT)", options={"length": 5}),
    ),
    passes=(
        Example("CREATE TABLE orders (id INT)"),
        Example("CREATE TABLE t (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa INT)"),
    ),
)
