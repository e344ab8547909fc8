"""TIME_WITH_ZONE: a time of day with a zone has no use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, columns
from sluicegate.sql.structure.definitions import AlterTable, CreateTable, SetType

_TYPES: Final = ("TIME WITH TIME ZONE",)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is not None and column.type.name in _TYPES:
            yield Note("TIME_WITH_ZONE", column.at, column.name)
    for action in actions(subject):
        if isinstance(action, SetType) and action.type.name in _TYPES:
            yield Note("TIME_WITH_ZONE", action.at, action.name)


RULE = Rule(
    id="PGL021",
    code="TIME_WITH_ZONE",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(
        AlterTable,
        CreateTable,
    ),
    title=Text(zh="timetz 列", en="time with time zone"),
    message=Text(
        zh="列 {detail} 是 timetz，没有日期就无法处理夏令时。请用 timestamptz，或 time 加单独的时区列。",
        en="Column {detail} is a time with time zone, which without a date knows no daylight saving. Use timestamptz, or time and a column for the zone.",
    ),
    why=Text(
        zh="PostgreSQL 手册不建议使用 timetz，它只为兼容标准而存在。",
        en="PostgreSQL's manual advises against it: it is there for the standard's sake.",
    ),
    fails=(Example("CREATE TABLE x (c timetz)"),),
    passes=(Example("CREATE TABLE x (c time, d timestamptz)"),),
)
