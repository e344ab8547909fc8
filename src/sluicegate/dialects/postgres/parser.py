"""PostgreSQL's own parser (libpg_query, through the library that postgast brings).

The parse tree is asked for as JSON: reading it is several times faster than the protobuf objects, loading
it doesn't need their 0.4 s, and its nesting isn't limited to 100. The parser itself recurses in C, so
texts that would exhaust the stack are refused before.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, Final

from sluicegate.sql.tokens import OP, WORD, Token

Node = dict[str, Any]
"""A node of the parse tree: fields in lowerCamelCase; a wrapped node is {TypeName: fields}."""

MAX_DEPTH: Final = 1000  # of the tree, by a careful count of what nests; C needs about 1 kB for each
MAX_OPERATOR: Final = 64  # longer ones aren't valid, and the server's lexer takes quadratic time for them
_NESTING_WORDS: Final = frozenset(
    {"CASE", "NOT", "UNION", "EXCEPT", "INTERSECT", "JOIN", "COLLATE", "SELECT", "IS", "AT", "OPERATOR"}
)
_RESET_WORDS: Final = frozenset({"AND", "OR"})


class ParseFailed(Exception):
    """The parser refused the text. ``offset`` is a character offset into it, -1 when unknown."""

    def __init__(self, message: str, offset: int = -1) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class TooComplex(ParseFailed):
    """Nested too deep to be parsed."""


@cache
def _library() -> Any:
    """postgast's module of C declarations, without its package (whose import loads protobuf)."""
    package = find_spec("postgast")
    if package is None or package.origin is None:
        raise ImportError("postgast is not installed")
    spec = spec_from_file_location("_sluicegate_libpg_query", Path(package.origin).with_name("native.py"))
    if spec is None or spec.loader is None:
        raise ImportError("postgast has no module native")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.lib


def nesting(tokens: Sequence[Token]) -> int:
    """An upper bound for how deep the tree gets, roughly: operators in a row nest to the left,
    parentheses, CASE and set operations nest; commas, AND and OR don't."""
    levels = [0]
    total = worst = 0
    for token in tokens:
        key = token.key
        if key in ("(", "["):
            levels.append(0)
            total += 1
        elif key in (")", "]"):
            if len(levels) > 1:
                total -= levels.pop() + 1
        elif key == "," or key in _RESET_WORDS:
            total -= levels[-1]
            levels[-1] = 0
        elif (token.kind == OP and key != ";") or (token.kind == WORD and key in _NESTING_WORDS):
            levels[-1] += 1
            total += 1
        worst = max(worst, total)
    return worst


def parse(text: str, tokens: Sequence[Token]) -> list[Node]:
    """The raw statements of the text, each {"stmt": {Type: …}, "stmt_location", "stmt_len"}.

    Raises:
        ParseFailed: a syntax error.
        TooComplex: nested deeper than MAX_DEPTH, or than JSON can be read.
    """
    # Set operations and joins in a row nest across commas, so they count by themselves.
    chains = sum(1 for token in tokens if token.key in ("UNION", "EXCEPT", "INTERSECT", "JOIN"))
    if (
        nesting(tokens) > MAX_DEPTH
        or chains > MAX_DEPTH
        or any(token.kind == OP and len(token.text) > MAX_OPERATOR for token in tokens)
    ):
        raise TooComplex("nesting")
    library = _library()
    encoded = text.encode("utf-8", "replace")  # lone surrogates are denied elsewhere
    result = library.pg_query_parse(encoded)
    try:
        if result.error:
            error = result.error.contents
            message = error.message.decode("utf-8", "replace") if error.message else ""
            offset = (
                len(encoded[: error.cursorpos - 1].decode("utf-8", "ignore")) if error.cursorpos > 0 else -1
            )
            raise ParseFailed(message, offset)
        tree = ctypes.cast(result.parse_tree, ctypes.c_char_p).value if result.parse_tree else b"{}"
    finally:
        library.pg_query_free_parse_result(result)
    try:
        statements: list[Node] = json.loads(tree or b"{}").get("stmts", [])
    except RecursionError as error:
        raise TooComplex("nesting") from error
    return statements
