"""How much a lock on a table weighs: by what is known of its rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.catalogue import ABSENT
from sluicegate.sql.facts import Note
from sluicegate.sql.model import ObjectRef, Severity
from sluicegate.sql.rules.base import Subject
from sluicegate.sql.structure.definitions import Table

SMALL: Final = 1_000  # rows: whatever has to be done to fewer is over at once


def existing(subject: Subject, ref: ObjectRef) -> bool:
    """Whether programs may be using the table: the script didn't make it, and nobody says that it isn't
    there or that it is temporary."""
    return (
        ref.type != "temporary"
        and not subject.script.walk.created_here(ref)
        and subject.table(ref) is not ABSENT
    )


def weight(subject: Subject, ref: ObjectRef) -> Severity | None:
    """The level of a remark on work that grows with the table: WARNING for one that is known to be large, None
    (nothing to say) for one that is empty or new, INFO where nobody knows."""
    if not existing(subject, ref):
        return None
    table = subject.table(ref)
    rows = table.rows if isinstance(table, Table) else None
    if rows == 0:
        return None
    return Severity.WARNING if rows is not None and rows >= SMALL else Severity.INFO


def locking(subject: Subject, ref: ObjectRef, code: str, at: int, detail: str) -> Iterator[Note]:
    """A note on work that grows with the table."""
    level = weight(subject, ref)
    if level is not None:
        yield Note(code, at, detail, level, {"table": ref.name})
