"""TABLE_EXISTS: a new table's name is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sluicegate.sql.facts import Note
from sluicegate.sql.model import ObjectRef, Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.schema.certain import exists, guarded
from sluicegate.sql.structure.definitions import AlterTable, CreateTable, CreateView, RenameTable, RenameTo


def _made(subject: Subject) -> Iterator[ObjectRef]:
    match subject.structure:
        case CreateTable(table=made, if_not_exists=False, replaces=False, temporary=False):
            yield made.ref
        case CreateView(view=ref, replaces=False) if not guarded(subject):
            yield ref
        case AlterTable(table=ref, actions=actions):
            for action in actions:
                if isinstance(action, RenameTo):
                    yield from _target(ref, action.to)
        case RenameTable(pairs=pairs):
            freed = {old.name.casefold() for old, _ in pairs}
            for old, new in pairs:
                if new.name.casefold() not in freed:
                    yield from _target(old, new)


def _target(old: ObjectRef, new: ObjectRef) -> Iterator[ObjectRef]:
    if new.database is None and new.schema is None:
        new = replace(new, database=old.database, schema=old.schema)
    if old.type in ("table", "view") and old.name.casefold() != new.name.casefold():
        yield new


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    for ref in _made(subject):
        if exists(subject, ref):
            yield Note("TABLE_EXISTS", -1 if structure is None else structure.at, ref.name)


_SETUP = "CREATE TABLE t (a INT); CREATE TABLE u (a INT)"
RULE = Rule(
    id="SCH003",
    code="TABLE_EXISTS",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=(CreateTable, CreateView, AlterTable, RenameTable),
    title=Text(zh="表已存在", en="Table that exists already"),
    message=Text(
        zh="目标库中已有表或视图 {detail}，语句会失败。请换一个名称，或先核对现有的表是否就是要建的表。",
        en="The target already has a table or view {detail}, so that the statement fails. Choose another name, or see "
        "whether the table there is the one you want.",
    ),
    why=Text(
        zh="常见原因是脚本重复执行，或别人已经建了同名的表；两者结构可能不同，不要直接删除重建。",
        en="Mostly a script that is run twice, or a table that somebody else made. The two may differ: don't just drop it.",
    ),
    fails=(
        Example("CREATE TABLE t (b INT)", setup=_SETUP),
        Example("CREATE TABLE v (a INT); CREATE TABLE v (a INT)", setup=_SETUP),
        Example("ALTER TABLE t RENAME TO u", setup=_SETUP),
        Example("CREATE VIEW t AS SELECT 1", setup=_SETUP),
        Example("RENAME TABLE t TO u", families=("mysql",), setup=_SETUP),
    ),
    passes=(
        Example("CREATE TABLE t (b INT)"),
        Example("CREATE TABLE IF NOT EXISTS t (b INT)", setup=_SETUP),
        Example("DROP TABLE t; CREATE TABLE t (b INT)", setup=_SETUP),
        Example("ALTER TABLE t RENAME TO t_old; CREATE TABLE t (b INT)", setup=_SETUP),
        Example("CREATE TEMPORARY TABLE t (b INT)", setup=_SETUP),
        Example("RENAME TABLE t TO x, u TO t, x TO u", families=("mysql",), setup=_SETUP),
    ),
)
