"""Whether a table holds rows, as far as anybody knows."""

from __future__ import annotations

from sluicegate.sql.model import ObjectRef, Severity
from sluicegate.sql.rules.base import Subject
from sluicegate.sql.structure.definitions import Column, Table


def known(subject: Subject, ref: ObjectRef | None) -> Table | None:
    """The table as it is before the statement; None when it doesn't exist or nobody knows it."""
    found = None if ref is None else subject.table(ref)
    return found if isinstance(found, Table) else None


def old_column(subject: Subject, ref: ObjectRef | None, name: str) -> Column | None:
    table = known(subject, ref)
    return None if table is None else table.column(name)


def is_empty(subject: Subject, ref: ObjectRef) -> bool:
    """Certainly without rows: the script itself made it, or its catalogue says so."""
    if subject.script.walk.created_here(ref):
        return True
    table = known(subject, ref)
    return table is not None and table.rows == 0


def weight(subject: Subject, ref: ObjectRef) -> Severity:
    """WARNING where the table is known to hold rows, INFO where nobody knows."""
    table = known(subject, ref)
    return Severity.WARNING if table is not None and table.rows else Severity.INFO
