"""COLUMN_DROPPED: a column goes with all its values.

Carries over CloudDM's column_012 (``allow``).
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.structure.definitions import AlterTable, DropColumn


def check(subject: Subject, options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    if options.flag("allow") or ref is None or subject.script.walk.created_here(ref):
        return
    for action in actions(subject):
        if isinstance(action, DropColumn):
            yield Note("COLUMN_DROPPED", action.at, action.name)


RULE = Rule(
    id="COL007",
    code="COLUMN_DROPPED",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(AlterTable,),
    enabled=False,  # the guard DESTRUCTIVE speaks of it anyway; a policy may weigh this case by itself
    parameters=(Parameter("allow", False, Text(zh="是否允许删除列", en="Whether columns may be dropped")),),
    title=Text(zh="删除列", en="Dropping a column"),
    message=Text(
        zh="列 {detail} 连同其中的数据会被删除，且无法从本系统撤销。请确认已无程序使用并已备份。",
        en="Column {detail} goes with all its values, and this can't be undone from here. Make sure that nothing uses it and that there is a backup.",
    ),
    why=Text(
        zh="仍在读写该列的程序会立即报错；数据只能从备份找回。",
        en="Programs that use it fail at once, and only a backup has the values.",
    ),
    fails=(
        Example("ALTER TABLE t DROP COLUMN a"),
        Example("ALTER TABLE t DROP a", families=("mysql",)),
    ),
    passes=(
        Example("ALTER TABLE t DROP COLUMN a", options={"allow": True}),
        Example("CREATE TABLE t (a INT, b INT); ALTER TABLE t DROP COLUMN a"),
    ),
)
