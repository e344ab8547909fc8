"""Exact literals of SQLite's values: what is stored decides, whatever the column declares."""

from __future__ import annotations

import math

NULL = "NULL"


class NoLiteral(ValueError):
    """This value has no exact literal."""


def literal(value: object) -> str:
    """The literal of a value as sqlite3 gives it."""
    if value is None:
        return NULL
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isinf(value):
            return "9e999" if value > 0 else "-9e999"
        return repr(value)
    if isinstance(value, str):
        if "\0" in value:  # would end the statement's text
            return f"CAST(X'{value.encode().hex()}' AS TEXT)"
        return "'" + value.replace("'", "''") + "'"
    raise NoLiteral(type(value).__name__)


def equals(column: str, value: str) -> str:
    """A condition, true exactly when the column holds the literal's value: no NOCASE, no NULL surprises."""
    return (
        f"{column} IS {value} COLLATE BINARY" if value.startswith(("'", "CAST(")) else f"{column} IS {value}"
    )
