"""The catalogue of a SQLite file."""

from __future__ import annotations

from sluicegate.core.errors import NotFound
from sluicegate.dialects.base import Column, Index, Table, TableSummary
from sluicegate.dialects.sqlite.wire import Wire
from sluicegate.sql.structure.definitions import Column as DefinedColumn

HIDDEN_GENERATED = frozenset({2, 3})  # of pragma table_xinfo: virtual and stored


def tables(wire: Wire) -> list[TableSummary]:
    """Row counts are those of ANALYZE, None where it never ran; sizes aren't kept by SQLite."""
    rows = wire.rows(
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\' ORDER BY name"
    )
    known = counts(wire)
    return [TableSummary(None, name, kind, known.get(name), None, "") for name, kind in rows]


def counts(wire: Wire) -> dict[str, int]:
    if not wire.rows("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'"):
        return {}
    rows = wire.rows("SELECT tbl, stat FROM sqlite_stat1 WHERE stat IS NOT NULL")
    return {table: int(stat.split()[0]) for table, stat in rows}


def table(wire: Wire, name: str) -> Table:
    rows = wire.rows(
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE",
        (name,),
    )
    if not rows:
        raise NotFound("target_table_missing", table=name)
    real, kind = rows[0]
    count = counts(wire).get(real) if kind == "table" else None
    summary = TableSummary(None, real, kind, count, None, "")
    return Table(summary, columns(wire, real), indexes(wire, real))


def columns(wire: Wire, name: str) -> tuple[Column, ...]:
    rows = wire.rows('SELECT name, type, "notnull", dflt_value, hidden FROM pragma_table_xinfo(?)', (name,))
    return tuple(
        Column(column, kind, not required, default, "", hidden in HIDDEN_GENERATED)
        for column, kind, required, default, hidden in rows
        if hidden != 1  # inner columns of virtual tables
    )


def defined(column: Column) -> DefinedColumn:
    """A view's column, of which no more than the name is certain."""
    return DefinedColumn(column.name)


def indexes(wire: Wire, name: str) -> tuple[Index, ...]:
    """The primary key first: an INTEGER PRIMARY KEY has no index of its own and is listed as one."""
    found: list[Index] = []
    key = primary_key(wire, name)
    if key:
        found.append(Index("PRIMARY", key, unique=True, primary=True))
    for index, unique, origin in wire.rows(
        'SELECT name, "unique", origin FROM pragma_index_list(?)', (name,)
    ):
        if origin != "pk":
            parts = wire.rows("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,))
            found.append(Index(index, tuple(part or "" for (part,) in parts), bool(unique), primary=False))
    return tuple(found)


def primary_key(wire: Wire, name: str) -> tuple[str, ...]:
    rows = wire.rows("SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk", (name,))
    return tuple(column for (column,) in rows)
