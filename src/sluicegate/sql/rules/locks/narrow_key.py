"""NARROW_KEY: an integer key runs out after two thousand million rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateTable

_NARROW: Final = ("SMALLINT", "INTEGER")


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if not isinstance(structure, CreateTable) or structure.temporary:
        return
    key = structure.table.primary_key
    column = structure.table.column(key.columns[0]) if key is not None and len(key.parts) == 1 else None
    if (
        column is not None
        and column.type is not None
        and column.auto_increment
        and column.type.name in _NARROW
    ):
        yield Note("NARROW_KEY", column.at, column.name, params={"type": column.type.name})


RULE = Rule(
    id="PGL016",
    code="NARROW_KEY",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(CreateTable,),
    title=Text(zh="自增主键的整数过小", en="Generated key of a small integer type"),
    message=Text(
        zh="自增主键 {detail} 的类型是 {type}，用尽后插入会失败，改类型又要重写全表。请用 bigint。",
        en="The generated key {detail} is {type}: inserts fail when it is used up, and changing it rewrites the table. Use bigint.",
    ),
    why=Text(
        zh="integer 最多 21 亿；回滚的插入也消耗序列值。bigint 每行只多 4 字节，对齐后常常一样大。",
        en="integer ends at 2.1 thousand million, and inserts that roll back use numbers up too. bigint costs four bytes, often none after alignment.",
    ),
    fails=(
        Example("CREATE TABLE x (id serial PRIMARY KEY)"),
        Example("CREATE TABLE x (id int GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (id))"),
    ),
    passes=(
        Example("CREATE TABLE x (id bigserial PRIMARY KEY)"),
        Example("CREATE TABLE x (code int PRIMARY KEY)"),
    ),
)
