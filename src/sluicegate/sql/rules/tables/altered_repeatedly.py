"""TABLE_ALTERED_REPEATEDLY: several changes of one table belong into one statement."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import table_of
from sluicegate.sql.structure.definitions import AlterTable, CreateIndex


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    walk = subject.script.walk
    if ref is not None and walk.altered_here(ref) and not walk.created_here(ref):
        yield Note("TABLE_ALTERED_REPEATEDLY", -1, ref.name)


RULE = Rule(
    id="TAB017",
    code="TABLE_ALTERED_REPEATEDLY",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=(AlterTable, CreateIndex),
    title=Text(zh="同一张表多次修改", en="One table altered several times"),
    message=Text(
        zh="本脚本已修改过表 {detail}。请把对它的修改合并成一条 ALTER TABLE，只重建一次。",
        en="This script altered table {detail} before. Join the changes into one ALTER TABLE, so that it is rebuilt only once.",
    ),
    why=Text(
        zh="每条 ALTER TABLE 都可能重建整张表并等待锁；合并后只做一次，中途失败时也不会只改了一半。",
        en="Each ALTER TABLE may rebuild the whole table and waits for a lock; joined it happens once, and can't stop half-way.",
    ),
    fails=(
        Example("ALTER TABLE t ADD a INT; ALTER TABLE t ADD b INT"),
        Example("ALTER TABLE t ADD a INT; ALTER TABLE o ADD a INT; CREATE INDEX i ON t (a)"),
    ),
    passes=(
        Example("ALTER TABLE t ADD a INT, ADD b INT"),
        Example("CREATE TABLE t (a INT); ALTER TABLE t ADD b INT; ALTER TABLE t ADD c INT"),
        Example("ALTER TABLE t ADD a INT; ALTER TABLE o ADD a INT"),
    ),
)
