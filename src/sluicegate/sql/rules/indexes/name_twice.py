"""INDEX_NAME_TWICE: an index name that is taken."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, actions, indexes, table_of
from sluicegate.sql.rules.filled import known
from sluicegate.sql.structure.definitions import CreateIndex, CreateTable, DropPart, RenamePart


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    table = known(subject, ref)
    optional = isinstance(subject.structure, CreateIndex | CreateTable) and subject.structure.if_not_exists
    dropped = {
        action.name.casefold() for action in actions(subject) if isinstance(action, DropPart | RenamePart)
    }
    taken: set[str] = set()
    if table is not None and not optional and not isinstance(subject.structure, CreateTable):
        taken = {(index.name or "").casefold() for index in table.indexes} - dropped
    for index in indexes(subject):
        name = (index.name or "").casefold()
        if name and name in taken:
            yield Note("INDEX_NAME_TWICE", index.at, index.name or "")
        taken.add(name)


RULE = Rule(
    id="IDX002",
    code="INDEX_NAME_TWICE",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=INDEXES_IN,
    title=Text(zh="索引名重复", en="Index name that is taken"),
    message=Text(
        zh="索引名 {detail} 已被使用，语句会失败。请换一个名称，或先删除旧索引。",
        en="The index name {detail} is taken: the statement fails. Choose another, or drop the old index first.",
    ),
    why=Text(
        zh="索引名在表内（PostgreSQL、SQLite 在整个库内）必须唯一。",
        en="Names of indexes are unique within a table, in PostgreSQL and SQLite within the whole schema.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT, b INT, KEY i (a), KEY i (b))", families=("mysql",)),
        Example("CREATE INDEX i ON t (b)", setup="CREATE TABLE t (a INT, b INT); CREATE INDEX i ON t (a)"),
    ),
    passes=(
        Example("CREATE INDEX j ON t (b)", setup="CREATE TABLE t (a INT, b INT); CREATE INDEX i ON t (a)"),
        Example("CREATE INDEX i ON t (b)"),
        Example(
            "ALTER TABLE t DROP INDEX i, ADD INDEX i (b)",
            families=("mysql",),
            setup="CREATE TABLE t (a INT, b INT, KEY i (a))",
        ),
    ),
)
