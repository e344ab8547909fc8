"""What is known of the target beyond the statement's text: views, triggers, rules, cascades.

Filled from the target's catalogue, or from a script of definitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sluicegate.sql.facts import Definition
from sluicegate.sql.model import ObjectRef

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


def reached(ref: ObjectRef, operation: str, *known: KnownObjects) -> Iterator[tuple[str, ObjectRef]]:
    """(kind of link, object) for what ``operation`` on ``ref`` touches, directly or in further steps."""
    waiting = [ref]
    seen = {ref.name.casefold()}
    steps = 0
    while waiting and steps < MAX_REACH:
        current = waiting.pop()
        for definition in (definition for objects in known for definition in objects.of(current)):
            if definition.operations and operation not in definition.operations:
                continue
            steps += 1
            if not definition.reaches:
                yield definition.kind, definition.table
            for target in definition.reaches:
                if target.name.casefold() in seen:
                    continue
                seen.add(target.name.casefold())
                waiting.append(target)
                yield definition.kind, target
            if steps >= MAX_REACH:
                return


def _same_place(left: ObjectRef, right: ObjectRef) -> bool:
    """Not known to be in different places."""
    pairs = ((left.schema, right.schema), (left.database, right.database))
    return all(one is None or other is None or one.casefold() == other.casefold() for one, other in pairs)
