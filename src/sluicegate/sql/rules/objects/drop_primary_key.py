"""PRIMARY_KEY_DROPPED: a table loses its primary key."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import AddIndex, AlterTable, DropPart, IndexKind


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if not isinstance(structure, AlterTable):
        return
    renewed = any(
        isinstance(action, AddIndex) and action.index.kind is IndexKind.PRIMARY
        for action in structure.actions
    )
    for action in structure.actions:
        if isinstance(action, DropPart) and action.kind == "primary key" and not renewed:
            yield Note("PRIMARY_KEY_DROPPED", action.at, structure.table.name)


RULE = Rule(
    id="OBJ006",
    code="PRIMARY_KEY_DROPPED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=(AlterTable,),
    title=Text(zh="删除主键", en="Dropping the primary key"),
    message=Text(
        zh="删除表 {detail} 的主键，且没有在同一语句中重建：整表会被重写，复制变慢，之后的修改也无法撤销。请在同一条 ALTER 中加上新主键。",
        en="Drops the primary key of {detail} without a new one in the same statement: the table is rewritten, replication slows down, and later changes can't be undone. Add the new key in the same ALTER.",
    ),
    why=Text(
        zh="没有主键的 InnoDB 表用隐藏列做聚簇索引；按行复制时每改一行都要全表扫描，前镜像也无从定位行。",
        en="Without a primary key InnoDB clusters by a hidden column; row-based replication scans the table for each changed row, and images can't name a row.",
    ),
    fails=(Example("ALTER TABLE orders DROP PRIMARY KEY"),),
    passes=(
        Example("ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (id)"),
        Example("ALTER TABLE orders DROP INDEX i"),
    ),
)
