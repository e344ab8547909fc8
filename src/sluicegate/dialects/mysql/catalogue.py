"""Catalogue queries of the MySQL family. ``schema`` is a database here; None is the session's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sluicegate.core.errors import NotFound
from sluicegate.dialects.base import Column, Index, Table, TableSummary
from sluicegate.dialects.mysql.wire import Wire

SYSTEM = ("information_schema", "mysql", "performance_schema", "sys", "METRICS_SCHEMA", "oceanbase")
SUMMARY = (
    "SELECT table_schema, table_name, table_type, table_rows, data_length + index_length, table_comment "
    "FROM information_schema.tables WHERE table_schema = COALESCE(%s, DATABASE())"
)


def databases(wire: Wire) -> Sequence[str]:
    return [row[0] for row in wire.query("SHOW DATABASES") if row[0] and row[0] not in SYSTEM]


def tables(wire: Wire, schema: str | None) -> Sequence[TableSummary]:
    return [_summary(row) for row in wire.query(f"{SUMMARY} ORDER BY table_name", (schema,))]


def table(wire: Wire, name: str, schema: str | None) -> Table:
    rows = wire.query(f"{SUMMARY} AND table_name = %s", (schema, name))
    if not rows:
        raise NotFound("target_table_missing", table=f"{schema}.{name}" if schema else name)
    summary = _summary(rows[0])
    return Table(summary, columns(wire, name, schema), indexes(wire, name, schema))


def columns(wire: Wire, name: str, schema: str | None) -> tuple[Column, ...]:
    rows = wire.query(
        "SELECT column_name, column_type, is_nullable, column_default, column_comment, extra "
        "FROM information_schema.columns "
        "WHERE table_schema = COALESCE(%s, DATABASE()) AND table_name = %s ORDER BY ordinal_position",
        (schema, name),
    )
    return tuple(
        Column(
            name=column or "",
            type=kind or "",
            nullable=nullable == "YES",
            default=default,
            comment=comment or "",
            generated=is_generated(extra or ""),
        )
        for column, kind, nullable, default, comment, extra in rows
    )


def is_generated(extra: str) -> bool:
    """By ``information_schema.columns.extra``; DEFAULT_GENERATED of MySQL 8 is only a default."""
    upper = extra.upper()
    return "GENERATED" in upper.replace("DEFAULT_GENERATED", "") or upper in {"VIRTUAL", "PERSISTENT"}


def indexes(wire: Wire, name: str, schema: str | None) -> tuple[Index, ...]:
    rows = wire.query(
        "SELECT index_name, column_name, non_unique FROM information_schema.statistics "
        "WHERE table_schema = COALESCE(%s, DATABASE()) AND table_name = %s "
        "ORDER BY index_name = 'PRIMARY' DESC, index_name, seq_in_index",
        (schema, name),
    )
    parts: dict[str, list[str]] = defaultdict(list)
    unique: dict[str, bool] = {}
    for index, column, non_unique in rows:
        parts[index or ""].append(column or "")  # an expression of MySQL 8 has no column name
        unique[index or ""] = non_unique == "0"
    return tuple(
        Index(index, tuple(names), unique[index], index == "PRIMARY") for index, names in parts.items()
    )


def _summary(row: Sequence[str | None]) -> TableSummary:
    schema, name, kind, rows, size, comment = row
    view = "VIEW" in (kind or "")
    return TableSummary(
        schema=schema,
        name=name or "",
        type="view" if view else "table",
        rows=None if rows is None or view else int(rows),
        size_bytes=None if size is None or view else int(size),
        comment="" if view else comment or "",
    )
