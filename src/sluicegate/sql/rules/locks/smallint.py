"""SMALL_INTEGER: 32,767 is soon reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, columns
from sluicegate.sql.structure.definitions import AlterTable, CreateTable, SetType

_TYPES: Final = ("SMALLINT",)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is not None and column.type.name in _TYPES:
            yield Note("SMALL_INTEGER", column.at, column.name)
    for action in actions(subject):
        if isinstance(action, SetType) and action.type.name in _TYPES:
            yield Note("SMALL_INTEGER", action.at, action.name)


RULE = Rule(
    id="PGL017",
    code="SMALL_INTEGER",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(
        AlterTable,
        CreateTable,
    ),
    enabled=False,
    title=Text(zh="smallint 列", en="smallint column"),
    message=Text(
        zh="列 {detail} 是 smallint，上限 32767。请改用 integer 或 bigint。",
        en="Column {detail} is a smallint and ends at 32,767. Use integer or bigint.",
    ),
    why=Text(
        zh="对齐之后往往省不下空间，超出范围时却要重写整张表。",
        en="After alignment it often saves nothing, and outgrowing it rewrites the table.",
    ),
    fails=(Example("CREATE TABLE x (n smallint)"),),
    passes=(Example("CREATE TABLE x (n int)"),),
)
