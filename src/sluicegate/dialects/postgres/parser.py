"""PostgreSQL's own parser (libpg_query, through the library that postgast brings).

The parse tree is asked for as protobuf and turned into plain dictionaries. Not as JSON, which the library
can write too and which is read faster: its text breaks off, with bytes of other memory behind it, whenever
it outgrows its first 1,024 bytes in the wrong place (libpg_query of postgast 0.2). The parser itself recurses
in C, so texts that would exhaust the stack are refused before.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
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


def _deep(tokens: Sequence[Token]) -> bool:
    # Set operations and joins in a row nest across commas, so they count by themselves.
    chains = sum(1 for token in tokens if token.key in ("UNION", "EXCEPT", "INTERSECT", "JOIN"))
    return chains > MAX_DEPTH or nesting(tokens) > MAX_DEPTH


def parse(text: str, tokens: Sequence[Token]) -> list[Node]:
    """The raw statements of the text, each {"stmt": {Type: …}, "stmt_location", "stmt_len"}.

    Raises:
        ParseFailed: a syntax error.
        TooComplex: nested deeper than MAX_DEPTH, or than JSON can be read.
    """
    if len(tokens) > MAX_DEPTH and _deep(tokens):  # no token nests by more than one level
        raise TooComplex("nesting")
    if any(len(token.text) > MAX_OPERATOR and token.kind == OP for token in tokens):
        raise TooComplex("nesting")
    library = _library()
    encoded = text.encode("utf-8", "replace")  # lone surrogates are denied elsewhere
    result = library.pg_query_parse_protobuf(encoded)
    try:
        if result.error:
            error = result.error.contents
            message = error.message.decode("utf-8", "replace") if error.message else ""
            offset = (
                len(encoded[: error.cursorpos - 1].decode("utf-8", "ignore")) if error.cursorpos > 0 else -1
            )
            raise ParseFailed(message, offset)
        tree = ctypes.string_at(result.parse_tree.data, result.parse_tree.len)
    finally:
        library.pg_query_free_protobuf_parse_result(result)
    return _nodes(tree)


@cache
def _tree_type() -> Any:
    # By name: protobuf loads slowly, and neither module has usable type stubs.
    import_module("google._upb._message").SetAllowOversizeProtos(True)  # nesting is bounded by MAX_DEPTH
    return import_module("postgast.pg_query_pb2").ParseResult


def _nodes(tree: bytes) -> list[Node]:
    unreadable = import_module("google.protobuf.message").DecodeError
    try:
        statements: list[Node] = _plain(_tree_type().FromString(tree)).get("stmts", [])
    except (unreadable, RecursionError) as error:
        raise TooComplex("nesting") from error
    return statements


_Read = tuple[str, str, Mapping[int, str]]
"""What is to know of a field: its JSON name, what it holds (see ``_described``), the names of an enum's values."""
_FIELDS: Final[dict[Any, _Read]] = {}  # by descriptor; asking descriptors takes most of the time


def _described(field: Any) -> _Read:
    many = "many " if field.is_repeated else ""
    names: dict[int, str] = {}
    if field.message_type is not None:
        holds = many + "messages"
    elif field.enum_type is not None:
        holds = "enum"
        names = {number: value.name for number, value in field.enum_type.values_by_number.items()}
    else:
        holds = many + "values"
    return _FIELDS.setdefault(field, (field.json_name, holds, names))


def _plain(message: Any) -> Node:
    """The message's fields that are set, by their JSON names; enums by name. One frame of the stack for each
    level, which the library's own conversion takes several of."""
    found: Node = {}
    for field, value in message.ListFields():
        name, holds, enum = _FIELDS.get(field) or _described(field)
        if holds == "values":
            found[name] = value
        elif holds == "messages":
            found[name] = _plain(value)
        elif holds == "many messages":
            items = found[name] = []
            for item in value:
                items.append(_plain(item))
        elif holds == "enum":
            found[name] = enum[value]
        else:
            found[name] = list(value)
    return found
