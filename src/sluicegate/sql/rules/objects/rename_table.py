"""TABLE_RENAMED: a name that running programs use disappears."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import AlterTable, RenameTable, RenameTo


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, RenameTable):
        pairs = [(old, new, structure.at) for old, new in structure.pairs if old.type == "table"]
    elif isinstance(structure, AlterTable):
        pairs = [
            (structure.table, action.to, action.at)
            for action in structure.actions
            if isinstance(action, RenameTo)
        ]
    else:
        pairs = []
    for old, new, at in pairs:
        if not subject.script.walk.created_here(old):
            yield Note("TABLE_RENAMED", at, f"{old.name} → {new.name}")


RULE = Rule(
    id="OBJ003",
    code="TABLE_RENAMED",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(AlterTable, RenameTable),
    title=Text(zh="重命名表", en="Renaming a table"),
    message=Text(
        zh="重命名 {detail}：仍在使用旧名的程序会立即报错。请先发布兼容两个名字的程序，或保留一个旧名视图。",
        en="Renames {detail}: programs that use the old name fail at once. Release programs that know both names first, or keep a view of the old name.",
    ),
    why=Text(
        zh="改名与程序发布无法同时生效，中间必有一段时间出错；视图、触发器、外键和权限可能还指向旧名。",
        en="A rename and a release never take effect at the same moment, so something fails in between; views, triggers, foreign keys and rights may still mean the old name.",
    ),
    fails=(
        Example("ALTER TABLE orders RENAME TO old_orders"),
        Example("RENAME TABLE a TO b, c TO d", families=("mysql",)),
    ),
    passes=(
        Example("ALTER TABLE orders ADD COLUMN a INT"),
        Example("CREATE TABLE t (a INT); ALTER TABLE t RENAME TO t2"),
    ),
)
