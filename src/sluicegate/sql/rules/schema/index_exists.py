"""INDEX_EXISTS: a new index has the name of another table's, where names hold for the whole schema; a renamed
one has a name that is taken. Within one table INDEX_NAME_TWICE speaks."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import ObjectRef, Severity
from sluicegate.sql.rules.base import MYSQL, STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.schema.certain import opaque, table
from sluicegate.sql.structure.definitions import AlterTable, CreateIndex, DropPart, RenamePart, RenameTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    match subject.structure:
        case CreateIndex(table=ref, index=index, if_not_exists=False, at=at) if subject.family != MYSQL:
            owner = _owner(subject, ref, index.name or "")
            if owner is not None and owner.name.casefold() != ref.name.casefold():
                yield _note(at, index.name or "", owner.name)
        case RenameTable(pairs=pairs, at=at):
            for old, new in pairs:
                owner = (
                    _owner(subject, old, new.name) if old.type == "index" and old.name != new.name else None
                )
                if owner is not None:
                    yield _note(at, new.name, owner.name)
        case AlterTable() as alter if subject.family == MYSQL:
            yield from _renamed(subject, alter)
        case _:
            pass


def _owner(subject: Subject, beside: ObjectRef, name: str) -> ObjectRef | None:
    """The table that has such an index, in the schema where ``beside`` is."""
    if (
        not name
        or subject.script.place is not None
        or beside.name in subject.script.temporary
        or opaque(subject)
    ):
        return None
    return subject.script.walk.table_of_index(ObjectRef(name, "index", schema=beside.schema))


def _renamed(subject: Subject, alter: AlterTable) -> Iterator[Note]:
    found = table(subject, alter.table)
    if found is None:
        return
    freed = {action.name.casefold() for action in alter.actions if isinstance(action, DropPart | RenamePart)}
    taken = {(index.name or "").casefold() for index in found.indexes} - freed
    for action in alter.actions:
        if isinstance(action, RenamePart) and action.kind == "index" and action.to.casefold() in taken:
            yield _note(action.at, action.to, found.ref.name)


def _note(at: int, name: str, owner: str) -> Note:
    return Note("INDEX_EXISTS", at, name, params={"table": owner})


_SETUP = (
    "CREATE TABLE t (a INT, b INT); CREATE TABLE u (a INT); CREATE INDEX i ON t (a); CREATE INDEX j ON t (b)"
)
RULE = Rule(
    id="SCH006",
    code="INDEX_EXISTS",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=(CreateIndex, RenameTable, AlterTable),
    title=Text(zh="索引名已被占用", en="Index that exists already"),
    message=Text(
        zh="表 {table} 已有名为 {detail} 的索引，语句会失败。请换一个索引名。",
        en="Table {table} already has an index {detail}, so that the statement fails. Choose another name.",
    ),
    why=Text(
        zh="PostgreSQL 和 SQLite 的索引名在整个模式（库）内唯一，MySQL 在表内唯一。索引名带上表名可以避免冲突。",
        en="Names of indexes are unique within the schema in PostgreSQL and SQLite, within the table in MySQL. The table's "
        "name in the index's avoids clashes.",
    ),
    fails=(
        Example("CREATE INDEX i ON u (a)", families=("postgresql", "sqlite"), setup=_SETUP),
        Example("ALTER INDEX i RENAME TO j", families=("postgresql",), setup=_SETUP),
        Example("ALTER TABLE t RENAME INDEX i TO j", families=("mysql",), setup=_SETUP),
    ),
    passes=(
        Example("CREATE INDEX i ON u (a)"),
        Example("CREATE INDEX k ON u (a)", setup=_SETUP),
        Example("CREATE INDEX i ON u (a)", families=("mysql",), setup=_SETUP),
        Example("DROP INDEX i; CREATE INDEX i ON u (a)", families=("postgresql", "sqlite"), setup=_SETUP),
        Example("ALTER INDEX i RENAME TO k; CREATE INDEX i ON u (a)", families=("postgresql",), setup=_SETUP),
        Example("ALTER TABLE t RENAME INDEX i TO j, RENAME INDEX j TO i", families=("mysql",), setup=_SETUP),
    ),
)
