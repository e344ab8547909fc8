"""PostgreSQL's catalogue as the rules see it. A table is put together as the CREATE TABLE that would make it,
so that one reader says what definitions mean, whether a script or the catalogue holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from sluicegate.dialects.common.target_schema import SchemaSource, only_table
from sluicegate.dialects.postgres import analysis
from sluicegate.dialects.postgres import catalogue_rows as rows
from sluicegate.dialects.postgres.wire import Wire, quote
from sluicegate.sql.catalogue import ABSENT, Lookup
from sluicegate.sql.facts import Definition
from sluicegate.sql.model import Access, ObjectRef
from sluicegate.sql.structure.definitions import Column, Partitioning, Table

_PATIENCE: Final = "100"  # milliseconds; a table that somebody is altering isn't waited for
_INSERTS, _DELETES, _UPDATES, _TRUNCATES = 4, 8, 16, 32  # of pg_trigger.tgtype
_EVENTS: Final = {"2": "UPDATE", "3": "INSERT", "4": "DELETE"}
_CHANGING: Final = ("c", "n", "d")
_NO_PARTS: Final = (("0", "0", "f", "0"),)


MAX_LOADED: Final = 20_000  # relations of one schema that are read at once


class PostgresSchema(SchemaSource):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._rows = rows.Rows(wire)

    # ---------------------------------------------------------------- tables

    def table(self, ref: ObjectRef) -> Lookup:
        relation = self._relation(ref)
        if relation is None:
            return ABSENT
        named = ObjectRef(ref.name, schema=ref.schema)
        if relation.kind in ("v", "m"):
            columns = tuple(Column(name or "") for name, *_ in self._rows.of(rows.COLUMNS, relation.oid))
            return Table(
                named, columns, view=True, rows=relation.rows, size_bytes=relation.size_bytes or None
            )
        if relation.kind not in ("r", "p"):
            return None
        with self._impatient():
            text = "".join(self._text(ref.name, relation))
        table = only_table(analysis.catalogue(text, None))
        if table is None:
            return None
        table = replace(table, ref=named, rows=relation.rows, size_bytes=relation.size_bytes)
        return self._partitioned(table, relation) if relation.partition_key else table

    def _relation(self, ref: ObjectRef) -> rows.Relation | None:
        found = self._wire.query(rows.ONE, ref.name, ref.schema)
        return rows.relation(found[0]) if found else None

    def _text(self, name: str, relation: rows.Relation) -> Iterator[str]:
        parts = [_column(row) for row in self._rows.of(rows.COLUMNS, relation.oid)]
        for constraint, definition, kind in self._rows.of(rows.CONSTRAINTS, relation.oid):
            body = definition or ""
            if kind != "c":
                body = body.removesuffix(" NOT VALID")
            parts.append(f"CONSTRAINT {quote(constraint or '')} {body}")
        unlogged = "UNLOGGED " if relation.unlogged else ""
        yield f"CREATE {unlogged}TABLE {quote(name)} ({', '.join(parts)})"
        yield f" PARTITION BY {relation.partition_key};\n" if relation.partition_key else ";\n"
        for (definition,) in self._rows.of(rows.INDEXES, relation.oid):
            # The index's own table is written with its schema; the one above is without.
            yield (definition or "").replace(f" ON {_written(relation.schema)}.", " ON ", 1).replace(
                f" ON ONLY {_written(relation.schema)}.", " ON ", 1
            ) + ";\n"

    def _partitioned(self, table: Table, relation: rows.Relation) -> Table:
        """With the rows and size of all its parts."""
        count, held, unknown, size = (self._rows.of(rows.PARTS, relation.oid) or _NO_PARTS)[0]
        method = table.partitioning or Partitioning(relation.partition_key.split(maxsplit=1)[0])
        method = replace(method, count=int(count or 0))
        if unknown == "t":
            return replace(table, partitioning=method)
        return replace(table, partitioning=method, rows=int(held or 0), size_bytes=int(size or 0))

    def load(self, ref: ObjectRef) -> SchemaSource | None:
        """All relations of the schema, by as many queries as one of them takes."""
        with self._impatient():
            found = self._wire.query(rows.ALL, ref.schema, MAX_LOADED + 1)
            if len(found) > MAX_LOADED:
                return None
            return _Loaded(self._wire, [rows.relation(row) for row in found])

    @contextmanager
    def _impatient(self) -> Iterator[None]:
        """Defaults are put into words under a lock on their table."""
        self._wire.run("BEGIN READ ONLY")
        try:
            self._wire.query("SELECT pg_catalog.set_config('lock_timeout', $1, true)", _PATIENCE)
            yield
        finally:
            self._wire.run("ROLLBACK")

    def table_of_index(self, ref: ObjectRef) -> ObjectRef | None:
        found = self._wire.query(
            "SELECT t.relname, n.nspname FROM pg_catalog.pg_index i "
            "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_class t ON t.oid = i.indrelid "
            "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = $1 AND CASE WHEN "
            "$2::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END",
            ref.name,
            ref.schema,
        )
        return ObjectRef(found[0][0] or "", schema=ref.schema) if found else None

    # ---------------------------------------------------------------- what reaches further

    def reaching(self, ref: ObjectRef) -> tuple[Definition, ...]:
        relation = self._relation(ref)
        if relation is None:
            return ()
        found = (self._triggers, self._rules, self._children, self._heirs)
        return tuple(item for look in found for item in look(ref, relation.oid))

    def _triggers(self, ref: ObjectRef, oid: str) -> Iterator[Definition]:
        for bits, function, schema in self._rows.of(rows.TRIGGERS, oid):
            yield Definition(
                "trigger",
                ref,
                (ObjectRef(function or "", "function", schema=schema),),
                _events(int(bits or 0)),
            )

    def _rules(self, ref: ObjectRef, oid: str) -> Iterator[Definition]:
        """A view is a rule too, on SELECT; changes of it reach what it stands for."""
        reaches: dict[tuple[str, str], list[ObjectRef]] = {}
        for event, rule, name, schema in self._rows.of(rows.RULES, oid):
            found = reaches.setdefault((event or "", rule or ""), [])
            if name:
                found.append(ObjectRef(name, schema=schema))
        for (event, _), targets in reaches.items():
            if event == "1":
                yield Definition("view", ref, tuple(targets))
            elif event in _EVENTS:
                yield Definition("rule", ref, tuple(targets), frozenset({_EVENTS[event]}))

    def _children(self, ref: ObjectRef, oid: str) -> Iterator[Definition]:
        for name, schema, on_delete, on_update in self._rows.of(rows.CHILDREN, oid):
            events = {"TRUNCATE"}  # with CASCADE, whatever the rules are
            events |= {"DELETE"} if on_delete in _CHANGING else set()
            events |= {"UPDATE"} if on_update in _CHANGING else set()
            child = ObjectRef(name or "", access=Access.WRITE, schema=schema)
            yield Definition("cascade", ref, (child,), frozenset(events))

    def _heirs(self, ref: ObjectRef, oid: str) -> Iterator[Definition]:
        """Tables that inherit; partitions are the table itself."""
        heirs = tuple(
            ObjectRef(name or "", access=Access.WRITE, schema=schema)
            for name, schema in self._rows.of(rows.HEIRS, oid)
        )
        if heirs:
            yield Definition("inheritance", ref, heirs, frozenset({"UPDATE", "DELETE"}))


class _Loaded(PostgresSchema):
    """One schema, or what is visible without naming one, read at once."""

    def __init__(self, wire: Wire, relations: Sequence[rows.Relation]) -> None:
        super().__init__(wire)
        self._relations = {relation.name: relation for relation in relations}
        self._rows.load((*rows.DEFINING, *rows.REACHING), [relation.oid for relation in relations])
        self._rows.load((rows.PARTS,), [relation.oid for relation in relations if relation.partition_key])

    def _relation(self, ref: ObjectRef) -> rows.Relation | None:
        found = self._relations.get(ref.name)
        # What belongs to the server is visible too, and isn't among them.
        return super()._relation(ref) if found is None and ref.name.startswith("pg_") else found

    @contextmanager
    def _impatient(self) -> Iterator[None]:
        """Nothing is asked any more."""
        yield


def _column(row: tuple[str | None, ...]) -> str:
    name, kind, required, default, generated, identity = row
    text = f"{quote(name or '')} {kind}"
    if generated:
        stored = "STORED" if generated == "s" else "VIRTUAL"
        text += f" GENERATED ALWAYS AS ({default}) {stored}"
    elif identity:
        text += f" GENERATED {'ALWAYS' if identity == 'a' else 'BY DEFAULT'} AS IDENTITY"
    elif default:
        text += f" DEFAULT {default}"
    return f"{text} NOT NULL" if required == "t" else text


def _events(bits: int) -> frozenset[str]:
    named = ((_INSERTS, "INSERT"), (_DELETES, "DELETE"), (_UPDATES, "UPDATE"), (_TRUNCATES, "TRUNCATE"))
    found = {event for bit, event in named if bits & bit}
    return frozenset(found | ({"MERGE"} if found & {"INSERT", "DELETE", "UPDATE"} else set()))


def _written(schema: str) -> str:
    """As the server writes it: in quotes only where it must be."""
    plain = schema.isascii() and schema.replace("_", "a").isalnum() and schema == schema.lower()
    return schema if plain and not schema[0].isdigit() else quote(schema)
