"""What is known of the target beyond the statement's text: views, triggers, rules, cascades.

Filled from the target's catalogue, or from a script of definitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from sluicegate.sql.facts import Definition
from sluicegate.sql.model import Access, ObjectRef

ANY_CHANGE: Final = frozenset({"INSERT", "UPDATE", "DELETE"})
_IN_OTHER_WORDS: Final = {
    "REPLACE": frozenset({"INSERT", "DELETE"}),
    "COPY": frozenset({"INSERT"}),
    "LOAD DATA": frozenset({"INSERT"}),
    "LOAD XML": frozenset({"INSERT"}),
}
_CHANGES: Final = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
_WITH: Final = re.compile(r"\s*+(?:(?:--[^\n]*+\n|/\*(?:[^*]++|\*(?!/))*+\*/)\s*+)*+WITH\b", re.IGNORECASE)
_UPSERT: Final = re.compile(r"\bON\b[^;]{0,40}?\b(?:CONFLICT|DUPLICATE)\b", re.IGNORECASE)
_OR_REPLACE: Final = re.compile(r"\b(?:OR\b[^;]{0,40}?|INFILE\b[^;]{0,400}?)\bREPLACE\b", re.IGNORECASE)
MAX_REACH: Final = 64  # links followed from one object; a longer chain says nothing more


class KnownObjects:
    """Definitions by which a statement reaches further than its text says."""

    def __init__(self, definitions: Iterable[Definition] = ()) -> None:
        self._by_name: dict[str, list[Definition]] = {}
        self.add(definitions)

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def __iter__(self) -> Iterator[Definition]:
        return (definition for found in self._by_name.values() for definition in found)

    def add(self, definitions: Iterable[Definition]) -> None:
        for definition in definitions:
            self._by_name.setdefault(definition.table.name.casefold(), []).append(definition)

    def of(self, ref: ObjectRef) -> Iterator[Definition]:
        """Those that hang on this object."""
        found = self._by_name.get(ref.name.casefold(), ())
        return (definition for definition in found if _same_place(definition.table, ref))


def operations_of(operation: str, text: str) -> frozenset[str]:
    """What a statement may do to the rows it names, in the words of ``Definition.operations``. ``text``: as
    written; a word that stands only in a string of it says too much, never too little."""
    found = {operation}
    if operation in _IN_OTHER_WORDS:
        found |= _IN_OTHER_WORDS[operation]
    if operation in ("MERGE", "SELECT") or _WITH.match(text):
        found |= {word.upper() for word in _CHANGES.findall(text)}
    if "INSERT" in found and _UPSERT.search(text):
        found.add("UPDATE")
    if _OR_REPLACE.search(text):
        found |= {"REPLACE", "DELETE"}
    return frozenset(found)


def follow(old: ObjectRef, new: ObjectRef, *known: KnownObjects) -> Iterator[Definition]:
    """What hangs on a table goes along when it gets another name."""
    if new.schema is None and new.database is None:
        new = replace(new, schema=old.schema, database=old.database)
    for definition in [definition for objects in known for definition in objects.of(old)]:
        yield replace(definition, table=replace(new, type=definition.table.type))


def reached(
    ref: ObjectRef, operations: str | frozenset[str], *known: KnownObjects
) -> Iterator[tuple[str, ObjectRef]]:
    """(kind of link, object) for what ``operations`` on ``ref`` touch, directly or in further steps. What a
    trigger, a rule or a cascade does in turn isn't looked into: it may be any change."""
    waiting = [(ref, frozenset({operations}) if isinstance(operations, str) else operations)]
    seen = {ref.name.casefold()}
    steps = 0
    while waiting and steps < MAX_REACH:
        current, done = waiting.pop()
        for definition in (definition for objects in known for definition in objects.of(current)):
            if definition.operations and definition.operations.isdisjoint(done):
                continue
            steps += 1
            if not definition.reaches:
                yield definition.kind, definition.table
            for target in definition.reaches:
                if target.name.casefold() in seen:
                    continue
                seen.add(target.name.casefold())
                waiting.append((target, _further(definition, target, done)))
                yield definition.kind, target
            if steps >= MAX_REACH:
                return


def _further(definition: Definition, target: ObjectRef, done: frozenset[str]) -> frozenset[str]:
    if definition.kind in ("view", "inheritance"):
        return done
    return (
        ANY_CHANGE if target.access is Access.WRITE or definition.kind == "cascade" else frozenset({"SELECT"})
    )


def _same_place(left: ObjectRef, right: ObjectRef) -> bool:
    """Not known to be in different places."""
    pairs = ((left.schema, right.schema), (left.database, right.database))
    return all(one is None or other is None or one.casefold() == other.casefold() for one, other in pairs)
