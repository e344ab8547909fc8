"""TABLE_UNKNOWN: the statement needs a table that isn't there."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Access, ObjectRef, Severity
from sluicegate.sql.rules.base import SQLITE, STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.schema.certain import absent, distinct, optional
from sluicegate.sql.structure.definitions import (
    AlterTable,
    CreateIndex,
    CreateRoutine,
    CreateTable,
    CreateView,
    DropObject,
    DropTable,
    RenameTable,
    Truncate,
)
from sluicegate.sql.structure.queries import Query


def _read(subject: Subject) -> Iterator[ObjectRef]:
    """What a definition takes its columns or rows from."""
    return (ref for ref in subject.facts.objects if ref.access is Access.READ)


def _needed(subject: Subject) -> Iterator[ObjectRef]:
    match subject.structure:
        case Query(ctes=ctes):
            own = {one.name.casefold() for one in ctes}
            yield from (ref for ref in subject.facts.objects if ref.name.casefold() not in own)
        case AlterTable(table=ref, if_exists=False) | CreateIndex(table=ref):
            yield ref
        case Truncate(tables=refs) | DropTable(tables=refs, if_exists=False, temporary=False):
            yield from refs
        case DropObject(refs=refs, if_exists=False):
            yield from (ref for ref in refs if ref.type == "view")
        case RenameTable(pairs=pairs) if not optional(subject):
            made = {new.name.casefold() for _, new in pairs}
            yield from (old for old, _ in pairs if old.name.casefold() not in made)
        case CreateRoutine(table=ObjectRef() as ref):
            yield ref
        case CreateTable(like=ObjectRef() as ref):
            yield ref
        case CreateTable(as_query=True, table=made_table) if "VIRTUAL" not in made_table.options:
            yield from _read(subject)
        case CreateView() if subject.family != SQLITE:  # SQLite looks when the view is used
            yield from _read(subject)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    at = -1 if structure is None else structure.at
    for ref in distinct(_needed(subject)):
        if absent(subject, ref):
            yield Note("TABLE_UNKNOWN", at, ref.name)


_SETUP = "CREATE TABLE t (a INT)"
RULE = Rule(
    id="SCH001",
    code="TABLE_UNKNOWN",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=(
        Query,
        AlterTable,
        CreateIndex,
        Truncate,
        DropTable,
        DropObject,
        RenameTable,
        CreateRoutine,
        CreateTable,
        CreateView,
    ),
    title=Text(zh="表不存在", en="Unknown table"),
    message=Text(
        zh="目标库中没有表或视图 {detail}，语句会失败。请检查名称，或把建表语句放到前面。",
        en="The target has no table or view {detail}, so that the statement fails. Check the name, or create the table "
        "first.",
    ),
    why=Text(
        zh="常见原因是表名写错、选错了目标库，或表已被脚本前面的语句删除、改名。脚本执行到一半失败，前面的变更可能已经生效。",
        en="Mostly a slip, the wrong target, or a table that the script itself dropped or renamed before. A script that "
        "fails half-way may leave its first half behind.",
    ),
    fails=(
        Example("SELECT * FROM u", setup=_SETUP),
        Example("UPDATE u SET a = 1 WHERE a = 2", setup=_SETUP),
        Example("INSERT INTO t SELECT a FROM u", setup=_SETUP),
        Example("DELETE FROM t WHERE a IN (SELECT a FROM u)", setup=_SETUP),
        Example("ALTER TABLE u ADD COLUMN b INT", setup=_SETUP),
        Example("CREATE INDEX i ON u (a)", setup=_SETUP),
        Example("DROP TABLE u", setup=_SETUP),
        Example("DROP TABLE t; SELECT a FROM t", setup=_SETUP),
        Example("ALTER TABLE t RENAME TO v; DELETE FROM t WHERE a = 1", setup=_SETUP),
        Example("TRUNCATE TABLE u", families=("mysql", "postgresql"), setup=_SETUP),
        Example("RENAME TABLE u TO v", families=("mysql",), setup=_SETUP),
        Example("CREATE VIEW v AS SELECT a FROM u", families=("mysql", "postgresql"), setup=_SETUP),
        Example("CREATE TABLE v LIKE u", families=("mysql",), setup=_SETUP),
        Example("SELECT * FROM app.u", families=("postgresql",), setup=_SETUP),
    ),
    passes=(
        Example("SELECT * FROM u"),
        Example("SELECT a FROM T", setup=_SETUP),
        Example("DROP TABLE IF EXISTS u", setup=_SETUP),
        Example("CREATE TABLE u (a INT); INSERT INTO u (a) VALUES (1)", setup=_SETUP),
        Example("WITH u AS (SELECT a FROM t) SELECT * FROM u", setup=_SETUP),
        Example("ALTER TABLE t RENAME TO v; DELETE FROM v WHERE a = 1", setup=_SETUP),
        Example(
            "WITH x AS (SELECT 1 AS id) UPDATE t JOIN x ON x.id = t.a SET t.a = 1 WHERE t.a = 2",
            families=("mysql",),
            setup=_SETUP,
        ),
        Example("CREATE TEMPORARY TABLE u (a INT); SELECT a FROM u", setup=_SETUP),
        Example("SELECT * FROM information_schema.tables", families=("mysql", "postgresql"), setup=_SETUP),
        Example("SELECT * FROM other.u", families=("mysql",), setup=_SETUP),
        Example("RENAME TABLE t TO u, u TO v", families=("mysql",), setup=_SETUP),
        Example("CALL make(); SELECT * FROM u", families=("mysql", "postgresql"), setup=_SETUP),
        Example("SELECT * FROM pg_class", families=("postgresql",), setup=_SETUP),
        Example("CREATE SEQUENCE s; SELECT last_value FROM s", families=("postgresql",), setup=_SETUP),
        Example("SELECT name FROM sqlite_master", families=("sqlite",), setup=_SETUP),
    ),
)
