"""What is known of the target beyond the statement's text: views, triggers, rules, cascades.

Filled from the target's catalogue, or from a script of definitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sluicegate.sql.facts import Definition
from sluicegate.sql.model import ObjectRef

MAX_REACH = 64  # links followed from one object; a longer chain says nothing more


@dataclass(frozen=True, slots=True)
class KnownObjects:
    """Definitions by which a statement reaches further than its text says."""

    definitions: tuple[Definition, ...] = ()

    def plus(self, more: Iterable[Definition]) -> KnownObjects:
        return KnownObjects((*self.definitions, *more))

    def reached(self, ref: ObjectRef, operation: str) -> Iterator[tuple[str, ObjectRef]]:
        """(kind of link, object) for everything that ``operation`` on ``ref`` touches, directly or in
        further steps."""
        waiting = [ref]
        seen = {ref.name.casefold()}
        steps = 0
        while waiting and steps < MAX_REACH:
            current = waiting.pop()
            steps += 1
            for definition in self.definitions:
                if not _same(definition.table, current):
                    continue
                if definition.operations and operation not in definition.operations:
                    continue
                if not definition.reaches:
                    yield definition.kind, definition.table
                for reached in definition.reaches:
                    if reached.name.casefold() in seen:
                        continue
                    seen.add(reached.name.casefold())
                    waiting.append(reached)
                    yield definition.kind, reached


def _same(left: ObjectRef, right: ObjectRef) -> bool:
    """Equal as far as both say where they live."""
    if left.name.casefold() != right.name.casefold():
        return False
    pairs = ((left.schema, right.schema), (left.database, right.database))
    return all(one is None or other is None or one.casefold() == other.casefold() for one, other in pairs)
