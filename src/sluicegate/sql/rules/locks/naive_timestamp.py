"""TIMESTAMP_WITHOUT_ZONE: a time without its zone is ambiguous."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, columns
from sluicegate.sql.structure.definitions import AlterTable, CreateTable, SetType

_TYPES: Final = ("TIMESTAMP",)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is not None and column.type.name in _TYPES:
            yield Note("TIMESTAMP_WITHOUT_ZONE", column.at, column.name)
    for action in actions(subject):
        if isinstance(action, SetType) and action.type.name in _TYPES:
            yield Note("TIMESTAMP_WITHOUT_ZONE", action.at, action.name)


RULE = Rule(
    id="PGL020",
    code="TIMESTAMP_WITHOUT_ZONE",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(
        AlterTable,
        CreateTable,
    ),
    title=Text(zh="不带时区的时间列", en="timestamp without time zone"),
    message=Text(
        zh="列 {detail} 是不带时区的 timestamp，不同时区的会话会写入不同含义的值。请用 timestamptz。",
        en="Column {detail} is a timestamp without time zone: sessions in different zones write different things. Use timestamptz.",
    ),
    why=Text(
        zh="timestamptz 存的是绝对时刻，占用空间相同。",
        en="timestamptz stores a point in time, in the same eight bytes.",
    ),
    fails=(
        Example("CREATE TABLE x (c timestamp)"),
        Example("ALTER TABLE t ADD COLUMN c timestamp(3) without time zone"),
    ),
    passes=(Example("CREATE TABLE x (c timestamptz, d date)"),),
)
