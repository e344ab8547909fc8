"""KIND_MISMATCH: the ticket is of another kind than the statement.

A data change holds no definitions, and a schema change no data changes: they are approved by other
people and undone by other means. A query in either is let through and shown, because it changes
nothing, and nobody will see its result.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity, StatementKind, TicketKind
from sluicegate.sql.rules.base import Options, Rule, Subject

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


RULE = Rule(id="SQL004", code="KIND_MISMATCH", severity=Severity.BLOCK, check=check)
