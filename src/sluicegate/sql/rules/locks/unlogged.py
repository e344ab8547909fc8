"""UNLOGGED_TABLE: a crash empties it."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateTable) and "UNLOGGED" in structure.table.options:
        yield Note("UNLOGGED_TABLE", structure.at, structure.table.ref.name)


RULE = Rule(
    id="PGL044",
    code="UNLOGGED_TABLE",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(CreateTable,),
    title=Text(zh="UNLOGGED 表", en="Unlogged table"),
    message=Text(
        zh="表 {detail} 是 UNLOGGED：服务器崩溃后会被清空，也不会复制到备库。请确认其中的数据可以丢失。",
        en="Table {detail} is unlogged: a crash empties it, and replicas don't have it. Make sure that its data may be lost.",
    ),
    why=Text(
        zh="不写 WAL 换来的速度，代价是没有持久性。", en="The speed without a WAL is paid with durability."
    ),
    fails=(Example("CREATE UNLOGGED TABLE x (a int)"),),
    passes=(Example("CREATE TABLE x (a int)"),),
)
