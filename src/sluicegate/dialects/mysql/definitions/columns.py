"""Columns: their types and attributes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from sluicegate.dialects.mysql.definitions.reading import NOW, Reading, text_of
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.structure.definitions import Check, Column, ColumnType, ForeignKey
from sluicegate.sql.tokens import STRING

# What the servers store under another name: INTEGER is INT for everybody afterwards.
_SAME: Final = {
    "INTEGER": "INT", "INT1": "TINYINT", "INT2": "SMALLINT", "INT3": "MEDIUMINT", "MIDDLEINT": "MEDIUMINT",
    "INT4": "INT", "INT8": "BIGINT", "DEC": "DECIMAL", "NUMERIC": "DECIMAL", "FIXED": "DECIMAL",
    "NUMBER": "DECIMAL", "FLOAT4": "FLOAT", "FLOAT8": "DOUBLE", "REAL": "DOUBLE", "CHARACTER": "CHAR",
    "NCHAR": "CHAR", "VARCHARACTER": "VARCHAR", "VARCHAR2": "VARCHAR", "NVARCHAR": "VARCHAR",
    "CLOB": "LONGTEXT", "RAW": "VARBINARY", "GEOMCOLLECTION": "GEOMETRYCOLLECTION",
}  # fmt: skip
_NATIONAL: Final = frozenset({"NCHAR", "NVARCHAR"})
_ACTIONS: Final = frozenset({"CASCADE", "RESTRICT"})


@dataclass(slots=True)
class ColumnParts:
    """A column and what of its definition concerns the table."""

    column: Column
    foreign_key: ForeignKey | None = None
    checks: tuple[Check, ...] = ()


def column(reading: Reading) -> ColumnParts | None:
    """name type attribute …; None when no name stands here. Stops at what is no attribute."""
    at = reading.at
    name = reading.one_name()
    if not name:
        return None
    parts = ColumnParts(Column(name, at=at))
    _type(reading, parts)
    while not reading.done:
        reader = _ATTRIBUTES.get(reading.key())
        if (reader is None or not reader(reading, parts)) and not _custom(reading):
            break
    if parts.column.primary and parts.column.nullable is None:
        parts.column = replace(parts.column, nullable=False)
    return parts


# ---------------------------------------------------------------- types


def _type(reading: Reading, parts: ColumnParts) -> None:
    if reading.key() in _NO_TYPE or reading.done:
        return
    if reading.accept("SERIAL"):
        parts.column = replace(
            parts.column,
            type=ColumnType("BIGINT", unsigned=True),
            nullable=False,
            auto_increment=True,
            unique=True,
        )
        return
    name, national = _type_name(reading)
    if not name:
        return
    arguments = _arguments(reading)
    if name in ("BOOL", "BOOLEAN"):
        name, arguments = "TINYINT", ("1",)
    unsigned = zerofill = False
    while word := reading.accept_any({"SIGNED", "UNSIGNED", "ZEROFILL"}):
        unsigned = unsigned or word in ("UNSIGNED", "ZEROFILL")
        zerofill = zerofill or word == "ZEROFILL"
    if name == "CHAR" and reading.accept("BYTE"):
        name = "BINARY"
    if name == "FLOAT" and len(arguments) == 1 and arguments[0].isdecimal():
        name, arguments = ("DOUBLE" if int(arguments[0]) > 24 else "FLOAT"), ()
    parts.column = replace(
        parts.column,
        type=ColumnType(name, arguments, unsigned, zerofill),
        charset="utf8" if national else "",
    )


def _type_name(reading: Reading) -> tuple[str, bool]:
    """The server's own name of the type, and whether NATIONAL said the character set."""
    national = reading.accept("NATIONAL")
    if reading.token().kind != "WORD":
        return "", False
    written = reading.next().key
    national = national or written in _NATIONAL
    name = _SAME.get(written, written)
    if name == "DOUBLE":
        reading.accept("PRECISION")
    elif name == "CHAR" and (reading.accept("VARYING") or (national and reading.accept("VARCHAR"))):
        name = "VARCHAR"
    elif name == "LONG":
        binary = reading.accept("VARBINARY")
        if not reading.accept("CHAR", "VARYING"):
            reading.accept("VARCHAR")
        name = "MEDIUMBLOB" if binary else "MEDIUMTEXT"
    return name, national


def _arguments(reading: Reading) -> tuple[str, ...]:
    inner = reading.parenthesis()
    if inner is None:
        return ()
    return tuple(element.slice(element.i, element.end) for element in inner.elements())


# ---------------------------------------------------------------- attributes

Attribute = Callable[[Reading, ColumnParts], bool]


def _not(reading: Reading, parts: ColumnParts) -> bool:
    if reading.accept("NOT", "NULL"):
        reading.accept("ENABLE")
        parts.column = replace(parts.column, nullable=False)
        return True
    return reading.accept("NOT", "ENFORCED") or reading.accept("NOT", "VISIBLE")


def _null(reading: Reading, parts: ColumnParts) -> bool:
    reading.i += 1
    parts.column = replace(parts.column, nullable=True)
    return True


def _default(reading: Reading, parts: ColumnParts) -> bool:
    reading.i += 1
    found = reading.expression()
    if found is not None:
        parts.column = replace(parts.column, default=found)
    return True


def _serial_default(reading: Reading, parts: ColumnParts) -> bool:
    if not reading.accept("SERIAL", "DEFAULT", "VALUE"):
        return False
    parts.column = replace(parts.column, nullable=False, auto_increment=True, unique=True)
    return True


def _auto_increment(reading: Reading, parts: ColumnParts) -> bool:
    random = reading.next().key == "AUTO_RANDOM"
    if random:
        reading.skip_parenthesis()
    parts.column = replace(parts.column, auto_increment=True)
    return True


def _primary(reading: Reading, parts: ColumnParts) -> bool:
    reading.accept("PRIMARY")
    reading.accept("KEY")
    parts.column = replace(parts.column, primary=True)
    return True


def _unique(reading: Reading, parts: ColumnParts) -> bool:
    reading.i += 1
    reading.accept("KEY")
    parts.column = replace(parts.column, unique=True)
    return True


def _comment(reading: Reading, parts: ColumnParts) -> bool:
    reading.i += 1
    reading.accept("=")
    if reading.token().kind == STRING:
        parts.column = replace(parts.column, comment=text_of(reading.next()))
    return True


def _collate(reading: Reading, parts: ColumnParts) -> bool:
    reading.i += 1
    parts.column = replace(parts.column, collation=reading.value())
    return True


def _charset(reading: Reading, parts: ColumnParts) -> bool:
    if not (reading.accept("CHARSET") or reading.accept("CHARACTER", "SET") or reading.accept("CHAR", "SET")):
        return False
    parts.column = replace(parts.column, charset=reading.value())
    return True


def _charset_word(reading: Reading, parts: ColumnParts) -> bool:
    word = reading.next().key
    if word != "BINARY":
        parts.column = replace(parts.column, charset="latin1" if word == "ASCII" else "ucs2")
    return True


def _on_update(reading: Reading, parts: ColumnParts) -> bool:
    if not reading.accept("ON", "UPDATE"):
        return False
    if reading.key() in NOW:
        parts.column = replace(parts.column, on_update=reading.expression())
    return True


def _generated(reading: Reading, parts: ColumnParts) -> bool:
    reading.accept("GENERATED", "ALWAYS")
    if not reading.accept("AS"):
        reading.i += 1
        return True
    if reading.accept("ROW", "START") or reading.accept("ROW", "END"):
        return True
    begin = reading.i
    reading.skip_parenthesis()
    parts.column = replace(parts.column, generated=reading.between(begin, reading.i))
    return True


def _stored(reading: Reading, parts: ColumnParts) -> bool:
    word = reading.next().key
    parts.column = replace(parts.column, stored=word != "VIRTUAL")
    return True


def _invisible(reading: Reading, parts: ColumnParts) -> bool:
    parts.column = replace(parts.column, invisible=reading.next().key == "INVISIBLE")
    return True


def _references(reading: Reading, parts: ColumnParts) -> bool:
    parts.foreign_key = references(reading, (parts.column.name,), None, parts.column.at)
    return True


def _check(reading: Reading, parts: ColumnParts) -> bool:
    parts.checks = (*parts.checks, check(reading, None))
    return True


def _constraint(reading: Reading, parts: ColumnParts) -> bool:
    reading.i += 1
    name = None if reading.key() in ("CHECK", "REFERENCES", "NOT") else reading.one_name()
    if reading.key() == "CHECK":
        parts.checks = (*parts.checks, check(reading, name))
    elif reading.key() == "REFERENCES":
        parts.foreign_key = references(reading, (parts.column.name,), name, parts.column.at)
    return True


def _one_argument(reading: Reading, _parts: ColumnParts) -> bool:
    reading.i += 1
    reading.value()
    return True


def _versioning(reading: Reading, _parts: ColumnParts) -> bool:
    return reading.accept("WITH", "SYSTEM", "VERSIONING") or reading.accept("WITHOUT", "SYSTEM", "VERSIONING")


def _nothing(reading: Reading, _parts: ColumnParts) -> bool:
    reading.i += 1
    return True


def _custom(reading: Reading) -> bool:
    """An attribute of a storage engine: name = value."""
    if reading.token().kind in ("WORD", "QUOTED") and reading.key(1) == "=":
        reading.i += 1
        reading.value()
        return True
    return False


_ATTRIBUTES: Final[dict[str, Attribute]] = {
    "NOT": _not, "NULL": _null, "DEFAULT": _default, "SERIAL": _serial_default,
    "AUTO_INCREMENT": _auto_increment, "AUTO_RANDOM": _auto_increment, "PRIMARY": _primary, "KEY": _primary,
    "UNIQUE": _unique, "COMMENT": _comment, "COLLATE": _collate, "CHARSET": _charset, "CHARACTER": _charset,
    "CHAR": _charset, "ASCII": _charset_word, "UNICODE": _charset_word, "BINARY": _charset_word,
    "ON": _on_update, "GENERATED": _generated, "AS": _generated, "VIRTUAL": _stored, "STORED": _stored,
    "PERSISTENT": _stored, "INVISIBLE": _invisible, "VISIBLE": _invisible, "REFERENCES": _references,
    "CHECK": _check, "CONSTRAINT": _constraint, "COLUMN_FORMAT": _one_argument, "STORAGE": _one_argument,
    "SRID": _one_argument, "REF_SYSTEM_ID": _one_argument, "ENGINE_ATTRIBUTE": _one_argument,
    "SECONDARY_ENGINE_ATTRIBUTE": _one_argument, "WITH": _versioning, "WITHOUT": _versioning,
    "ENFORCED": _nothing, "COMPRESSED": _nothing, "CLUSTERED": _nothing, "NONCLUSTERED": _nothing,
    "UNSIGNED": _nothing, "ZEROFILL": _nothing, "SIGNED": _nothing,
}  # fmt: skip
_NO_TYPE: Final = frozenset(_ATTRIBUTES) - {"CHAR", "CHARACTER", "BINARY", "SERIAL"} | {
    ",",
    ")",
    "FIRST",
    "AFTER",
}


# ---------------------------------------------------------------- constraints


def references(reading: Reading, columns: tuple[str, ...], name: str | None, at: int) -> ForeignKey:
    """REFERENCES t (a, b) MATCH … ON DELETE … ON UPDATE …"""
    reading.i += 1
    target = reading.ref() or ObjectRef("")
    referenced = reading.column_list()
    events = {"DELETE": "", "UPDATE": ""}
    while True:
        if reading.accept("MATCH"):
            reading.i += 1
        elif reading.key() == "ON" and reading.key(1) in events and reading.key(2) not in NOW:
            event = reading.key(1)
            reading.i += 2
            events[event] = _action(reading)
        else:
            return ForeignKey(columns, target, referenced, name, events["DELETE"], events["UPDATE"], at=at)


def _action(reading: Reading) -> str:
    if word := reading.accept_any(_ACTIONS):
        return word
    first, second = reading.next().key, reading.next().key
    return f"{first} {second}".strip()


def check(reading: Reading, name: str | None) -> Check:
    """CHECK (…) [NOT ENFORCED]; ``not_valid`` when it isn't enforced."""
    at = reading.at
    reading.i += 1
    begin = reading.i
    reading.skip_parenthesis()
    text = reading.slice(begin, reading.i)
    unenforced = reading.accept("NOT", "ENFORCED")
    if not unenforced:
        reading.accept("ENFORCED")
    return Check(text, name, unenforced, at)
