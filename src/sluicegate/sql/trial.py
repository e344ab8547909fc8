"""Whether a condition holds for every row, found by trying it on rows made up for it.

The rows hold what tells conditions apart: numbers and texts of all sorts, the constants of the condition itself
with their neighbours, and NULL. What can't be computed here is opaque, and then nothing is claimed.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Value = Any
"""None (NULL), bool, int, float, str, ``OPAQUE``, or a Symbol."""
Row = Mapping[str, Value]
Expression = Callable[[Row], Value]


class _Opaque:
    __slots__ = ()


OPAQUE: Final = _Opaque()
MAX_COLUMNS: Final = 8
MAX_CONSTANTS: Final = 20
MAX_TEXT: Final = 60
# Columns that number the rows: positive, never NULL.
_KEYS: Final = frozenset({"id", "rowid", "_rowid_", "oid", "ctid"})
_NUMBERS: Final = (7, 0, -1, 1, 0.5, -1000, 123456.75, 10**9)
_KEY_NUMBERS: Final = (7, 1, 2, 3, 10, 99, 1000, 123_457, 2**31)
_TEXTS: Final = ("Ab c", "", "a", "zz%_", "2024-05-06", "~", "0x", " \u4e2d ")
_ENDLESS: Final = 10**15  # nobody numbers rows so far
_LARGEST: Final = frozenset({2**31 - 1, 2**32 - 1, 2**31, 2**32})


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a function gives that isn't computed here: the same for the same arguments."""

    name: str
    arguments: tuple[Value, ...]


@dataclass
class Trial:
    """The columns and constants that a condition names, collected while it is read."""

    columns: dict[str, str] = field(default_factory=dict)  # name -> how the row calls it
    constants: set[Value] = field(default_factory=set)

    def column(self, name: str) -> Expression:
        self.columns.setdefault(name, name)
        return lambda row: row[name]

    def constant(self, value: Value) -> Expression:
        if isinstance(value, int | float | str) and len(self.constants) < MAX_CONSTANTS:
            self.constants.add(value)
        return lambda _row: value

    def holds(self, condition: Expression) -> bool:
        """Whether no row was found for which it doesn't hold, and at least all of one sort were decided."""
        if len(self.columns) > MAX_COLUMNS:
            return False
        if truth(condition({name: None if _key(name) is None else 7 for name in self.columns})) is False:
            return False
        decided = [self._always(condition, texts=texts) for texts in (False, True)]
        return False not in decided and True in decided

    def _always(self, condition: Expression, *, texts: bool) -> bool | None:
        domains = {name: self._domain(name, texts=texts) for name in self.columns}
        opaque = False
        for row in _rows_of(domains):
            result = truth(condition(row))
            if result is OPAQUE:
                opaque = True
            elif result is not True:
                return False
        return None if opaque else True

    def _domain(self, name: str, *, texts: bool) -> list[Value]:
        if _key(name) is not None:
            near = (value for constant in self.constants for value in _neighbours(constant))
            return [*_KEY_NUMBERS, *(value for value in near if isinstance(value, int) and value > 0)]
        if texts:
            near = (value for constant in self.constants for value in _similar(constant))
            return [*_TEXTS, *near]
        return [*_NUMBERS, *(value for constant in self.constants for value in _neighbours(constant))]


def _rows_of(domains: Mapping[str, list[Value]]) -> Iterator[Row]:
    """Each value of every column, beside the same and beside others in the other columns."""
    for step in range(max(map(len, domains.values()), default=1)):
        yield {name: domain[step % len(domain)] for name, domain in domains.items()}
        if len(domains) > 1:
            yield {
                name: domain[(step * (2 * place + 1) + 3 * place) % len(domain)]
                for place, (name, domain) in enumerate(domains.items())
            }


def _key(name: str) -> str | None:
    last = name.rpartition(".")[2]
    return last if last in _KEYS else None


def key_like(name: str) -> bool:
    """Whether the column numbers the rows, by its name."""
    return _key(name) is not None


def _neighbours(constant: Value) -> list[Value]:
    if isinstance(constant, bool) or not isinstance(constant, int | float):
        return []
    if abs(constant) >= _ENDLESS or constant in _LARGEST or _nines(constant):
        return []
    return [constant, constant - 1, constant + 1]


def _nines(constant: float) -> bool:
    text = str(constant)
    return len(text) >= 9 and set(text) == {"9"}


def _similar(constant: Value) -> list[Value]:
    if not isinstance(constant, str) or len(constant) > MAX_TEXT:
        return []
    return [constant, constant + "!", constant[:-1], constant.upper(), constant.lower()]


# ---------------------------------------------------------------- truth


def truth(value: Value) -> Value:
    """True, False, None or OPAQUE."""
    if value is None or isinstance(value, bool) or value is OPAQUE:
        return value
    if isinstance(value, int | float):
        return value != 0
    return OPAQUE


def negation(inner: Expression) -> Expression:
    def evaluate(row: Row) -> Value:
        value = truth(inner(row))
        return not value if isinstance(value, bool) else value

    return evaluate


def conjunction(parts: Sequence[Expression]) -> Expression:
    return lambda row: _all([truth(part(row)) for part in parts])


def disjunction(parts: Sequence[Expression]) -> Expression:
    return lambda row: _any([truth(part(row)) for part in parts])


def _all(values: Sequence[Value]) -> Value:
    if False in values:
        return False
    return _unclear(values, otherwise=True)


def _any(values: Sequence[Value]) -> Value:
    if True in values:
        return True
    return _unclear(values, otherwise=False)


def _unclear(values: Sequence[Value], *, otherwise: bool) -> Value:
    if OPAQUE in values:
        return OPAQUE
    return None if None in values else otherwise


def exclusive(left: Expression, right: Expression) -> Expression:
    def evaluate(row: Row) -> Value:
        values = truth(left(row)), truth(right(row))
        return (values[0] is not values[1]) if all(isinstance(value, bool) for value in values) else OPAQUE

    return evaluate


# ---------------------------------------------------------------- comparing

_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq, "==": operator.eq, "<=>": operator.eq, "<>": operator.ne, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "!>": operator.le, "!<": operator.ge,
}  # fmt: skip
COMPARISONS: Final = frozenset(_ORDERS)


def compared(operator_: str, left: Value, right: Value) -> Value:
    if left is OPAQUE or right is OPAQUE:
        return OPAQUE
    if operator_ == "<=>" and (left is None or right is None):
        return left is right
    if left is None or right is None:
        return None
    if isinstance(left, tuple) and isinstance(right, tuple):
        return _rows(operator_, left, right)
    if isinstance(left, Symbol) or isinstance(right, Symbol):
        return _ORDERS[operator_](0, 0) if left == right else OPAQUE
    pair = _alike(left, right)
    return OPAQUE if pair is None else _ORDERS[operator_](*pair)


def _rows(operator_: str, left: tuple[Value, ...], right: tuple[Value, ...]) -> Value:
    if len(left) != len(right) or operator_ not in ("=", "==", "<=>", "<>", "!="):
        return OPAQUE
    equal = _all([compared("=", one, other) for one, other in zip(left, right, strict=True)])
    return (not equal) if operator_ in ("<>", "!=") and isinstance(equal, bool) else equal


def _alike(left: Value, right: Value) -> tuple[Value, Value] | None:
    """Both of one type; None where the servers don't agree on how they compare."""
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    if not (isinstance(left, str) or isinstance(right, str)):
        return left, right
    try:
        return float(left), float(right)
    except (TypeError, ValueError):
        return None


def comparison(operator_: str, left: Expression, right: Expression) -> Expression:
    return lambda row: compared(operator_, left(row), right(row))


def distinct(left: Expression, right: Expression) -> Expression:
    """IS DISTINCT FROM."""

    def evaluate(row: Row) -> Value:
        same = compared("<=>", left(row), right(row))
        return not same if isinstance(same, bool) else same

    return evaluate


def among(left: Expression, items: Sequence[Expression]) -> Expression:
    def evaluate(row: Row) -> Value:
        value = left(row)
        return _any([compared("=", value, item(row)) for item in items])

    return evaluate


def between(left: Expression, low: Expression, high: Expression) -> Expression:
    return conjunction([comparison(">=", left, low), comparison("<=", left, high)])


def is_value(left: Expression, wanted: bool | None) -> Expression:
    """IS NULL (None), IS TRUE, IS FALSE."""

    def evaluate(row: Row) -> Value:
        value = left(row)
        if value is OPAQUE or isinstance(value, Symbol):
            return OPAQUE
        if wanted is None:
            return value is None
        found = truth(value)
        return OPAQUE if found is OPAQUE else found is wanted

    return evaluate


def like(left: Expression, pattern: Expression) -> Expression:
    def evaluate(row: Row) -> Value:
        value, wanted = left(row), pattern(row)
        if value is None or wanted is None:
            return None
        if not isinstance(wanted, str | int | float) or not isinstance(value, str | int | float):
            return OPAQUE
        text, glob = str(value), str(wanted)
        if text == glob and "\\" not in glob:
            return True
        return OPAQUE if len(glob) > MAX_TEXT or "\\" in glob else _matches(text.lower(), glob.lower())

    return evaluate


def _matches(text: str, pattern: str) -> bool:
    """``%`` any characters, ``_`` one; in a time that is the product of the lengths."""
    reached = {0}
    for character in pattern:
        if character == "%":
            reached = set(range(min(reached, default=len(text) + 1), len(text) + 1))
        else:
            reached = {
                place + 1 for place in reached if place < len(text) and character in ("_", text[place])
            }
    return len(text) in reached


# ---------------------------------------------------------------- computing


def computed(name: str, left: Expression, right: Expression) -> Expression:
    """left + right and its like."""
    compute = ARITHMETIC[name]

    def evaluate(row: Row) -> Value:
        one, other = left(row), right(row)
        if one is None or other is None:
            return None
        if not isinstance(one, int | float) or not isinstance(other, int | float):
            return OPAQUE
        try:
            result = compute(one, other)
        except ZeroDivisionError:
            return None
        except (OverflowError, TypeError, ValueError):
            return OPAQUE
        return OPAQUE if isinstance(result, float) and not math.isfinite(result) else result

    return evaluate


def _whole(compute: Callable[[int, int], int]) -> Callable[[Any, Any], Any]:
    """Of whole numbers of a usual size; TypeError otherwise."""

    def checked(one: Any, other: Any) -> Any:
        if not isinstance(one, int) or not isinstance(other, int) or abs(other) > _ENDLESS:
            raise TypeError
        return compute(one, other)

    return checked


ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "%": math.fmod,
    "MOD": math.fmod, "DIV": lambda one, other: math.trunc(one / other),
    "&": _whole(operator.and_), "|": _whole(operator.or_), "^": _whole(operator.xor), "#": _whole(operator.xor),
}  # fmt: skip


def negative(inner: Expression) -> Expression:
    def evaluate(row: Row) -> Value:
        value = inner(row)
        return -value if isinstance(value, int | float) else None if value is None else OPAQUE

    return evaluate


def inverted(inner: Expression) -> Expression:
    """~value: of 64 bits without a sign, or with one."""

    def evaluate(row: Row) -> Value:
        value = inner(row)
        return ~value if isinstance(value, int) else None if value is None else OPAQUE

    return evaluate


def joined(parts: Sequence[Expression]) -> Expression:
    """Concatenation."""

    def evaluate(row: Row) -> Value:
        values = [part(row) for part in parts]
        if any(not isinstance(value, str | int | float | None) for value in values):
            return OPAQUE
        return None if None in values else "".join(map(str, values))

    return evaluate


def chosen(branches: Sequence[tuple[Expression, Expression]], otherwise: Expression) -> Expression:
    """CASE WHEN … THEN … ELSE … END."""

    def evaluate(row: Row) -> Value:
        for condition, result in branches:
            found = truth(condition(row))
            if found is OPAQUE:
                return OPAQUE
            if found is True:
                return result(row)
        return otherwise(row)

    return evaluate
