"""INDEX_UNKNOWN: an index to drop or rename isn't there."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import ObjectRef, Severity
from sluicegate.sql.rules.base import MYSQL, STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.schema.certain import absent, opaque, table
from sluicegate.sql.structure.definitions import AlterTable, DropIndex, DropPart, RenamePart, Table


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    match subject.structure:
        case DropIndex(names=names, table=ObjectRef() as ref, if_exists=False, at=at):
            yield from _missing(subject, ref, ((name.name, at) for name in names))
        case DropIndex(names=names, if_exists=False, at=at) if subject.family != MYSQL:
            for name in names:
                if _nowhere(subject, name):
                    yield Note("INDEX_UNKNOWN", at, name.name)
        case AlterTable(table=ref, actions=actions) if subject.family == MYSQL:
            found = (
                ("PRIMARY" if action.kind == "primary key" else action.name, action.at)
                for action in actions
                if (
                    isinstance(action, DropPart)
                    and action.kind in ("index", "primary key")
                    and not action.if_exists
                )
                or (isinstance(action, RenamePart) and action.kind == "index")
            )
            yield from _missing(subject, ref, found)
        case _:
            pass


def _missing(subject: Subject, ref: ObjectRef, names: Iterator[tuple[str, int]]) -> Iterator[Note]:
    found = table(subject, ref)
    if found is None or found.view:
        return
    for name, at in names:
        if not _has(found, name) and not opaque(subject):
            yield Note("INDEX_UNKNOWN", at, name)


def _has(table: Table, name: str) -> bool:
    """MySQL names an index that has none after its first column, and that of a foreign key after the key."""
    folded = name.casefold()
    if folded == "primary":
        return table.primary_key is not None
    names = {index.name.casefold() for index in table.indexes if index.name}
    firsts = [index.columns[0] for index in table.indexes if not index.name and index.columns]
    firsts += [column for key in table.foreign_keys for column in (*key.columns[:1], key.name or "")]
    if folded in names:
        return True
    return any(first and folded.startswith(first.casefold()) for first in firsts) or any(
        not index.columns or not index.columns[0] for index in table.indexes if not index.name
    )


def _nowhere(subject: Subject, ref: ObjectRef) -> bool:
    """No relation at all has this name. The server's names for indexes that have none begin with their table's."""
    walk = subject.script.walk
    plain = ObjectRef(ref.name, schema=ref.schema)
    if not absent(subject, plain):
        return False
    folded = ref.name.casefold()
    return not any(
        folded.startswith(table.ref.name.casefold()) and any(not index.name for index in table.indexes)
        for table in walk.tables()
    ) and not _made_here(subject, folded)


def _made_here(subject: Subject, folded: str) -> bool:
    """An index on a table whose structure nobody knows isn't kept: its name in the script is all there is."""
    return folded in subject.source[: subject.piece.start].casefold()


_SETUP = "CREATE TABLE t (a INT, b INT); CREATE INDEX i ON t (a)"
RULE = Rule(
    id="SCH005",
    code="INDEX_UNKNOWN",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=(DropIndex, AlterTable),
    title=Text(zh="索引不存在", en="Unknown index"),
    message=Text(
        zh="没有索引 {detail}，语句会失败。请检查索引名，或去掉这一步。",
        en="There is no index {detail}, so that the statement fails. Check the name, or leave this step out.",
    ),
    why=Text(
        zh="常见原因是索引名写错，或索引已被删除、改名。",
        en="Mostly a slip, or an index that was dropped or renamed before.",
    ),
    fails=(
        Example("DROP INDEX x ON t", families=("mysql",), setup=_SETUP),
        Example("ALTER TABLE t DROP INDEX x", families=("mysql",), setup=_SETUP),
        Example("ALTER TABLE t DROP PRIMARY KEY", families=("mysql",), setup=_SETUP),
        Example("DROP INDEX x", families=("postgresql", "sqlite"), setup=_SETUP),
    ),
    passes=(
        Example("DROP INDEX i ON t", families=("mysql",), setup=_SETUP),
        Example("DROP INDEX x ON t", families=("mysql",)),
        Example("DROP INDEX i", families=("postgresql", "sqlite"), setup=_SETUP),
        Example("DROP INDEX x", families=("postgresql", "sqlite")),
        Example("DROP INDEX IF EXISTS x", families=("postgresql", "sqlite"), setup=_SETUP),
        Example("CREATE INDEX x ON t (b); DROP INDEX x", families=("postgresql", "sqlite"), setup=_SETUP),
        Example("ALTER INDEX i RENAME TO x; DROP INDEX x", families=("postgresql",), setup=_SETUP),
        Example(
            "ALTER TABLE t ADD UNIQUE (b); ALTER TABLE t DROP INDEX b", families=("mysql",), setup=_SETUP
        ),
    ),
)
