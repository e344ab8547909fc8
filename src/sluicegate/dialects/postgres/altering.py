"""How PostgreSQL carries out each action of ALTER TABLE."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from sluicegate.sql.impact import Work
from sluicegate.sql.rules.locks.storage import same_bytes
from sluicegate.sql.structure.definitions import (
    Action,
    AddCheck,
    AddColumn,
    AddForeignKey,
    AddIndex,
    Column,
    ColumnType,
    ExpressionKind,
    Index,
    IndexKind,
    OtherAction,
    PartitionAction,
    RenamePart,
    SetDefault,
    SetIdentity,
    SetNullable,
    SetOption,
    SetType,
    Table,
    ValidateConstraint,
)

WORK_RANK: Final = {work: rank for rank, work in enumerate(Work)}


class Lock(IntEnum):
    """Weakest first."""

    SHARE_UPDATE_EXCLUSIVE = 1
    SHARE = 2
    SHARE_ROW_EXCLUSIVE = 3
    EXCLUSIVE = 4
    ACCESS_EXCLUSIVE = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One action's share."""

    lock: Lock
    work: Work = Work.METADATA
    reason: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)


EXCLUSIVE: Final = Lock.ACCESS_EXCLUSIVE
SHORT: Final = Step(EXCLUSIVE)
_REWRITING: Final = frozenset({"TABLESPACE", "LOGGED", "UNLOGGED", "PERSISTENCE", "ACCESS METHOD"})
_EXCLUSIVE_OPTIONS: Final = frozenset(
    {"OWNER", "SCHEMA", "REPLICA IDENTITY", "ROW LEVEL SECURITY", "ROW SECURITY", "OF", "NOT OF", "INHERIT",
     "NO INHERIT", "RULE", "USER_CATALOG_TABLE"}
)  # fmt: skip
_WEAK_COLUMN: Final = ("SET STATISTICS", "N_DISTINCT", "N_DISTINCT_INHERITED")
_TYPES: Final = """
SMALLINT,INTEGER,BIGINT,NUMERIC,REAL,DOUBLE PRECISION,BOOLEAN,CHAR,"CHAR",BPCHAR,VARCHAR,CHARACTER VARYING,TEXT,NAME,
BYTEA,DATE,TIME,TIME WITH TIME ZONE,TIMESTAMP,TIMESTAMP WITH TIME ZONE,INTERVAL,JSON,JSONB,JSONPATH,UUID,XML,INET,CIDR,
MACADDR,MACADDR8,MONEY,BIT,BIT VARYING,POINT,LINE,LSEG,BOX,PATH,POLYGON,CIRCLE,TSVECTOR,TSQUERY,OID,REGCLASS,PG_LSN,
INT4RANGE,INT8RANGE,NUMRANGE,TSRANGE,TSTZRANGE,DATERANGE,INT4MULTIRANGE,INT8MULTIRANGE,NUMMULTIRANGE,TSMULTIRANGE,
TSTZMULTIRANGE,DATEMULTIRANGE
"""
_OWN_TYPES: Final = frozenset(_TYPES.replace("\n", "").split(","))
_PER_ROW: Final = (ExpressionKind.VOLATILE, ExpressionKind.SEQUENCE)
# Storage parameters that take the weaker lock (lockmode in the server's reloptions.c).
_WEAK_PARAMETERS: Final = re.compile(
    r"(?:TOAST\.)?(?:AUTOVACUUM_|VACUUM_|LOG_AUTOVACUUM|FILLFACTOR|TOAST_TUPLE_TARGET|PARALLEL_WORKERS|N_DISTINCT)"
)


def step_of(action: Action, table: Table | None, version: tuple[int, ...]) -> Iterator[Step]:
    """What one action asks for; ``table`` is as those before it leave it."""
    match action:
        case AddColumn(column=column):
            yield from _add_column(column, version)
        case SetType():
            yield _set_type(action, table)
        case SetNullable(nullable=False, name=name):
            yield _forbid_null(name, table, version)
        case AddIndex(index=index):
            yield add_index(index, table)
        case AddForeignKey(foreign_key=key):
            params: dict[str, str | int] = {"table": key.references.name}
            scan = Work.METADATA if key.not_valid else Work.SCAN
            yield Step(Lock.SHARE_ROW_EXCLUSIVE, scan, "impact_foreign_key_rows" if scan is Work.SCAN else "",
                       params if scan is Work.SCAN else {})  # fmt: skip
        case AddCheck(check=check):
            yield SHORT if check.not_valid else Step(EXCLUSIVE, Work.SCAN, "impact_check_rows")
        case ValidateConstraint():
            yield Step(Lock.SHARE_UPDATE_EXCLUSIVE, Work.SCAN, "impact_check_rows")
        case RenamePart(kind="index"):
            yield Step(Lock.SHARE_UPDATE_EXCLUSIVE)
        case SetOption(name=name):
            yield _option(name, table)
        case PartitionAction():
            yield _partition(action)
        case OtherAction(text=text):
            yield _other(text)
        case SetDefault() | SetIdentity():
            yield SHORT
        case _:
            yield SHORT


def create_table(partition: bool) -> Step:
    """What making a table asks of those that it refers to, or is a part of."""
    return Step(EXCLUSIVE if partition else Lock.SHARE_ROW_EXCLUSIVE)


def _add_column(column: Column, version: tuple[int, ...]) -> Iterator[Step]:
    named: dict[str, str | int] = {"column": column.name}
    computed = column.generated is not None and column.stored
    default = column.default
    per_row = default is not None and (default.kind in _PER_ROW or version < (11,))
    if computed or per_row or column.serial or column.identity:
        yield Step(EXCLUSIVE, Work.REWRITE, "impact_default_per_row", named)
    elif column.type is not None and column.type.name not in _OWN_TYPES:
        yield Step(EXCLUSIVE, reason="impact_domain", params={"type": str(column.type)})
    else:
        yield SHORT
    if column.primary or column.unique:
        yield Step(EXCLUSIVE, Work.INDEX)
    elif column.nullable is False and default is None and column.generated is None and not column.serial:
        yield Step(EXCLUSIVE, Work.SCAN, "impact_not_null_check", named)


def add_index(index: Index, table: Table | None) -> Step:
    """A primary key or unique constraint, over a new index or one that is there."""
    if index.using_index:
        nullable = index.kind is IndexKind.PRIMARY and not _never_null(index.using_index, table)
        return Step(EXCLUSIVE, Work.SCAN if nullable else Work.METADATA)
    return Step(EXCLUSIVE, Work.INDEX)


def _never_null(name: str, table: Table | None) -> bool:
    if table is None:
        return False
    index = next((index for index in table.indexes if index.name == name), None)
    if index is None:
        return False
    columns = [table.column(column) for column in index.columns]
    return all(column is not None and column.nullable is False for column in columns)


def _forbid_null(name: str, table: Table | None, version: tuple[int, ...]) -> Step:
    column = table.column(name) if table is not None else None
    if column is not None and column.nullable is False:
        return SHORT
    if version >= (12,) and table is not None and any(_excludes_null(check.text, name) for check in table.checks
                                                     if not check.not_valid):  # fmt: skip
        return SHORT
    return Step(EXCLUSIVE, Work.SCAN, "impact_not_null_check", {"column": name})


def _excludes_null(text: str, name: str) -> bool:
    """The whole check is ``column IS NOT NULL``."""
    plain = re.sub(r"[()\s\"]+", " ", text.removeprefix("CHECK")).strip()
    return plain.casefold() == f"{name} is not null".casefold()


# ---------------------------------------------------------------- types


def _set_type(action: SetType, table: Table | None) -> Step:
    named: dict[str, str | int] = {"column": action.name}
    column = table.column(action.name) if table is not None else None
    if column is None or column.type is None:
        return Step(EXCLUSIVE, Work.REWRITE, "impact_type_unknown", named)
    if action.using and not _only_the_column(action.using, action.name, action.type):
        return Step(EXCLUSIVE, Work.REWRITE, "impact_type_change", named)
    if not same_bytes(column.type, action.type):
        return Step(EXCLUSIVE, Work.REWRITE, "impact_type_change", named)
    other_order = action.collation and action.collation != column.collation
    assert table is not None
    if other_order and any(action.name in index.columns for index in table.indexes):
        return Step(EXCLUSIVE, Work.INDEX)
    return SHORT


def _only_the_column(using: str, name: str, kind: ColumnType) -> bool:
    plain = using.replace('"', "").replace(" ", "").casefold()
    return plain in (name.casefold(), f"{name}::{kind}".replace(" ", "").casefold())


# ---------------------------------------------------------------- the table as a whole


def _option(name: str, table: Table | None = None) -> Step:
    if name in ("LOGGED", "UNLOGGED") and table is not None:
        stays = ("UNLOGGED" in table.options) == (name == "UNLOGGED")
        return SHORT if stays else Step(EXCLUSIVE, Work.REWRITE)
    if name in _REWRITING:
        return Step(EXCLUSIVE, Work.REWRITE)
    if "TRIGGER" in name:
        return Step(Lock.SHARE_ROW_EXCLUSIVE)
    if name in _EXCLUSIVE_OPTIONS or "SECURITY" in name or "RULE" in name:
        return SHORT
    if _WEAK_PARAMETERS.match(name) or name in ("STATISTICS", "CLUSTER"):
        return Step(Lock.SHARE_UPDATE_EXCLUSIVE)
    return SHORT


def _partition(action: PartitionAction) -> Step:
    if action.operation.startswith("ATTACH"):
        return Step(Lock.SHARE_UPDATE_EXCLUSIVE, Work.SCAN, "impact_check_rows")
    if action.operation.startswith("DETACH") and (action.concurrently or "FINALIZE" in action.operation):
        return Step(Lock.SHARE_UPDATE_EXCLUSIVE)
    return SHORT


def _other(text: str) -> Step:
    if text.startswith(("CLUSTER", "SET WITHOUT CLUSTER")) or text.endswith(_WEAK_COLUMN):
        return Step(Lock.SHARE_UPDATE_EXCLUSIVE)
    if text.startswith("RESET "):
        return _option(text.removeprefix("RESET "))
    if "TRIGGER" in text:
        return Step(Lock.SHARE_ROW_EXCLUSIVE)
    return SHORT
