"""INDEX_NAME_LONG: how long index names may be."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.names import INDEX, NAMED_IN, names


def check(subject: Subject, options: Options) -> Iterator[Note]:
    length = options.number("length")
    for named in names(subject, INDEX):
        if len(named.name) > length:
            yield Note("INDEX_NAME_LONG", named.at, named.name, params={"actual": len(named.name)})


RULE = Rule(
    id="NAM006",
    code="INDEX_NAME_LONG",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=NAMED_IN,
    enabled=False,
    parameters=(Parameter("length", 64, Text(zh="最多字符数", en="Most characters"), minimum=1),),
    title=Text(zh="索引名长度", en="Length of index names"),
    message=Text(
        zh="索引名 {detail} 有 {actual} 个字符，超过规定的 {length} 个。请改用更短的名称。",
        en="The index name {detail} has {actual} characters, more than the {length} that are agreed. Choose a shorter one.",
    ),
    why=Text(
        zh="名称过长会让 SQL 难读，派生出的索引名、备份表名还可能超过数据库的上限（MySQL 64，PostgreSQL 63）而被拒绝或截断。",
        en="Long names make SQL hard to read, and what is derived from them (indexes, backups) runs into the server's limit (MySQL 64, PostgreSQL 63) and is refused or cut.",
    ),
    fails=(Example("CREATE INDEX idx_orders_customer_and_day ON t (a)", options={"length": 20}),),
    passes=(Example("CREATE INDEX idx_a ON t (a)"),),
)
