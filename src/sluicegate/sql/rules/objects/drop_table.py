"""TABLE_DROPPED: a table and all that is in it goes."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import DropTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if not isinstance(structure, DropTable) or structure.temporary:
        return
    for ref in structure.tables:
        if not subject.script.walk.created_here(ref):
            yield Note("TABLE_DROPPED", structure.at, ref.name)


RULE = Rule(
    id="OBJ001",
    code="TABLE_DROPPED",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(DropTable,),
    enabled=False,  # a guard speaks of it anyway; a policy may weigh this case by itself
    title=Text(zh="删除表", en="Dropping a table"),
    message=Text(
        zh="表 {detail} 连同其中的数据会被删除，且无法从本系统撤销。请确认已无程序使用并已备份；更稳妥的做法是先改名观察一段时间。",
        en="Table {detail} goes with all its data, and this can't be undone from here. Make sure that nothing uses it and "
        "that there is a backup; it is safer to rename it first and wait.",
    ),
    why=Text(
        zh="删除表会丢失数据，依赖它的程序会立即报错。撤销脚本只能重建结构，不能找回数据。同一脚本中新建的表不在此列。",
        en="Data is lost and programs that use the table fail at once. Undo can't bring the data back. Tables "
        "that the same script created don't count.",
    ),
    fails=(
        Example("DROP TABLE orders"),
        Example("DROP TABLE IF EXISTS a, b", families=("mysql", "postgresql")),
    ),
    passes=(
        Example("CREATE TABLE t (a INT); DROP TABLE t"),
        Example("DROP TEMPORARY TABLE t", families=("mysql",)),
        Example("DROP VIEW v"),
    ),
)
