"""Conditions read from tokens, to be tried. What isn't understood is opaque; nothing here raises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sluicegate.sql import trial
from sluicegate.sql.cursor import Cursor
from sluicegate.sql.grammar import unquote
from sluicegate.sql.tokens import NUMBER, QUOTED, STRING, VARIABLE, WORD, Token
from sluicegate.sql.trial import OPAQUE, Expression, Trial
from sluicegate.sql.trial_functions import call

MAX_TOKENS: Final = 300
MAX_DEPTH: Final = 40
_OPERATORS: Final[tuple[frozenset[str], ...]] = (  # weakest first
    frozenset({"|", "#"}),
    frozenset({"&"}),
    frozenset({"+", "-"}),
    frozenset({"*", "/", "DIV", "MOD", "%"}),
    frozenset({"^"}),
)
_PREDICATES: Final = frozenset({"IS", "NOT", "IN", "BETWEEN", "LIKE", "ILIKE", "ISNULL", "NOTNULL"})
NO_COLUMNS: Final = frozenset(
    [
        "SELECT",
        "FROM",
        "WHERE",
        "INTERVAL",
        "DISTINCT",
        "ALL",
        "ANY",
        "SOME",
        "ARRAY",
        "CURRENT_DATE",
        "CURRENT_TIME",
        "CURRENT_TIMESTAMP",
        "LOCALTIME",
        "LOCALTIMESTAMP",
        "CURRENT_USER",
        "SESSION_USER",
        "USER",
        "ROWNUM",
        "LEVEL",
        "DEFAULT",
        "WITH",
        "VALUES",
        "TABLE",
        "AND",
        "OR",
        "NOT",
        "CASE",
        "WHEN",
        "THEN",
        "ELSE",
        "END",
        "GROUP",
        "ORDER",
        "LIMIT",
        "RETURNING",
    ]
)


class _NotUnderstood(Exception):
    pass


def holds_always(condition: Sequence[Token], *, pipes_or: bool = False, tables: Sequence[str] = ()) -> bool:
    """Whether every row satisfies it, as far as trying shows.

    Args:
        pipes_or: ``||`` is OR.
        tables: folded names of the tables that the condition is about.
    """
    if len(condition) > MAX_TOKENS:
        return False
    reader = _Reader(condition, pipes_or=pipes_or, tables=tables)
    try:
        expression = reader.whole()
    except (_NotUnderstood, IndexError):
        return False
    return reader.trial.holds(expression)


class _Reader:
    def __init__(self, tokens: Sequence[Token], *, pipes_or: bool, tables: Sequence[str]) -> None:
        self.cursor = Cursor(tokens)
        self.trial = Trial()
        self.pipes_or = pipes_or
        self.tables = frozenset(tables)
        self.depth = 0
        places = range(len(tokens) - 2)
        qualifiers = {unquote(tokens[place]).casefold() for place in places if tokens[place + 1].key == "."}
        self.one_table = len(qualifiers) <= 1

    def whole(self) -> Expression:
        found = self._or()
        if not self.cursor.done:
            raise _NotUnderstood
        return found

    # ---------------------------------------------------------------- logic

    def _or(self) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _NotUnderstood
        parts = [self._and()]
        while True:
            if self.cursor.accept("OR") or (self.pipes_or and self.cursor.accept("||")):
                parts.append(self._and())
            elif self.cursor.accept("XOR"):
                parts[-1] = trial.exclusive(parts[-1], self._and())
            else:
                self.depth -= 1
                return parts[0] if len(parts) == 1 else trial.disjunction(parts)

    def _and(self) -> Expression:
        parts = [self._not()]
        while self.cursor.accept_any({"AND", "&&"}):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else trial.conjunction(parts)

    def _not(self) -> Expression:
        turned = False
        while self.cursor.accept("NOT"):
            turned = not turned
        found = self._predicate()
        return trial.negation(found) if turned else found

    # ---------------------------------------------------------------- predicates

    def _predicate(self) -> Expression:
        cursor = self.cursor
        left = self._term(0)
        while True:
            key = cursor.key()
            if key in trial.COMPARISONS:
                cursor.i += 1
                if cursor.key() in ("ALL", "ANY", "SOME") and cursor.key(1) == "(":
                    cursor.i += 1
                left = trial.comparison(key, left, self._term(0))
            elif key == "COLLATE":
                cursor.i += 2
            elif key in _PREDICATES:
                left = self._worded(left)
            else:
                return left

    def _worded(self, left: Expression) -> Expression:
        cursor = self.cursor
        if cursor.accept("ISNULL"):
            return trial.is_value(left, None)
        if cursor.accept("NOTNULL"):
            return trial.negation(trial.is_value(left, None))
        if cursor.accept("IS"):
            turned = cursor.accept("NOT")
            found = self._is(left)
        else:
            turned = cursor.accept("NOT")
            found = self._matching(left)
        return trial.negation(found) if turned else found

    def _is(self, left: Expression) -> Expression:
        cursor = self.cursor
        if cursor.accept("DISTINCT", "FROM"):
            return trial.distinct(left, self._term(0))
        word = cursor.accept_any({"NULL", "TRUE", "FALSE", "UNKNOWN"})
        if word:
            return trial.is_value(left, {"TRUE": True, "FALSE": False}.get(word))
        return trial.comparison("<=>", left, self._term(0))  # SQLite

    def _matching(self, left: Expression) -> Expression:
        cursor = self.cursor
        if cursor.accept_any({"LIKE", "ILIKE"}):
            found = trial.like(left, self._term(0))
            if cursor.accept("ESCAPE"):
                self._term(0)
            return found
        if cursor.accept("BETWEEN"):
            low = self._term(0)
            if not cursor.accept("AND"):
                raise _NotUnderstood
            return trial.between(left, low, self._term(0))
        if cursor.accept("IN") and cursor.key() == "(":
            return self._in(left)
        raise _NotUnderstood

    def _in(self, left: Expression) -> Expression:
        """The cursor stands at the parenthesis."""
        cursor = self.cursor
        tested = cursor.tokens[cursor.i - 2]
        if cursor.key(1) == "SELECT":
            inner = self._subquery()
            column = inner[0] if inner else None
            if len(inner) == 3 and self._own(inner) and column is not None:
                same = unquote(column).casefold() == unquote(tested).casefold()
                return trial.negation(trial.is_value(left, None)) if same else _opaque
            return trial.among(left, [self._selected(inner)])
        cursor.i += 1
        return trial.among(left, self._list())

    def _list(self) -> list[Expression]:
        """What stands up to the closing parenthesis."""
        found = []
        while not self.cursor.accept(")"):
            found.append(self._or())
            if not self.cursor.accept(",") and self.cursor.key() != ")":
                raise _NotUnderstood
        return found

    # ---------------------------------------------------------------- terms

    def _term(self, level: int) -> Expression:
        if level == len(_OPERATORS):
            return self._joined()
        left = self._term(level + 1)
        while self.cursor.key() in _OPERATORS[level]:
            name = self.cursor.next().key
            left = trial.computed(name, left, self._term(level + 1))
        return left

    def _joined(self) -> Expression:
        parts = [self._factor()]
        while not self.pipes_or and self.cursor.accept("||"):
            parts.append(self._factor())
        return parts[0] if len(parts) == 1 else trial.joined(parts)

    def _factor(self) -> Expression:
        cursor = self.cursor
        if cursor.accept("-"):
            return trial.negative(self._factor())
        if cursor.accept("+") or cursor.accept("BINARY"):
            return self._factor()
        if cursor.accept("!"):
            return trial.negation(self._factor())
        if cursor.accept("~"):
            return trial.inverted(self._factor())
        found = self._atom()
        while cursor.accept("::"):
            cursor.name()
            cursor.skip_parenthesis()
        return found

    def _atom(self) -> Expression:
        cursor = self.cursor
        token = cursor.token()
        if token.kind in (NUMBER, STRING):
            cursor.i += 1
            return self._literal(token)
        if token.key == "(":
            return self._parenthesis()
        if token.kind == VARIABLE:
            cursor.i += 1
            return call(token.text, [])
        handler = _WORDS.get(token.key)
        if handler is not None:
            return handler(self)
        if token.kind not in (WORD, QUOTED) or token.key in NO_COLUMNS:
            raise _NotUnderstood
        return self._named()

    def _literal(self, token: Token) -> Expression:
        if token.kind == STRING:
            return self.trial.constant(unquote(token)) if token.text[0] in "'\"" else _opaque
        if len(token.text) > 30:
            return _opaque
        try:
            return self.trial.constant(int(token.text))
        except ValueError:
            pass
        try:
            return self.trial.constant(float(token.text))
        except ValueError:
            return _opaque

    def _parenthesis(self) -> Expression:
        cursor = self.cursor
        if cursor.key(1) in ("SELECT", "WITH", "VALUES"):
            return self._selected(self._subquery())
        cursor.i += 1
        parts = self._list()
        if not parts:
            raise _NotUnderstood
        return parts[0] if len(parts) == 1 else call("ROW", parts)

    def _named(self) -> Expression:
        cursor = self.cursor
        name = [part.casefold() for part in cursor.name()]
        if cursor.key() == "(" and len(name) == 1:
            cursor.i += 1
            function = name[0].upper()
            return call(function, self._position() if function == "POSITION" else self._list())
        if cursor.key() == "(":
            raise _NotUnderstood
        return self.trial.column(name[-1] if self.one_table else ".".join(name))

    def _position(self) -> list[Expression]:
        """POSITION(part IN text)."""
        part = self._term(0)
        if not self.cursor.accept("IN"):
            raise _NotUnderstood
        return [part, *self._list()]

    def _subquery(self) -> Sequence[Token]:
        """Steps over the parenthesis; the tokens behind SELECT, up to its end."""
        begin = self.cursor.i
        self.cursor.skip_parenthesis()
        return self.cursor.tokens[begin + 2 : self.cursor.i - 1]

    def _own(self, inner: Sequence[Token]) -> bool:
        """``… FROM table``, all of the very table that is changed."""
        return inner[-2].key == "FROM" and unquote(inner[-1]).casefold() in self.tables

    def _selected(self, inner: Sequence[Token]) -> Expression:
        """SELECT of one term, without tables."""
        if any(token.key in ("FROM", "WHERE", "SELECT", "UNION", ",", "LIMIT", "HAVING") for token in inner):
            return _opaque
        outer, self.cursor = self.cursor, Cursor(inner)
        found = self._or()
        done, self.cursor = self.cursor.done, outer
        if not done:
            raise _NotUnderstood
        return found

    # ---------------------------------------------------------------- words

    def _constant_word(self) -> Expression:
        value = {"TRUE": True, "FALSE": False, "NULL": None}[self.cursor.next().key]
        return lambda _row: value

    def _case(self) -> Expression:
        cursor = self.cursor
        cursor.i += 1
        subject = None if cursor.key() == "WHEN" else self._or()
        branches = []
        while cursor.accept("WHEN"):
            condition = self._or()
            if subject is not None:
                condition = trial.comparison("=", subject, condition)
            if not cursor.accept("THEN"):
                raise _NotUnderstood
            branches.append((condition, self._or()))
        otherwise: Expression = self._or() if cursor.accept("ELSE") else _nothing
        if not cursor.accept("END"):
            raise _NotUnderstood
        return trial.chosen(branches, otherwise)

    def _exists(self) -> Expression:
        cursor = self.cursor
        cursor.i += 1
        if cursor.key() != "(" or cursor.key(1) != "SELECT":
            raise _NotUnderstood
        inner = self._subquery()
        plain = not any(
            token.key in ("WHERE", "HAVING", "LIMIT", "JOIN", "SELECT", "UNION") for token in inner
        )
        sources = [place for place, token in enumerate(inner) if token.key == "FROM"]
        if plain and (not sources or (sources == [len(inner) - 2] and self._own(inner))):
            return _true
        return _opaque

    def _cast(self) -> Expression:
        cursor = self.cursor
        cursor.i += 1
        if not cursor.accept("("):
            raise _NotUnderstood
        found = self._or()
        if not cursor.accept("AS"):
            raise _NotUnderstood
        cursor.name()
        while not cursor.done and cursor.token().kind == WORD:
            cursor.i += 1
        cursor.skip_parenthesis()
        if not cursor.accept(")"):
            raise _NotUnderstood
        return found


def _opaque(_row: trial.Row) -> trial.Value:
    return OPAQUE


def _nothing(_row: trial.Row) -> trial.Value:
    return None


def _true(_row: trial.Row) -> trial.Value:
    return True


_WORDS: Final[dict[str, Callable[[_Reader], Expression]]] = {
    **dict.fromkeys(("TRUE", "FALSE", "NULL"), _Reader._constant_word),
    "CASE": _Reader._case,
    "EXISTS": _Reader._exists,
    "CAST": _Reader._cast,
}
