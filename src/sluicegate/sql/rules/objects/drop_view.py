"""VIEW_DROPPED: programs that read a view fail."""

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
            if ref.type == "view":
                yield Note("VIEW_DROPPED", structure.at, ref.name)


RULE = Rule(
    id="OBJ008",
    code="VIEW_DROPPED",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(DropObject,),
    enabled=False,  # a guard speaks of it anyway; a policy may weigh this case by itself
    title=Text(zh="删除视图", en="Dropping a view"),
    message=Text(
        zh="删除视图 {detail}：读取它的程序、报表和其他视图会立即报错。请确认已无人使用，并保留其定义。",
        en="Drops view {detail}: programs, reports and other views that read it fail at once. Make sure that nobody does, and keep its definition.",
    ),
    why=Text(
        zh="视图不含数据，但常被报表和下游系统当作接口使用。",
        en="A view holds no data, but reports and other systems use it as their interface.",
    ),
    fails=(
        Example("DROP VIEW v"),
        Example("DROP VIEW IF EXISTS v"),
    ),
    passes=(
        Example("DROP TABLE t"),
        Example("CREATE VIEW v AS SELECT 1 AS a"),
    ),
)
