"""FOREIGN_KEY_SCAN: a foreign key is checked for all rows while both tables are locked."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import locking
from sluicegate.sql.structure.definitions import AddColumn, AddForeignKey, AlterTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None:
        return
    empty = {
        action.column.name
        for action in actions(subject)
        if isinstance(action, AddColumn) and action.column.default is None
    }
    for action in actions(subject):
        if not isinstance(action, AddForeignKey) or action.foreign_key.not_valid:
            continue
        if not empty.issuperset(action.foreign_key.columns):
            detail = action.foreign_key.references.name
            yield from locking(subject, table, "FOREIGN_KEY_SCAN", action.at, detail)


RULE = Rule(
    id="PGL004",
    code="FOREIGN_KEY_SCAN",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="新增外键时校验全表", en="Foreign key checked for all rows"),
    message=Text(
        zh="为表 {table} 新增指向 {detail} 的外键会校验全部数据，期间两张表都不能写入。请先加 NOT VALID，再在另一个工单里 VALIDATE CONSTRAINT。",
        en="The new foreign key from {table} to {detail} is checked for all rows while neither table can be written. Add it NOT VALID, and VALIDATE CONSTRAINT in a ticket of its own.",
    ),
    why=Text(
        zh="不带 NOT VALID 时，SHARE ROW EXCLUSIVE 锁会一直持有到校验完成；VALIDATE 只加弱锁。",
        en="Without NOT VALID a SHARE ROW EXCLUSIVE lock is held until all rows are checked; VALIDATE takes weak locks only.",
    ),
    fails=(
        Example("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id)"),
        Example(
            "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
    ),
    passes=(
        Example("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id) NOT VALID"),
        Example("ALTER TABLE t ADD COLUMN p_id bigint REFERENCES p (id)"),
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p"
        ),
    ),
)
