"""ALTER TABLE, and ALTER of databases, views, routines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sluicegate.dialects.mysql.definitions import objects
from sluicegate.dialects.mysql.definitions.columns import ColumnParts, column
from sluicegate.dialects.mysql.definitions.keys import KEY_WORDS, Part, is_part, part
from sluicegate.dialects.mysql.definitions.options import charset, option, partition_names
from sluicegate.dialects.mysql.definitions.reading import Reading
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.structure.definitions import (
    Action,
    AddCheck,
    AddColumn,
    AddForeignKey,
    AddIndex,
    AlterTable,
    ChangeColumn,
    ConvertCharset,
    Definitions,
    DropColumn,
    DropPart,
    OtherAction,
    PartitionAction,
    RenameColumn,
    RenamePart,
    RenameTo,
    SetDefault,
    SetOption,
)

Actions = Iterator[Action]
_PARTITION_VERBS: Final = frozenset(
    {"TRUNCATE", "COALESCE", "REORGANIZE", "EXCHANGE", "ANALYZE", "CHECK", "OPTIMIZE", "REBUILD", "REPAIR"}
)


def alter(reading: Reading, at: int) -> Definitions | None:
    """The reading stands behind ALTER."""
    head = objects.head(reading)
    ignore = reading.accept("IGNORE")
    kind = reading.next().key
    if kind == "TABLE":
        return _alter_table(reading, at, ignore=ignore)
    if kind == "VIEW":
        return objects.create_view(reading, at, head, replaces=True)
    if kind in ("DATABASE", "SCHEMA"):
        return objects.database(reading, at, alters=True)
    if kind == "SEQUENCE":
        return objects.sequence(reading, at)
    return None


@dataclass(slots=True)
class _Asked:
    """ALGORITHM and LOCK."""

    algorithm: str = ""
    lock: str = ""


def _alter_table(reading: Reading, at: int, *, ignore: bool) -> AlterTable | None:
    optional = reading.accept("IF", "EXISTS")
    ref = reading.ref()
    if ref is None:
        return None
    if reading.accept("WAIT"):
        reading.number()
    reading.accept("NOWAIT")
    asked = _Asked()
    found: list[Action] = []
    for element in reading.elements():
        if _further_partition(element, found):
            continue
        while not element.done:
            begin = element.i
            if not _asked(element, asked):
                found.extend(_action(element, ref))
            if element.i == begin:
                element.i += 1
    return AlterTable(ref, tuple(found), optional, asked.algorithm, asked.lock, ignore, at)


def _further_partition(element: Reading, found: list[Action]) -> bool:
    """The names of DROP PARTITION p0, p1 stand between commas like actions."""
    last = found[-1] if found else None
    if not isinstance(last, PartitionAction) or not last.names or element.end - element.i != 1:
        return False
    found[-1] = replace(last, names=(*last.names, element.one_name()))
    return True


def _asked(element: Reading, asked: _Asked) -> bool:
    if element.accept("ALGORITHM"):
        asked.algorithm = element.value().upper()
    elif element.accept("LOCK"):
        asked.lock = element.value().upper()
    else:
        return False
    return True


def _action(element: Reading, table: ObjectRef) -> Actions:
    at = element.at
    verb = element.key()
    reader = _VERBS.get(verb)
    if reader is not None:
        yield from reader(element, at)
        return
    if verb in _PARTITION_VERBS and element.key(1) == "PARTITION":
        yield from _partition(element, at)
        return
    if verb == "RENAME":
        yield from _rename(element, at, table)
        return
    found = option(element)
    if found is not None:
        yield SetOption(found[0], found[1], at)
    else:
        yield from _other(element, at)


def _other(element: Reading, at: int) -> Actions:
    """Whatever else: known to the server, without meaning here."""
    begin = element.i
    words = [element.tokens[place].key for place in range(begin, min(begin + 2, element.end))]
    element.i = element.end
    if begin < element.end:
        yield OtherAction(" ".join(word for word in words if word), at)


# ---------------------------------------------------------------- ADD


def _add(element: Reading, at: int) -> Actions:
    element.i += 1
    if element.key() == "PARTITION":
        yield from _add_partition(element, at)
    elif element.accept("SYSTEM", "VERSIONING"):
        yield SetOption("SYSTEM VERSIONING", "1", at)
    elif is_part(element):
        yield from _part(part(element), at)
    else:
        element.accept("COLUMN")
        optional = element.accept("IF", "NOT", "EXISTS")
        inner = element.parenthesis()
        if inner is None:
            yield from _one_column(element, at, optional=optional)
            return
        for each in inner.elements():
            place = each.at
            if is_part(each):
                yield from _part(part(each), place)
            else:
                yield from _one_column(each, place, optional=optional)


def _part(found: Part, at: int) -> Actions:
    if found.index is not None:
        yield AddIndex(found.index, found.if_not_exists, at)
    if found.foreign_key is not None:
        yield AddForeignKey(found.foreign_key, at)
    if found.check is not None:
        yield AddCheck(found.check, at)


def _one_column(element: Reading, at: int, *, optional: bool) -> Actions:
    parts = column(element)
    if parts is None:
        yield from _other(element, at)
        return
    yield AddColumn(parts.column, optional, _position(element), at)
    yield from _with_column(parts, at)


def _with_column(parts: ColumnParts, at: int) -> Actions:
    """Its constraints; the walk knows PRIMARY KEY and UNIQUE from the column itself."""
    if parts.foreign_key is not None:
        yield AddForeignKey(parts.foreign_key, at)
    for check in parts.checks:
        yield AddCheck(check, at)


def _position(element: Reading) -> str:
    if element.accept("FIRST"):
        return "FIRST"
    return element.one_name() if element.accept("AFTER") else ""


def _add_partition(element: Reading, at: int) -> Actions:
    element.i += 1
    element.accept("IF", "NOT", "EXISTS")
    element.accept_any({"NO_WRITE_TO_BINLOG", "LOCAL"})
    if element.accept("PARTITIONS"):
        element.number()
    yield PartitionAction("ADD", partition_names(element), at=at)


# ---------------------------------------------------------------- DROP


def _drop(element: Reading, at: int) -> Actions:
    element.i += 1
    kind = element.key()
    if kind in KEY_WORDS:
        element.i += 1
        yield _dropped_part(element, "index", at)
    elif element.accept("PRIMARY", "KEY"):
        yield DropPart("primary key", "PRIMARY", at=at)
    elif element.accept("FOREIGN", "KEY"):
        yield _dropped_part(element, "foreign key", at)
    elif kind in ("CHECK", "CONSTRAINT"):
        element.i += 1
        yield _dropped_part(element, kind.lower(), at)
    elif element.accept("PARTITION"):
        element.accept("IF", "EXISTS")
        yield PartitionAction("DROP", tuple(filter(None, (element.one_name(),))), at=at)
    elif element.accept("SYSTEM", "VERSIONING") or element.accept("PERIOD", "FOR"):
        yield from _other(element, at)
    else:
        element.accept("COLUMN")
        optional = element.accept("IF", "EXISTS")
        name = element.one_name()
        if name:
            cascade = element.accept_any({"RESTRICT", "CASCADE"}) == "CASCADE"
            yield DropColumn(name, optional, cascade, at)


def _dropped_part(element: Reading, kind: str, at: int) -> DropPart:
    optional = element.accept("IF", "EXISTS")
    name = element.one_name()
    if kind in ("index", "constraint") and name.upper() == "PRIMARY":
        kind = "primary key"
    return DropPart(kind, name, optional, at=at)


# ---------------------------------------------------------------- columns that exist


def _modify(element: Reading, at: int) -> Actions:
    element.i += 1
    element.accept("COLUMN")
    element.accept("IF", "EXISTS")
    parts = column(element)
    if parts is not None:
        yield ChangeColumn(parts.column.name, parts.column, _position(element), at)
        yield from _with_column(parts, at)


def _change(element: Reading, at: int) -> Actions:
    element.i += 1
    element.accept("COLUMN")
    element.accept("IF", "EXISTS")
    name = element.one_name()
    parts = column(element)
    if parts is not None:
        yield ChangeColumn(name, parts.column, _position(element), at)
        yield from _with_column(parts, at)


def _alter_column(element: Reading, at: int) -> Actions:
    element.i += 1
    if element.key() in (*KEY_WORDS, "CHECK", "CONSTRAINT"):
        yield from _other(element, at)
        return
    element.accept("COLUMN")
    element.accept("IF", "EXISTS")
    name = element.one_name()
    if element.accept("SET", "DEFAULT"):
        yield SetDefault(name, element.expression(), at)
    elif element.accept("DROP", "DEFAULT"):
        yield SetDefault(name, None, at)
    else:
        yield from _other(element, at)


# ---------------------------------------------------------------- names, character sets, partitions


def _rename(element: Reading, at: int, table: ObjectRef) -> Actions:
    element.i += 1
    part_kind = "index" if element.key() in KEY_WORDS else element.key().lower()
    if part_kind in ("index", "column") and element.key(1) not in ("", ".", ","):
        element.i += 1
        element.accept("IF", "EXISTS")
        name = element.one_name()
        element.accept("TO")
        to = element.one_name()
        yield RenameColumn(name, to, at) if part_kind == "column" else RenamePart("index", name, to, at)
        return
    element.accept_any({"TO", "AS", "="})
    ref = element.ref()
    if ref is not None:
        place = ref.database or table.database
        yield RenameTo(ObjectRef(ref.name, database=place), at)


def _convert(element: Reading, at: int) -> Actions:
    element.i += 1
    if element.accept("TO"):
        found = charset(element)
        if found is not None:
            collation = element.value() if element.accept("COLLATE") else ""
            yield ConvertCharset(found, collation, at)
            return
    elif element.key() in ("PARTITION", "TABLE"):
        yield from _converted_partition(element, at)
        return
    yield from _other(element, at)


def _converted_partition(element: Reading, at: int) -> Actions:
    """MariaDB: CONVERT PARTITION p TO TABLE t, CONVERT TABLE t TO PARTITION p VALUES …"""
    out = element.next().key == "PARTITION"
    first = element.ref()
    element.accept("TO")
    element.i += 1
    second = element.ref()
    if first is None or second is None:
        return
    partition, table = (first, second) if out else (second, first)
    yield PartitionAction("DETACH" if out else "ATTACH", (partition.name,), table, at=at)
    element.i = element.end


def _partition(element: Reading, at: int) -> Actions:
    """TRUNCATE PARTITION p0, p1 and its like; the names behind the first comma are elements of their own."""
    operation = element.next().key
    element.i += 1
    element.accept_any({"NO_WRITE_TO_BINLOG", "LOCAL"})
    names = () if element.key() == "ALL" else tuple(filter(None, (element.one_name(),)))
    table = element.ref() if element.accept("WITH", "TABLE") else None
    yield PartitionAction(operation, names, table, at=at)
    element.i = element.end


def _partition_by(element: Reading, at: int) -> Actions:
    yield PartitionAction("PARTITION", at=at)
    element.i = element.end


def _remove(element: Reading, at: int) -> Actions:
    yield PartitionAction("REMOVE", at=at)
    element.i = element.end


_VERBS: Final[Mapping[str, Callable[[Reading, int], Actions]]] = {
    "ADD": _add,
    "DROP": _drop,
    "MODIFY": _modify,
    "CHANGE": _change,
    "ALTER": _alter_column,
    "CONVERT": _convert,
    "PARTITION": _partition_by,
    "REMOVE": _remove,
}
