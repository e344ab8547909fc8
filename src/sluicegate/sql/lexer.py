"""The engine under every dialect's lexer: one compiled expression, and hooks for what isn't regular.

A lexer accepts any text, takes linear time, and its tokens put together are the text again. The
expressions use possessive quantifiers and atomic groups, so that nothing is ever read twice except
the remainder behind a literal that never ends, and that once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sluicegate.sql.tokens import BROKEN, INSIGNIFICANT, OP, RawToken, Token, make

MAX_NESTING: Final = 1000
MAX_TOKENS: Final = 50_000  # of a statement that is read at all, rows of literals aside
LONG: Final = 20_000  # characters from which on a statement is read with bounds

Hook = Callable[[str, int, int, int, int], tuple[str, int, int]]
"""(text, start, end of the opener, limit, mode) -> (kind, end of the token, mode from here on)."""

# Building blocks shared by the dialects.
BLANKS: Final = r"[ \t\n\v\f\r]++"
LINE: Final = r"[^\n]*+"
BACKSLASH_SINGLE: Final = r"'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+'"
BACKSLASH_DOUBLE: Final = r'"[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+"'
PLAIN_SINGLE: Final = r"'[^']*+(?:''[^']*+)*+'"
PLAIN_DOUBLE: Final = r'"[^"]*+(?:""[^"]*+)*+"'
QUICK_SINGLE: Final = r"'[^'\\\udc80-\udcff]*+'(?!')"  # most literals; the others need a slower expression
BACKTICK: Final = r"`[^`]*+(?:``[^`]*+)*+`"
BLOCK_COMMENT: Final = r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/"
GO_LINE: Final = r"(?<![^\n])[gG][oO](?=[ \t\r]*+(?:\n|\Z))"  # the batch separator of SQL Server's clients
NUMBER_BODY: Final = r"(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?+\d++)?+"


def wide(members: str) -> str:
    """The class of these ASCII characters and of all that aren't ASCII. It is written by
    what isn't in it: a range up to U+10FFFF takes many times as long to be compiled, at every start."""
    return "[^" + "".join(re.escape(chr(code)) for code in range(128) if chr(code) not in members) + "]"


@dataclass(frozen=True)
class Lexer:
    """One dialect's lexical rules.

    Attributes:
        modes: for each mode the alternatives (kind, expression) in order; the last must match any
            character. Mode 0 is the base state.
        hooks: for a kind in ``modes`` that only opens a token, what finds its end.
    """

    modes: tuple[Sequence[tuple[str, str]], ...]
    hooks: Mapping[str, Hook] = field(default_factory=dict)

    def __post_init__(self) -> None:
        compiled = tuple(
            re.compile("|".join(f"(?P<{kind}>{body})" for kind, body in mode), re.DOTALL)
            for mode in self.modes
        )
        object.__setattr__(self, "_compiled", compiled)

    def scan(self, text: str, pos: int = 0, end: int | None = None, mode: int = 0) -> Iterator[RawToken]:
        """Cut ``text[pos:end]``, beginning in ``mode``. Offsets are those of ``text``."""
        limit = len(text) if end is None else end
        hooks = self.hooks
        compiled: tuple[re.Pattern[str], ...] = self._compiled  # type: ignore[attr-defined]
        while pos < limit:
            for match in compiled[mode].finditer(text, pos, limit):
                kind = match.lastgroup or BROKEN
                hook = hooks.get(kind)
                if hook is None:
                    yield kind, match.start(), match.end()
                    continue
                kind, stop, next_mode = hook(text, match.start(), match.end(), limit, mode)
                yield kind, match.start(), stop
                if stop != match.end() or next_mode != mode:
                    pos, mode = stop, next_mode
                    break
            else:
                return

    def bounded(self, text: str, pos: int, end: int, mode: int = 0) -> tuple[list[Token], bool]:
        """``significant`` for long statements: gives up, with what it has and False, once parentheses or
        CASE nest deeper than anybody writes, operators follow each other without end, or there are too many
        tokens for a statement to be read in the time that anybody would wait."""
        tokens: list[Token] = []
        measure = _Measure()
        for kind, start, stop in self.scan(text, pos, end, mode):
            if kind in INSIGNIFICANT:
                continue
            token = make(kind, text[start:stop], start)
            tokens.append(token)
            if measure.exceeded(token) or len(tokens) > MAX_TOKENS:
                return tokens, False
        return tokens, True

    def significant(self, text: str, pos: int = 0, end: int | None = None, mode: int = 0) -> list[Token]:
        """The tokens that mean something: no blanks, no comments."""
        limit = len(text) if end is None else end
        tokens: list[Token] = []
        compiled: tuple[re.Pattern[str], ...] = self._compiled  # type: ignore[attr-defined]
        hooks = self.hooks
        for match in compiled[mode].finditer(text, pos, limit):
            kind = match.lastgroup or BROKEN
            if kind in hooks:
                return tokens + [
                    make(kind, text[start:stop], start)
                    for kind, start, stop in self.scan(text, match.start(), limit, mode)
                    if kind not in INSIGNIFICANT
                ]
            if kind not in INSIGNIFICANT:
                tokens.append(make(kind, match[0], match.start()))
        return tokens


class _Measure:
    """How deep parentheses and CASE nest, and how many operators follow each other."""

    def __init__(self) -> None:
        self.depth = self.cases = self.run = 0

    def exceeded(self, token: Token) -> bool:
        key = token.key
        if token.kind == OP:
            self.run += 1
            self.depth += (key == "(") - (key == ")")
        else:
            self.run = 0
            self.cases += (key == "CASE") - (key == "END")
        return self.depth > MAX_NESTING or self.cases > MAX_NESTING or self.run > MAX_NESTING


def within_bounds(tokens: Sequence[Token]) -> bool:
    """Whether a statement read otherwise keeps to the bounds of ``bounded``."""
    measure = _Measure()
    return len(tokens) <= MAX_TOKENS and not any(measure.exceeded(token) for token in tokens)
