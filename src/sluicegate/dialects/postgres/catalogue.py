"""Catalogue queries of PostgreSQL. ``schema`` None is what the search path shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sluicegate.core.errors import NotFound
from sluicegate.dialects.base import Column, Index, Table, TableSummary
from sluicegate.dialects.postgres.wire import Row, Wire

SUMMARY = """
SELECT n.nspname, c.relname, c.relkind, c.reltuples::bigint,
       CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_total_relation_size(c.oid) END,
       pg_catalog.obj_description(c.oid, 'pg_class'), c.oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND CASE WHEN $1::text IS NULL
      THEN n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND pg_catalog.pg_table_is_visible(c.oid)
      ELSE n.nspname = $1 END
"""


def databases(wire: Wire) -> Sequence[str]:
    sql = (
        "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate "
        "AND pg_catalog.has_database_privilege(oid, 'CONNECT') ORDER BY datname"
    )
    return [row[0] or "" for row in wire.query(sql)]


def schemas(wire: Wire) -> Sequence[str]:
    sql = (
        "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' "
        "AND pg_catalog.has_schema_privilege(oid, 'USAGE') ORDER BY nspname"
    )
    return [row[0] or "" for row in wire.query(sql)]


def tables(wire: Wire, schema: str | None) -> Sequence[TableSummary]:
    return [_summary(row) for row in wire.query(f"{SUMMARY} ORDER BY n.nspname, c.relname", schema)]


def table(wire: Wire, name: str, schema: str | None) -> Table:
    rows = wire.query(f"{SUMMARY} AND c.relname = $2", schema, name)
    if not rows:
        raise NotFound("target_table_missing", table=f"{schema}.{name}" if schema else name)
    oid = rows[0][6] or ""
    return Table(_summary(rows[0]), columns(wire, oid), indexes(wire, oid))


def columns(wire: Wire, oid: str) -> tuple[Column, ...]:
    rows = wire.query(
        "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, "
        "pg_catalog.pg_get_expr(d.adbin, d.adrelid), pg_catalog.col_description(a.attrelid, a.attnum), "
        "a.attgenerated FROM pg_catalog.pg_attribute a "
        "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
        "WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        oid,
    )
    return tuple(
        Column(
            name=name or "",
            type=kind or "",
            nullable=required == "f",
            default=None if generated else default,
            comment=comment or "",
            generated=bool(generated),
        )
        for name, kind, required, default, comment, generated in rows
    )


def indexes(wire: Wire, oid: str) -> tuple[Index, ...]:
    """An expression in an index stands among its columns as its text."""
    rows = wire.query(
        "SELECT c.relname, i.indisunique, i.indisprimary, pg_catalog.pg_get_indexdef(i.indexrelid, k.n::int, true), "
        "a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
        "CROSS JOIN LATERAL pg_catalog.generate_series(1, i.indnkeyatts) AS k(n) "
        "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.n - 1] "
        "WHERE i.indrelid = $1::oid ORDER BY i.indisprimary DESC, c.relname, k.n",
        oid,
    )
    parts: dict[str, list[str]] = defaultdict(list)
    flags: dict[str, tuple[bool, bool]] = {}
    for index, unique, primary, definition, column in rows:
        parts[index or ""].append(column or definition or "")
        flags[index or ""] = (unique == "t", primary == "t")
    return tuple(Index(index, tuple(names), *flags[index]) for index, names in parts.items())


def _summary(row: Row) -> TableSummary:
    schema, name, kind, rows, size, comment, _ = row
    view = kind in {"v", "m"}
    count = int(rows or -1)
    return TableSummary(
        schema=schema,
        name=name or "",
        type="view" if view else "table",
        rows=count if count >= 0 and not view else None,  # -1: never analysed
        size_bytes=None if size is None or kind == "v" else int(size),
        comment=comment or "",
    )
