"""A place in the tokens of a definition: names, texts, expressions, lists in parentheses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sluicegate.dialects.mysql.functions import GRAMMAR, VOLATILE
from sluicegate.sql.cursor import Cursor
from sluicegate.sql.grammar import is_name, unquote
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.structure.definitions import Expression, ExpressionKind
from sluicegate.sql.tokens import END, NUMBER, STRING, WORD, Token

NOW: Final = frozenset({"CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP", "SYSDATE"})
_TODAY: Final = frozenset({"CURRENT_DATE", "CURDATE", "CURRENT_TIME", "CURTIME", "UTC_DATE", "UTC_TIMESTAMP"})
_SEQUENCES: Final = frozenset({"NEXTVAL", "NEXT"})
_ESCAPE: Final = re.compile(r"\\(.)|''|\"\"", re.DOTALL)
_MEANT: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "Z": "\x1a", "%": "\\%", "_": "\\_"}


def text_of(token: Token) -> str:
    """The value of a string literal, or what an identifier stands for."""
    if token.kind != STRING:
        return unquote(token)
    quote = min((place for mark in "'\"" if (place := token.text.find(mark)) >= 0), default=0)
    inner = token.text[quote + 1 : -1]
    return _ESCAPE.sub(_character, inner) if "\\" in inner or "''" in inner or '""' in inner else inner


def _character(match: re.Match[str]) -> str:
    escaped = match[1]
    if escaped is None:
        return match[0][0]
    return _MEANT.get(escaped, escaped)


class Reading(Cursor):
    """Also knows the script, for slices of it."""

    def __init__(self, script: str, tokens: Sequence[Token], i: int = 0, end: int | None = None) -> None:
        super().__init__(tokens, i, end)
        self.script = script

    @property
    def at(self) -> int:
        return self.token().start

    def inside(self, begin: int, end: int) -> Reading:
        return Reading(self.script, self.tokens, begin, end)

    # ---------------------------------------------------------------- names and values

    def ref(self, kind: str = "table") -> ObjectRef | None:
        name = self.name()
        return GRAMMAR.ref(name, kind=kind) if name else None

    def refs(self, kind: str = "table") -> tuple[ObjectRef, ...]:
        return tuple(GRAMMAR.ref(name, kind=kind) for name in self.names())

    def one_name(self) -> str:
        """The last part of a name; "" when none stands here."""
        return (self.name() or [""])[-1]

    def word(self) -> str:
        """A value that is a word, a quoted name, a text or a number; "" when none stands here."""
        token = self.token()
        if is_name(token) or token.kind in (STRING, NUMBER):
            self.i += 1
            return text_of(token)
        return ""

    def value(self) -> str:
        """The same behind an optional =, with a sign."""
        self.accept("=")
        sign = self.next().text if self.key() in ("-", "+") else ""
        return sign + self.word()

    def number(self) -> int | None:
        token = self.token()
        if token.kind == NUMBER and token.text.isdecimal():
            self.i += 1
            return int(token.text)
        return None

    # ---------------------------------------------------------------- parentheses

    def closing(self) -> int:
        """The place of the parenthesis that closes the one that opens here; the end when none does."""
        depth = 0
        for place in range(self.i, self.end):
            key = self.tokens[place].key
            if key in ("(", ")"):
                depth += 1 if key == "(" else -1
                if depth == 0:
                    return place
        return self.end

    def parenthesis(self) -> Reading | None:
        """What is inside the parenthesis that opens here, which is stepped over; None when none does."""
        if self.key() != "(":
            return None
        close = self.closing()
        inner = self.inside(self.i + 1, close)
        self.i = close + 1
        return inner

    def elements(self) -> list[Reading]:
        """What remains, cut at its outermost commas."""
        found: list[Reading] = []
        begin, depth = self.i, 0
        for place in range(self.i, self.end):
            key = self.tokens[place].key
            depth += (key == "(") - (key == ")")
            if key == "," and depth == 0:
                found.append(self.inside(begin, place))
                begin = place + 1
        if begin < self.end:
            found.append(self.inside(begin, self.end))
        return found

    def column_list(self) -> tuple[str, ...]:
        """(a, b(10), c DESC) -> a, b, c; empty when there is none."""
        inner = self.parenthesis()
        if inner is None:
            return ()
        return tuple(name for element in inner.elements() if (name := element.one_name()))

    def skip_element(self) -> None:
        """To the next comma outside of parentheses."""
        while not self.done and self.key() != ",":
            if self.key() == "(":
                self.skip_parenthesis()
            else:
                self.i += 1

    # ---------------------------------------------------------------- expressions

    def slice(self, begin: int, end: int) -> str:
        """The script between two places."""
        if begin >= min(end, self.end):
            return ""
        return self.script[self.tokens[begin].start : self.tokens[min(end, self.end) - 1].end]

    def expression(self) -> Expression | None:
        """One simple expression: a literal, a call, or anything in parentheses; None when none stands here."""
        begin = self.i
        if self.key() in ("-", "+", "DATE", "TIME", "TIMESTAMP") and self.token(1).kind in (STRING, NUMBER):
            self.i += 1
        token = self.token()
        if token.kind == WORD and token.key.startswith("_") and self.token(1).kind == STRING:
            self.i += 1  # an introducer
        if self.done:
            return None
        if self.key() == "(":
            self.skip_parenthesis()
        elif self.accept("NEXT", "VALUE", "FOR"):
            self.name()
        elif is_name(self.token()):
            self.name()
            self.skip_parenthesis()
        elif self.token().kind in (STRING, NUMBER) or token.text == "?":
            self.i += 1
            while self.token().kind == STRING:
                self.i += 1
        else:
            return None
        return self.between(begin, self.i)

    def between(self, begin: int, end: int) -> Expression:
        return Expression(self.slice(begin, end), _kind(self.tokens[begin : min(end, self.end)]))


def _kind(tokens: Sequence[Token]) -> ExpressionKind:
    words = [token for token in tokens if token.key not in ("(", ")", "-", "+")]
    if len(words) == 1 and words[0].key == "NULL":
        return ExpressionKind.NULL
    names = [
        token.key
        for place, token in enumerate(tokens)
        if token.kind == WORD
        and (
            token.key in NOW
            or token.key in _TODAY
            or token.key == "NEXT"
            or (place + 1 < len(tokens) and tokens[place + 1].key == "(")
        )
    ]
    if any(name in _SEQUENCES for name in names):
        return ExpressionKind.SEQUENCE
    timeless = [name for name in names if name not in NOW and name not in _TODAY]
    if any(name in VOLATILE or not _built_in(name) for name in timeless):
        return ExpressionKind.VOLATILE
    if len(names) > len(timeless):
        return ExpressionKind.NOW
    return ExpressionKind.STABLE if timeless or not _literal(words) else ExpressionKind.LITERAL


def _literal(words: Sequence[Token]) -> bool:
    """One value, with an introducer or the word of its type before it; texts in a row are one too."""
    first = words[0] if words else END
    if first.kind == WORD and len(words) > 1 and (first.key in _TYPED or first.key.startswith("_")):
        return all(token.kind == STRING for token in words[1:])
    if first.kind == STRING:
        return all(token.kind == STRING for token in words)
    return len(words) == 1 and (first.kind == NUMBER or first.key in _CONSTANTS)


_CONSTANTS: Final = frozenset({"TRUE", "FALSE"})
_TYPED: Final = frozenset({"DATE", "TIME", "TIMESTAMP"})


def _built_in(name: str) -> bool:
    return name in GRAMMAR.safe_functions or name in GRAMMAR.before_parenthesis
