"""EXCLUSION_ADDED: an exclusion constraint can't be built concurrently."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import locking
from sluicegate.sql.structure.definitions import AddIndex, AlterTable, IndexKind


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None:
        return
    for action in actions(subject):
        if isinstance(action, AddIndex) and action.index.kind is IndexKind.EXCLUSION:
            yield from locking(subject, table, "EXCLUSION_ADDED", action.at, action.index.name or "EXCLUDE")


RULE = Rule(
    id="PGL008",
    code="EXCLUSION_ADDED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="新增排他约束", en="Exclusion constraint added"),
    message=Text(
        zh="为表 {table} 新增排他约束 {detail} 会在独占锁下建索引并校验全部数据，没有不锁表的办法。请在停写窗口内执行。",
        en="Exclusion constraint {detail} on {table} is built and checked under an exclusive lock, and there is no other way. Run it in a maintenance window.",
    ),
    why=Text(
        zh="EXCLUDE 不支持 NOT VALID，也不能采用现成的索引。",
        en="EXCLUDE knows neither NOT VALID nor USING INDEX.",
    ),
    fails=(
        Example("ALTER TABLE t ADD CONSTRAINT x EXCLUDE USING gist (a WITH &&)"),
        Example(
            "ALTER TABLE t ADD EXCLUDE USING gist (a WITH &&)",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
    ),
    passes=(
        Example("ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)"),
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE t ADD EXCLUDE USING gist (a WITH &&)"
        ),
    ),
)
