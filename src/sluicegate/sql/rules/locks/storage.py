"""Which changes of a column's type leave the stored rows as they are (PostgreSQL).

https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

from typing import Final

from sluicegate.sql.structure.definitions import ColumnType

_TEXTS: Final = frozenset({"VARCHAR", "CHARACTER VARYING"})
_TIMES: Final = frozenset(
    {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIME", "TIME WITH TIME ZONE", "INTERVAL"}
)
_FINEST: Final = 6  # digits of a second
_GROWING: Final = _TEXTS | {"BIT VARYING"}
_SAME: Final = frozenset({("CIDR", "INET"), ("XML", "TEXT")})


def same_bytes(old: ColumnType, new: ColumnType) -> bool:
    """Whether every stored value stays as it is: the same type, or one with more room."""
    if old == new:
        return True
    if old.array or new.array:
        return False
    if old.name != new.name:
        if old.name in _TEXTS and new.name == "TEXT":
            return True
        return (old.name == "TEXT" and new.name in _TEXTS and not new.arguments) or (
            old.name,
            new.name,
        ) in _SAME
    return _roomier(old, new)


def _roomier(old: ColumnType, new: ColumnType) -> bool:
    before, after = old.length, new.length
    if old.name in _GROWING:
        return after is None or (before is not None and after >= before)
    if old.name == "NUMERIC":
        scale = old.arguments[1:] or ("0",)
        if after is None:
            return True
        return before is not None and after >= before and scale == (new.arguments[1:] or ("0",))
    if old.name in _TIMES:
        return after is None or after >= (_FINEST if before is None else before)
    return False
