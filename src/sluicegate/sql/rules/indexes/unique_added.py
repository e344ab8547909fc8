"""UNIQUE_ADDED: a unique index fails where duplicates are."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import indexes, table_of
from sluicegate.sql.rules.filled import is_empty, weight
from sluicegate.sql.rules.outcome import label
from sluicegate.sql.structure.definitions import AlterTable, CreateIndex, IndexKind


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    if ref is None or is_empty(subject, ref):
        return
    for index in indexes(subject):
        if index.kind is IndexKind.UNIQUE and not index.using_index:
            yield Note("UNIQUE_ADDED", index.at, label(index), weight(subject, ref))


RULE = Rule(
    id="IDX016",
    code="UNIQUE_ADDED",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(AlterTable, CreateIndex),
    title=Text(zh="为已有的表加唯一索引", en="Unique index on an existing table"),
    message=Text(
        zh="新增唯一索引 {detail}：表中有重复值时语句会失败。请先查出并处理重复值，并确认程序不会再写入重复值。",
        en="Adds the unique index {detail}: it fails if there are duplicates. Look for them first, and make sure that no program writes any.",
    ),
    why=Text(
        zh="扫描整张表之后才会发现重复，前面的等待全部白费；成功后，写入重复值的程序会开始报错。",
        en="Duplicates are found only after the whole table was read, and afterwards programs that write them fail.",
    ),
    fails=(
        Example("CREATE UNIQUE INDEX i ON t (a)"),
        Example("CREATE UNIQUE INDEX i ON t (a)", setup="CREATE TABLE t (a INT)", rows=9),
        Example("ALTER TABLE t ADD UNIQUE KEY u (a)", families=("mysql",)),
        Example("ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)", families=("postgresql",)),
    ),
    passes=(
        Example("CREATE INDEX i ON t (a)"),
        Example("CREATE TABLE t (a INT); CREATE UNIQUE INDEX i ON t (a)"),
        Example("CREATE UNIQUE INDEX i ON t (a)", setup="CREATE TABLE t (a INT)", rows=0),
    ),
)
