"""What is foreseen of definitions beside those of tables and indexes: views, routines, types, triggers, policies,
new tables, and whatever is done to tables that the script itself makes. So that every definition has its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sluicegate.sql.impact import Blocks, Impact, Work
from sluicegate.sql.model import Access, ObjectRef, StatementKind
from sluicegate.sql.structure.definitions import (
    AlterTable,
    CreateIndex,
    CreateRoutine,
    CreateTable,
    CreateView,
    Definitions,
    DropTable,
    Maintenance,
    RenameTable,
    Table,
    Truncate,
)
from sluicegate.sql.walk import SchemaWalk

_OF_TABLES: Final = (AlterTable, CreateIndex, CreateRoutine, DropTable, Maintenance, RenameTable, Truncate)
_BODIES: Final = frozenset({"EVENT", "FUNCTION", "PROCEDURE", "TRIGGER", "VIEW", "PACKAGE"})
_QUERY: Final = "CREATE TABLE AS"


@dataclass(frozen=True, slots=True)
class Aside:
    """One dialect's ways. ``locks``: by operation, the lock that it takes on the table it names. ``copying``: who
    waits while CREATE TABLE … AS reads what its query names."""

    locks: Mapping[str, str] = field(default_factory=dict)
    copying: Blocks = Blocks.NOBODY


PLAIN: Final = Aside()


def foresee(
    aside: Aside,
    kind: StatementKind,
    operation: str,
    objects: Sequence[ObjectRef],
    definition: Definitions | None,
    walk: SchemaWalk,
) -> Impact | None:
    """None for whatever is no definition."""
    lock = aside.locks.get(operation)
    if kind is not StatementKind.DDL and lock is None:
        return None
    if lock is not None:
        return _locking(lock, objects, walk)
    if isinstance(definition, CreateTable):
        return _made(aside, definition)
    if operation == _QUERY or (isinstance(definition, CreateView) and definition.materialized):
        return _queried(aside)
    written = [ref for ref in objects if ref.type == "table" and ref.access is Access.WRITE]
    if isinstance(definition, DropTable) and definition.temporary:
        return _at_once("impact_of_session")
    if isinstance(definition, _OF_TABLES) and written and all(walk.created_here(ref) for ref in written):
        return _at_once("impact_made_here")
    if definition is None and written and not _BODIES & set(operation.split()):
        return Impact(Work.UNKNOWN, Blocks.UNKNOWN, written[0])
    return _at_once()


def _at_once(reason: str = "") -> Impact:
    return Impact(Work.METADATA, Blocks.NOBODY, reason=reason)


def _made(aside: Aside, definition: CreateTable) -> Impact:
    if definition.as_query and "VIRTUAL" not in definition.table.options:
        return _queried(aside)
    if definition.temporary:
        return _at_once("impact_of_session")
    return _at_once("" if definition.table.foreign_keys else "impact_new_table")


def _queried(aside: Aside) -> Impact:
    return Impact(Work.UNKNOWN, aside.copying, reason="impact_query_work")


def _locking(lock: str, objects: Sequence[ObjectRef], walk: SchemaWalk) -> Impact:
    ref = next((ref for ref in objects if ref.type == "table"), None)
    if ref is not None and walk.created_here(ref):
        return _at_once("impact_made_here")
    found = walk.table(ref) if ref is not None else None
    known = found if isinstance(found, Table) else None
    return Impact(
        Work.METADATA,
        Blocks.NOBODY,
        known.ref if known is not None else ref,
        lock=lock,
        rows=known.rows if known is not None else None,
        size_bytes=known.size_bytes if known is not None else None,
    )
