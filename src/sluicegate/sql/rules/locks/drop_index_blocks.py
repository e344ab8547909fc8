"""DROP_INDEX_NOT_CONCURRENT: dropping an index waits for everybody, and everybody for it."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.locks.size import existing
from sluicegate.sql.structure.definitions import DropIndex


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if not isinstance(structure, DropIndex) or structure.concurrently:
        return
    for name in structure.names:
        table = subject.script.walk.table_of_index(name)
        if table is None or existing(subject, table):
            yield Note("DROP_INDEX_NOT_CONCURRENT", structure.at, name.name)


RULE = Rule(
    id="PGL010",
    code="DROP_INDEX_NOT_CONCURRENT",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(DropIndex,),
    title=Text(zh="删除索引未用 CONCURRENTLY", en="Index dropped under an exclusive lock"),
    message=Text(
        zh="删除索引 {detail} 需要所在表的独占锁：有长查询时，它和它后面的所有语句都会排队。请用 DROP INDEX CONCURRENTLY。",
        en="Dropping index {detail} needs an exclusive lock on its table: behind one long query it waits, and everybody behind it. Use DROP INDEX CONCURRENTLY.",
    ),
    why=Text(
        zh="CONCURRENTLY 不阻塞读写，只是要在事务之外执行。",
        en="CONCURRENTLY blocks nobody; it only has to run outside of a transaction.",
    ),
    fails=(Example("DROP INDEX i"),),
    passes=(
        Example("DROP INDEX CONCURRENTLY i"),
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nCREATE INDEX i ON t (a);\nDROP INDEX i"
        ),
    ),
)
