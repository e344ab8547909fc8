"""The functions that ``trial`` computes: what all servers agree about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from sluicegate.sql.trial import OPAQUE, Expression, Row, Symbol, Value, chosen, compared, joined, truth

Function = Callable[[Sequence[Value]], Value]


def call(name: str, arguments: Sequence[Expression]) -> Expression:
    """A call by its upper-case name; what isn't known here gives the same for the same arguments."""
    if name in ("IF", "IIF") and len(arguments) == 3:
        return chosen([(arguments[0], arguments[1])], arguments[2])
    if name == "CONCAT":
        return joined(arguments)
    known = FUNCTIONS.get(name)

    def evaluate(row: Row) -> Value:
        values = [argument(row) for argument in arguments]
        if OPAQUE in values:
            return OPAQUE
        result = OPAQUE if known is None else known(values)
        return Symbol(name, tuple(values)) if result is OPAQUE else result

    return evaluate


def _coalesce(values: Sequence[Value]) -> Value:
    return next((value for value in values if value is not None), None)


def _strict(types: type | tuple[type, ...], compute: Callable[..., Any]) -> Function:
    """NULL for NULL, and only for values of these types."""

    def evaluate(values: Sequence[Value]) -> Value:
        if any(value is None for value in values):
            return None
        if not values or not all(isinstance(value, types) for value in values):
            return OPAQUE
        try:
            return compute(*values)
        except (TypeError, ValueError, OverflowError):
            return OPAQUE

    return evaluate


def _text(compute: Callable[[str], Any]) -> Function:
    return _strict((str, int, float), lambda value: compute(str(value)))


def _extreme(pick: Callable[[Any], Any]) -> Function:
    def evaluate(values: Sequence[Value]) -> Value:
        if None in values or not values:
            return None
        texts = sum(isinstance(value, str) for value in values)
        if texts not in (0, len(values)) or any(isinstance(value, Symbol) for value in values):
            return OPAQUE
        return pick(values)

    return evaluate


def _nullif(values: Sequence[Value]) -> Value:
    same = compared("=", *values) if len(values) == 2 else OPAQUE
    return OPAQUE if same is OPAQUE else None if same else values[0]


def _isnull(values: Sequence[Value]) -> Value:
    """One argument: a test (MySQL); two: the other one instead (SQL Server)."""
    return values[0] is None if len(values) == 1 else _coalesce(values)


def _holds(values: Sequence[Value]) -> Value:
    return truth(values[0]) if len(values) == 1 else OPAQUE


def _place(part: Value, text: Value) -> int:
    return str(text).find(str(part)) + 1


_TEXT: Final = (str, int, float)
FUNCTIONS: Final[dict[str, Function]] = {
    **dict.fromkeys(("COALESCE", "IFNULL", "NVL"), _coalesce),
    **dict.fromkeys(("LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH", "LEN"), _text(len)),
    **dict.fromkeys(("UPPER", "UCASE"), _text(str.upper)),
    **dict.fromkeys(("LOWER", "LCASE"), _text(str.lower)),
    **dict.fromkeys(("TRIM", "BTRIM"), _text(lambda text: text.strip(" "))),
    **dict.fromkeys(("GREATEST", "MAX"), _extreme(max)),
    **dict.fromkeys(("LEAST", "MIN"), _extreme(min)),
    **dict.fromkeys(("INSTR", "STRPOS", "CHARINDEX"), _strict(_TEXT, lambda text, part: _place(part, text))),
    **dict.fromkeys(("LOCATE", "POSITION"), _strict(_TEXT, _place)),
    "LTRIM": _text(lambda text: text.lstrip(" ")),
    "RTRIM": _text(lambda text: text.rstrip(" ")),
    "NULLIF": _nullif,
    "ISNULL": _isnull,
    "ABS": _strict((int, float), abs),
    "SIGN": _strict((int, float), lambda number: (number > 0) - (number < 0)),
    "STRCMP": _strict(_TEXT, lambda one, other: (str(one) > str(other)) - (str(one) < str(other))),
    "STARTS_WITH": _strict(str, str.startswith),
    "ROW": tuple,
    "BOOL": _holds,
}
