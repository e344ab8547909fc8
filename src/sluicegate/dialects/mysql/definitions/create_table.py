"""CREATE TABLE."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sluicegate.dialects.mysql.definitions.columns import ColumnParts, column
from sluicegate.dialects.mysql.definitions.keys import is_part, part
from sluicegate.dialects.mysql.definitions.options import option, partitioning
from sluicegate.dialects.mysql.definitions.reading import Reading
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.structure.definitions import (
    Check,
    Column,
    CreateTable,
    ForeignKey,
    Index,
    IndexKind,
    KeyPart,
    Partitioning,
    Table,
)

_QUERY = frozenset({"AS", "SELECT", "WITH", "VALUES", "TABLE", "("})


@dataclass(slots=True)
class Elements:
    """What stands between the parentheses."""

    columns: list[Column] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def add_column(self, parts: ColumnParts) -> None:
        found = parts.column
        self.columns.append(found)
        own = (KeyPart(found.name),)
        if found.primary:
            self.indexes.append(Index(IndexKind.PRIMARY, own, constraint=True, at=found.at))
        if found.unique:
            self.indexes.append(Index(IndexKind.UNIQUE, own, constraint=True, at=found.at))
        if parts.foreign_key is not None:
            self.foreign_keys.append(parts.foreign_key)
        self.checks.extend(parts.checks)

    def add(self, element: Reading) -> None:
        if not is_part(element):
            parts = column(element)
            if parts is not None:
                self.add_column(parts)
            return
        found = part(element)
        if found.index is not None:
            self.indexes.append(found.index)
        if found.foreign_key is not None:
            self.foreign_keys.append(found.foreign_key)
        if found.check is not None:
            self.checks.append(found.check)


def create_table(reading: Reading, at: int, *, replaces: bool, temporary: bool) -> CreateTable | None:
    """The reading stands behind TABLE."""
    optional = reading.accept("IF", "NOT", "EXISTS")
    ref = reading.ref()
    if ref is None:
        return None
    made = CreateTable(Table(ref), optional, replaces, temporary, at=at)
    like = _like(reading)
    if like is not None:
        return replace(made, like=like)
    elements = Elements()
    if _is_list(reading):
        inner = reading.parenthesis()
        for element in inner.elements() if inner is not None else ():
            elements.add(element)
    options: dict[str, str] = {}
    parts: Partitioning | None = None
    while not reading.done and reading.key() not in _QUERY:
        if (found := option(reading)) is not None:
            options[found[0]] = found[1]
        elif (parted := partitioning(reading)) is not None:
            parts = parted
        else:
            reading.i += 1  # a comma between options, IGNORE, REPLACE
    table = Table(
        ref,
        _in_primary_key(elements),
        tuple(elements.indexes),
        tuple(elements.foreign_keys),
        tuple(elements.checks),
        options,
        parts,
    )
    return replace(made, table=table, as_query=not reading.done)


def _like(reading: Reading) -> ObjectRef | None:
    if reading.accept("LIKE") or reading.accept("(", "LIKE"):
        return reading.ref()
    return None


def _is_list(reading: Reading) -> bool:
    """A parenthesis of columns, not of a query."""
    place = 0
    while reading.key(place) == "(":
        place += 1
    return place == 1 and reading.key(1) not in ("SELECT", "WITH", "VALUES")


def _in_primary_key(elements: Elements) -> tuple[Column, ...]:
    """Columns of a primary key are NOT NULL whatever they say."""
    named = {
        name.casefold()
        for index in elements.indexes
        if index.kind is IndexKind.PRIMARY
        for name in index.columns
    }
    return tuple(
        replace(found, nullable=False) if found.nullable is None and found.name.casefold() in named else found
        for found in elements.columns
    )
