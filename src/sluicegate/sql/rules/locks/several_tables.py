"""SEVERAL_TABLES_LOCKED: locks on several tables in one script may meet another's in the other order."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import table_of
from sluicegate.sql.rules.locks.size import existing
from sluicegate.sql.structure.definitions import AlterTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is not None and existing(subject, table) and subject.script.walk.others_altered(table):
        yield Note("SEVERAL_TABLES_LOCKED", -1, table.name)


RULE = Rule(
    id="PGL043",
    code="SEVERAL_TABLES_LOCKED",
    severity=Severity.INFO,
    check=check,
    by_script=True,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="一个脚本锁住多张表", en="Several tables locked by one script"),
    message=Text(
        zh="这个脚本此前已修改过别的表，现在又要锁住 {detail}：若整个脚本是一个事务，可能与业务互相等待而死锁。请按表拆成多个工单，或固定加锁顺序。",
        en="The script altered another table before and now locks {detail}: in one transaction it may deadlock with programs that use them in the other order. File a ticket for each table, or keep to one order.",
    ),
    why=Text(
        zh="锁到事务结束才释放；持有的强锁越多，挡住的业务越多。",
        en="Locks are held until the transaction ends; the more of them, the more others wait.",
    ),
    fails=(Example("ALTER TABLE t ADD COLUMN x int;\nALTER TABLE u ADD COLUMN x int"),),
    passes=(
        Example("ALTER TABLE t ADD COLUMN x int;\nALTER TABLE t ADD COLUMN y int"),
        Example("CREATE TABLE x (a int);\nALTER TABLE x ADD COLUMN b int;\nALTER TABLE t ADD COLUMN x int"),
    ),
)
