"""What a definition does to its table: the ALGORITHM and LOCK that the server chooses by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sluicegate.dialects.mysql.altering import (
    COPY,
    REBUILD,
    Algorithm,
    Lock,
    MariaDbServer,
    Server,
    Step,
    full_text,
)
from sluicegate.dialects.mysql.variant import Variant
from sluicegate.sql.analyse import Foresight
from sluicegate.sql.impact import Blocks, Impact, Work
from sluicegate.sql.impact_aside import Aside
from sluicegate.sql.model import AnalysisContext, ObjectRef
from sluicegate.sql.structure.definitions import (
    Action,
    AddIndex,
    AlterTable,
    CreateIndex,
    CreateRoutine,
    Definitions,
    DropIndex,
    DropPart,
    DropTable,
    IndexKind,
    Maintenance,
    RenameTable,
    SetDefault,
    Table,
    Truncate,
)
from sluicegate.sql.walk import SchemaWalk, altered

OLDEST: Final = (5, 6, 0)
NEWEST: Final = (99, 0, 0)
WORK_RANK: Final = {work: rank for rank, work in enumerate(Work)}
_BLOCKS: Final = {
    Lock.NONE: Blocks.NOBODY,
    Lock.SHARED: Blocks.WRITES,
    Lock.EXCLUSIVE: Blocks.EVERYTHING,
}


def foresight(variant: Variant) -> Foresight:
    """Of one member of the family."""

    def foresee(definition: Definitions, walk: SchemaWalk, context: AnalysisContext) -> Impact | None:
        refs = _tables(definition, walk)
        if not refs or all(walk.created_here(ref) for ref in refs):
            return None
        if not variant.innodb:
            return _elsewhere(definition, refs, walk, online=variant.tidb)
        return _on_innodb(definition, refs, walk, variant, context.server_version)

    return foresee


def aside(variant: Variant) -> Aside:
    """A trigger's table waits for the statements that are under way; InnoDB locks the rows that CREATE TABLE …
    SELECT reads. https://dev.mysql.com/doc/refman/8.0/en/innodb-locks-set.html"""
    if variant.tidb:
        return Aside()
    return Aside({"DROP TRIGGER": f"LOCK={Lock.EXCLUSIVE.name}"}, Blocks.WRITES)


def _tables(definition: Definitions, walk: SchemaWalk) -> tuple[ObjectRef, ...]:
    match definition:
        case AlterTable(table=ref) | CreateIndex(table=ref):
            return (ref,)
        case DropIndex(table=ref, names=names):
            owner = ref or walk.table_of_index(names[0])
            return (owner,) if owner is not None else ()
        case DropTable(tables=refs, temporary=False) | Truncate(tables=refs):
            return refs
        case RenameTable(pairs=pairs):
            return tuple(old for old, _ in pairs)
        case Maintenance(refs=refs):
            return refs
        case CreateRoutine(table=ref) if ref is not None:
            return (ref,)
        case _:
            return ()


def _on_innodb(
    definition: Definitions,
    refs: tuple[ObjectRef, ...],
    walk: SchemaWalk,
    variant: Variant,
    version: tuple[int, ...] | None,
) -> Impact | None:
    kind = MariaDbServer if variant.mariadb else Server
    table = _largest(refs, walk)
    found = _step(definition, table, kind(version or OLDEST))
    if found is None:
        return None
    if version is None and _step(definition, table, kind(NEWEST)) != found and not found.reason:
        found = replace(found, reason="impact_server_version_unknown")
    step = _as_asked(definition, found)
    return _impact(step, table.ref if table is not None else refs[0], table)


def _step(definition: Definitions, table: Table | None, server: Server) -> Step | None:
    """The worst of all its actions together."""
    actions = _actions(definition)
    if actions:
        return _together(actions, table, server)
    match definition:
        case DropTable() | Truncate() | RenameTable():
            return Step(Algorithm.NONE, Lock.EXCLUSIVE)
        case CreateRoutine():
            return Step(Algorithm.NONE, Lock.EXCLUSIVE)
        case Maintenance(operation=operation):
            return _maintenance(operation, table)
        case _:
            return None


def _actions(definition: Definitions) -> tuple[Action, ...]:
    match definition:
        case AlterTable(actions=actions):
            return actions
        case CreateIndex(index=index):
            return (AddIndex(index),)
        case DropIndex(names=names):
            return tuple(
                DropPart("primary key" if ref.name == "PRIMARY" else "index", ref.name) for ref in names
            )
        case _:
            return ()


def _together(actions: tuple[Action, ...], table: Table | None, server: Server) -> Step:
    steps: list[Step] = []
    now = table
    for action in actions:
        steps.extend(server.steps(action, actions, now))
        now = altered(now, action) if now is not None else None
    if _outside_innodb(table):
        light = Algorithm.INSTANT
        steps = [step if step.algorithm is light and not step.relayouts else COPY for step in steps]
    worst = max(steps, key=lambda step: (WORK_RANK[step.work], step.algorithm, step.lock))
    algorithm = max(step.algorithm for step in steps)
    work = worst.work
    # Rows of a new layout and an index built without touching the rows don't go together.
    if any(step.relayouts for step in steps) and any(
        step.work is Work.INDEX and step.algorithm < Algorithm.COPY for step in steps
    ):
        algorithm, work = (
            max(algorithm, REBUILD.algorithm),
            max(work, Work.REWRITE, key=WORK_RANK.__getitem__),
        )
    lock = max(step.lock for step in steps)
    if work is Work.REWRITE and full_text(table):  # what keeps the words can't follow other people's writes
        lock = max(lock, Lock.SHARED)
    return replace(worst, algorithm=algorithm, lock=lock, work=work)


def _outside_innodb(table: Table | None) -> bool:
    return table is not None and table.options.get("ENGINE", "InnoDB").casefold() != "innodb"


def _maintenance(operation: str, table: Table | None) -> Step | None:
    word = operation.split(maxsplit=1)[0] if operation else ""
    if word == "OPTIMIZE":
        return COPY if _outside_innodb(table) else REBUILD
    if word == "CHECK":
        return Step(Algorithm.NONE, work=Work.SCAN)
    if word == "REPAIR":
        return Step(Algorithm.NONE, Lock.EXCLUSIVE, Work.REWRITE)
    return Step(Algorithm.NONE) if word == "ANALYZE" else None


def _as_asked(definition: Definitions, step: Step) -> Step:
    """With the ALGORITHM and LOCK that the statement itself asks for."""
    if not isinstance(definition, AlterTable | CreateIndex):
        return step
    algorithm, lock = definition.algorithm, definition.lock
    wanted = Algorithm.__members__.get(algorithm)
    if wanted is not None and wanted is not Algorithm.NONE and step.algorithm is not Algorithm.NONE:
        if wanted is Algorithm.COPY:
            step = replace(COPY, lock=max(COPY.lock, step.lock))
        elif wanted < step.algorithm:
            step = replace(step, reason="impact_asked_for", params={"clause": f"ALGORITHM={algorithm}"})
    asked = Lock.__members__.get(lock)
    if asked is not None:
        if asked < step.lock:
            return replace(step, reason="impact_asked_for", params={"clause": f"LOCK={lock}"})
        step = replace(step, lock=asked)
    return step


def _impact(step: Step, ref: ObjectRef, table: Table | None) -> Impact:
    short = step.work is Work.METADATA
    return Impact(
        work=step.work,
        blocks=Blocks.NOBODY if short else _BLOCKS[step.lock],
        table=ref,
        algorithm="" if step.algorithm is Algorithm.NONE else step.algorithm.name,
        lock=f"LOCK={step.lock.name}",
        rows=table.rows if table is not None else None,
        size_bytes=table.size_bytes if table is not None else None,
        reason=step.reason,
        params=step.params,
    )


def _largest(refs: tuple[ObjectRef, ...], walk: SchemaWalk) -> Table | None:
    found = [table for ref in refs if isinstance(table := walk.table(ref), Table)]
    return max(found, key=lambda table: (table.size_bytes or 0, table.rows or 0), default=None)


def _elsewhere(
    definition: Definitions, refs: tuple[ObjectRef, ...], walk: SchemaWalk, *, online: bool
) -> Impact | None:
    """Servers with a storage of their own. ``online``: definitions never make others wait (TiDB); of the
    others only what touches no row is certain."""
    table = _largest(refs, walk)
    size = (table.rows, table.size_bytes) if table is not None else (None, None)
    ref = table.ref if table is not None else refs[0]
    step = _step(definition, table, Server(NEWEST))
    if step is None:
        return None
    work = step.work
    actions = _actions(definition)
    indexing = any(isinstance(action, AddIndex) for action in actions)
    if work is Work.METADATA or all(isinstance(action, SetDefault) for action in actions if actions):
        return Impact(Work.METADATA, Blocks.NOBODY, ref, rows=size[0], size_bytes=size[1])
    only_indexes = indexing and all(
        isinstance(action, AddIndex) and action.index.kind is not IndexKind.PRIMARY for action in actions
    )
    if only_indexes:
        return Impact(Work.INDEX, Blocks.NOBODY, ref, rows=size[0], size_bytes=size[1])
    if online:
        return Impact(work, Blocks.NOBODY, ref, rows=size[0], size_bytes=size[1], reason=step.reason,
                      params=step.params)  # fmt: skip
    return Impact(Work.UNKNOWN, Blocks.UNKNOWN, ref, rows=size[0], size_bytes=size[1])
