"""ROUTINE_DROPPED: programs that call a routine fail."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import DropObject


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, DropObject):
        for ref in structure.refs:
            if ref.type in ("procedure", "function", "trigger", "event"):
                yield Note("ROUTINE_DROPPED", structure.at, ref.name)


RULE = Rule(
    id="OBJ012",
    code="ROUTINE_DROPPED",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(DropObject,),
    enabled=False,  # a guard speaks of it anyway; a policy may weigh this case by itself
    title=Text(zh="删除存储过程、函数、触发器或事件", en="Dropping a procedure, function, trigger or event"),
    message=Text(
        zh="删除 {detail}：依赖它的程序会报错，或数据从此不再自动维护。请保留其定义以便恢复。",
        en="Drops {detail}: programs that rely on it fail, or data is no longer kept up. Keep its definition so that it can be restored.",
    ),
    why=Text(
        zh="删除触发器不会报错，数据却会悄悄不一致，往往很久以后才被发现。",
        en="Nothing fails when a trigger goes; the data silently drifts apart and is noticed much later.",
    ),
    fails=(
        Example(
            "DROP PROCEDURE p",
            families=(
                "mysql",
                "postgresql",
            ),
        ),
        Example(
            "DROP TRIGGER g",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example("DROP TRIGGER g ON t", families=("postgresql",)),
    ),
    passes=(
        Example("DROP TABLE t"),
        Example("DROP VIEW v"),
    ),
)
