"""Rows before and after a change. The transaction holds the file's write lock, so nothing changes between."""

# ruff: noqa: S608 - identifiers are quoted, values exact literals, slices are the approved statement's

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sluicegate.dialects.base import ImageRow, ImageSet
from sluicegate.dialects.sqlite import catalogue
from sluicegate.dialects.sqlite.literals import NULL, NoLiteral, literal
from sluicegate.dialects.sqlite.wire import Wire, chunks, quote
from sluicegate.sql.model import ImagePlan, NoImage

ROWS_PER_QUERY = 200
FLOATS_PER_QUERY = 200


def read_before(wire: Wire, plan: ImagePlan, limit: int) -> ImageSet | NoImage:
    """See ``Session.read_before``."""
    found = _table(wire, plan)
    if isinstance(found, NoImage):
        return found
    name, columns, key = found
    sql = (
        f"SELECT {', '.join(map(quote, columns))} FROM {plan.table_text} {plan.alias_text} {plan.tail_text}\n"
    )
    rows = wire.rows(sql, keep=limit + 1)
    if len(rows) > limit:
        return NoImage("image_too_many_rows")
    misread = _misread(wire, rows)
    if misread is None:
        return NoImage("image_value_inexact")
    try:
        before = [tuple(literal(value, misread) for value in row) for row in rows]
    except NoLiteral:
        return NoImage("image_type_unsupported")
    positions = [columns.index(column) for column in key]
    if any(row[at] == NULL for row in before for at in positions):
        return NoImage("image_no_primary_key")  # SQLite allows NULL in it, which names no row
    by_fold = {column.casefold(): column for column in columns}
    assigned = [by_fold[column.casefold()] for column in plan.assigned if column.casefold() in by_fold]
    return ImageSet(
        operation=plan.operation,
        table_text=quote(name),  # there is one database only
        key_columns=key,
        columns=columns,
        assigned=tuple(dict.fromkeys(assigned)),
        rows=tuple(ImageRow(tuple(row[at] for at in positions), row) for row in before),
    )


def read_after(wire: Wire, images: ImageSet) -> ImageSet | NoImage:
    """See ``Session.read_after``."""
    positions = [images.columns.index(name) for name in images.key_columns]
    after: dict[tuple[str, ...], tuple[str, ...]] = {}
    keys = ", ".join(map(quote, images.key_columns))
    for part in chunks(images.rows, ROWS_PER_QUERY):
        wanted = ", ".join(f"({', '.join(row.key)})" for row in part)
        rows = wire.rows(
            f"SELECT {', '.join(map(quote, images.columns))} FROM {images.table_text} "
            f"WHERE ({keys}) IN (VALUES {wanted})"
        )
        misread = _misread(wire, rows)
        if misread is None:
            return NoImage("image_value_inexact")
        for row in rows:
            literals = tuple(literal(value, misread) for value in row)
            after[tuple(literals[at] for at in positions)] = literals
    return replace(images, rows=tuple(replace(row, after=after.get(row.key)) for row in images.rows))


def _table(wire: Wire, plan: ImagePlan) -> tuple[str, tuple[str, ...], tuple[str, ...]] | NoImage:
    """(name, columns, key) of the table, or why its changes can't be taken back from images."""
    if plan.table.database not in {None, "main"} or plan.table.schema not in {None, "main"}:
        return NoImage("image_not_a_table")
    rows = wire.rows(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE",
        (plan.table.name,),
    )
    if not rows or (rows[0][1] or "").upper().startswith("CREATE VIRTUAL"):
        return NoImage("image_not_a_table")
    name = str(rows[0][0])
    key = catalogue.primary_key(wire, name)
    if not key:
        return NoImage("image_no_primary_key")
    if {column.casefold() for column in plan.assigned} & {
        column.casefold() for column in (*key, "rowid", "oid", "_rowid_")
    }:
        return NoImage("image_key_assigned")
    if wire.rows(
        "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE", (name,)
    ):
        return NoImage("image_has_triggers")
    if _cascades(wire, name, plan.operation):
        return NoImage("image_cascades")
    columns = tuple(column.name for column in catalogue.columns(wire, name) if not column.generated)
    return name, columns, key


def _cascades(wire: Wire, name: str, operation: str) -> bool:
    """Other tables' rows would follow, which the image doesn't hold."""
    rule = "on_delete" if operation == "DELETE" else "on_update"
    sql = (
        "SELECT 1 FROM sqlite_master m, pragma_foreign_key_list(m.name) f "
        f"WHERE m.type = 'table' AND f.\"table\" = ? COLLATE NOCASE AND f.{rule} NOT IN ('NO ACTION', 'RESTRICT') LIMIT 1"
    )
    return bool(wire.rows(sql, (name,)))


def _misread(wire: Wire, rows: list[tuple[Any, ...]]) -> frozenset[float] | None:
    """The floats whose decimal text this SQLite reads one bit off, as older ones do. None when it doesn't get them
    right in the longer form either."""
    floats = {value for row in rows for value in row if isinstance(value, float)}
    misread = frozenset(_differing(wire, floats, frozenset()))
    return None if _differing(wire, misread, misread) else misread


def _differing(wire: Wire, floats: Collection[float], misread: frozenset[float]) -> list[float]:
    differing: list[float] = []
    for part in chunks(list(floats), FLOATS_PER_QUERY):
        held = wire.rows("SELECT " + ", ".join(literal(value, misread) for value in part))[0]
        differing += [value for value, read in zip(part, held, strict=True) if value != read]
    return differing
