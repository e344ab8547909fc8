"""PLAIN_JSON: json can be neither compared nor indexed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, columns
from sluicegate.sql.structure.definitions import AlterTable, CreateTable, SetType

_TYPES: Final = ("JSON",)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is not None and column.type.name in _TYPES:
            yield Note("PLAIN_JSON", column.at, column.name)
    for action in actions(subject):
        if isinstance(action, SetType) and action.type.name in _TYPES:
            yield Note("PLAIN_JSON", action.at, action.name)


RULE = Rule(
    id="PGL023",
    code="PLAIN_JSON",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(
        AlterTable,
        CreateTable,
    ),
    title=Text(zh="用 json 而非 jsonb", en="json instead of jsonb"),
    message=Text(
        zh="列 {detail} 是 json，不能比较、去重或建 GIN 索引。请用 jsonb。",
        en="Column {detail} is json, which can be neither compared nor indexed. Use jsonb.",
    ),
    why=Text(
        zh="json 原样保存文本，每次读取都要重新解析；SELECT DISTINCT 和 GROUP BY 会报错。",
        en="json keeps the text and parses it at each use; SELECT DISTINCT and GROUP BY fail on it.",
    ),
    fails=(
        Example("CREATE TABLE x (c json)"),
        Example("ALTER TABLE t ADD COLUMN c json"),
    ),
    passes=(Example("CREATE TABLE x (c jsonb)"),),
)
