"""A file's catalogue as the rules see it: its own CREATE statements, all read at once."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Final

from sluicegate.dialects.common.target_schema import SchemaSource
from sluicegate.dialects.sqlite import analysis, catalogue
from sluicegate.dialects.sqlite.wire import Wire
from sluicegate.sql.catalogue import ABSENT, CatalogueCopy, Lookup
from sluicegate.sql.facts import Definition
from sluicegate.sql.known import KnownObjects
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.structure.definitions import Table

MAX_OBJECTS: Final = 5_000
HOME: Final = "main"


class SqliteSchema(SchemaSource):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    @cached_property
    def _objects(self) -> list[tuple[str, str, str, str]] | None:
        """(type, name, table, text) of all; None when there are too many to read."""
        rows = self._wire.rows(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid",
            keep=MAX_OBJECTS + 1,
        )
        return None if len(rows) > MAX_OBJECTS else rows

    @cached_property
    def _script(self) -> str:
        return ";\n".join(text for _, _, _, text in self._objects or ())

    @cached_property
    def _copy(self) -> CatalogueCopy:
        return analysis.catalogue(self._script, HOME)

    @cached_property
    def _known(self) -> KnownObjects:
        return KnownObjects(analysis.definitions(self._script))

    @cached_property
    def _counts(self) -> dict[str, int]:
        return {name.casefold(): rows for name, rows in catalogue.counts(self._wire).items()}

    def table(self, ref: ObjectRef) -> Lookup:
        if (ref.schema or HOME).casefold() != HOME or self._objects is None:
            return None
        folded = ref.name.casefold()
        if not any(
            name.casefold() == folded for kind, name, _, _ in self._objects if kind in ("table", "view")
        ):
            return ABSENT if not folded.startswith(("sqlite_", "pragma_")) else None
        found = self._copy.table(ObjectRef(ref.name))
        if not isinstance(found, Table):
            return self._view(ref)
        return replace(found, rows=self._counts.get(folded))

    def _view(self, ref: ObjectRef) -> Lookup:
        """A view whose columns its text doesn't name."""
        kinds = {name.casefold(): kind for kind, name, _, _ in self._objects or ()}
        if kinds.get(ref.name.casefold()) != "view":
            return None
        columns = catalogue.columns(self._wire, ref.name)
        return Table(ObjectRef(ref.name), tuple(catalogue.defined(column) for column in columns), view=True)

    def table_of_index(self, ref: ObjectRef) -> ObjectRef | None:
        folded = ref.name.casefold()
        owners = (
            table
            for kind, name, table, _ in self._objects or ()
            if kind == "index" and name.casefold() == folded
        )
        return next((ObjectRef(table) for table in owners), None)

    def reaching(self, ref: ObjectRef) -> tuple[Definition, ...]:
        return tuple(self._known.of(ref))
