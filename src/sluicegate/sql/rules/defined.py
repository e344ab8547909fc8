"""What a statement defines, wherever it stands: in CREATE TABLE, in ALTER TABLE, or in a statement of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.model import ObjectRef
from sluicegate.sql.rules.base import Subject
from sluicegate.sql.structure.definitions import (
    Action,
    AddColumn,
    AddForeignKey,
    AddIndex,
    AlterTable,
    ChangeColumn,
    Column,
    CreateIndex,
    CreateTable,
    ForeignKey,
    Index,
    IndexKind,
    KeyPart,
)

COLUMNS_IN: Final = (CreateTable, AlterTable)
INDEXES_IN: Final = (CreateTable, AlterTable, CreateIndex)


def table_of(subject: Subject) -> ObjectRef | None:
    """The table that the statement defines or changes."""
    match subject.structure:
        case CreateTable(table=table):
            return table.ref
        case AlterTable(table=ref) | CreateIndex(table=ref):
            return ref
        case _:
            return None


def actions(subject: Subject) -> tuple[Action, ...]:
    """Of ALTER TABLE; none of anything else."""
    structure = subject.structure
    return structure.actions if isinstance(structure, AlterTable) else ()


def columns(subject: Subject, *, changed: bool = True) -> Iterator[Column]:
    """Every column that gets a whole definition; those that exist already (MODIFY, CHANGE) if ``changed``."""
    structure = subject.structure
    if isinstance(structure, CreateTable):
        yield from structure.table.columns
    for action in actions(subject):
        if isinstance(action, AddColumn) or (changed and isinstance(action, ChangeColumn)):
            yield action.column


def indexes(subject: Subject) -> Iterator[Index]:
    """Every index, primary key and unique constraint that the statement makes."""
    match subject.structure:
        case CreateTable(table=table):
            yield from table.indexes
        case CreateIndex(index=index):
            yield index
        case AlterTable(actions=found):
            for action in found:
                if isinstance(action, AddIndex):
                    yield action.index
                elif isinstance(action, AddColumn | ChangeColumn):
                    yield from _inline(action.column)


def _inline(column: Column) -> Iterator[Index]:
    """PRIMARY KEY and UNIQUE in a column's own definition."""
    for wanted, kind in ((column.primary, IndexKind.PRIMARY), (column.unique, IndexKind.UNIQUE)):
        if wanted:
            yield Index(kind, (KeyPart(column.name),), constraint=True, at=column.at)


def foreign_keys(subject: Subject) -> Iterator[ForeignKey]:
    structure = subject.structure
    if isinstance(structure, CreateTable):
        yield from structure.table.foreign_keys
    for action in actions(subject):
        if isinstance(action, AddForeignKey):
            yield action.foreign_key
