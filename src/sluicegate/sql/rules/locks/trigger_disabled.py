"""TRIGGER_DISABLED: what the trigger guarantees no longer holds."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import existing
from sluicegate.sql.structure.definitions import AlterTable, SetOption


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None or not existing(subject, table):
        return
    for action in actions(subject):
        if not isinstance(action, SetOption) or action.name not in ("TRIGGER", "RULE"):
            continue
        if action.value.startswith("DISABLE"):
            yield Note(
                "TRIGGER_DISABLED",
                action.at,
                action.value.removeprefix("DISABLE "),
                params={"table": table.name},
            )


RULE = Rule(
    id="PGL038",
    code="TRIGGER_DISABLED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="停用触发器", en="Trigger disabled"),
    message=Text(
        zh="表 {table} 的触发器（{detail}）被停用：审计、同步和外键检查（ALL 时）不再执行，期间写入的数据可能不一致。请确认会重新启用。",
        en="Trigger {detail} of {table} is disabled: auditing, synchronisation and (with ALL) foreign keys no longer act, and what is written meanwhile may be inconsistent. Make sure that it is enabled again.",
    ),
    why=Text(zh="停用期间的写入不会补做检查。", en="What is written meanwhile isn't checked afterwards."),
    fails=(
        Example("ALTER TABLE t DISABLE TRIGGER ALL"),
        Example("ALTER TABLE t DISABLE TRIGGER audit"),
    ),
    passes=(Example("ALTER TABLE t ENABLE TRIGGER audit"),),
)
