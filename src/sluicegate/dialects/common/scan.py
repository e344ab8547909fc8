"""A second, small look at a statement's text before anything of it is sent for an estimate.

Independent of the analysis on purpose: it answers only what the estimate must know (does it call
functions, how many tuples, where is WHERE), and raises ``Unclear`` for whatever it isn't sure of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Unclear(ValueError):
    """The text can't be read with certainty; no estimate then."""


class TokenKind(StrEnum):
    WORD = "word"
    QUOTED = "quoted"  # an identifier in quotes; text is the name
    STRING = "string"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` upper-cased for words; ``start`` and ``end`` are offsets into the statement."""

    kind: TokenKind
    text: str
    start: int
    end: int
    depth: int  # of parentheses around it


_WORD = r"(?P<word>[^\W\d][\w$]*)"
_NUMBER = r"(?P<number>\d[\w.]*)"
_SPACE = r"(?P<space>\s+)"
# No lazy patterns, and nothing that opens without closing is taken for something else: either would make
# every further one be scanned to the end again.
_BLOCK = r"(?P<comment>/\*(?>[^*]+|\*(?!/))*\*/)"

MYSQL = re.compile(
    rf"{_SPACE}|(?P<special>/\*[!M+])|{_BLOCK}|(?P<line>--(?=\s|$)[^\n]*|#[^\n]*)"
    r"|(?P<string>'(?>[^'\\]+|\\.|'')*'|\"(?>[^\"\\]+|\\.|\"\")*\")"
    rf"|(?P<quoted>`(?>[^`]+|``)*`)|{_WORD}|{_NUMBER}|(?P<other>(?!/\*)[^'\"`\\\x00-\x08])",
    re.DOTALL,
)
POSTGRES = re.compile(
    rf"{_SPACE}|(?P<special>/\*(?>[^*/]+|\*(?!/)|/(?!\*))*/\*)|{_BLOCK}|(?P<line>--[^\n\r]*)"
    r"|(?P<string>[eE]'(?>[^'\\]+|\\.|'')*'|[bBxXnN]?'(?>[^']+|'')*'"
    r"|\$(?P<tag>(?:[^\W\d]\w*)?)\$(?>(?:[^$]|\$(?!(?P=tag)\$))*)\$(?P=tag)\$)"
    rf"|(?P<quoted>\"(?>[^\"]+|\"\")*\")|{_WORD}|(?P<parameter>\$\d+)|{_NUMBER}|(?P<other>(?!/\*)[^'\"$\x00-\x08])",
    re.DOTALL,
)
SQLITE = re.compile(
    rf"{_SPACE}|{_BLOCK}|(?P<line>--[^\n]*)|(?P<string>[xX]?'(?>[^']+|'')*')"
    r"|(?P<quoted>\"(?>[^\"]+|\"\")*\"|`(?>[^`]+|``)*`|\[[^\]]*\])"
    rf"|{_WORD}|{_NUMBER}|(?P<other>(?!/\*)[^'\"`\[\x00-\x08])",
    re.DOTALL,
)


def tokens(text: str, grammar: re.Pattern[str]) -> list[Token]:
    """The tokens without space and comments. Raises Unclear."""
    return list(_tokens(text, grammar))


def _tokens(text: str, grammar: re.Pattern[str]) -> Iterator[Token]:
    position = depth = 0
    while position < len(text):
        match = grammar.match(text, position)
        if match is None or match.lastgroup in {"special", "parameter"}:
            raise Unclear
        start, position = position, match.end()
        group, part = match.lastgroup, match.group()
        if group in {"space", "comment", "line"}:
            continue
        if group == "word":
            yield Token(TokenKind.WORD, part.upper(), start, position, depth)
        elif group == "quoted":
            yield Token(TokenKind.QUOTED, part[1:-1].replace(part[-1] * 2, part[-1]), start, position, depth)
        elif group in {"string", "tag"}:
            yield Token(TokenKind.STRING, part, start, position, depth)
        elif part == "(":
            yield Token(TokenKind.OTHER, part, start, position, depth)
            depth += 1
        else:
            if part == ")":
                depth -= 1
            if depth < 0 or (part == ";" and text[position:].strip()):
                raise Unclear
            yield Token(TokenKind.OTHER, part, start, position, depth)
    if depth:
        raise Unclear


@dataclass(frozen=True, slots=True)
class Call:
    """A name before a parenthesis: ``qualifier`` is what stands before its dot, upper-cased."""

    name: str
    qualifier: str | None


def calls(parts: Sequence[Token], not_functions: frozenset[str]) -> set[Call]:
    """Everything that may be a call of a function: a name right before "(" that isn't a keyword of
    ``not_functions`` nor the table after INTO."""
    found: set[Call] = set()
    for position in range(len(parts) - 1):
        token, following = parts[position], parts[position + 1]
        if following.text != "(" or following.kind is not TokenKind.OTHER:
            continue
        if token.kind not in {TokenKind.WORD, TokenKind.QUOTED}:
            continue
        if token.kind is TokenKind.WORD and token.text in not_functions:
            continue
        qualified = position > 1 and parts[position - 1].text == "."
        before = parts[position - 3 if qualified and position > 2 else position - 1]
        if before.kind is TokenKind.WORD and before.text == "INTO":
            continue
        found.add(Call(token.text.upper(), parts[position - 2].text.upper() if qualified else None))
    return found


def words_at_top(parts: Sequence[Token]) -> list[str]:
    """The words outside all parentheses."""
    return [token.text for token in parts if token.kind is TokenKind.WORD and token.depth == 0]


def values_tuples(parts: Sequence[Token]) -> int | None:
    """How many tuples ``INSERT … VALUES (…), (…)`` holds, 1 for ``INSERT … SET`` or DEFAULT VALUES; None
    when the rows come from a query."""
    top = words_at_top(parts)
    if "SELECT" in top or "TABLE" in top or "WITH" in top:
        return None
    start = next(
        (
            position
            for position, token in enumerate(parts)
            if token.depth == 0 and token.kind is TokenKind.WORD and token.text in {"VALUES", "VALUE"}
        ),
        None,
    )
    if start is None:
        return 1 if "SET" in top else None
    count = 0
    for position in range(start + 1, len(parts)):
        token = parts[position]
        if token.depth == 0 and token.kind is TokenKind.OTHER and token.text == "(":
            count += 1
        elif token.depth == 0 and token.kind is TokenKind.WORD and token.text != "ROW":
            break  # ON DUPLICATE KEY UPDATE, ON CONFLICT, RETURNING
    if count == 0 and "DEFAULT" in top:
        return 1
    return count or None
