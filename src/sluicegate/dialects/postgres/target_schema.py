"""PostgreSQL's catalogue as the rules see it. A table is put together as the CREATE TABLE that would make it,
so that one reader says what definitions mean, whether a script or the catalogue holds them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from sluicegate.dialects.common.target_schema import SchemaSource, only_table
from sluicegate.dialects.postgres import analysis
from sluicegate.dialects.postgres.wire import Wire, quote
from sluicegate.sql.catalogue import ABSENT, Lookup
from sluicegate.sql.facts import Definition
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.structure.definitions import Column, Partitioning, Table

# No size functions: they would wait for whoever alters the table. relpages is as old as the last ANALYZE,
# as reltuples is.
_FOUND: Final = """
SELECT c.oid, n.nspname, c.relkind, c.reltuples::bigint,
       (SELECT pg_catalog.sum(r.relpages::bigint) FROM pg_catalog.pg_class r WHERE r.oid = c.oid
           OR r.oid = c.reltoastrelid
           OR r.oid IN (SELECT indexrelid FROM pg_catalog.pg_index WHERE indrelid = c.oid))
       * pg_catalog.current_setting('block_size')::bigint,
       pg_catalog.pg_get_partkeydef(c.oid), c.relpersistence
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = $1
  AND CASE WHEN $2::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END
"""
_COLUMNS: Final = """
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attgenerated, a.attidentity
FROM pg_catalog.pg_attribute a
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_CONSTRAINTS: Final = """
SELECT conname, pg_catalog.pg_get_constraintdef(oid), contype FROM pg_catalog.pg_constraint
WHERE conrelid = $1::oid AND contype IN ('p', 'u', 'f', 'c', 'x') ORDER BY contype, conname
"""
_INDEXES: Final = """
SELECT pg_catalog.pg_get_indexdef(i.indexrelid) FROM pg_catalog.pg_index i
WHERE i.indrelid = $1::oid AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
    WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x') AND k.conrelid = i.indrelid)
ORDER BY i.indexrelid
"""
_PARTS: Final = """
SELECT pg_catalog.count(*), pg_catalog.sum(pg_catalog.greatest(c.reltuples, 0))::bigint, pg_catalog.bool_or(c.reltuples < 0),
       pg_catalog.sum(c.relpages::bigint) * pg_catalog.current_setting('block_size')::bigint
FROM pg_catalog.pg_partition_tree($1::oid) t JOIN pg_catalog.pg_class c ON c.oid = t.relid WHERE t.isleaf
"""
_TRIGGERS: Final = """
SELECT t.tgtype, p.proname, n.nspname FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE t.tgrelid = $1::oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
"""
_RULES: Final = """
SELECT r.ev_type, r.rulename, c.relname, n.nspname FROM pg_catalog.pg_rewrite r
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> r.ev_class
LEFT JOIN pg_catalog.pg_class c ON c.oid = d.refobjid LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.ev_class = $1::oid GROUP BY 1, 2, 3, 4
"""
_CHILDREN: Final = """
SELECT c.relname, n.nspname, k.confdeltype, k.confupdtype FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.confrelid = $1::oid AND k.contype = 'f' AND k.conparentid = 0
"""
_HEIRS: Final = """
SELECT c.relname, n.nspname FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE i.inhparent = $1::oid AND NOT c.relispartition
"""
_PATIENCE: Final = "100"  # milliseconds; a table that somebody is altering isn't waited for
_INSERTS, _DELETES, _UPDATES, _TRUNCATES = 4, 8, 16, 32  # of pg_trigger.tgtype
_EVENTS: Final = {"2": "UPDATE", "3": "INSERT", "4": "DELETE"}
_CHANGING: Final = ("c", "n", "d")


@dataclass(frozen=True, slots=True)
class _Relation:
    oid: str
    schema: str
    kind: str
    rows: int | None
    size_bytes: int | None
    partition_key: str
    unlogged: bool


class PostgresSchema(SchemaSource):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    # ---------------------------------------------------------------- tables

    def table(self, ref: ObjectRef) -> Lookup:
        relation = self._relation(ref)
        if relation is None:
            return ABSENT
        named = ObjectRef(ref.name, schema=ref.schema)
        if relation.kind in ("v", "m"):
            columns = tuple(Column(name or "") for name, *_ in self._wire.query(_COLUMNS, relation.oid))
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

    def _relation(self, ref: ObjectRef) -> _Relation | None:
        rows = self._wire.query(_FOUND, ref.name, ref.schema)
        if not rows:
            return None
        oid, schema, kind, count, size, key, persistence = rows[0]
        known = int(count or -1) >= 0  # -1: never analysed
        return _Relation(
            oid or "",
            schema or "",
            kind or "",
            int(count or 0) if known and kind in ("r", "m") else None,
            int(size or 0) if known and kind in ("r", "m") else None,
            key or "",
            persistence == "u",
        )

    def _text(self, name: str, relation: _Relation) -> Iterator[str]:
        parts = [_column(row) for row in self._wire.query(_COLUMNS, relation.oid)]
        for constraint, definition, kind in self._wire.query(_CONSTRAINTS, relation.oid):
            body = definition or ""
            if kind != "c":
                body = body.removesuffix(" NOT VALID")
            parts.append(f"CONSTRAINT {quote(constraint or '')} {body}")
        unlogged = "UNLOGGED " if relation.unlogged else ""
        yield f"CREATE {unlogged}TABLE {quote(name)} ({', '.join(parts)})"
        yield f" PARTITION BY {relation.partition_key};\n" if relation.partition_key else ";\n"
        for (definition,) in self._wire.query(_INDEXES, relation.oid):
            # The index's own table is written with its schema; the one above is without.
            yield (definition or "").replace(f" ON {_written(relation.schema)}.", " ON ", 1).replace(
                f" ON ONLY {_written(relation.schema)}.", " ON ", 1
            ) + ";\n"

    def _partitioned(self, table: Table, relation: _Relation) -> Table:
        """With the rows and size of all its parts."""
        count, rows, unknown, size = self._wire.query(_PARTS, relation.oid)[0]
        method = table.partitioning or Partitioning(relation.partition_key.split(maxsplit=1)[0])
        method = replace(method, count=int(count or 0))
        if unknown == "t":
            return replace(table, partitioning=method)
        return replace(table, partitioning=method, rows=int(rows or 0), size_bytes=int(size or 0))

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
        rows = self._wire.query(
            "SELECT t.relname, n.nspname FROM pg_catalog.pg_index i "
            "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_class t ON t.oid = i.indrelid "
            "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = $1 AND CASE WHEN "
            "$2::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END",
            ref.name,
            ref.schema,
        )
        return ObjectRef(rows[0][0] or "", schema=ref.schema) if rows else None

    # ---------------------------------------------------------------- what reaches further

    def reaching(self, ref: ObjectRef) -> tuple[Definition, ...]:
        relation = self._relation(ref)
        if relation is None:
            return ()
        found = (self._triggers, self._rules, self._children, self._heirs)
        return tuple(item for look in found for item in look(ref, relation.oid))

    def _triggers(self, ref: ObjectRef, oid: str) -> Iterator[Definition]:
        for bits, function, schema in self._wire.query(_TRIGGERS, oid):
            yield Definition(
                "trigger",
                ref,
                (ObjectRef(function or "", "function", schema=schema),),
                _events(int(bits or 0)),
            )

    def _rules(self, ref: ObjectRef, oid: str) -> Iterator[Definition]:
        """A view is a rule too, on SELECT; changes of it reach what it stands for."""
        reaches: dict[tuple[str, str], list[ObjectRef]] = {}
        for event, rule, name, schema in self._wire.query(_RULES, oid):
            found = reaches.setdefault((event or "", rule or ""), [])
            if name:
                found.append(ObjectRef(name, schema=schema))
        for (event, _), targets in reaches.items():
            if event == "1":
                yield Definition("view", ref, tuple(targets))
            elif event in _EVENTS:
                yield Definition("rule", ref, tuple(targets), frozenset({_EVENTS[event]}))

    def _children(self, ref: ObjectRef, oid: str) -> Iterator[Definition]:
        for name, schema, on_delete, on_update in self._wire.query(_CHILDREN, oid):
            events = {"DELETE"} if on_delete in _CHANGING else set()
            events |= {"UPDATE"} if on_update in _CHANGING else set()
            if events:
                yield Definition("cascade", ref, (ObjectRef(name or "", schema=schema),), frozenset(events))

    def _heirs(self, ref: ObjectRef, oid: str) -> Iterator[Definition]:
        """Tables that inherit; partitions are the table itself."""
        heirs = tuple(ObjectRef(name or "", schema=schema) for name, schema in self._wire.query(_HEIRS, oid))
        if heirs:
            yield Definition("inheritance", ref, heirs, frozenset({"UPDATE", "DELETE"}))


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
