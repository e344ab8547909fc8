"""AUTOVACUUM_DISABLED: the table grows and its statistics get old."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.structure.definitions import AlterTable, CreateTable, SetOption

_OFF: Final = frozenset({"false", "off", "no", "0", "f", "n"})


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    settings: list[tuple[str, str, int]] = []
    name = table_of(subject)
    if isinstance(structure, CreateTable):
        settings += [(option, value, structure.at) for option, value in structure.table.options.items()]
    settings += [
        (action.name, action.value, action.at) for action in actions(subject) if isinstance(action, SetOption)
    ]
    for option, value, at in settings:
        if option == "AUTOVACUUM_ENABLED" and value.lower() in _OFF:
            yield Note("AUTOVACUUM_DISABLED", at, "" if name is None else name.name)


RULE = Rule(
    id="PGL055",
    code="AUTOVACUUM_DISABLED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(
        AlterTable,
        CreateTable,
    ),
    title=Text(zh="关闭自动清理", en="Autovacuum switched off"),
    message=Text(
        zh="表 {detail} 关闭了自动清理：死行不再回收，统计信息过时，最终还可能逼近事务号回卷。请调整阈值，而不要关闭。",
        en="Autovacuum is switched off for {detail}: dead rows stay, statistics get old, and in the end transaction numbers may wrap. Adjust its thresholds instead.",
    ),
    why=Text(
        zh="表会持续膨胀，查询计划变差，直到有人手工处理。",
        en="The table bloats and plans get worse until somebody cares by hand.",
    ),
    fails=(
        Example("ALTER TABLE t SET (autovacuum_enabled = false)"),
        Example("CREATE TABLE x (a int) WITH (autovacuum_enabled = off)"),
    ),
    passes=(
        Example("ALTER TABLE t SET (autovacuum_vacuum_scale_factor = 0.01)"),
        Example("ALTER TABLE t SET (autovacuum_enabled = true)"),
    ),
)
