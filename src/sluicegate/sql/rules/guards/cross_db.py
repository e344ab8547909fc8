"""CROSS_DB: a statement reaches out of the ticket's target."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Access, ObjectRef, Severity
from sluicegate.sql.rules.base import Options, Rule, Subject


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    """Writing elsewhere is denied, reading is shown. When nobody said what the target is, whatever
    is named with its place is shown."""
    territory = subject.territory
    target = territory.target(subject.context)
    home = target or territory.assumed
    seen: set[tuple[str, Access]] = set()
    for ref in subject.facts.objects:
        place = _place(subject, ref)
        if place is None or place.casefold() in territory.system or place.startswith("pg_temp"):
            continue
        if home is not None and place.casefold() == home.casefold():
            continue
        if (place, ref.access) in seen:
            continue
        seen.add((place, ref.access))
        if target is None:
            severity = Severity.WARNING
        else:
            severity = Severity.BLOCK if ref.access is Access.WRITE else Severity.ERROR
        yield Note("CROSS_DB", -1, f"{place}.{ref.name}" if ref.name != place else place, severity)


def _place(subject: Subject, ref: ObjectRef) -> str | None:
    if ref.type == subject.territory.qualifier and ref.type in ("database", "schema"):
        return ref.name
    return subject.territory.place(ref)


RULE = Rule(id="SEC002", code="CROSS_DB", severity=Severity.ERROR, check=check)
