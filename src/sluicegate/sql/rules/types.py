"""Column types across the families: what kind of values they hold, and how much of them.

Sources: https://dev.mysql.com/doc/refman/8.4/en/data-types.html;
https://www.postgresql.org/docs/current/datatype.html; https://sqlite.org/datatype3.html.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sluicegate.sql.rules.base import MYSQL, SQLITE
from sluicegate.sql.structure.definitions import ColumnType


class Values(StrEnum):
    """Kinds of values."""

    INTEGER = "integer"
    EXACT = "exact"
    APPROXIMATE = "approximate"
    TEXT = "text"
    BINARY = "binary"
    TIME = "time"
    BOOLEAN = "boolean"
    CHOICE = "choice"  # ENUM, SET
    DOCUMENT = "document"  # JSON
    IDENTIFIER = "identifier"  # UUID
    OTHER = "other"


INTEGER_BYTES: Final = {
    "TINYINT": 1, "SMALLINT": 2, "INT2": 2, "SMALLSERIAL": 2, "SERIAL2": 2, "MEDIUMINT": 3, "INT": 4,
    "INTEGER": 4, "INT4": 4, "SERIAL": 4, "SERIAL4": 4, "BIGINT": 8, "INT8": 8, "BIGSERIAL": 8, "SERIAL8": 8,
}  # fmt: skip
_LOB_BYTES: Final = {"TINY": 2**8 - 1, "": 2**16 - 1, "MEDIUM": 2**24 - 1, "LONG": 2**32 - 1}
_UNLIMITED: Final = 2**40
_CHARS: Final = frozenset({"CHAR", "CHARACTER", "NCHAR", "BPCHAR"})
_VARCHARS: Final = frozenset({"VARCHAR", "NVARCHAR", "CHARACTER VARYING", "VARYING CHARACTER"})
_TEXTS: Final = frozenset({"TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "CLOB", "CITEXT"})
_BLOBS: Final = frozenset({"TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB", "BYTEA"})
_BINARIES: Final = frozenset({"BINARY", "VARBINARY", "BIT", "BIT VARYING", "VARBIT"})
_EXACT: Final = frozenset({"DECIMAL", "NUMERIC", "DEC", "MONEY"})
_APPROXIMATE: Final = frozenset({"FLOAT", "DOUBLE", "REAL", "DOUBLE PRECISION", "FLOAT4", "FLOAT8"})
_TIMES: Final = frozenset({"DATE", "TIME", "DATETIME", "TIMESTAMP", "YEAR", "TIMESTAMPTZ", "TIMETZ"})


def values(type_: ColumnType) -> Values:
    """What kind of values a column of this type holds."""
    name = type_.name
    if type_.array:
        return Values.OTHER
    if name in INTEGER_BYTES:
        return Values.INTEGER
    if name in _EXACT:
        return Values.EXACT
    if name in _APPROXIMATE:
        return Values.APPROXIMATE
    if is_char(type_) or is_varchar(type_) or name in _TEXTS:
        return Values.TEXT
    if name in _BINARIES or name in _BLOBS:
        return Values.BINARY
    if name in _TIMES or name.startswith(("TIMESTAMP ", "TIME ")):
        return Values.TIME
    if name in ("BOOL", "BOOLEAN"):
        return Values.BOOLEAN
    if name in ("ENUM", "SET"):
        return Values.CHOICE
    if name in ("JSON", "JSONB"):
        return Values.DOCUMENT
    return Values.IDENTIFIER if name == "UUID" else Values.OTHER


def is_char(type_: ColumnType) -> bool:
    return type_.name in _CHARS


def is_varchar(type_: ColumnType) -> bool:
    return type_.name in _VARCHARS


def is_lob(type_: ColumnType) -> bool:
    """TEXT, BLOB and the like, of no declared length."""
    return type_.name in _TEXTS or type_.name in _BLOBS


def is_boolean(type_: ColumnType) -> bool:
    """True or false only: BOOLEAN, and what MySQL makes of it."""
    return values(type_) is Values.BOOLEAN or (type_.name in ("TINYINT", "BIT") and type_.arguments == ("1",))


def capacity(type_: ColumnType, family: str) -> int:
    """How many characters or bytes a text or binary column takes."""
    name = type_.name
    if family == SQLITE:
        return _UNLIMITED  # declares lengths, heeds none
    if family == MYSQL and is_lob(type_):
        return _LOB_BYTES.get(name.removesuffix("TEXT").removesuffix("BLOB"), _UNLIMITED)
    if is_lob(type_):
        return _UNLIMITED
    if type_.length is not None:
        return type_.length
    return _UNLIMITED if is_varchar(type_) else 1


def integer_range(type_: ColumnType) -> tuple[int, int]:
    bits = 8 * INTEGER_BYTES[type_.name]
    return (0, 2**bits - 1) if type_.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def precision(type_: ColumnType, family: str) -> tuple[int, int]:
    """Digits before and behind the point of an exact number."""
    numbers = [int(argument) for argument in type_.arguments if argument.strip().isdecimal()]
    if not numbers:
        return (10, 0) if family == MYSQL else (131072, 16383)
    scale = numbers[1] if len(numbers) > 1 else 0
    return numbers[0] - scale, scale


# ---------------------------------------------------------------- changes


def narrows(old: ColumnType, new: ColumnType, family: str) -> bool:
    """Whether values that the old type holds may not fit into the new one of the same kind."""
    kind = values(old)
    if kind is not values(new):
        return False
    if kind is Values.INTEGER:
        (low, high), (new_low, new_high) = integer_range(old), integer_range(new)
        return new_low > low or new_high < high
    if kind is Values.EXACT:
        (whole, part), (new_whole, new_part) = precision(old, family), precision(new, family)
        return new_whole < whole or new_part < part
    if kind is Values.APPROXIMATE:
        return _is_double(old) and not _is_double(new)
    if kind in (Values.TEXT, Values.BINARY):
        return capacity(new, family) < capacity(old, family)
    return kind is Values.TIME and _loses_time(old, new, family)


def _is_double(type_: ColumnType) -> bool:
    return type_.name in ("DOUBLE", "DOUBLE PRECISION", "FLOAT8")


def _loses_time(old: ColumnType, new: ColumnType, family: str) -> bool:
    """A day without its time, a time without its day, fewer digits of a second."""
    before, after = _time_parts(old), _time_parts(new)
    if not before <= after:
        return True
    default = 0 if family == MYSQL else 6
    digits = old.length if old.length is not None else default
    kept = new.length if new.length is not None else default
    if "time" in before and kept < digits:
        return True
    return family == MYSQL and new.name == "TIMESTAMP" and old.name in ("DATE", "DATETIME")


def _time_parts(type_: ColumnType) -> frozenset[str]:
    name = type_.name
    if name == "YEAR":
        return frozenset({"year"})
    if name == "DATE":
        return frozenset({"year", "day"})
    if name.startswith("TIME") and not name.startswith("TIMESTAMP"):
        return frozenset({"time"})
    return frozenset({"year", "day", "time"})


_INTO_TEXT: Final = {
    Values.INTEGER: 20, Values.EXACT: 67, Values.TIME: 32, Values.BOOLEAN: 5, Values.IDENTIFIER: 36,
    Values.CHOICE: 255, Values.APPROXIMATE: 25, Values.DOCUMENT: 2**24 - 1,
}  # fmt: skip


def converts(old: ColumnType, new: ColumnType, family: str) -> bool:
    """Whether all values of the old type have their like in the new one, of another kind."""
    before, after = values(old), values(new)
    if Values.OTHER in (before, after):
        return True  # nobody knows: not ours to judge
    if after is Values.TEXT:
        return before in _INTO_TEXT and capacity(new, family) >= _INTO_TEXT[before]
    if before is Values.INTEGER and after is Values.EXACT:
        return precision(new, family)[0] >= len(str(integer_range(old)[1]))
    if before is Values.BOOLEAN:
        return after is Values.INTEGER
    return before is Values.INTEGER and after is Values.APPROXIMATE and INTEGER_BYTES[old.name] <= 4


# ---------------------------------------------------------------- bytes


_CHARSET_BYTES: Final = {
    "utf8mb4": 4, "utf8": 3, "utf8mb3": 3, "latin1": 1, "ascii": 1, "binary": 1, "gbk": 2, "gb18030": 4,
    "ucs2": 2, "utf16": 4, "utf32": 4, "big5": 2, "sjis": 2,
}  # fmt: skip


def character_bytes(charset: str) -> int | None:
    """The most that MySQL reserves for one character; None for a character set that isn't listed."""
    return _CHARSET_BYTES.get(charset.lower())
