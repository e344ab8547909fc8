"""INDEX_DROPPED: queries that relied on an index become slow."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import AlterTable, DropIndex, DropPart


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, DropIndex):
        if structure.table is None or not subject.script.walk.created_here(structure.table):
            for ref in structure.names:
                yield Note("INDEX_DROPPED", structure.at, ref.name)
    elif isinstance(structure, AlterTable) and not subject.script.walk.created_here(structure.table):
        for action in structure.actions:
            if isinstance(action, DropPart) and action.kind == "index":
                yield Note("INDEX_DROPPED", action.at, action.name)


RULE = Rule(
    id="OBJ005",
    code="INDEX_DROPPED",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(AlterTable, DropIndex),
    title=Text(zh="删除索引", en="Dropping an index"),
    message=Text(
        zh="删除索引 {detail}：依赖它的查询可能变成全表扫描，唯一索引还会失去唯一性保证。请确认它已无用（如 MySQL 8.0 可先设为不可见观察）。",
        en="Drops index {detail}: queries that rely on it may scan the whole table, and a unique one no longer guards. Make sure it isn't used (MySQL 8.0 can make it invisible first).",
    ),
    why=Text(
        zh="索引删除很快，重建却可能要几个小时；发现用错时数据库往往已被慢查询拖垮。",
        en="An index is gone in a moment and may take hours to come back; by the time one notices, slow queries have filled the server.",
    ),
    fails=(
        Example("DROP INDEX i ON orders", families=("mysql",)),
        Example("ALTER TABLE orders DROP INDEX i", families=("mysql",)),
        Example(
            "DROP INDEX i",
            families=(
                "postgresql",
                "sqlite",
            ),
        ),
    ),
    passes=(
        Example("CREATE INDEX i ON orders (a)"),
        Example("ALTER TABLE orders DROP COLUMN a"),
    ),
)
