"""The names that a statement gives, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sluicegate.sql.rules.base import Parameter, Subject, Text
from sluicegate.sql.rules.defined import actions, columns, foreign_keys, indexes
from sluicegate.sql.structure.definitions import (
    AddCheck,
    AlterTable,
    ChangeColumn,
    CreateDatabase,
    CreateIndex,
    CreateTable,
    CreateView,
    IndexKind,
    RenameColumn,
    RenamePart,
    RenameTable,
    RenameTo,
)

TABLE: Final = "table"
COLUMN: Final = "column"
INDEX: Final = "index"
DATABASE: Final = "database"
CONSTRAINT: Final = "constraint"
VIEW: Final = "view"
NAMED_IN: Final = (CreateTable, AlterTable, CreateIndex, RenameTable, CreateView, CreateDatabase)


@dataclass(frozen=True, slots=True)
class Named:
    """A new name; ``at`` is where it, or what it names, stands."""

    kind: str
    name: str
    at: int


def names(subject: Subject, *kinds: str) -> Iterator[Named]:
    """The names of these kinds (all when none is said) that didn't exist before the statement."""
    for named in _names(subject):
        if named.name and (not kinds or named.kind in kinds):
            yield named


def _names(subject: Subject) -> Iterator[Named]:
    structure = subject.structure
    match structure:
        case CreateTable(table=table):
            yield Named(TABLE, table.ref.name, structure.at)
            for check in table.checks:
                yield Named(CONSTRAINT, check.name or "", check.at)
        case CreateView(view=view):
            yield Named(VIEW, view.name, structure.at)
        case CreateDatabase(ref=ref, alters=False):
            yield Named(DATABASE, ref.name, structure.at)
        case RenameTable(pairs=pairs):
            for old, new in pairs:
                yield Named(TABLE if old.type == "table" else old.type, new.name, structure.at)
        case AlterTable():
            yield from _renamed(subject)
    for column in columns(subject, changed=False):
        yield Named(COLUMN, column.name, column.at)
    for index in indexes(subject):
        unnamed = index.kind is IndexKind.PRIMARY and subject.family == "mysql"
        if not unnamed:
            yield Named(INDEX, index.name or "", index.at)
    for key in foreign_keys(subject):
        yield Named(CONSTRAINT, key.name or "", key.at)


def _renamed(subject: Subject) -> Iterator[Named]:
    for action in actions(subject):
        match action:
            case RenameTo(to=to, at=at):
                yield Named(TABLE, to.name, at)
            case RenameColumn(to=name, at=at):
                yield Named(COLUMN, name, at)
            case ChangeColumn(name=old, column=column, at=at) if column.name.casefold() != old.casefold():
                yield Named(COLUMN, column.name, at)
            case RenamePart(kind=kind, to=name, at=at):
                yield Named(INDEX if kind == "index" else CONSTRAINT, name, at)
            case AddCheck(check=check, at=at):
                yield Named(CONSTRAINT, check.name or "", at)


# ---------------------------------------------------------------- parameters that several rules have

CASE: Final = Parameter(
    "case",
    "lower",
    Text(zh="大小写：lower 全小写，upper 全大写", en="lower or upper case"),
    choices=("lower", "upper"),
)


def has_case(name: str, case: str) -> bool:
    return name == (name.lower() if case == "lower" else name.upper())
