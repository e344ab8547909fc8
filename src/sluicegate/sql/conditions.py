"""Whether a WHERE filters at all: conditions that hold for every row, read from tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from sluicegate.sql.grammar import is_name, unquote
from sluicegate.sql.tokens import NUMBER, QUOTED, STRING, WORD, Token
from sluicegate.sql.trial import key_like
from sluicegate.sql.trial_tokens import NO_COLUMNS, holds_always

_COMPARISONS: Final = frozenset({"=", "==", "<=>", "<=", ">=", "!=", "<>", "<", ">", "LIKE", "IS"})
_REFLEXIVE: Final = frozenset({"=", "==", "<=>", "<=", ">=", "LIKE", "IS"})
# Columns with such a name hold text in all likelihood; compared with a number every text that doesn't
# begin with digits counts as 0.
_TEXTUAL: Final = re.compile(
    r"(?:^|_)(?:name|title|email|mail|phone|mobile|tel|address|addr|remark|comment|description|desc|nick|nickname"
    r"|username|password|url|path|note|content|text|city|country|language)$",
    re.IGNORECASE,
)
_CONSTANT_WORDS: Final = frozenset(
    {
        *(
            "TRUE",
            "FALSE",
            "NULL",
            "IN",
            "BETWEEN",
            "AND",
            "NOT",
            "IS",
            "LIKE",
            "DIV",
            "MOD",
            "REGEXP",
            "RLIKE",
        ),
        *("CASE", "WHEN", "THEN", "ELSE", "END", "SELECT", "EXISTS", "VALUES", "GLOB", "AS"),
    }
)
_PATTERNS: Final = frozenset({"LIKE", "REGEXP", "RLIKE", "GLOB"})
_OPPOSITES: Final = {
    "<>": ("=", "not"),
    "!=": ("=", "not"),
    "==": ("=",),
    "notnull": ("is", "not", "null"),
    "isnull": ("is", "null"),
    ">=": ("<", "not"),
    "<=": (">", "not"),
}
MAX_BRANCHES: Final = 200
_LITERALS: Final = frozenset({"TRUE", "FALSE"})
MAX_TOKENS: Final = 2000


def _strip(condition: Sequence[Token]) -> Sequence[Token]:
    """Without the parentheses around the whole."""
    while len(condition) > 2 and condition[0].key == "(" and condition[-1].key == ")":
        depth = 0
        for place, token in enumerate(condition):
            depth += (token.key == "(") - (token.key == ")")
            if depth == 0 and place < len(condition) - 1:
                return condition
        condition = condition[1:-1]
    return condition


def _split(condition: Sequence[Token], words: frozenset[str]) -> Iterator[Sequence[Token]]:
    depth, begin, between = 0, 0, False
    for place, token in enumerate(condition):
        key = token.key
        if key in ("(", "CASE"):
            depth += 1
        elif key in (")", "END"):
            depth -= 1
        elif key == "BETWEEN" and depth == 0:
            between = True
        elif depth == 0 and key in words:
            if key == "AND" and between:
                between = False
                continue
            yield condition[begin:place]
            begin = place + 1
    yield condition[begin:]


def filters_nothing(
    condition: Sequence[Token], *, pipes_or: bool = False, tables: Sequence[str] = ()
) -> bool:
    """Whether every row satisfies it, as far as constants, identities and trying it show; ``tables`` are the folded
    names of those that are changed."""
    if filters_anyway(condition):
        return False
    return always_true(condition) or holds_always(condition, pipes_or=pipes_or, tables=tables)


_OR: Final = frozenset({"OR", "||", "XOR"})
_AND: Final = frozenset({"AND", "&&"})


def always_true(condition: Sequence[Token], depth: int = 0) -> bool:
    """Whether every row satisfies it, as far as constants and identities show."""
    condition = _strip(condition)
    if not condition or depth > 20 or len(condition) > MAX_TOKENS:
        return False
    branches = list(_split(condition, _OR))
    if len(branches) > 1:
        return any(always_true(branch, depth + 1) for branch in branches) or _exhaustive(branches)
    parts = list(_split(condition, _AND))
    if len(parts) > 1:
        return all(always_true(part, depth + 1) for part in parts)
    if condition[0].key in ("NOT", "!"):
        return _constant(condition[1:]) is False
    return _holds(condition)


def depends_on_literals(condition: Sequence[Token]) -> bool:
    """Whether the verdict of ``filters_nothing`` may change with the values of literals."""
    return not filters_anyway(condition) and any(token.kind in (NUMBER, STRING) for token in condition)


_RANGES: Final = frozenset({"<", "<=", ">", ">=", "<>", "!="})
_EQUAL: Final = frozenset({"=", "==", "<=>"})


def filters_anyway(condition: Sequence[Token]) -> bool:
    """Whether one of its parts joined by AND leaves rows out whatever the values of its literals: a column
    compared with a literal, a list of them, NULL, or another column."""
    depth, begin = 0, 0
    waiting = False
    for place in range(len(condition) + 1):
        key = condition[place].key if place < len(condition) else "AND"
        depth += (key in ("(", "CASE")) - (key in (")", "END"))
        if depth:
            continue
        if key in ("OR", "XOR", "||"):
            return False
        if key == "BETWEEN":
            waiting = True
        elif key in ("AND", "&&"):
            if waiting:
                waiting = False
                continue
            if _filters(condition[begin:place]):
                return not _alternatives(condition, place)
            begin = place + 1
    return False


def _alternatives(condition: Sequence[Token], start: int) -> bool:
    """Some OR stands outside of parentheses behind it."""
    depth = 0
    for token in condition[start:]:
        depth += (token.key == "(") - (token.key == ")")
        if depth == 0 and token.key in ("OR", "XOR", "||"):
            return True
    return False


def _surely_column(token: Token) -> bool:
    """``"x"`` may be a text, to SQLite and MySQL."""
    if token.kind == QUOTED:
        return token.text[0] != '"'
    return token.kind == WORD and token.key not in NO_COLUMNS and token.key not in _CONSTANT_WORDS


def _filters(part: Sequence[Token]) -> bool:
    start = 2 if len(part) > 2 and part[1].key == "." else 0
    if len(part) < start + 3 or not _surely_column(part[start]):
        return False
    name, key, rest = unquote(part[start]).casefold(), part[start + 1].key, part[start + 2 :]
    if key == "IN":
        return rest[0].key == "(" and all(
            token.kind in (NUMBER, STRING) or token.key in ("(", ")", ",", "-") for token in rest
        )
    if key == "IS":
        return len(rest) == 1 and rest[0].key == "NULL"
    if len(rest) == 2 and rest[0].key == "-":
        rest = rest[1:]
    if len(rest) != 1 or rest[0].kind not in (NUMBER, STRING):
        return False
    return key in _EQUAL or (key in _RANGES and not key_like(name))


def _constant(tokens: Sequence[Token]) -> bool | None:
    """The truth of a condition of constants alone; None when it isn't one."""
    tokens = _strip(tokens)
    if len(tokens) == 1:
        return _truth(tokens[0])
    place = next((place for place, token in enumerate(tokens) if token.key in _COMPARISONS), 0)
    if place:
        left_side, right_side = _strip(tokens[:place]), _strip(tokens[place + 1 :])
        if len(left_side) != 1 or len(right_side) != 1:
            return None
        left, right = _value(left_side[0]), _value(right_side[0])
        if left is None or right is None or type(left) is not type(right):
            return None
        return _compare(left, tokens[place].key, right)
    return None


def _compare(left: str | float, operator: str, right: str | float) -> bool:
    if operator in ("=", "==", "<=>", "IS", "LIKE"):
        return left == right
    if operator in ("!=", "<>"):
        return left != right
    if isinstance(left, float) and isinstance(right, float):
        return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[operator]
    return False


def _truth(token: Token) -> bool | None:
    if token.key in _LITERALS:
        return token.key == "TRUE"
    value = _value(token)
    if token.kind == STRING and token.text[0] not in "'\"":
        return None  # x'01' and its like
    if isinstance(value, str):
        found = re.match(r"\s*([0-9.]+)", value)
        return bool(found and float(found[1].strip(".") or 0))
    return None if value is None else bool(value)


def _value(token: Token) -> str | float | None:
    if token.kind == NUMBER:
        try:
            return float(int(token.text, 0)) if token.text[:2].lower() in ("0x", "0b") else float(token.text)
        except ValueError:
            return None
    if token.kind == STRING:
        return unquote(token) if token.text[0] in "'\"" else None
    if token.key in _LITERALS:
        return float(token.key == "TRUE")
    return None


def _holds(tokens: Sequence[Token]) -> bool:
    truth = _constant(tokens)
    if truth is not None:
        return truth
    if _without_columns(tokens):
        return True  # constants alone filter nothing, whatever comes out
    depth = 0
    for place, token in enumerate(tokens):
        depth += (token.key in ("(", "CASE")) - (token.key in (")", "END"))
        if depth or not place:
            continue
        left, right = tokens[:place], tokens[place + 1 :]
        if token.key == "IN":
            return _among(left, right)
        if token.key == "BETWEEN":
            return all(_same(left, bound) for bound in _split(right, frozenset({"AND"})))
        if token.key in _PATTERNS:
            return _matches_all(token.key, right)
        if token.key in _COMPARISONS:
            return token.key in _REFLEXIVE and _same(left, right)
    return False


def _without_columns(tokens: Sequence[Token]) -> bool:
    """Whether nothing of a row is in it: constants, calls, and sub-queries of constants."""
    for place, token in enumerate(tokens):
        if token.kind == QUOTED:
            return False
        if token.kind != WORD or token.key in _CONSTANT_WORDS:
            continue
        following = tokens[place + 1].key if place + 1 < len(tokens) else ""
        from_dual = token.key == "FROM" and following == "DUAL"
        if (
            following != "("
            and not from_dual
            and not (token.key == "DUAL" and tokens[place - 1].key == "FROM")
        ):
            return False
    return True


def _matches_all(operator: str, right: Sequence[Token]) -> bool:
    if len(right) != 1 or right[0].kind != STRING:
        return False
    pattern = unquote(right[0])
    if operator == "LIKE":
        return "%" in pattern and set(pattern) <= {"%", "_"}
    if operator == "GLOB":
        return set(pattern) == {"*"}
    return pattern.removeprefix("^").removesuffix("$") in ("", ".*")


def _among(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """``x IN (…, x, …)``."""
    if len(right) < 3 or right[0].key != "(" or right[-1].key != ")":
        return False
    return any(_same(left, item) for item in _split(right[1:-1], frozenset({","})))


def _same(left: Sequence[Token], right: Sequence[Token]) -> bool:
    left, right = _strip(left), _strip(right)
    return bool(left) and _shape(left) == _shape(right)


def _shape(tokens: Sequence[Token]) -> list[str]:
    return [_folded(token) for token in tokens]


def _exhaustive(branches: Sequence[Sequence[Token]]) -> bool:
    """``x = 1 OR x <> 1``, ``x IS NULL OR x IS NOT NULL`` and the like."""
    if len(branches) > MAX_BRANCHES:
        return False
    seen: dict[tuple[str, ...], set[bool]] = {}
    for branch in branches:
        shape = [_OPPOSITES.get(key, (key,)) for key in _shape(_strip(branch))]
        parts = [part for keys in shape for part in keys]
        plain = [part for part in parts if part not in ("NOT", "not", "!")]
        found = seen.setdefault(tuple(plain), set())
        found.add((len(parts) - len(plain)) % 2 == 1)
        if len(found) == 2:
            return True
    return False


def _folded(token: Token) -> str:
    return unquote(token).casefold()


def compares_text_with_number(condition: Sequence[Token]) -> Token | None:
    """The column of ``name = 0``, ``name IN (0)``, ``NOT name`` and the like, where its name says that it holds
    text."""
    last = len(condition)
    for place, token in enumerate(condition):
        if not is_name(token) or token.key in _LITERALS or not _TEXTUAL.search(unquote(token)):
            continue
        before = condition[place - 1].key if place else "AND"
        key, right = _behind(condition, place + 1), condition[place + 2 : place + 3]
        if (
            key in ("=", "!=", "<>", "<=>")
            and right
            and (right[0].kind == NUMBER or right[0].key in _LITERALS)
        ):
            if _behind(condition, place + 3) in _ENDS:
                return token
        elif (key == "IN" and [part.kind for part in condition[place + 3 : place + 4]] == [NUMBER]) or (
            before in _STARTS and (place + 1 == last or key in _ENDS)
        ):
            return token
    return None


def _behind(condition: Sequence[Token], place: int) -> str:
    return condition[place].key if place < len(condition) else ""


_ENDS: Final = frozenset({"", ")"}) | _AND | _OR
_STARTS: Final = frozenset({"NOT", "!"}) | _AND | _OR
