"""CHECK_SCAN: a CHECK is tried on all rows while nobody can use the table."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import locking
from sluicegate.sql.structure.definitions import AddCheck, AlterTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None:
        return
    for action in actions(subject):
        if isinstance(action, AddCheck) and not action.check.not_valid:
            yield from locking(
                subject, table, "CHECK_SCAN", action.at, action.check.name or action.check.text[:60]
            )


RULE = Rule(
    id="PGL005",
    code="CHECK_SCAN",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="新增 CHECK 约束时校验全表", en="CHECK tried on all rows"),
    message=Text(
        zh="为表 {table} 新增 CHECK 约束（{detail}）会在独占锁下扫描全表。请先加 NOT VALID，再在另一个工单里 VALIDATE CONSTRAINT。",
        en="The new CHECK ({detail}) is tried on all rows of {table} under an exclusive lock. Add it NOT VALID, and VALIDATE CONSTRAINT in a ticket of its own.",
    ),
    why=Text(
        zh="NOT VALID 只约束之后的写入，立即完成；VALIDATE 校验旧数据时读写照常。",
        en="NOT VALID holds for new rows and takes no time; VALIDATE checks the old ones while others read and write.",
    ),
    fails=(
        Example("ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0)"),
        Example(
            "ALTER TABLE t ADD CHECK (a > 0)",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
    ),
    passes=(
        Example("ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID"),
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE t ADD CHECK (a > 0)"
        ),
        Example(
            "ALTER TABLE t ADD CHECK (a > 0)",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=0,
        ),
    ),
)
