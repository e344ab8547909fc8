"""COLUMN_EXISTS: a new column's name is taken."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.schema.certain import opaque, table
from sluicegate.sql.structure.definitions import AddColumn, AlterTable, ChangeColumn, DropColumn, RenameColumn


def _made(alter: AlterTable) -> Iterator[tuple[str, int]]:
    for action in alter.actions:
        match action:
            case AddColumn(column=column, if_not_exists=False, at=at):
                yield column.name, at
            case RenameColumn(name=name, to=to, at=at) if name.casefold() != to.casefold():
                yield to, at
            case ChangeColumn(name=name, column=column, at=at) if name.casefold() != column.name.casefold():
                yield column.name, at


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    alter = subject.structure
    found = table(subject, alter.table) if isinstance(alter, AlterTable) else None
    if found is None or not isinstance(alter, AlterTable):
        return
    freed = {
        action.name.casefold()
        for action in alter.actions
        if isinstance(action, DropColumn | RenameColumn | ChangeColumn)
    }
    for name, at in _made(alter):
        if found.column(name) is not None and name.casefold() not in freed and not opaque(subject):
            yield Note("COLUMN_EXISTS", at, name, params={"table": found.ref.name})


_SETUP = "CREATE TABLE t (a INT, b INT)"
RULE = Rule(
    id="SCH004",
    code="COLUMN_EXISTS",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=(AlterTable,),
    title=Text(zh="列已存在", en="Column that exists already"),
    message=Text(
        zh="表 {table} 已有列 {detail}，语句会失败。请换一个列名，或去掉这一步。",
        en="Table {table} already has a column {detail}, so that the statement fails. Choose another name, or leave this "
        "step out.",
    ),
    why=Text(
        zh="常见原因是脚本重复执行，或别的变更已经加过这一列；请核对类型是否一致。",
        en="Mostly a script that is run twice, or another change that added the column. See whether the types agree.",
    ),
    fails=(
        Example("ALTER TABLE t ADD COLUMN b INT", setup=_SETUP),
        Example("ALTER TABLE t RENAME COLUMN a TO b", setup=_SETUP),
        Example("ALTER TABLE t ADD COLUMN c INT; ALTER TABLE t ADD COLUMN c INT", setup=_SETUP),
        Example("ALTER TABLE t CHANGE a b INT", families=("mysql",), setup=_SETUP),
    ),
    passes=(
        Example("ALTER TABLE t ADD COLUMN b INT"),
        Example("ALTER TABLE t ADD COLUMN c INT", setup=_SETUP),
        Example("ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN b INT", setup=_SETUP),
        Example("ALTER TABLE t CHANGE a b INT, CHANGE b a INT", families=("mysql",), setup=_SETUP),
        Example("ALTER TABLE t DROP b, ADD b INT", families=("mysql", "postgresql"), setup=_SETUP),
        Example("ALTER TABLE t ADD COLUMN IF NOT EXISTS b INT", families=("postgresql",), setup=_SETUP),
    ),
)
