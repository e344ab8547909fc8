"""Exact literals of MySQL's types, made of the server's own text for each value.

How a type is read decides how its value may be written and compared: every column is selected by an
expression whose text, as a literal, is the very value again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

NULL = "NULL"
_INTEGER = re.compile(r"-?\d+\Z")
_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?\Z")
_DOUBLE = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\Z")
_ESCAPES = str.maketrans({
    "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\x1a": "\\Z", "\0": "\\0",
})  # fmt: skip

# Sets whose every character survives the way to utf8mb4 and back unchanged.
EXACT_CHARSETS = frozenset({"utf8mb4", "utf8mb3", "utf8", "ascii", "latin1"})
INTEGERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "year"})
TEXTS = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "json"})
BINARIES = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"})
# Their text has every digit of the column's precision.
TIMES = frozenset({"date", "time", "datetime", "timestamp", "uuid", "inet4", "inet6"})


class NoLiteral(ValueError):
    """This value has no exact literal."""


@dataclass(frozen=True, slots=True)
class Reader:
    """``expression`` of the column (``{}`` is its quoted name), and what makes a literal of the cell."""

    expression: str
    literal: Callable[[str], str]


def reader(data_type: str, charset: str | None) -> Reader | None:
    """How values of this type are read; None for types without an exact literal (geometry, vectors)."""
    kind = data_type.lower()
    if kind in INTEGERS:
        return Reader("{}", _integer)
    if kind == "decimal":
        return Reader("{}", _decimal)
    if kind in {"float", "double"}:
        # FLOAT itself is shown with six digits; as a DOUBLE the server prints all that it takes.
        return Reader("({} + 0e0)", _double)
    if kind == "bit":
        return Reader("({} + 0)", _integer)
    if kind in BINARIES or (kind in TEXTS and charset is not None and charset not in EXACT_CHARSETS):
        return Reader("HEX({})", _binary)
    if kind in TEXTS or kind in TIMES:
        return Reader("{}", text)
    return None


def text(value: str) -> str:
    """A quoted string; the session's sql_mode has backslash escapes (it is pinned so)."""
    return f"'{value.translate(_ESCAPES)}'"


def _integer(value: str) -> str:
    return _matching(_INTEGER, value)


def _decimal(value: str) -> str:
    return _matching(_DECIMAL, value)


def _double(value: str) -> str:
    """With an exponent, so that it is read as a DOUBLE and not as a DECIMAL."""
    checked = _matching(_DOUBLE, value)
    return checked if "e" in checked else checked + "e0"


def _binary(value: str) -> str:
    return f"X'{value}'"


def _matching(pattern: re.Pattern[str], value: str) -> str:
    if not pattern.match(value):
        raise NoLiteral(value)
    return value


def equals(column: str, literal: str) -> str:
    """A condition, true exactly when the column holds the literal's value: strings byte for byte, whatever
    the column's collation takes for equal."""
    if literal == NULL:
        return f"{column} IS NULL"
    if literal.startswith("X'"):
        return f"CAST({column} AS BINARY) <=> {literal}"
    if literal.startswith("'"):
        return f"CAST(CONVERT({column} USING utf8mb4) AS BINARY) <=> CAST({literal} AS BINARY)"
    return f"{column} <=> {literal}"
