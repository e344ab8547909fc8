"""KEY_BUILT_UNDER_LOCK: a key is built while nobody can use the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import indexes, table_of
from sluicegate.sql.rules.locks.size import locking
from sluicegate.sql.structure.definitions import AlterTable, IndexKind

_KEYS: Final = (IndexKind.PRIMARY, IndexKind.UNIQUE)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None:
        return
    for index in indexes(subject):
        if index.kind in _KEYS and not index.using_index:
            yield from locking(subject, table, "KEY_BUILT_UNDER_LOCK", index.at, ", ".join(index.columns))


RULE = Rule(
    id="PGL007",
    code="KEY_BUILT_UNDER_LOCK",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="在独占锁下建立主键或唯一约束", en="Key built under an exclusive lock"),
    message=Text(
        zh="为表 {table} 的 ({detail}) 建立主键或唯一约束会在独占锁下建索引。请先 CREATE UNIQUE INDEX CONCURRENTLY，再用 ADD CONSTRAINT … USING INDEX。",
        en="The key on ({detail}) of {table} is built under an exclusive lock. CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX.",
    ),
    why=Text(
        zh="建索引的时间与表大小成正比；USING INDEX 直接采用建好的索引，瞬间完成。",
        en="Building takes as long as the table is large; USING INDEX adopts one that is ready, at once.",
    ),
    fails=(
        Example("ALTER TABLE t ADD CONSTRAINT u UNIQUE (b)"),
        Example("ALTER TABLE t ADD PRIMARY KEY (id)"),
        Example(
            "ALTER TABLE t ADD COLUMN x int UNIQUE",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
    ),
    passes=(
        Example("ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i"),
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE t ADD UNIQUE (b)"
        ),
        Example(
            "ALTER TABLE t ADD UNIQUE (b)",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=0,
        ),
    ),
)
