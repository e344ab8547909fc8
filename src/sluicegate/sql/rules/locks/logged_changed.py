"""LOGGED_CHANGED: SET LOGGED and UNLOGGED write the table anew."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import locking
from sluicegate.sql.structure.definitions import AlterTable, SetOption


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None:
        return
    for action in actions(subject):
        if isinstance(action, SetOption) and action.name in ("LOGGED", "UNLOGGED"):
            yield from locking(subject, table, "LOGGED_CHANGED", action.at, action.name)


RULE = Rule(
    id="PGL031",
    code="LOGGED_CHANGED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="切换 LOGGED / UNLOGGED", en="SET LOGGED or UNLOGGED"),
    message=Text(
        zh="将表 {table} 改为 {detail} 会在独占锁下重写整张表；UNLOGGED 表在崩溃后会被清空，也不会复制到备库。请确认确有必要。",
        en="Making {table} {detail} rewrites it under an exclusive lock; an unlogged table is emptied by a crash and isn't replicated. Make sure it is meant.",
    ),
    why=Text(
        zh="重写的内容还会全部写入 WAL，备库会随之延迟。",
        en="All that is rewritten goes through the WAL, and replicas fall behind.",
    ),
    fails=(
        Example("ALTER TABLE t SET UNLOGGED"),
        Example(
            "ALTER TABLE t SET LOGGED",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
    ),
    passes=(
        Example("ALTER TABLE t SET (fillfactor = 70)"),
        Example("CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE t SET UNLOGGED"),
    ),
)
