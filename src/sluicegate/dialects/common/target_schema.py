"""What a target's own catalogue says: tables by name, and how changes of them reach further.

Asked when a name first comes up, remembered for the length of one review, and bounded. Where many names of one
schema come up, all of it is read at once; where that isn't possible, a script that names ten thousand tables gets
no answer about most of them, and no answer is silent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
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
BULK_FROM: Final = 20  # names of one schema, before all of it is read at once
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

    def load(self, ref: ObjectRef) -> SchemaSource | None:  # noqa: ARG002
        """Answers for all tables in the place of this one, read at once; None where there are too many."""
        return None


class TargetSchema(KnownObjects):
    """A ``Catalogue`` and ``KnownObjects`` over one source.

    Attributes:
        loaded: by place (database, schema), what was read at once; None where that wasn't possible.
    """

    def __init__(self, source: SchemaSource) -> None:
        super().__init__()
        self._source = source
        self._tables: dict[ObjectRef, Lookup] = {}
        self._reaching: dict[ObjectRef, tuple[Definition, ...]] = {}
        self._indexes: dict[ObjectRef, ObjectRef | None] = {}
        self.loaded: dict[tuple[str | None, str | None], SchemaSource | None] = {}
        self._named: Counter[tuple[str | None, str | None]] = Counter()
        self._asked = 0
        self._failures = 0

    # -- the catalogue

    def table(self, ref: ObjectRef) -> Lookup:
        key = _plain(ref)
        if key not in self._tables:
            self._tables[key] = self._table(key)
        return self._tables[key]

    def _table(self, ref: ObjectRef) -> Lookup:
        source = self._source_for(ref)
        if source is None:
            return None
        try:
            return source.table(ref)
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
        source = None if self.table(ref) is ABSENT else self._source_for(ref)
        if source is None:
            return ()
        try:
            return source.reaching(ref)
        except StatementFailed as error:
            self._failed(error)
            return ()

    # -- bounds

    def _source_for(self, ref: ObjectRef) -> SchemaSource | None:
        """Whom to ask about a table, None when it was enough."""
        place = (ref.database, ref.schema)
        self._named[place] += 1
        if place not in self.loaded and self._named[place] > BULK_FROM and self._failures < MAX_FAILURES:
            self.loaded[place] = self._load(ref)
        loaded = self.loaded.get(place)
        if loaded is not None:
            return loaded if self._failures < MAX_FAILURES else None
        return self._source if self._may_ask() else None

    def _load(self, ref: ObjectRef) -> SchemaSource | None:
        try:
            return self._source.load(ref)
        except StatementFailed as error:  # one by one, then
            _log.info("catalogue_unread", code=error.code, server_code=error.server_code)
            return None

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
