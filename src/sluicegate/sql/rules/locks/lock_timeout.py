"""LOCK_TIMEOUT_MISSING: a statement that waits for a lock makes everybody behind it wait."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import ObjectRef, Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.locks.size import existing
from sluicegate.sql.structure.definitions import AlterTable, CreateIndex, DropIndex, DropTable, Truncate


def check(subject: Subject, options: Options) -> Iterator[Note]:
    missing = [name for name in options.words("variables") if name not in subject.script.variables]
    if not missing:
        return
    ref = _table(subject)
    if ref is not None and existing(subject, ref):
        yield Note("LOCK_TIMEOUT_MISSING", -1, ", ".join(missing), params={"table": ref.name})


def _table(subject: Subject) -> ObjectRef | None:
    match subject.structure:
        case AlterTable(table=table):
            return table
        case CreateIndex(table=table, concurrently=False):
            return table
        case DropIndex(names=names, concurrently=False):
            return subject.script.walk.table_of_index(names[0]) or names[0]
        case DropTable(tables=tables) | Truncate(tables=tables):
            return tables[0]
        case _:
            return None


RULE = Rule(
    id="PGL041",
    code="LOCK_TIMEOUT_MISSING",
    severity=Severity.INFO,
    check=check,
    by_script=True,
    families=frozenset({POSTGRESQL}),
    structures=(
        AlterTable,
        CreateIndex,
        DropIndex,
        DropTable,
        Truncate,
    ),
    enabled=False,
    parameters=(
        Parameter(
            "variables",
            ("lock_timeout",),
            Text(zh="必须先设置的变量", en="Variables that must be set first"),
            choices=("lock_timeout", "statement_timeout"),
        ),
    ),
    title=Text(zh="加锁前未设超时", en="No time-out before a lock"),
    message=Text(
        zh="修改 {table} 之前没有设置 {detail}：等锁期间，后来的所有查询都会排在它后面。请先 SET lock_timeout = '5s' 之类。",
        en="{detail} isn't set before {table} is changed: while the statement waits for its lock, every later query waits behind it. SET lock_timeout = '5s' or so first.",
    ),
    why=Text(
        zh="需要 ACCESS EXCLUSIVE 锁的语句哪怕只是在等一条长查询，也会堵住全部读写；超时后可以重试。",
        en="A statement that needs an ACCESS EXCLUSIVE lock blocks all reading and writing even while it only waits for one long query; after a time-out it can be tried again.",
    ),
    fails=(
        Example("ALTER TABLE t ADD COLUMN x int"),
        Example("CREATE INDEX i ON t (a)"),
    ),
    passes=(
        Example("SET lock_timeout = '5s';\nALTER TABLE t ADD COLUMN x int"),
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE t ADD COLUMN x int"
        ),
        Example("CREATE INDEX CONCURRENTLY i ON t (a)"),
    ),
)
