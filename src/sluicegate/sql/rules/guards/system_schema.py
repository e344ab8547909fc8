"""SYSTEM_SCHEMA: the server's own tables."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Access, Severity
from sluicegate.sql.rules.base import Options, Rule, Subject


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    territory = subject.territory
    for ref in subject.facts.objects:
        if ref.type == "function":
            continue
        place = (territory.place(ref) or "").casefold()
        name = ref.name.casefold()
        full = f"{place}.{name}" if place else ref.name
        prefix = territory.system_prefix
        found = prefix and not place and name.startswith(prefix) and ref.access is Access.WRITE
        if found or (name in territory.secret and (not place or place in territory.system)):
            yield Note("SYSTEM_SCHEMA", -1, full)
        elif place in territory.system:
            if ref.access is Access.WRITE or place not in territory.readable:
                yield Note("SYSTEM_SCHEMA", -1, full)
        elif ref.type == "database" and name in territory.system and ref.access is Access.WRITE:
            yield Note("SYSTEM_SCHEMA", -1, full)


RULE = Rule(id="SEC003", code="SYSTEM_SCHEMA", severity=Severity.BLOCK, check=check)
