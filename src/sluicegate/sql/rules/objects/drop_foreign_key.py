"""CONSTRAINT_DROPPED: a guard of the data's consistency goes."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import AlterTable, DropPart


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, AlterTable):
        for action in structure.actions:
            if isinstance(action, DropPart) and action.kind in ("foreign key", "check", "constraint"):
                yield Note("CONSTRAINT_DROPPED", action.at, action.name)


RULE = Rule(
    id="OBJ007",
    code="CONSTRAINT_DROPPED",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="删除约束", en="Dropping a constraint"),
    message=Text(
        zh="删除约束 {detail}：之后写入的数据不再受它检查，想恢复时已有的脏数据会让重建失败。请确认程序自己能保证。",
        en="Drops constraint {detail}: what is written from now on isn't checked, and bad rows will keep it from being added again. Make sure that the programs guarantee it.",
    ),
    why=Text(
        zh="约束是数据一致性的最后一道防线，删除容易，加回来要先清理数据。",
        en="A constraint is the last guard of consistency: easily dropped, and added back only after the data is cleaned.",
    ),
    fails=(
        Example("ALTER TABLE orders DROP CONSTRAINT c"),
        Example("ALTER TABLE orders DROP FOREIGN KEY f", families=("mysql",)),
    ),
    passes=(
        Example("ALTER TABLE orders DROP COLUMN a"),
        Example("ALTER TABLE orders ADD COLUMN a INT"),
    ),
)
