"""DETACH_NOT_CONCURRENT: queries on the whole table wait."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import existing
from sluicegate.sql.structure.definitions import AlterTable, PartitionAction


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None or not existing(subject, table):
        return
    for action in actions(subject):
        if isinstance(action, PartitionAction) and action.operation == "DETACH" and not action.concurrently:
            yield Note("DETACH_NOT_CONCURRENT", action.at, ", ".join(action.names))


RULE = Rule(
    id="PGL037",
    code="DETACH_NOT_CONCURRENT",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="卸下分区未用 CONCURRENTLY", en="Partition detached under an exclusive lock"),
    message=Text(
        zh="卸下分区 {detail} 需要整张分区表的独占锁。请用 DETACH PARTITION … CONCURRENTLY（PostgreSQL 14 起，单独提交工单）。",
        en="Detaching {detail} needs an exclusive lock on the whole table. Use DETACH PARTITION … CONCURRENTLY (since PostgreSQL 14), in a ticket of its own.",
    ),
    why=Text(
        zh="有长查询时，它和它后面的语句都会排队。",
        en="Behind one long query it waits, and everybody behind it.",
    ),
    fails=(Example("ALTER TABLE p DETACH PARTITION p1"),),
    passes=(Example("ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY"),),
)
