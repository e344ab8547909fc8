"""What a definition does to its table: the lock it takes, and whether the rows are read or written anew.

https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES and
https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES (checked against a real server
by the tests)
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sluicegate.dialects.postgres.altering import (
    WORK_RANK,
    Lock,
    Step,
    create_table,
    step_of,
)
from sluicegate.sql.impact import Blocks, Impact, Work
from sluicegate.sql.impact_aside import Aside
from sluicegate.sql.model import AnalysisContext, ObjectRef
from sluicegate.sql.structure.definitions import (
    AddColumn,
    AddForeignKey,
    AlterTable,
    AlterType,
    Comment,
    CreateIndex,
    CreateRoutine,
    CreateTable,
    Definitions,
    DropIndex,
    DropTable,
    Maintenance,
    PartitionAction,
    RenameTable,
    Table,
    Truncate,
)
from sluicegate.sql.walk import SchemaWalk, altered

_SHORT: Final = Step(Lock.ACCESS_EXCLUSIVE)
_OPERATIONS: Final = """
CREATE POLICY,ALTER POLICY,ALTER POLICY RENAME,DROP POLICY,DROP TRIGGER,ALTER TRIGGER RENAME,DROP RULE,
ALTER RULE RENAME
"""
ASIDE: Final = Aside(
    dict.fromkeys(_OPERATIONS.replace("\n", "").split(","), "ACCESS EXCLUSIVE")
    | dict.fromkeys(
        ("CREATE STATISTICS", "CREATE PUBLICATION", "ALTER PUBLICATION"), "SHARE UPDATE EXCLUSIVE"
    )
)
_CHECKED: Final = frozenset({"ADD CONSTRAINT", "VALIDATE CONSTRAINT", "SET NOT NULL"})


def foresee(definition: Definitions, walk: SchemaWalk, context: AnalysisContext) -> Impact | None:
    """See ``Foresight``."""
    if isinstance(definition, CreateTable):
        return _referenced(definition, walk)
    if isinstance(definition, AlterType):
        return _domain(definition)
    refs = _tables(definition, walk)
    if not refs:
        return _of_index(definition)
    if all(walk.created_here(ref) for ref in refs):
        return None
    table = _largest(refs, walk)
    version = context.server_version or ()
    step = _together(definition, table, version) if isinstance(definition, AlterTable) else _alone(definition)
    if step is None:
        return None
    if refs[0].type in ("database", "schema"):
        return _impact(step, None, None)
    return _impact(step, table.ref if table is not None else refs[0], table)


def _of_index(definition: Definitions) -> Impact | None:
    """Of an index whose table nobody knows."""
    match definition:
        case DropIndex():
            step = _alone(definition)
            return None if step is None else _impact(step, None, None)
        case RenameTable(pairs=((old, _), *_)) if old.type == "index":
            return _impact(Step(Lock.SHARE_UPDATE_EXCLUSIVE), None, None)
        case _:
            return None


def _domain(definition: AlterType) -> Impact | None:
    """A constraint is checked on whatever has a column of the domain."""
    if definition.ref.type != "domain" or definition.operation not in _CHECKED or definition.not_valid:
        return None
    return _impact(Step(Lock.SHARE, Work.SCAN, "impact_domain_users"), None, None)


def _tables(definition: Definitions, walk: SchemaWalk) -> tuple[ObjectRef, ...]:
    match definition:
        case AlterTable(table=ref) | CreateIndex(table=ref):
            return (ref,)
        case DropIndex(names=names, table=table):
            owner = table or walk.table_of_index(names[0])
            return (owner,) if owner is not None else ()
        case DropTable(tables=refs) | Truncate(tables=refs):
            return refs
        case RenameTable(pairs=pairs):
            return tuple(old for old, _ in pairs if old.type == "table")
        case CreateRoutine(table=ref) if ref is not None:
            return (ref,)
        case Comment(ref=ref, column=column) if ref.type == "table" or column:
            return (ref,)
        case Maintenance(refs=refs, operation=operation):
            return tuple(_owner(ref, walk) for ref in refs) if operation != "LOCK TABLE" else ()
        case _:
            return ()


def _owner(ref: ObjectRef, walk: SchemaWalk) -> ObjectRef:
    """The table, where an index is meant."""
    return (walk.table_of_index(ref) or ref) if ref.type == "index" else ref


def _together(definition: AlterTable, table: Table | None, version: tuple[int, ...]) -> Step:
    """The strongest lock and the most work of all its actions, which the server does in one go."""
    steps: list[Step] = []
    now = table
    empty = {
        action.column.name
        for action in definition.actions
        if isinstance(action, AddColumn) and action.column.default is None
    }
    for action in definition.actions:
        if isinstance(action, PartitionAction) and definition.table.type == "index":
            steps.append(Step(Lock.SHARE_UPDATE_EXCLUSIVE))
        elif isinstance(action, AddForeignKey) and empty.issuperset(action.foreign_key.columns):
            steps.append(_SHORT)  # there is nothing in the new columns to be looked up
        else:
            steps.extend(step_of(action, now, version))
        now = altered(now, action) if now is not None else None
    if not steps:
        return _SHORT
    worst = max(steps, key=lambda step: (WORK_RANK[step.work], step.lock))
    return replace(worst, lock=max(step.lock for step in steps))


def _alone(definition: Definitions) -> Step | None:
    match definition:
        case CreateIndex(concurrently=True):
            return Step(Lock.SHARE_UPDATE_EXCLUSIVE, Work.INDEX)
        case CreateIndex():
            return Step(Lock.SHARE, Work.INDEX)
        case DropIndex(concurrently=True) | Comment():
            return Step(Lock.SHARE_UPDATE_EXCLUSIVE)
        case DropIndex() | DropTable() | Truncate() | RenameTable():
            return _SHORT
        case CreateRoutine(ref=ref):
            return Step(Lock.SHARE_ROW_EXCLUSIVE) if ref.type == "trigger" else _SHORT
        case Maintenance():
            return _maintenance(definition)
        case _:
            return None


def _maintenance(definition: Maintenance) -> Step | None:
    quiet = definition.concurrently
    match definition.operation.split(maxsplit=1)[0] if definition.operation else "":
        case "VACUUM":
            full = definition.full
            return Step(Lock.ACCESS_EXCLUSIVE, Work.REWRITE) if full else Step(
                Lock.SHARE_UPDATE_EXCLUSIVE, Work.SCAN
            )  # fmt: skip
        case "CLUSTER":
            return Step(Lock.ACCESS_EXCLUSIVE, Work.REWRITE)
        case "REINDEX":
            return Step(Lock.SHARE_UPDATE_EXCLUSIVE if quiet else Lock.SHARE, Work.INDEX)
        case "REFRESH":
            return Step(Lock.EXCLUSIVE if quiet else Lock.ACCESS_EXCLUSIVE, Work.REWRITE)
        case "ANALYZE":
            return Step(Lock.SHARE_UPDATE_EXCLUSIVE)
        case _:
            return None


def _referenced(definition: CreateTable, walk: SchemaWalk) -> Impact | None:
    """A new table touches others by its foreign keys, and as a partition."""
    others = [key.references for key in definition.table.foreign_keys]
    others = [ref for ref in others if not walk.created_here(ref) and ref.name != definition.table.ref.name]
    parent = definition.table.partition_of
    if parent is not None and not walk.created_here(parent):
        others.append(parent)
    if not others:
        return None
    table = _largest(tuple(others), walk)
    step = create_table(parent is not None)
    return _impact(step, table.ref if table is not None else others[0], table)


_BLOCKING: Final = {
    Lock.SHARE_UPDATE_EXCLUSIVE: Blocks.NOBODY,
    Lock.SHARE: Blocks.WRITES,
    Lock.SHARE_ROW_EXCLUSIVE: Blocks.WRITES,
    Lock.EXCLUSIVE: Blocks.WRITES,
    Lock.ACCESS_EXCLUSIVE: Blocks.EVERYTHING,
}


def _impact(step: Step, ref: ObjectRef | None, table: Table | None) -> Impact:
    if step.work is Work.UNKNOWN:
        blocks = Blocks.UNKNOWN
    else:
        blocks = Blocks.NOBODY if step.work is Work.METADATA else _BLOCKING[step.lock]
    return Impact(
        work=step.work,
        blocks=blocks,
        table=ref,
        lock=step.lock.name.replace("_", " "),
        rows=table.rows if table is not None else None,
        size_bytes=table.size_bytes if table is not None else None,
        reason=step.reason,
        params=step.params,
    )


def _largest(refs: tuple[ObjectRef, ...], walk: SchemaWalk) -> Table | None:
    found = [table for ref in refs if isinstance(table := walk.table(ref), Table)]
    return max(found, key=lambda table: (table.size_bytes or 0, table.rows or 0), default=None)
