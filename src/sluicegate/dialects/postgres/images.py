"""Rows before and after a change, locked and read in the change's own transaction."""

# ruff: noqa: S608 - identifiers are quoted, values exact literals, slices are the approved statement's

from __future__ import annotations

from dataclasses import dataclass, replace

from sluicegate.dialects.base import ImageRow, ImageSet
from sluicegate.dialects.postgres.literals import INEXACT, NULL, typed
from sluicegate.dialects.postgres.wire import Row, Wire, quote
from sluicegate.sql.model import ImagePlan, NoImage

ROWS_PER_QUERY = 500
CURSOR = "sluicegate_image"
# Bits of pg_trigger.tgtype (catalog/pg_trigger.h): INSERT 4, DELETE 8, UPDATE 16.
TRIGGER_BITS = {"UPDATE": 16, "DELETE": 8 | 4}


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    type: str
    exact: bool


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the catalogue says of the table."""

    table_text: str
    fields: tuple[_Field, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    @property
    def selected(self) -> str:
        return ", ".join(f"{quote(field.name)}::text" for field in self.fields)

    def literals(self, row: Row) -> tuple[str, ...]:
        return tuple(
            NULL if cell is None else typed(cell, field.type)
            for field, cell in zip(self.fields, row, strict=True)
        )


def read_before(wire: Wire, plan: ImagePlan, limit: int) -> ImageSet | NoImage:
    """See ``Session.read_before``."""
    shape = _shape(wire, plan)
    if isinstance(shape, NoImage):
        return shape
    # A cursor locks and reads no more rows than are fetched.
    wire.message(
        f"DECLARE {CURSOR} NO SCROLL CURSOR FOR SELECT {shape.selected} "
        f"FROM {plan.table_text} {plan.alias_text} {plan.tail_text}\nFOR UPDATE".encode()
    )
    rows = wire.query(f"FETCH FORWARD {int(limit) + 1} FROM {CURSOR}")
    wire.run(f"CLOSE {CURSOR}")
    if len(rows) > limit:
        return NoImage("image_too_many_rows")
    positions = [shape.names.index(name) for name in shape.key]
    before = [shape.literals(row) for row in rows]
    return ImageSet(
        operation=plan.operation,
        table_text=shape.table_text,
        key_columns=shape.key,
        columns=shape.names,
        assigned=tuple(name for name in dict.fromkeys(plan.assigned) if name in shape.names),
        rows=tuple(ImageRow(tuple(row[at] for at in positions), row) for row in before),
    )


def read_after(wire: Wire, images: ImageSet) -> ImageSet:
    """See ``Session.read_after``."""
    shape = replace(_fields(wire, images.table_text), key=images.key_columns)
    positions = [shape.names.index(name) for name in shape.key]
    after: dict[tuple[str, ...], tuple[str, ...]] = {}
    columns = ", ".join(quote(name) for name in shape.key)
    for start in range(0, len(images.rows), ROWS_PER_QUERY):
        keys = ", ".join(f"({', '.join(row.key)})" for row in images.rows[start : start + ROWS_PER_QUERY])
        sql = f"SELECT {shape.selected} FROM {images.table_text} WHERE ({columns}) IN ({keys})"
        for row in wire.query(sql):
            literals = shape.literals(row)
            after[tuple(literals[at] for at in positions)] = literals
    return replace(images, rows=tuple(replace(row, after=after.get(row.key)) for row in images.rows))


def _shape(wire: Wire, plan: ImagePlan) -> _Shape | NoImage:
    """The table, or why its changes can't be taken back from images."""
    written = ".".join(quote(part) for part in (plan.table.schema, plan.table.name) if part)
    rows = wire.query(
        "SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), c.relkind, "
        "c.relhasrules, c.oid FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = pg_catalog.to_regclass($1)",
        written,
    )
    if not rows or rows[0][1] not in {"r", "p"}:
        return NoImage("image_not_a_table")
    table_text, kind, rules, oid = rows[0]
    shape = _fields(wire, table_text or "")
    if not shape.key:
        return NoImage("image_no_primary_key")
    if set(plan.assigned) & set(shape.key):
        return NoImage("image_key_assigned")
    if not all(field.exact for field in shape.fields) or not set(shape.key) <= set(shape.names):
        return NoImage("image_type_unsupported")
    if rules == "t" or _has_triggers(wire, oid or "", plan.operation):
        return NoImage("image_has_triggers")
    if _cascades(wire, oid or "", plan.operation):
        return NoImage("image_cascades")
    if kind == "r" and wire.value(
        "SELECT 1 FROM pg_catalog.pg_inherits WHERE inhparent = $1::oid LIMIT 1", oid
    ):
        return NoImage("image_inherited")
    return shape


def _fields(wire: Wire, table_text: str) -> _Shape:
    rows = wire.query(
        "SELECT a.attname, "
        "CASE WHEN tn.nspname = 'pg_catalog' THEN pg_catalog.format_type(a.atttypid, a.atttypmod) "
        "ELSE pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.typname) END, "
        "COALESCE(e.typname, t.typname), k.n "
        "FROM pg_catalog.pg_attribute a "
        "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
        "JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace "
        "LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' "
        "LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary "
        "LEFT JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n) "
        "ON k.attnum = a.attnum "
        "WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped "
        "AND a.attgenerated = '' ORDER BY a.attnum",
        table_text,
    )
    fields = tuple(
        _Field(name or "", kind or "", (base or "") not in INEXACT) for name, kind, base, _ in rows
    )
    key = sorted((int(position), name or "") for name, _, _, position in rows if position)
    return _Shape(table_text, fields, tuple(name for _, name in key))


def _has_triggers(wire: Wire, oid: str, operation: str) -> bool:
    """A trigger of the operation changes what no image shows; one of its inverse would change it again."""
    sql = (
        "SELECT 1 FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' "
        "AND (tgtype & $2::int) <> 0 AND (tgrelid = $1::oid OR tgrelid IN "
        "(SELECT relid FROM pg_catalog.pg_partition_tree($1::oid::pg_catalog.regclass))) LIMIT 1"
    )
    return wire.value(sql, oid, TRIGGER_BITS[operation]) is not None


def _cascades(wire: Wire, oid: str, operation: str) -> bool:
    """Other tables' rows would follow, which the image doesn't hold."""
    rule = "confdeltype" if operation == "DELETE" else "confupdtype"
    sql = (
        "SELECT 1 FROM pg_catalog.pg_constraint "
        f"WHERE contype = 'f' AND confrelid = $1::oid AND {rule} IN ('c', 'n', 'd') LIMIT 1"
    )
    return wire.value(sql, oid) is not None
