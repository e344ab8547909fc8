"""The table as the statement leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sluicegate.sql.rules.base import Subject
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.filled import known
from sluicegate.sql.structure.definitions import (
    AlterTable,
    ChangeColumn,
    Column,
    ColumnType,
    CreateIndex,
    CreateTable,
    Index,
    SetType,
    Table,
)
from sluicegate.sql.walk import altered


def whole(structure: object) -> Table | None:
    """The table of CREATE TABLE, if all of it stands in the statement."""
    if not isinstance(structure, CreateTable):
        return None
    table = structure.table
    elsewhere = structure.like is not None or structure.as_query or table.inherits or table.partition_of
    return None if elsewhere else table


def after(subject: Subject) -> Table | None:
    """None where nobody knows the whole table."""
    structure = subject.structure
    match structure:
        case CreateTable():
            return whole(structure)
        case AlterTable(table=ref, actions=found):
            table = known(subject, ref)
            for action in found:
                table = None if table is None else altered(table, action)
            return table
        case CreateIndex(table=ref, index=index):
            table = known(subject, ref)
            return None if table is None else replace(table, indexes=(*table.indexes, index))
        case _:
            return None


def changed_columns(subject: Subject) -> Iterator[tuple[Column, ColumnType | None, ColumnType, int]]:
    """Each column whose type the statement sets, as it was and as it will be: the old column, its type, the
    new type, the place. Only columns that are known and hold something."""
    ref = table_of(subject)
    table = known(subject, ref)
    if table is None or ref is None or subject.script.walk.created_here(ref):
        return
    for action in actions(subject):
        type_: ColumnType | None = None
        name = ""
        if isinstance(action, ChangeColumn):
            name, type_ = action.name, action.column.type
        elif isinstance(action, SetType):
            name, type_ = action.name, action.type
        old = table.column(name) if name else None
        if old is not None and type_ is not None:
            yield old, old.type, type_, action.at


def charset_of(column: Column, table: Table | None) -> str:
    """The character set that the column has, "" when nobody said."""
    if column.charset or column.collation:
        return column.charset or column.collation.split("_")[0]
    options = {} if table is None else table.options
    return options.get("CHARSET", "") or options.get("COLLATE", "").split("_")[0]


def label(index: Index) -> str:
    """What to call an index in a message: its name, or its columns."""
    parts = ", ".join(part.column or part.expression for part in index.parts)
    return index.name or f"({parts})"
