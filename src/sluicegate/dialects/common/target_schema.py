"""What a target's own catalogue says: tables by name, and how changes of them reach further.

Asked when a name first comes up, remembered for the length of one review, and bounded: a script that names
ten thousand tables gets no answer about most of them, and no answer is silent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Final

from sluicegate.core.log import logger
from sluicegate.dialects.base import StatementFailed
from sluicegate.sql.catalogue import ABSENT, CatalogueCopy, Lookup
from sluicegate.sql.facts import Definition
from sluicegate.sql.known import KnownObjects
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.structure.definitions import Table

_log = logger(__name__)

MAX_NAMES: Final = 500  # looked up in one review
MAX_FAILURES: Final = 3  # a catalogue that is locked or forbidden isn't asked for ever


class SchemaSource(ABC):
    """One server's catalogue. Methods may raise StatementFailed: then nobody knows."""

    @abstractmethod
    def table(self, ref: ObjectRef) -> Lookup: ...
    @abstractmethod
    def table_of_index(self, ref: ObjectRef) -> ObjectRef | None: ...
    @abstractmethod
    def reaching(self, ref: ObjectRef) -> tuple[Definition, ...]:
        """Triggers, rules and cascades of a table; what a view stands for."""


class TargetSchema(KnownObjects):
    """A ``Catalogue`` and ``KnownObjects`` over one source."""

    def __init__(self, source: SchemaSource) -> None:
        super().__init__()
        self._source = source
        self._tables: dict[ObjectRef, Lookup] = {}
        self._reaching: dict[ObjectRef, tuple[Definition, ...]] = {}
        self._indexes: dict[ObjectRef, ObjectRef | None] = {}
        self._asked = 0
        self._failures = 0

    # -- the catalogue

    def table(self, ref: ObjectRef) -> Lookup:
        key = _plain(ref)
        if key not in self._tables:
            self._tables[key] = self._table(key)
        return self._tables[key]

    def _table(self, ref: ObjectRef) -> Lookup:
        if not self._may_ask():
            return None
        try:
            return self._source.table(ref)
        except StatementFailed as error:
            self._failed(error)
            return None

    def table_of_index(self, ref: ObjectRef) -> ObjectRef | None:
        key = _plain(ref)
        if key not in self._indexes:
            self._indexes[key] = self._owner(key)
        return self._indexes[key]

    def _owner(self, ref: ObjectRef) -> ObjectRef | None:
        if not self._may_ask():
            return None
        try:
            return self._source.table_of_index(ref)
        except StatementFailed as error:
            self._failed(error)
            return None

    # -- what reaches further

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Definition]:
        return (definition for found in self._reaching.values() for definition in found)

    def of(self, ref: ObjectRef) -> Iterator[Definition]:
        key = _plain(ref)
        if key not in self._reaching:
            self._reaching[key] = self._further(key) if ref.type in ("table", "view") else ()
        return iter(self._reaching[key])

    def _further(self, ref: ObjectRef) -> tuple[Definition, ...]:
        if self.table(ref) is ABSENT or not self._may_ask():
            return ()
        try:
            return self._source.reaching(ref)
        except StatementFailed as error:
            self._failed(error)
            return ()

    # -- bounds

    def _may_ask(self) -> bool:
        self._asked += 1
        return self._asked <= 2 * MAX_NAMES and self._failures < MAX_FAILURES

    def _failed(self, error: StatementFailed) -> None:
        self._failures += 1
        _log.info("catalogue_unread", code=error.code, server_code=error.server_code)


def _plain(ref: ObjectRef) -> ObjectRef:
    return ObjectRef(ref.name, schema=ref.schema, database=ref.database)


def only_table(copy: CatalogueCopy) -> Table | None:
    """The one that a text of definitions made; None when the reader didn't understand it."""
    found = list(copy.tables().values())
    return found[0] if len(found) == 1 else None
