"""COLUMN_RENAMED: a column that running programs use changes its name."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import AlterTable, ChangeColumn, RenameColumn


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if not isinstance(structure, AlterTable) or subject.script.walk.created_here(structure.table):
        return
    for action in structure.actions:
        if isinstance(action, RenameColumn):
            yield Note("COLUMN_RENAMED", action.at, f"{action.name} → {action.to}")
        elif isinstance(action, ChangeColumn) and action.name.casefold() != action.column.name.casefold():
            yield Note("COLUMN_RENAMED", action.at, f"{action.name} → {action.column.name}")


RULE = Rule(
    id="OBJ004",
    code="COLUMN_RENAMED",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(AlterTable,),
    title=Text(zh="重命名列", en="Renaming a column"),
    message=Text(
        zh="重命名列 {detail}：仍在使用旧列名的程序会立即报错。建议先新增列、同步数据、切换程序，再删除旧列。",
        en="Renames column {detail}: programs that use the old name fail at once. Add the new column, copy the data, switch the programs, then drop the old one.",
    ),
    why=Text(
        zh="列名是程序与数据库之间的约定。改名瞬间生效，而程序需要逐台发布，期间读写都会失败。",
        en="A column's name is what programs and the database agreed on. The rename takes effect at once, programs are released one by one, and fail meanwhile.",
    ),
    fails=(
        Example("ALTER TABLE orders RENAME COLUMN a TO b"),
        Example("ALTER TABLE orders CHANGE a b INT", families=("mysql",)),
    ),
    passes=(
        Example("ALTER TABLE orders ADD COLUMN b INT"),
        Example("ALTER TABLE orders CHANGE a a BIGINT", families=("mysql",)),
    ),
)
