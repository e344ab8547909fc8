"""INDEX_NOT_CONCURRENT: writes wait until the index is built."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.locks.size import locking
from sluicegate.sql.structure.definitions import CreateIndex


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateIndex) and not structure.concurrently:
        detail = structure.index.name or ", ".join(structure.index.columns)
        yield from locking(subject, structure.table, "INDEX_NOT_CONCURRENT", structure.at, detail)


RULE = Rule(
    id="PGL009",
    code="INDEX_NOT_CONCURRENT",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(CreateIndex,),
    title=Text(zh="建索引时阻塞写入", en="Index built while writes wait"),
    message=Text(
        zh="在表 {table} 上建索引 {detail} 期间不能写入。请用 CREATE INDEX CONCURRENTLY，并单独提交工单（不能放在事务里）。",
        en="Nobody can write to {table} while index {detail} is built. Use CREATE INDEX CONCURRENTLY, in a ticket of its own: it can't run in a transaction.",
    ),
    why=Text(
        zh="普通的 CREATE INDEX 持有 SHARE 锁直到建完。",
        en="A plain CREATE INDEX holds a SHARE lock until it is done.",
    ),
    fails=(
        Example("CREATE INDEX i ON t (a)"),
        Example(
            "CREATE UNIQUE INDEX i ON t (a)",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
    ),
    passes=(
        Example("CREATE INDEX CONCURRENTLY i ON t (a)"),
        Example("CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nCREATE INDEX i ON t (a)"),
        Example(
            "CREATE INDEX i ON t (a)",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=0,
        ),
    ),
)
