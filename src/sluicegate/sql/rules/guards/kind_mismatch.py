"""KIND_MISMATCH: the ticket is of another kind than the statement.

A data change holds no definitions, and a schema change no data changes: they are approved by other
people and undone by other means. A query in either is let through and shown, because it changes
nothing, and nobody will see its result.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity, StatementKind, TicketKind
from sluicegate.sql.rules.base import Example, Options, Rule, Subject, Text

_DEFINES = {StatementKind.DDL}
_CHANGES = {StatementKind.DML}
_NEUTRAL = {StatementKind.QUERY, StatementKind.SESSION, StatementKind.UNKNOWN}


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    filed, kind = subject.context.ticket_kind, subject.facts.kind
    operation = subject.facts.operation
    if filed is None:
        return
    if filed is TicketKind.ACCESS_REQUEST:
        if kind is not StatementKind.DCL:
            yield Note("KIND_MISMATCH", -1, operation)
    elif kind is StatementKind.QUERY:
        yield Note("KIND_MISMATCH", -1, operation, Severity.WARNING)
    elif (filed is TicketKind.DATA_CHANGE and kind in _DEFINES) or (
        filed is TicketKind.SCHEMA_CHANGE and kind in _CHANGES
    ):
        yield Note("KIND_MISMATCH", -1, operation)


RULE = Rule(
    id="SQL004",
    code="KIND_MISMATCH",
    severity=Severity.BLOCK,
    check=check,
    everywhere=True,
    title=Text(zh="与工单类型不符", en="Another kind than the ticket's"),
    message=Text(
        zh="{detail} 与工单类型不符：数据变更工单只放数据语句，结构变更工单只放结构语句；查询不会显示结果。请改用对应类型的工单。",
        en="{detail} doesn't fit the ticket's kind: data changes and schema changes go into tickets of their own, and a query shows no result. File it under the right kind.",
    ),
    why=Text(
        zh="数据变更与结构变更由不同的人审批、用不同的方式撤销，因此分别提交。查询不改变数据，只作提示。",
        en="Data changes and schema changes are approved by other people and undone by other means, so they are filed apart. A query changes nothing and is only pointed out.",
    ),
    fails=(
        Example("ALTER TABLE orders ADD COLUMN note INT", kind=TicketKind.DATA_CHANGE),
        Example("UPDATE orders SET total = 1 WHERE id = 1", kind=TicketKind.SCHEMA_CHANGE),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
