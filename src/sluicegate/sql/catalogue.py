"""What is known of the target's tables: a copy of its catalogue, asked by name.

Three answers: the table, ABSENT (the target has none of that name), or None (nobody knows: offline,
no right to look, or the look-up failed). Rules speak only of what is certain, so that None is silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final, Protocol

from sluicegate.sql.model import ObjectRef
from sluicegate.sql.structure.definitions import Table


class Absence(Enum):
    ABSENT = "absent"


ABSENT: Final = Absence.ABSENT
Lookup = Table | Absence | None


class Catalogue(Protocol):
    """``ref`` without database or schema means the target's own."""

    def table(self, ref: ObjectRef) -> Lookup:
        """The table or view of this name."""

    def table_of_index(self, ref: ObjectRef) -> ObjectRef | None:
        """The table that an index of this name belongs to, None when unknown."""


def place_of(ref: ObjectRef) -> str:
    """The folded name of the database or schema, "" for the target's own."""
    place = ref.schema or ref.database
    return place.casefold() if place else ""


Key = tuple[str, str]


def key_of(ref: ObjectRef, home: str | None = None) -> Key:
    """Names that mean the same table have the same key; ``home`` is the target's own place."""
    place = place_of(ref)
    if place and home is not None and place == home.casefold():
        place = ""
    return place, ref.name.casefold()


class CatalogueCopy:
    """A catalogue held in memory: complete, so what isn't in it doesn't exist.

    Args:
        tables: all tables and views.
        home: the name of the target's own database or schema.
        unknown: what may be there too, without anybody knowing its columns.
    """

    def __init__(
        self, tables: Iterable[Table] = (), home: str | None = None, unknown: Iterable[ObjectRef] = ()
    ) -> None:
        self._home = home
        self._unknown = {key_of(ref, home) for ref in unknown}
        self._tables: dict[Key, Table] = {key_of(table.ref, home): table for table in tables}
        self._owners: dict[Key, ObjectRef] = {}  # of indexes
        for (place, _), table in self._tables.items():
            for index in table.indexes:
                self._owners.setdefault((place, (index.name or "").casefold()), table.ref)

    @property
    def home(self) -> str | None:
        return self._home

    def tables(self) -> Mapping[Key, Table]:
        return self._tables

    def table(self, ref: ObjectRef) -> Lookup:
        key = key_of(ref, self._home)
        return self._tables.get(key, None if key in self._unknown else ABSENT)

    def table_of_index(self, ref: ObjectRef) -> ObjectRef | None:
        return self._owners.get((key_of(ref, self._home)[0], ref.name.casefold()))
