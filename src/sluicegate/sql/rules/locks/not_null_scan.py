"""NOT_NULL_SCAN: SET NOT NULL reads the whole table unless a CHECK proves it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import ObjectRef, Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import locking
from sluicegate.sql.structure.definitions import AlterTable, SetNullable, Table


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None:
        return
    for action in actions(subject):
        if (
            isinstance(action, SetNullable)
            and not action.nullable
            and not _proved(subject, table, action.name)
        ):
            yield from locking(subject, table, "NOT_NULL_SCAN", action.at, action.name)


def _proved(subject: Subject, ref: ObjectRef, name: str) -> bool:
    table = subject.table(ref)
    if not isinstance(table, Table):
        return False
    column = table.column(name)
    if column is not None and column.nullable is False:
        return True
    wanted = f"{name} is not null".casefold()
    return any(_plain(check.text) == wanted for check in table.checks if not check.not_valid)


def _plain(text: str) -> str:
    return re.sub(r'[()\s"]+', " ", text).strip().casefold()


RULE = Rule(
    id="PGL003",
    code="NOT_NULL_SCAN",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="设为非空需要全表扫描", en="SET NOT NULL reads the whole table"),
    message=Text(
        zh="将表 {table} 的列 {detail} 设为非空会在独占锁下扫描全表。请先 ADD CONSTRAINT … CHECK ({detail} IS NOT NULL) NOT VALID，另行 VALIDATE，再 SET NOT NULL。",
        en="SET NOT NULL on {detail} reads all of table {table} under an exclusive lock. Add a CHECK ({detail} IS NOT NULL) NOT VALID first, VALIDATE it separately, then SET NOT NULL.",
    ),
    why=Text(
        zh="PostgreSQL 12 起，只要有已验证的 CHECK (列 IS NOT NULL)，SET NOT NULL 就不必扫描；VALIDATE 期间读写照常。",
        en="Since PostgreSQL 12 a validated CHECK (column IS NOT NULL) spares SET NOT NULL the scan, and VALIDATE lets others read and write.",
    ),
    fails=(
        Example("ALTER TABLE t ALTER COLUMN a SET NOT NULL"),
        Example(
            "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
    ),
    passes=(
        Example("ALTER TABLE t ALTER COLUMN a DROP NOT NULL"),
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE t ALTER COLUMN a SET NOT NULL"
        ),
        Example(
            "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
            setup="CREATE TABLE t (a int, CHECK (a IS NOT NULL))",
            rows=1000000,
        ),
        Example(
            "ALTER TABLE t VALIDATE CONSTRAINT k;\nALTER TABLE t ALTER COLUMN a SET NOT NULL",
            setup="CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT k CHECK (a IS NOT NULL) NOT VALID",
            rows=1000000,
        ),
    ),
)
