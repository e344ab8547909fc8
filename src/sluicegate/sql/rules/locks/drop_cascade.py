"""DROP_CASCADE: what depends on it goes too, unnamed."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions
from sluicegate.sql.structure.definitions import (
    AlterTable,
    DropColumn,
    DropIndex,
    DropObject,
    DropPart,
    DropTable,
)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, DropTable):
        found = [(structure.at, ref.name) for ref in structure.tables if structure.cascade]
    elif isinstance(structure, DropIndex):
        found = [(structure.at, ref.name) for ref in structure.names if structure.cascade]
    elif isinstance(structure, DropObject):
        found = [(structure.at, ref.name) for ref in structure.refs if structure.cascade]
    else:
        found = [
            (action.at, action.name)
            for action in actions(subject)
            if isinstance(action, DropColumn | DropPart) and action.cascade
        ]
    for at, name in found:
        yield Note("DROP_CASCADE", at, name)


RULE = Rule(
    id="PGL029",
    code="DROP_CASCADE",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(
        AlterTable,
        DropIndex,
        DropObject,
        DropTable,
    ),
    title=Text(zh="DROP … CASCADE", en="DROP … CASCADE"),
    message=Text(
        zh="删除 {detail} 时带 CASCADE，依赖它的视图、外键、函数等会一并消失，语句里看不出是哪些。请去掉 CASCADE，逐一写出要删除的对象。",
        en="Dropping {detail} with CASCADE also drops views, foreign keys and functions that depend on it, without naming them. Leave CASCADE out and drop each by name.",
    ),
    why=Text(zh="审批人看不到会消失什么。", en="Nobody who approves can see what will go."),
    fails=(
        Example("DROP TABLE t CASCADE"),
        Example("DROP TYPE e CASCADE"),
        Example("ALTER TABLE t DROP COLUMN a CASCADE"),
    ),
    passes=(
        Example("DROP TABLE t"),
        Example("DROP VIEW v"),
    ),
)
