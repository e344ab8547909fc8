"""Exact literals of SQLite's values: what is stored decides, whatever the column declares."""

from __future__ import annotations

import math

NULL = "NULL"


class NoLiteral(ValueError):
    """This value has no exact literal."""


_STEP = 62  # powers of two up to this one are integers that every SQLite reads exactly


def composed(value: float) -> str:
    """A finite float as its mantissa times or over powers of two, which no step of rounds: for servers that read
    its decimal text one bit off."""
    fraction, exponent = math.frexp(value)
    mantissa, exponent = int(fraction * 2.0**53), exponent - 53
    operator = "*" if exponent >= 0 else "/"
    steps, rest = divmod(abs(exponent), _STEP)
    factors = [2**_STEP] * steps + [2**rest]
    return f"({mantissa} * 1.0" + "".join(f" {operator} {factor}.0" for factor in factors) + ")"


def literal(value: object, misread: frozenset[float] = frozenset()) -> str:
    """The literal of a value as sqlite3 gives it; ``misread`` are floats whose decimal text won't do."""
    if value is None:
        return NULL
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isinf(value):
            return "9e999" if value > 0 else "-9e999"
        if value in misread:
            return composed(value)
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
