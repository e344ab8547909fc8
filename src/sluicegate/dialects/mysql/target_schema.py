"""The family's catalogue as the rules see it. Tables are read from the server's own CREATE TABLE."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from sluicegate.dialects.base import StatementFailed
from sluicegate.dialects.common.target_schema import SchemaSource, only_table
from sluicegate.dialects.mysql import analysis
from sluicegate.dialects.mysql.variant import Variant
from sluicegate.dialects.mysql.wire import Wire, quote
from sluicegate.sql import analyse as pipeline
from sluicegate.sql.analyse import Analyser
from sluicegate.sql.catalogue import ABSENT, Lookup
from sluicegate.sql.facts import Definition
from sluicegate.sql.model import Access, ObjectRef
from sluicegate.sql.structure.definitions import Column, Table

_MISSING: Final = frozenset({"1146", "1049"})  # no such table, no such database
_CHANGING: Final = frozenset({"CASCADE", "SET NULL", "SET DEFAULT"})
MAX_LOADED: Final = 20_000  # tables of one database that are read at once
_Row = tuple[str | None, ...]
_Extent = tuple[str, int | None, int | None]  # kind, rows, bytes
# Each takes the database, None for the session's own, and yields the table first.
_TABLES: Final = (
    "SELECT table_name, table_type, table_rows, data_length + index_length FROM information_schema.tables "
    "WHERE table_schema = COALESCE(%s, DATABASE())"
)
_TRIGGERS: Final = (
    "SELECT event_object_table, trigger_name, action_timing, event_manipulation, action_statement "
    "FROM information_schema.triggers WHERE event_object_schema = COALESCE(%s, DATABASE())"
)
_CHILDREN: Final = (
    "SELECT referenced_table_name, constraint_schema, table_name, delete_rule, update_rule "
    "FROM information_schema.referential_constraints WHERE unique_constraint_schema = COALESCE(%s, DATABASE())"
)


class MysqlSchema(SchemaSource):
    def __init__(self, wire: Wire, variant: Variant, version: tuple[int, ...]) -> None:
        self._wire = wire
        self._analyser = analysis.analyser(variant, version)
        self._patience = wire.value("SELECT @@lock_wait_timeout") or "5"

    def table(self, ref: ObjectRef) -> Lookup:
        try:
            text = self._created(ref)
        except StatementFailed as error:
            if error.server_code in _MISSING:
                return ABSENT
            raise
        kind, rows, size = self._extent(ref)
        if kind in ("VIEW", "SYSTEM VIEW"):
            return Table(_named(ref), self._columns(ref), view=True)
        table = only_table(pipeline.catalogue(text, self._analyser))
        return None if table is None else replace(table, ref=_named(ref), rows=rows, size_bytes=size)

    def _created(self, ref: ObjectRef) -> str:
        with self._impatient():
            rows = self._wire.query(f"SHOW CREATE TABLE {_quoted(ref)}")
        return rows[0][1] or ""

    @contextmanager
    def _impatient(self) -> Iterator[None]:
        """A table that somebody is altering isn't waited for."""
        self._wire.run("SET SESSION lock_wait_timeout = 1")
        try:
            yield
        finally:
            self._wire.run(f"SET SESSION lock_wait_timeout = {int(self._patience)}")

    def _extent(self, ref: ObjectRef) -> _Extent:
        rows = self._wire.query(f"{_TABLES} AND table_name = %s", (ref.database, ref.name))
        return _extent(rows[0]) if rows else ("", None, None)

    def load(self, ref: ObjectRef) -> SchemaSource | None:
        """What all tables of the database are and what hangs on them, by three queries; their definitions the
        server tells one by one only."""
        found = self._wire.query(f"{_TABLES} LIMIT {MAX_LOADED + 1}", (ref.database,))
        if len(found) > MAX_LOADED:
            return None
        triggers = self._wire.query(_TRIGGERS, (ref.database,))
        children = self._wire.query(_CHILDREN, (ref.database,))
        return _Loaded(self._wire, self._analyser, found, triggers, children)

    def _columns(self, ref: ObjectRef) -> tuple[Column, ...]:
        rows = self._wire.query(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = COALESCE(%s, DATABASE()) "
            "AND table_name = %s ORDER BY ordinal_position",
            (ref.database, ref.name),
        )
        return tuple(Column(name or "") for (name,) in rows)

    def table_of_index(self, ref: ObjectRef) -> ObjectRef | None:  # noqa: ARG002
        """Index names are a table's own here, and DROP INDEX names the table."""
        return None

    def reaching(self, ref: ObjectRef) -> tuple[Definition, ...]:
        return (*self._triggers(ref), *self._children(ref), *self._base(ref))

    def _triggers(self, ref: ObjectRef) -> list[Definition]:
        found: list[Definition] = []
        for _, name, timing, event, body in self._trigger_rows(ref):
            text = (
                f"CREATE TRIGGER {quote(name or '')} {timing} {event} ON {_quoted(ref)} FOR EACH ROW {body}"
            )
            read = [item for item in self._definitions(text, ref) if item.kind == "trigger"]
            operations = frozenset({event or "", "REPLACE"} if event != "UPDATE" else {"UPDATE"})
            reaches = tuple(dict.fromkeys(target for item in read for target in item.reaches))
            trigger = ObjectRef(name or "", "trigger", database=ref.database)
            found.append(Definition("trigger", ref, reaches or (trigger,), operations))
        return found

    def _definitions(self, text: str, ref: ObjectRef) -> Iterator[Definition]:
        """Names without a database are of the table's own."""
        for item in pipeline.definitions(text, self._analyser):
            reaches = tuple(
                replace(target, database=target.database or ref.database) for target in item.reaches
            )
            yield replace(item, reaches=reaches)

    def _trigger_rows(self, ref: ObjectRef) -> Sequence[_Row]:
        return self._wire.query(f"{_TRIGGERS} AND event_object_table = %s", (ref.database, ref.name))

    def _child_rows(self, ref: ObjectRef) -> Sequence[_Row]:
        return self._wire.query(f"{_CHILDREN} AND referenced_table_name = %s", (ref.database, ref.name))

    def _children(self, ref: ObjectRef) -> Iterator[Definition]:
        for _, database, name, on_delete, on_update in self._child_rows(ref):
            events = {"DELETE", "REPLACE"} if on_delete in _CHANGING else set()
            events |= {"UPDATE"} if on_update in _CHANGING else set()
            if events:
                child = ObjectRef(name or "", access=Access.WRITE, database=database)
                yield Definition("cascade", ref, (child,), frozenset(events))

    def _base(self, ref: ObjectRef) -> Iterator[Definition]:
        kind, _, _ = self._extent(ref)
        if kind == "VIEW":
            definitions = self._definitions(self._created(ref), ref)
            yield from (replace(item, table=ref) for item in definitions if item.kind == "view")


class _Loaded(MysqlSchema):
    """One database. From here on the session waits for nobody who alters a table."""

    def __init__(
        self,
        wire: Wire,
        analyser: Analyser,
        tables: Sequence[_Row],
        triggers: Sequence[_Row],
        children: Sequence[_Row],
    ) -> None:
        self._wire = wire
        self._analyser = analyser
        self._extents = {row[0]: _extent(row) for row in tables}
        self._trigger_by_table = _by_table(triggers)
        self._children_by_table = _by_table(children)
        wire.run("SET SESSION lock_wait_timeout = 1")

    @contextmanager
    def _impatient(self) -> Iterator[None]:
        yield

    def _extent(self, ref: ObjectRef) -> _Extent:
        # On some servers names differ by case, on others they don't.
        return self._extents.get(ref.name) or super()._extent(ref)

    def _trigger_rows(self, ref: ObjectRef) -> Sequence[_Row]:
        return self._trigger_by_table.get(ref.name.casefold(), ())

    def _child_rows(self, ref: ObjectRef) -> Sequence[_Row]:
        return self._children_by_table.get(ref.name.casefold(), ())


def _by_table(rows: Sequence[_Row]) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = {}
    for row in rows:
        found.setdefault((row[0] or "").casefold(), []).append(row)
    return found


def _extent(row: _Row) -> _Extent:
    _, kind, count, size = row
    return kind or "", None if count is None else int(count), None if size is None else int(size)


def _quoted(ref: ObjectRef) -> str:
    return f"{quote(ref.database)}.{quote(ref.name)}" if ref.database else quote(ref.name)


def _named(ref: ObjectRef) -> ObjectRef:
    return ObjectRef(ref.name, database=ref.database)
