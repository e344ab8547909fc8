"""TABLESPACE_MOVED: the whole table is copied."""

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
        if isinstance(action, SetOption) and action.name in ("TABLESPACE", "ACCESS METHOD"):
            yield from locking(subject, table, "TABLESPACE_MOVED", action.at, action.value)


RULE = Rule(
    id="PGL032",
    code="TABLESPACE_MOVED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="移动表空间或更换访问方法", en="Tablespace or access method changed"),
    message=Text(
        zh="将表 {table} 移到 {detail} 会在独占锁下复制整张表。请在维护窗口内执行，或用 pg_repack 之类的在线工具。",
        en="Moving {table} to {detail} copies all of it under an exclusive lock. Use a maintenance window, or an online tool such as pg_repack.",
    ),
    why=Text(
        zh="期间表不可读写，时间与表大小成正比。",
        en="Nobody can read or write meanwhile, for as long as the table is large.",
    ),
    fails=(
        Example("ALTER TABLE t SET TABLESPACE fast"),
        Example(
            "ALTER TABLE t SET ACCESS METHOD heap2",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
    ),
    passes=(
        Example("ALTER TABLE t SET (fillfactor = 70)"),
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE t SET TABLESPACE fast"
        ),
    ),
)
