"""How the servers of the family carry out each action of ALTER TABLE on InnoDB.

https://dev.mysql.com/doc/refman/8.0/en/innodb-online-ddl-operations.html
https://mariadb.com/kb/en/innodb-online-ddl-overview/ (checked against a real MariaDB 10.11 by the tests)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

from sluicegate.dialects.mysql.retyping import TypeChange, charset, type_change, width
from sluicegate.sql.impact import Work
from sluicegate.sql.structure.definitions import (
    Action,
    AddCheck,
    AddColumn,
    AddForeignKey,
    AddIndex,
    ChangeColumn,
    Column,
    ConvertCharset,
    DropColumn,
    DropPart,
    ExpressionKind,
    IndexKind,
    KeyPart,
    OtherAction,
    PartitionAction,
    RenameColumn,
    RenamePart,
    RenameTo,
    SetDefault,
    SetOption,
    Table,
)
from sluicegate.sql.structure.definitions import Index as TableIndex


class Algorithm(IntEnum):
    """Least work first. NONE: the server has no word for it (partitions of MariaDB). NOCOPY is MariaDB's."""

    NONE = 0
    INSTANT = 1
    NOCOPY = 2
    INPLACE = 3
    COPY = 4


class Lock(IntEnum):
    NONE = 0
    SHARED = 1
    EXCLUSIVE = 2


@dataclass(frozen=True, slots=True)
class Step:
    """One action's share."""

    algorithm: Algorithm
    lock: Lock = Lock.NONE
    work: Work = Work.METADATA
    reason: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)
    relayouts: bool = False  # changes what a row looks like without touching the rows


INSTANT: Final = Step(Algorithm.INSTANT)
RELAYOUT: Final = Step(Algorithm.INSTANT, relayouts=True)
INPLACE: Final = Step(Algorithm.INPLACE)
REBUILD: Final = Step(Algorithm.INPLACE, work=Work.REWRITE)
COPY: Final = Step(Algorithm.COPY, Lock.SHARED, Work.REWRITE)
UNKNOWN: Final = Step(Algorithm.NONE, Lock.SHARED, Work.UNKNOWN)

_REBUILDING_OPTIONS: Final = frozenset(
    {"ROW_FORMAT", "KEY_BLOCK_SIZE", "PAGE_COMPRESSED", "PAGE_COMPRESSION_LEVEL", "TABLESPACE", "ENCRYPTED",
     "ENCRYPTION_KEY_ID"}
)  # fmt: skip
_PER_ROW: Final = (ExpressionKind.VOLATILE, ExpressionKind.STABLE, ExpressionKind.SEQUENCE)


class Server:
    """MySQL, by version; ``table`` None when nobody knows it."""

    def __init__(self, version: tuple[int, ...]) -> None:
        self.version = version

    # ---------------------------------------------------------------- words of this server

    @property
    def light(self) -> Step:
        """A change of the definition that it knows how to make at once."""
        return INSTANT if self.version >= (8, 0, 12) else INPLACE

    @property
    def indexing(self) -> Step:
        return Step(Algorithm.INPLACE, work=Work.INDEX)

    @property
    def unlinking(self) -> Step:
        """Taking an index or a foreign key away."""
        return INPLACE

    # ---------------------------------------------------------------- all actions

    def steps(self, action: Action, actions: tuple[Action, ...], table: Table | None) -> Iterator[Step]:
        """What one of the ``actions`` asks for; ``table`` is as those before it leave it."""
        match action:
            case AddColumn(column=column, position=position):
                yield self.add_column(column, position, table)
                if column.unique or column.primary:
                    kind = IndexKind.PRIMARY if column.primary else IndexKind.UNIQUE
                    yield self.add_index(TableIndex(kind, (KeyPart(column.name),)), table)
            case DropColumn(name=name):
                yield self.drop_column(name, table)
            case ChangeColumn():
                yield from self.change_column(action, table)
            case RenameColumn():
                yield self.rename_column()
            case SetDefault():
                yield self.light
            case AddIndex(index=index):
                yield self.add_index(index, table)
            case DropPart(kind="primary key"):
                yield REBUILD if _adds_primary(actions) else COPY
            case DropPart(kind=kind):
                yield self.drop_part(kind)
            case RenamePart():
                yield self.rename_index()
            case AddForeignKey():
                yield replace(COPY, reason="impact_foreign_key_copy")
            case AddCheck():
                yield replace(COPY, reason="impact_check_rows")
            case RenameTo():
                yield replace(self.light, lock=Lock.EXCLUSIVE)
            case SetOption(name=name, value=value):
                yield self.option(name, value, table)
            case ConvertCharset():
                yield COPY
            case PartitionAction():
                yield self.partitions(action, table)
            case OtherAction(text=text):
                yield self.other(text)
            case _:
                yield UNKNOWN

    # ---------------------------------------------------------------- columns

    def add_column(self, column: Column, position: str, table: Table | None) -> Step:
        if column.generated is not None:
            return COPY if column.stored else self.add_virtual()
        if column.default is not None and column.default.kind in _PER_ROW:
            return replace(COPY, reason="impact_default_per_row", params={"column": column.name})
        if column.auto_increment:
            return replace(REBUILD, lock=Lock.SHARED)
        return self.relayout if self.adds_instantly(position, table) else REBUILD

    @property
    def relayout(self) -> Step:
        """From 8.0.29 on every change of this kind is a version of the rows, of which a table has 64 at most, from
        9.1 on 255; with no more left the server rebuilds the table."""
        if self.version < (8, 0, 29):
            return RELAYOUT
        limit = 255 if self.version >= (9, 1) else 64
        return replace(RELAYOUT, reason="impact_row_versions", params={"limit": limit})

    def add_virtual(self) -> Step:
        return self.light

    def adds_instantly(self, position: str, table: Table | None) -> bool:
        least = (8, 0, 29) if position else (8, 0, 12)
        return self.version >= least and _plain_rows(table)

    def drop_column(self, name: str, table: Table | None) -> Step:
        column = table.column(name) if table is not None else None
        if column is not None and column.generated is not None and not column.stored:
            return self.light
        if self.version < (8, 0, 29) or not _plain_rows(table) or table is None or indexed(table, name):
            return REBUILD
        return self.relayout

    def rename_column(self) -> Step:
        return INSTANT if self.version >= (8, 0, 28) else INPLACE

    def change_column(self, action: ChangeColumn, table: Table | None) -> Iterator[Step]:
        old = table.column(action.name) if table is not None else None
        new = action.column
        if old is None or old.type is None or new.type is None or table is None:
            yield replace(COPY, reason="impact_type_unknown", params={"column": action.name})
            return
        if (old.generated is None) != (new.generated is None) or old.stored != new.stored:
            yield COPY
            return
        change = type_change(old, new, table)
        step = self.retype(change, old, new, table)
        if step.work is Work.REWRITE:
            step = replace(step, reason="impact_type_change", params={"column": new.name})
        yield step
        if old.name.casefold() != new.name.casefold():
            yield self.rename_column()
        if action.position and not _stays(table, action):
            yield self.reorder(table)
        yield from self._nullability(old, new, table)

    def retype(self, change: TypeChange, old: Column, new: Column, table: Table) -> Step:  # noqa: ARG002
        if change is TypeChange.NONE:
            return self.light
        if change is TypeChange.LONGER:
            return INPLACE
        return self.light if change is TypeChange.MEMBERS else COPY

    def reorder(self, table: Table) -> Step:  # noqa: ARG002
        return REBUILD

    def _nullability(self, old: Column, new: Column, table: Table) -> Iterator[Step]:
        may_be_null = new.nullable is not False and not new.primary and not _in_primary(table, old.name)
        # Who says nothing of NULL allows it.
        was_null = old.nullable is not False and not old.primary and not _in_primary(table, old.name)
        if was_null == may_be_null:
            return
        if may_be_null:
            yield self.allow_null(table)
        else:
            yield replace(
                self.forbid_null(table), reason="impact_not_null_check", params={"column": new.name}
            )

    def forbid_null(self, table: Table) -> Step:  # noqa: ARG002
        return REBUILD

    def allow_null(self, table: Table) -> Step:  # noqa: ARG002
        return REBUILD

    # ---------------------------------------------------------------- indexes and constraints

    def add_index(self, index: TableIndex, table: Table | None) -> Step:
        if index.kind is IndexKind.PRIMARY:
            return REBUILD
        if index.kind is IndexKind.FULLTEXT:
            base = self.indexing if full_text(table) else REBUILD
            return replace(base, lock=Lock.SHARED)
        if index.kind is IndexKind.SPATIAL:
            return replace(self.indexing, lock=Lock.SHARED)
        return self.indexing

    def drop_part(self, kind: str) -> Step:  # noqa: ARG002
        return self.unlinking

    def rename_index(self) -> Step:
        return INPLACE

    # ---------------------------------------------------------------- the table as a whole

    def option(self, name: str, value: str, table: Table | None) -> Step:
        if name == "ENGINE":
            now = (table.options.get("ENGINE", "InnoDB") if table is not None else "").casefold()
            return REBUILD if now == value.casefold() == "innodb" else COPY
        if name == "ENCRYPTION":
            return COPY
        if name == "CHARSET":
            return self.default_charset(value, table)
        return REBUILD if name in _REBUILDING_OPTIONS else self.describing()

    def default_charset(self, value: str, table: Table | None) -> Step:
        """The manual has the table rebuilt for another one."""
        now = table.options.get("CHARSET", "") if table is not None else ""
        return self.describing() if now and now.casefold() == value.casefold() else REBUILD

    def describing(self) -> Step:
        """COMMENT, AUTO_INCREMENT, statistics."""
        return INPLACE

    def partitions(self, action: PartitionAction, table: Table | None) -> Step:
        method = table.partitioning.method if table is not None and table.partitioning else ""
        operation = action.operation
        if operation in ("DROP", "TRUNCATE", "ADD") and not (
            operation == "ADD" and (not method or method.startswith(("HASH", "KEY", "LINEAR")))
        ):
            return self.few_partitions(Work.METADATA)
        if operation in ("PARTITION", "REMOVE"):
            return COPY if self.partition_words else replace(COPY, algorithm=Algorithm.NONE)
        if operation in ("ADD", "COALESCE", "REORGANIZE", "REBUILD", "OPTIMIZE"):
            return replace(self.few_partitions(Work.REWRITE), lock=Lock.SHARED, reason="impact_partitions")
        if operation in ("EXCHANGE", "CHECK"):
            return replace(
                self.few_partitions(Work.SCAN),
                algorithm=Algorithm.NONE,
                lock=Lock.EXCLUSIVE,
                reason="impact_partitions",
            )
        return Step(Algorithm.NONE, work=Work.METADATA) if operation == "ANALYZE" else UNKNOWN

    partition_words = True

    def few_partitions(self, work: Work) -> Step:
        return Step(Algorithm.INPLACE if self.partition_words else Algorithm.NONE, work=work)

    def other(self, text: str) -> Step:
        if text.startswith("FORCE"):
            return REBUILD
        if text.startswith("ORDER"):
            return COPY
        if text.startswith(("ALTER INDEX", "ALTER KEY", "ENABLE KEYS", "DISABLE KEYS")):
            return self.light
        return UNKNOWN


class MariaDbServer(Server):
    """MariaDB: instant changes came at other times, and NOCOPY stands between INSTANT and INPLACE."""

    partition_words = False

    @property
    def relayout(self) -> Step:
        return RELAYOUT

    def default_charset(self, value: str, table: Table | None) -> Step:  # noqa: ARG002
        return self.describing()

    @property
    def light(self) -> Step:
        return INSTANT if self.version >= (10, 3) else INPLACE

    @property
    def indexing(self) -> Step:
        return Step(self._nocopy, work=Work.INDEX)

    @property
    def unlinking(self) -> Step:
        return Step(self._nocopy)

    @property
    def _nocopy(self) -> Algorithm:
        return Algorithm.NOCOPY if self.version >= (10, 3) else Algorithm.INPLACE

    def adds_instantly(self, position: str, table: Table | None) -> bool:
        least = (10, 4) if position else (10, 3, 2)
        return self.version >= least and _plain_rows(table)

    def add_column(self, column: Column, position: str, table: Table | None) -> Step:
        step = super().add_column(column, position, table)
        # With computed columns in the table, what is laid out anew can't be so in place.
        return COPY if position and column.generated is None and computed(table) else step

    def drop_column(self, name: str, table: Table | None) -> Step:
        if self.version < (10, 4) or not _plain_rows(table):
            return super().drop_column(name, table)
        if table is None:
            return REBUILD
        return replace(self.unlinking, relayouts=True) if indexed(table, name) else RELAYOUT

    def rename_column(self) -> Step:
        return self.light

    def retype(self, change: TypeChange, old: Column, new: Column, table: Table) -> Step:
        if change is TypeChange.LONGER_PREFIX and self.version >= (10, 4, 3):
            assert old.type is not None
            return INSTANT if (old.type.length or 0) * width(old, table) <= 127 else COPY
        if change is TypeChange.LONGER:
            return self.light
        if change is TypeChange.COLLATION and self.version >= (10, 4, 3):
            if charset(old, table) != charset(new, table):
                return INSTANT if _utf8(old, new, table) and not new.collation else COPY
            return self.unlinking if indexed(table, old.name) else INSTANT
        return super().retype(change, old, new, table)

    def reorder(self, table: Table) -> Step:
        return RELAYOUT if self.version >= (10, 4) and _plain_rows(table) else REBUILD

    def allow_null(self, table: Table) -> Step:
        redundant = table.options.get("ROW_FORMAT", "").upper() == "REDUNDANT"
        return INSTANT if self.version >= (10, 4) and redundant else REBUILD

    def forbid_null(self, table: Table) -> Step:
        return COPY if computed(table) else REBUILD

    def drop_part(self, kind: str) -> Step:
        return self.light if kind in ("foreign key", "check", "constraint") else self.unlinking

    def rename_index(self) -> Step:
        return INSTANT if self.version >= (10, 5, 2) else COPY

    def describing(self) -> Step:
        return self.light


def indexed(table: Table, name: str) -> bool:
    folded = name.casefold()
    return any(folded == part.column.casefold() for index in table.indexes for part in index.parts)


def computed(table: Table | None) -> bool:
    return table is not None and any(column.generated is not None for column in table.columns)


def _utf8(old: Column, new: Column, table: Table) -> bool:
    return charset(old, table) == "UTF8MB3" and charset(new, table) == "UTF8MB4"


def _plain_rows(table: Table | None) -> bool:
    """Rows that may be of several layouts: neither compressed nor with hidden columns for full text."""
    if table is None:
        return True
    return table.options.get("ROW_FORMAT", "").upper() != "COMPRESSED" and not full_text(table)


def full_text(table: Table | None) -> bool:
    return table is not None and any(index.kind is IndexKind.FULLTEXT for index in table.indexes)


def _adds_primary(actions: tuple[Action, ...]) -> bool:
    return any(
        isinstance(action, AddIndex) and action.index.kind is IndexKind.PRIMARY for action in actions
    ) or any(isinstance(action, AddColumn) and action.column.primary for action in actions)


def _in_primary(table: Table, name: str) -> bool:
    key = table.primary_key
    return key is not None and name.casefold() in {column.casefold() for column in key.columns}


def _stays(table: Table, action: ChangeColumn) -> bool:
    names = [column.name.casefold() for column in table.columns]
    own = names.index(action.name.casefold())
    if action.position == "FIRST":
        return own == 0
    return own > 0 and names[own - 1] == action.position.casefold()
