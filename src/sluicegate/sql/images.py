"""How the rows that one UPDATE or DELETE will change can be read beforehand, decided on its tokens.

Only statements whose WHERE selects the same rows when it is read twice within a transaction qualify;
everything else is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sluicegate.sql.cursor import Cursor
from sluicegate.sql.grammar import Grammar, is_name, unquote
from sluicegate.sql.model import Access, ImagePlan, NoImage, Statement, StatementKind
from sluicegate.sql.tokens import HINT, PARAM, QUOTED, VARIABLE, WORD, Token
from sluicegate.sql.words import words

_BARE: Final = words(
    """
    CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP UTC_DATE UTC_TIME UTC_TIMESTAMP
    CURRENT_USER SESSION_USER SYSDATE ROWNUM
    """
)
_NO_ALIAS: Final = words(
    """
    SET WHERE USING FROM ORDER LIMIT RETURNING PARTITION JOIN INNER LEFT RIGHT CROSS NATURAL FULL
    STRAIGHT_JOIN INDEXED NOT ON USE FORCE IGNORE AS FOR TABLESAMPLE
    """
)
_SEVERAL_TABLES: Final = frozenset(
    {",", "JOIN", "INNER", "LEFT", "RIGHT", "CROSS", "NATURAL", "FULL", "STRAIGHT_JOIN", "USING", "FROM"}
)
_STRANGE: Final = frozenset({"EXEC_OPEN", "EXEC_CLOSE", "CLIENT", "BROKEN", "DATA", HINT})


@dataclass(frozen=True)
class ImageGrammar:
    """``volatile`` are functions whose value may differ between two readings; ``fold_lower`` says that
    unquoted names mean their lower-case form."""

    grammar: Grammar
    volatile: frozenset[str]
    fold_lower: bool = False


class _Refused(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def plan(
    statement: Statement, tokens: Sequence[Token], image_grammar: ImageGrammar, *, limited: bool = False
) -> ImagePlan | NoImage:
    """``tokens`` are the significant tokens of ``statement.text``, with offsets into it. ``limited``: the
    statement may have a LIMIT of its own, as which rows they are doesn't matter to who counts them."""
    try:
        return _Planner(statement, tokens, image_grammar, limited).plan()
    except _Refused as refused:
        return NoImage(refused.reason)


class _Planner:
    def __init__(
        self, statement: Statement, tokens: Sequence[Token], image_grammar: ImageGrammar, limited: bool
    ) -> None:
        self.limited = limited
        self.statement = statement
        self.text = statement.text
        self.tokens = tokens
        self.cursor = Cursor(tokens)
        self.parts = image_grammar

    def plan(self) -> ImagePlan:
        self._fit()
        verb = self.cursor.next().key
        if verb == "DELETE" and not self.cursor.accept("FROM"):
            raise _Refused("image_multi_table")
        table_text, names = self._table()
        alias_text = self._alias()
        assigned: tuple[str, ...] = ()
        if self.cursor.key() in _SEVERAL_TABLES:
            raise _Refused("image_multi_table")
        if verb == "UPDATE":
            assigned = self._assignments()
        tail = self._tail()
        ref = self.parts.grammar.ref(names, access=Access.WRITE)
        return ImagePlan(verb, ref, table_text, alias_text, tail, assigned)

    def _fit(self) -> None:
        if not self.tokens:
            raise _Refused("image_no_row_change")
        if any(token.kind in _STRANGE for token in self.tokens):
            raise _Refused("image_structure")
        if any(token.kind in (VARIABLE, PARAM) for token in self.tokens):
            raise _Refused("image_volatile")
        first = self.tokens[0].key
        if first == "WITH":
            raise _Refused("image_cte")
        if first not in ("UPDATE", "DELETE") or self.statement.kind is not StatementKind.DML:
            raise _Refused("image_no_row_change")

    def _unquote(self, token: Token) -> str:
        name = unquote(token)
        return name.lower() if self.parts.fold_lower and token.kind == WORD else name

    def _table(self) -> tuple[str, list[str]]:
        cursor = self.cursor
        first = cursor.token()
        if first.kind == WORD and first.key in ("LOW_PRIORITY", "IGNORE", "QUICK", "OR", "ONLY"):
            raise _Refused("image_structure")
        if not is_name(first) or first.text[:2].upper() == "U&":
            raise _Refused("image_structure")
        begin = cursor.i
        cursor.name()
        spent = [token for token in self.tokens[begin : cursor.i] if token.key != "."]
        if cursor.key() in (".", "*", "("):
            raise _Refused("image_multi_table" if cursor.key() == "." else "image_structure")
        return self.text[first.start : spent[-1].end], [self._unquote(token) for token in spent]

    def _alias(self) -> str:
        cursor = self.cursor
        cursor.accept("AS")
        token = cursor.token()
        if token.kind == QUOTED or (token.kind == WORD and token.key not in _NO_ALIAS):
            cursor.i += 1
            return token.text
        if cursor.key(-1) == "AS":
            raise _Refused("image_structure")
        return ""

    def _assignments(self) -> tuple[str, ...]:
        cursor = self.cursor
        if not cursor.accept("SET"):
            raise _Refused("image_structure")
        columns: list[str] = []
        depth, expects = 0, True
        while not cursor.done:
            key = cursor.key()
            if depth == 0 and not expects and key in ("WHERE", "ORDER", "LIMIT", "RETURNING"):
                break
            if depth == 0 and not expects and key == "FROM":
                raise _Refused("image_multi_table")
            if expects:
                columns += self._assigned()
                expects = False
                continue
            depth += (key in ("(", "[")) - (key in (")", "]"))
            expects = depth == 0 and key == ","
            cursor.i += 1
        if not columns or expects:
            raise _Refused("image_structure")
        return tuple(columns)

    def _assigned(self) -> list[str]:
        cursor = self.cursor
        if cursor.accept("("):
            found = [self._unquote(token) for token in self._until_close() if is_name(token)]
        else:
            begin = cursor.i
            cursor.name()
            spent = [token for token in self.tokens[begin : cursor.i] if token.key != "."]
            if not spent:
                raise _Refused("image_structure")
            chosen = spent[-1] if self.parts.grammar.qualifier == "database" else spent[0]
            found = [self._unquote(chosen)]
            while cursor.key() == "[":
                while not cursor.done and cursor.next().key != "]":
                    pass
        if not (cursor.accept("=") or cursor.accept(":=")):
            raise _Refused("image_structure")
        return found

    def _until_close(self) -> Sequence[Token]:
        cursor = self.cursor
        begin = cursor.i
        while not cursor.done and cursor.key() != ")":
            cursor.i += 1
        cursor.i += 1
        return self.tokens[begin : cursor.i - 1]

    def _tail(self) -> str:
        cursor = self.cursor
        if cursor.done:
            return ""
        start = cursor.token()
        if start.key == "RETURNING":
            raise _Refused("image_returning")
        if start.key not in ("WHERE", "ORDER", "LIMIT"):
            raise _Refused("image_structure")
        depth = 0
        for place in range(cursor.i, len(self.tokens)):
            depth += (self.tokens[place].key == "(") - (self.tokens[place].key == ")")
            self._check(place, depth)
        return self.text[start.start :]

    def _check(self, place: int, depth: int) -> None:
        token = self.tokens[place]
        previous = self.tokens[place - 1].key
        following = self.tokens[place + 1].key if place + 1 < len(self.tokens) else ""
        if token.kind == WORD and previous != ".":
            if token.key == "FETCH" or (token.key == "LIMIT" and (depth or not self.limited)):
                raise _Refused("image_limit")
            if token.key == "RETURNING":
                raise _Refused("image_returning")
            if token.key in _BARE or (token.key == "CURRENT" and following == "OF"):
                raise _Refused("image_volatile")
        if following == "(" and token.kind in (WORD, QUOTED):
            self._call(token, previous)

    def _call(self, token: Token, previous: str) -> None:
        grammar = self.parts.grammar
        if token.kind == WORD and previous != ".":
            if token.key in grammar.before_parenthesis:
                return
            if token.key in grammar.safe_functions and token.key not in self.parts.volatile:
                return
        raise _Refused("image_volatile")
