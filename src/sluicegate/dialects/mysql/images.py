"""Rows before and after a change, locked and read in the change's own transaction."""

# ruff: noqa: S608 - identifiers are quoted, values bound or exact literals

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sluicegate.dialects.base import ImageRow, ImageSet
from sluicegate.dialects.mysql.catalogue import is_generated
from sluicegate.dialects.mysql.literals import NULL, NoLiteral, Reader, reader
from sluicegate.dialects.mysql.wire import Cell, Wire, quote
from sluicegate.sql.model import ImagePlan, NoImage

ROWS_PER_QUERY = 500


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    reader: Reader | None
    timestamp: bool
    auto_increment: bool
    auto_updated: bool


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the catalogue says of the table."""

    database: str
    name: str
    fields: tuple[_Field, ...]
    key: tuple[str, ...]


def read_before(wire: Wire, plan: ImagePlan, limit: int) -> ImageSet | NoImage:
    """See ``Session.read_before``."""
    shape = _shape(wire, plan)
    if isinstance(shape, NoImage):
        return shape
    selected = (
        f"SELECT {_expressions(shape)} FROM {plan.table_text} {plan.alias_text} {plan.tail_text}\nFOR UPDATE"
    )
    # The statement's own LIMIT, if it has one, wins over this one.
    wire.run(f"SET SESSION sql_select_limit = {int(limit) + 1}")
    try:
        cells = wire.message(selected.encode("utf-8"), keep=limit + 1).rows
    finally:
        wire.run("SET SESSION sql_select_limit = DEFAULT")
    if len(cells) > limit:
        return NoImage("image_too_many_rows")
    try:
        rows = [_literals(shape, row) for row in cells]
    except NoLiteral:
        return NoImage("image_value_inexact")
    positions = [_names(shape).index(name) for name in shape.key]
    automatic = [field.name for field in shape.fields if field.auto_updated and plan.operation == "UPDATE"]
    return ImageSet(
        operation=plan.operation,
        table_text=f"{quote(shape.database)}.{quote(shape.name)}",
        key_columns=shape.key,
        columns=_names(shape),
        assigned=tuple(dict.fromkeys([*_canonical(shape, plan.assigned), *automatic])),
        rows=tuple(ImageRow(tuple(row[at] for at in positions), row) for row in rows),
    )


def read_after(wire: Wire, images: ImageSet) -> ImageSet:
    """See ``Session.read_after``."""
    database, name = _split(images.table_text)
    shape = replace(_fields(wire, database, name), key=images.key_columns)
    positions = [images.columns.index(column) for column in images.key_columns]
    after: dict[tuple[str, ...], tuple[str, ...]] = {}
    for part in _parts(images.rows, ROWS_PER_QUERY):
        keys = ", ".join(f"({', '.join(row.key)})" for row in part)
        columns = ", ".join(quote(column) for column in images.key_columns)
        sql = (
            f"SELECT {_expressions(shape)} FROM {images.table_text} WHERE ({columns}) IN ({keys}) FOR UPDATE"
        )
        for cells in wire.message(sql.encode("utf-8"), keep=len(part)).rows:
            literals = _literals(shape, cells)
            after[tuple(literals[at] for at in positions)] = literals
    return replace(images, rows=tuple(replace(row, after=after.get(row.key)) for row in images.rows))


def _shape(wire: Wire, plan: ImagePlan) -> _Shape | NoImage:
    """The table, or why its changes can't be taken back from images."""
    database = plan.table.database or wire.value("SELECT DATABASE()") or ""
    name = plan.table.name
    kinds = wire.query(
        "SELECT table_type, table_name FROM information_schema.tables WHERE table_schema = %s AND table_name = %s",
        (database, name),
    )
    if not kinds or kinds[0][0] != "BASE TABLE":
        return NoImage("image_not_a_table")
    shape = _fields(wire, database, kinds[0][1] or name)
    if not shape.key:
        return NoImage("image_no_primary_key")
    if set(_canonical(shape, plan.assigned)) & set(shape.key):
        return NoImage("image_key_assigned")
    if any(field.reader is None for field in shape.fields) or not set(shape.key) <= set(_names(shape)):
        return NoImage("image_type_unsupported")
    if _has_triggers(wire, shape, plan.operation):
        return NoImage("image_has_triggers")
    if _cascades(wire, shape, plan.operation):
        return NoImage("image_cascades")
    return shape


def _fields(wire: Wire, database: str, name: str) -> _Shape:
    rows = wire.query(
        "SELECT column_name, data_type, character_set_name, extra, column_key FROM information_schema.columns "
        "WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position",
        (database, name),
    )
    fields = tuple(
        _Field(
            name=column or "",
            reader=reader(kind or "", charset),
            timestamp=kind == "timestamp",
            auto_increment="auto_increment" in (extra or "").lower(),
            auto_updated="on update" in (extra or "").lower(),
        )
        for column, kind, charset, extra, _ in rows
        if not is_generated(extra or "")
    )
    key = wire.query(
        "SELECT column_name FROM information_schema.statistics "
        "WHERE table_schema = %s AND table_name = %s AND index_name = 'PRIMARY' ORDER BY seq_in_index",
        (database, name),
    )
    return _Shape(database, name, fields, tuple(row[0] or "" for row in key))


def _has_triggers(wire: Wire, shape: _Shape, operation: str) -> bool:
    """A trigger of the operation changes what no image shows; one of its inverse would change it again."""
    events = ("UPDATE",) if operation == "UPDATE" else ("DELETE", "INSERT")
    sql = (
        "SELECT 1 FROM information_schema.triggers "
        "WHERE event_object_schema = %s AND event_object_table = %s AND event_manipulation IN %s LIMIT 1"
    )
    return wire.value(sql, (shape.database, shape.name, events)) is not None


def _cascades(wire: Wire, shape: _Shape, operation: str) -> bool:
    """Other tables' rows would follow, which the image doesn't hold."""
    rule = "delete_rule" if operation == "DELETE" else "update_rule"
    sql = (
        "SELECT 1 FROM information_schema.referential_constraints "
        f"WHERE unique_constraint_schema = %s AND referenced_table_name = %s AND {rule} NOT IN ('RESTRICT', 'NO ACTION') "
        "LIMIT 1"
    )
    return wire.value(sql, (shape.database, shape.name)) is not None


def _names(shape: _Shape) -> tuple[str, ...]:
    return tuple(field.name for field in shape.fields)


def _canonical(shape: _Shape, names: Sequence[str]) -> list[str]:
    """Column names as the catalogue writes them: the text may differ in case."""
    by_fold = {field.name.casefold(): field.name for field in shape.fields}
    return [by_fold[name.casefold()] for name in names if name.casefold() in by_fold]


def _expressions(shape: _Shape) -> str:
    """One per column, then one per TIMESTAMP: whether its local time names just one moment."""
    values = [field.reader.expression.format(quote(field.name)) for field in shape.fields if field.reader]
    moments = [
        f"(UNIX_TIMESTAMP({name}) <=> UNIX_TIMESTAMP(CAST(CAST({name} AS CHAR) AS DATETIME(6))))"
        for name in (quote(field.name) for field in shape.fields if field.timestamp)
    ]
    return ", ".join([*values, *moments])


def _literals(shape: _Shape, cells: tuple[Cell, ...]) -> tuple[str, ...]:
    """Raises NoLiteral for a value that would come back as another one."""
    if any(cell != b"1" for cell in cells[len(shape.fields) :]):
        raise NoLiteral("a local time that the clock shows twice")
    return tuple(_literal(field, cell) for field, cell in zip(shape.fields, cells, strict=False))


def _literal(field: _Field, cell: Cell) -> str:
    if cell is None:
        return NULL
    if field.reader is None:
        raise NoLiteral(field.name)
    try:
        literal = field.reader.literal(cell.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NoLiteral(field.name) from error
    if field.auto_increment and literal == "0":
        raise NoLiteral("0 written to an AUTO_INCREMENT column becomes the next number")
    return literal


def _split(table_text: str) -> tuple[str, str]:
    """(database, name) of the table_text that read_before made."""
    database, name = table_text[1:-1].split("`.`")
    return database.replace("``", "`"), name.replace("``", "`")


def _parts(rows: Sequence[ImageRow], size: int) -> Iterator[Sequence[ImageRow]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
