"""Whether a column's new type means other bytes in every row.

https://dev.mysql.com/doc/refman/8.0/en/innodb-online-ddl-operations.html#online-ddl-column-operations
https://mariadb.com/kb/en/innodb-online-ddl-operations-with-the-instant-alter-algorithm/
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sluicegate.sql.structure.definitions import Column, ColumnType, Table


class TypeChange(StrEnum):
    """What the new type asks of the stored rows."""

    NONE = "none"
    LONGER = "longer"  # the same bytes, room for more of them
    LONGER_PREFIX = "longer_prefix"  # the length of the length: one byte becomes two
    MEMBERS = "members"  # further members of an ENUM or SET, stored in as many bytes
    COLLATION = "collation"  # the same bytes, another order
    CONVERSION = "conversion"


_WIDTHS: Final = {"UTF8MB4": 4, "UTF8": 3, "UTF8MB3": 3, "GB18030": 4, "UTF16": 4, "UTF32": 4, "GBK": 2,
                  "GB2312": 2, "BIG5": 2, "UCS2": 2, "LATIN1": 1, "ASCII": 1, "BINARY": 1}  # fmt: skip
_SYNONYMS: Final = {
    "INTEGER": "INT",
    "NUMERIC": "DECIMAL",
    "DEC": "DECIMAL",
    "FIXED": "DECIMAL",
    "BOOL": "TINYINT",
    "BOOLEAN": "TINYINT",
    "CHARACTER VARYING": "VARCHAR",
    "CHARACTER": "CHAR",
    "DOUBLE PRECISION": "DOUBLE",
    "REAL": "DOUBLE",
    "INT4": "INT",
    "INT8": "BIGINT",
}
_INTEGERS: Final = frozenset({"TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT"})
_DEFAULT_ARGUMENTS: Final = {"DECIMAL": ("10", "0"), "BIT": ("1",), "CHAR": ("1",), "BINARY": ("1",)}
_TEXTS: Final = frozenset({"VARCHAR", "CHAR", "TEXT", "TINYTEXT", "MEDIUMTEXT", "LONGTEXT", "ENUM", "SET"})
_SUPERSETS: Final = frozenset({("UTF8MB3", "UTF8MB4"), ("UTF8", "UTF8MB4"), ("ASCII", "UTF8MB4"), ("ASCII", "UTF8MB3")})  # fmt: skip


def type_change(old: Column, new: Column, table: Table) -> TypeChange:
    """From one definition to another; both have types."""
    assert old.type is not None
    assert new.type is not None
    before, after = _name(old.type), _name(new.type)
    if before != after or old.type.unsigned != new.type.unsigned or old.type.zerofill != new.type.zerofill:
        return TypeChange.CONVERSION
    text = _texts(old, new, table) if before in _TEXTS else TypeChange.NONE
    if text is TypeChange.CONVERSION:
        return text
    found = _arguments(before, old, new, table)
    return found if found is not TypeChange.NONE else text


def _name(kind: ColumnType) -> str:
    name = kind.name.upper()
    return _SYNONYMS.get(name, name)


def _arguments(name: str, old: Column, new: Column, table: Table) -> TypeChange:
    assert old.type is not None
    assert new.type is not None
    before = _given(name, old.type)
    after = _given(name, new.type)
    if before == after or name in _INTEGERS:  # of integers the display width alone
        return TypeChange.NONE
    if name in ("VARCHAR", "VARBINARY"):
        return _length(old, new, table)
    if name in ("ENUM", "SET"):
        return _members(name, before, after)
    return TypeChange.CONVERSION


def _given(name: str, kind: ColumnType) -> tuple[str, ...]:
    if name == "DECIMAL" and len(kind.arguments) == 1:
        return (*kind.arguments, "0")
    given = kind.arguments or _DEFAULT_ARGUMENTS.get(name, ())
    return () if given == ("0",) and name in ("DATETIME", "TIMESTAMP", "TIME") else given


def _length(old: Column, new: Column, table: Table) -> TypeChange:
    assert old.type is not None
    assert new.type is not None
    before, after = old.type.length, new.type.length
    if before is None or after is None or after < before:
        return TypeChange.CONVERSION
    crosses = before * width(old, table) < 256 <= after * width(new, table)
    return TypeChange.LONGER_PREFIX if crosses else TypeChange.LONGER


def _members(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> TypeChange:
    if after[: len(before)] != before:
        return TypeChange.CONVERSION
    if name == "ENUM":
        same = (len(before) < 256) == (len(after) < 256)
    else:
        same = _set_bytes(len(before)) == _set_bytes(len(after))
    return TypeChange.MEMBERS if same else TypeChange.CONVERSION


def _set_bytes(members: int) -> int:
    needed = (members + 7) // 8
    return needed if needed <= 4 else 8


def _texts(old: Column, new: Column, table: Table) -> TypeChange:
    """Character set and collation; what isn't said is the table's."""
    before, after = charset(old, table), charset(new, table)
    if before and after and before != after:
        return TypeChange.COLLATION if (before, after) in _SUPERSETS else TypeChange.CONVERSION
    old_order, new_order = _collation(old, table), _collation(new, table)
    if old_order and new_order and old_order != new_order:
        return TypeChange.COLLATION
    return TypeChange.NONE


def charset(column: Column, table: Table) -> str:
    """In upper case, "" when unknown."""
    collation = column.collation.split("_")[0]
    found = column.charset or collation or table.options.get("CHARSET", "")
    found = found or table.options.get("COLLATE", "").split("_")[0]
    return "UTF8MB3" if found.upper() == "UTF8" else found.upper()


def _collation(column: Column, table: Table) -> str:
    return "" if column.charset and not column.collation else _order(column, table)


def _order(column: Column, table: Table) -> str:
    return (column.collation or table.options.get("COLLATE", "")).upper()


def width(column: Column, table: Table) -> int:
    """Bytes of the longest character."""
    assert column.type is not None
    if _name(column.type) == "VARBINARY":
        return 1
    return _WIDTHS.get(charset(column, table), 4)
