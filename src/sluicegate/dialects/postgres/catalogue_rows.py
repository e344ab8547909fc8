"""The queries of PostgreSQL's catalogue that tables are put together from, for any number of tables at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sluicegate.dialects.postgres.wire import Row, Wire

# No size functions: they would wait for whoever alters the table. relpages is as old as the last ANALYZE,
# as reltuples is.
_RELATIONS: Final = """
SELECT c.oid, n.nspname, c.relkind, c.reltuples::bigint,
       (c.relpages::bigint
        + COALESCE((SELECT t.relpages::bigint FROM pg_catalog.pg_class t WHERE t.oid = c.reltoastrelid), 0)
        + COALESCE((SELECT pg_catalog.sum(x.relpages::bigint)::bigint FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid), 0))
       * pg_catalog.current_setting('block_size')::bigint,
       pg_catalog.pg_get_partkeydef(c.oid), c.relpersistence, c.relname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
"""
ONE: Final = f"""{_RELATIONS}
WHERE c.relname = $1
  AND CASE WHEN $2::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END
"""
ALL: Final = f"""{_RELATIONS}
WHERE c.relkind <> 't' AND CASE WHEN $1::text IS NULL
    THEN pg_catalog.pg_table_is_visible(c.oid) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    ELSE n.nspname = $1 END
LIMIT $2::bigint
"""

# Each of these takes an array of oids of tables, and yields the table's first.
COLUMNS: Final = """
SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attgenerated, a.attidentity
FROM pg_catalog.pg_attribute a
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum
"""
CONSTRAINTS: Final = """
SELECT conrelid, conname, pg_catalog.pg_get_constraintdef(oid), contype FROM pg_catalog.pg_constraint
WHERE conrelid = ANY ($1::oid[]) AND contype IN ('p', 'u', 'f', 'c', 'x') ORDER BY contype, conname
"""
INDEXES: Final = """
SELECT i.indrelid, pg_catalog.pg_get_indexdef(i.indexrelid) FROM pg_catalog.pg_index i
WHERE i.indrelid = ANY ($1::oid[]) AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
    WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x') AND k.conrelid = i.indrelid)
ORDER BY i.indexrelid
"""
PARTS: Final = """
SELECT r.oid, pg_catalog.count(*), pg_catalog.sum(GREATEST(c.reltuples, 0))::bigint,
       pg_catalog.bool_or(c.reltuples < 0),
       pg_catalog.sum(c.relpages::bigint) * pg_catalog.current_setting('block_size')::bigint
FROM pg_catalog.unnest($1::oid[]) AS r(oid) CROSS JOIN LATERAL pg_catalog.pg_partition_tree(r.oid) t
JOIN pg_catalog.pg_class c ON c.oid = t.relid WHERE t.isleaf GROUP BY r.oid
"""
TRIGGERS: Final = """
SELECT t.tgrelid, t.tgtype, p.proname, n.nspname
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE t.tgrelid = ANY ($1::oid[]) AND NOT t.tgisinternal AND t.tgenabled <> 'D'
"""
RULES: Final = """
SELECT r.ev_class, r.ev_type, r.rulename, c.relname, n.nspname FROM pg_catalog.pg_rewrite r
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> r.ev_class
LEFT JOIN pg_catalog.pg_class c ON c.oid = d.refobjid LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.ev_class = ANY ($1::oid[]) GROUP BY 1, 2, 3, 4, 5
"""
CHILDREN: Final = """
SELECT k.confrelid, c.relname, n.nspname, k.confdeltype, k.confupdtype FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.confrelid = ANY ($1::oid[]) AND k.contype = 'f' AND k.conparentid = 0
"""
HEIRS: Final = """
SELECT i.inhparent, c.relname, n.nspname
FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE i.inhparent = ANY ($1::oid[]) AND NOT c.relispartition
"""
DEFINING: Final = (COLUMNS, CONSTRAINTS, INDEXES)
REACHING: Final = (TRIGGERS, RULES, CHILDREN, HEIRS)


@dataclass(frozen=True, slots=True)
class Relation:
    """``kind`` is that of pg_class; ``rows`` and ``size_bytes`` None where nobody has looked yet."""

    oid: str
    schema: str
    name: str
    kind: str
    rows: int | None
    size_bytes: int | None
    partition_key: str
    unlogged: bool


def relation(row: Row) -> Relation:
    """From ONE or ALL."""
    oid, schema, kind, count, size, key, persistence, name = row
    known = int(count or -1) >= 0 and kind in ("r", "m")  # -1: never analysed
    return Relation(
        oid or "",
        schema or "",
        name or "",
        kind or "",
        int(count or 0) if known else None,
        int(size or 0) if known else None,
        key or "",
        persistence == "u",
    )


class Rows:
    """What the queries say, kept by query and table."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._kept: dict[str, Mapping[str, Sequence[Row]]] = {}

    def load(self, queries: Sequence[str], oids: Sequence[str]) -> None:
        """Ask for all these tables at once; from then on they aren't asked for again."""
        for sql in queries:
            found = self._ask(sql, oids)
            self._kept[sql] = {oid: found.get(oid, ()) for oid in oids}

    def of(self, sql: str, oid: str) -> Sequence[Row]:
        """The rows of one table, without its oid."""
        kept = self._kept.get(sql, {}).get(oid)
        return self._ask(sql, (oid,)).get(oid, ()) if kept is None else kept

    def _ask(self, sql: str, oids: Sequence[str]) -> Mapping[str, Sequence[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for oid, *rest in self._wire.query(sql, "{" + ",".join(oids) + "}"):
            found[oid or ""].append(tuple(rest))
        return found
