"""What a definition does to its table. SQLite's only lock on writing is the whole database's.

https://www.sqlite.org/lang_altertable.html (checked against real files by the tests)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sluicegate.sql.impact import Blocks, Impact, Work
from sluicegate.sql.model import AnalysisContext, ObjectRef
from sluicegate.sql.structure.definitions import (
    Action,
    AddCheck,
    AddColumn,
    AlterTable,
    CreateIndex,
    CreateRoutine,
    Definitions,
    DropColumn,
    DropIndex,
    DropTable,
    Maintenance,
    SetNullable,
    Table,
)
from sluicegate.sql.walk import SchemaWalk

LOCK: Final = "RESERVED"  # one writer at a time, whichever table it writes
_RANK: Final = {work: rank for rank, work in enumerate(Work)}


@dataclass(frozen=True, slots=True)
class _Step:
    work: Work = Work.METADATA
    reason: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)


def foresee(definition: Definitions, walk: SchemaWalk, _context: AnalysisContext) -> Impact | None:
    """See ``Foresight``."""
    found = _worked_on(definition, walk)
    if found is None or (found[0] is not None and walk.created_here(found[0])):
        return None
    ref, step = found
    table = walk.table(ref) if ref is not None else None
    known = table if isinstance(table, Table) else None
    long = step.work is not Work.METADATA
    return Impact(
        work=step.work,
        blocks=Blocks.WRITES if long else Blocks.NOBODY,
        table=known.ref if known is not None else ref,
        lock=LOCK,
        rows=known.rows if known is not None else None,
        size_bytes=known.size_bytes if known is not None else None,
        reason=step.reason or ("impact_database_wide" if long else ""),
        params=step.params,
    )


def _worked_on(definition: Definitions, walk: SchemaWalk) -> tuple[ObjectRef | None, _Step] | None:
    match definition:
        case AlterTable(table=ref, actions=actions):
            steps = [_step(action) for action in actions] or [_Step()]
            return ref, max(steps, key=lambda step: _RANK[step.work])
        case CreateIndex(table=ref):
            return ref, _Step(Work.INDEX)
        case DropIndex(names=names):
            return walk.table_of_index(names[0]), _Step()
        case DropTable(tables=refs):
            return refs[0], _Step(Work.SCAN)  # every page goes to the list of free ones
        case CreateRoutine(table=ref) if ref is not None:
            return ref, _Step()
        case Maintenance(refs=refs, operation=operation):
            work = _MAINTENANCE.get(operation.split(maxsplit=1)[0] if operation else "")
            return None if work is None else (refs[0] if refs else None, _Step(work))
        case _:
            return None


_MAINTENANCE: Final = {"VACUUM": Work.REWRITE, "REINDEX": Work.INDEX, "ANALYZE": Work.SCAN}


def _step(action: Action) -> _Step:
    match action:
        case DropColumn():
            return _Step(Work.REWRITE)
        case AddColumn(column=column) if column.nullable is False and column.generated is not None:
            return _Step(Work.SCAN, "impact_not_null_check", {"column": column.name})
        case AddCheck():
            return _Step(Work.SCAN, "impact_check_rows")
        case SetNullable(nullable=False, name=name):
            return _Step(Work.SCAN, "impact_not_null_check", {"column": name})
        case _:
            return _Step()
