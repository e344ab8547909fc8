"""DROPPED_COLUMN_IN_USE: a dropped column changes the indexes and foreign keys that hold it."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.filled import known
from sluicegate.sql.rules.outcome import label
from sluicegate.sql.structure.definitions import AlterTable, DropColumn, DropPart


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    table = known(subject, ref)
    if table is None or ref is None or subject.script.walk.created_here(ref):
        return
    gone = {action.name.casefold(): action for action in actions(subject) if isinstance(action, DropPart)}
    for action in actions(subject):
        if not isinstance(action, DropColumn):
            continue
        name = action.name.casefold()
        users = [
            label(index) for index in table.indexes if name in [part.casefold() for part in index.columns]
        ]
        users += [
            key.name or key.references.name
            for key in table.foreign_keys
            if name in [column.casefold() for column in key.columns]
        ]
        left = [user for user in users if user.casefold() not in gone]
        if left:
            yield Note("DROPPED_COLUMN_IN_USE", action.at, action.name, params={"users": ", ".join(left)})


RULE = Rule(
    id="COL008",
    code="DROPPED_COLUMN_IN_USE",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(AlterTable,),
    title=Text(zh="删除的列仍被索引或外键使用", en="Dropped column that an index or key uses"),
    message=Text(
        zh="列 {detail} 仍被 {users} 使用：MySQL 会把它从索引中去掉（唯一索引可能因此出现重复而失败），PostgreSQL 会一并删除索引，其余情况报错。请先处理这些索引和外键。",
        en="Column {detail} is used by {users}: MySQL takes it out of the index (a unique one may then fail), PostgreSQL drops the index, otherwise the statement fails. Deal with those first.",
    ),
    why=Text(
        zh="索引悄悄变窄或消失后，依赖它的查询会变成全表扫描。",
        en="Indexes that silently shrink or vanish leave queries to scan the whole table.",
    ),
    fails=(
        Example(
            "ALTER TABLE t DROP COLUMN a", setup="CREATE TABLE t (a INT, b INT); CREATE INDEX i ON t (a, b)"
        ),
        Example(
            "ALTER TABLE t DROP COLUMN a",
            setup="CREATE TABLE t (a INT, b INT, CONSTRAINT f FOREIGN KEY (a) REFERENCES o (a))",
        ),
    ),
    passes=(
        Example(
            "ALTER TABLE t DROP COLUMN b", setup="CREATE TABLE t (a INT, b INT); CREATE INDEX i ON t (a)"
        ),
        Example("ALTER TABLE t DROP COLUMN a"),
        Example(
            "ALTER TABLE t DROP INDEX i, DROP COLUMN a",
            families=("mysql",),
            setup="CREATE TABLE t (a INT, b INT, KEY i (a))",
        ),
    ),
)
