"""PostgreSQL's analysis of text: our lexer splits, the server's own parser judges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Final

from sluicegate.dialects.postgres.bodies import PostgresBodies
from sluicegate.dialects.postgres.functions import GRAMMAR, VOLATILE
from sluicegate.dialects.postgres.impact import ASIDE, foresee
from sluicegate.dialects.postgres.lexicon import ESCAPING_LEXER, LEXER
from sluicegate.dialects.postgres.parser import Node, ParseFailed, TooComplex, parse
from sluicegate.dialects.postgres.source import Tree
from sluicegate.dialects.postgres.statements import classify
from sluicegate.dialects.postgres.structures import structure
from sluicegate.dialects.postgres.tree import Locate, only
from sluicegate.sql import analyse as pipeline
from sluicegate.sql import rows
from sluicegate.sql.catalogue import CatalogueCopy
from sluicegate.sql.facts import Definition, Facts
from sluicegate.sql.images import ImageGrammar, plan
from sluicegate.sql.lexer import LONG, PLAIN_DOUBLE, PLAIN_SINGLE, QUICK_SINGLE
from sluicegate.sql.model import AnalysisContext, ImagePlan, NoImage, Severity, Statement, StatementKind
from sluicegate.sql.rules.base import POSTGRESQL, Territory
from sluicegate.sql.shapes import ShapeRules
from sluicegate.sql.split import SplitRules
from sluicegate.sql.tokens import DATA, HINT, Token
from sluicegate.sql.words import words

_BLOCK: Final = 1024  # bytes
_CONTINUING: Final = bytes(range(0x80, 0xC0))  # bytes of UTF-8 that begin no character

TERRITORY: Final = Territory(
    qualifier="schema",
    assumed="public",
    readable=frozenset({"information_schema", "pg_catalog"}),
    system=frozenset({"pg_catalog", "information_schema", "pg_toast"}),
    secret=words(
        """
    pg_authid pg_shadow pg_user_mapping pg_user_mappings pg_largeobject pg_subscription pg_statistic
    pg_hba_file_rules pg_file_settings pg_ident_file_mappings
    """
    ),
    system_prefix="pg_",
)
# Escapes, dollar quotes, block comments and client commands are left to the slow way.
_FAST: Final = re.compile(
    rf"(?:[^;'\"\-/$\\\n]++|(?<![eE&])(?:{QUICK_SINGLE}|{PLAIN_SINGLE})|{PLAIN_DOUBLE}|--[^\n\r]*+()|-(?!-)|/(?!\*)"
    r"|\n(?![gG][oO][ \t\r]*+(?:\n|\Z)))*+",
    re.DOTALL,
)
_SHAPES: Final = ShapeRules(
    names=PLAIN_DOUBLE,
    quotes='"',
    strings=rf"'(?<![&A-Za-z0-9_$\x80-\U0010ffff]'){PLAIN_SINGLE[1:]}",
    veto=r"[\\$']",
)
_ROWS: Final = rows.pattern(PLAIN_SINGLE)
_SLOW: Final = frozenset({"CREATE", "COPY", "SET", "GO"})


def _after(tokens: list[Token]) -> SplitRules | None:
    """Behind SET standard_conforming_strings = off strings are read in another way."""
    keys = [token.key or token.text.strip("'").upper() for token in tokens[:6]]
    if keys[:1] != ["SET"] or "STANDARD_CONFORMING_STRINGS" not in keys:
        return None
    off = keys[-1] in ("OFF", "FALSE", "0", "NO")
    return replace(
        ANALYSER.rules,
        lexer_for=lambda _delimiter: ESCAPING_LEXER if off else LEXER,
        fast=None if off else _FAST,
    )


def _reads_data(tokens: list[Token]) -> bool:
    return (
        bool(tokens)
        and tokens[0].key == "COPY"
        and any(token.key == "FROM" and following.key == "STDIN" for token, following in pairwise(tokens))
    )


def _read(script: str, tokens: list[Token], facts: Facts) -> None:
    if tokens[-1].kind == DATA:
        tokens = tokens[:-1]
    for token in tokens:
        if token.kind == HINT:
            facts.note("HINT", token.start, token.text[:60])
        elif token.kind == "CLIENT":
            facts.note("CLIENT_COMMAND", token.start, token.text.strip()[:40])
    tokens = [token for token in tokens if token.kind != "CLIENT"]
    if not tokens:
        facts.unknown()
        return
    start = tokens[0].start
    text, gap = _readable_text(script, tokens)
    try:
        statements = parse(text, tokens)
    except TooComplex:
        facts.unknown(start)
        facts.note("TOO_COMPLEX", start)
        return
    except ParseFailed as failed:
        facts.unknown(start + failed.offset if failed.offset >= 0 else start, failed.message)
        _runs_behind_explain(text, tokens, facts)
        return
    if len(statements) != 1:
        facts.unknown(start)
        return
    kind, fields = only(statements[0].get("stmt", {}))
    locate = _locator(text, start, gap)
    classify(kind, fields, facts, locate)
    facts.tree = Tree(kind, fields, locate, gap)


def _readable_text(script: str, tokens: list[Token]) -> tuple[str, tuple[int, int]]:
    """The statement; rows of literals that were passed over are left out. The gap is the
    range of the script that lacks."""
    start, end = tokens[0].start, tokens[-1].end
    if end - start < LONG:
        return script[start:end], (end, end)
    skipped, resumed = rows.literal_rows(_ROWS, script, start, end)
    if resumed >= end:
        return script[start:end], (end, end)
    return script[start:skipped] + script[resumed:end], (skipped, resumed)


def _characters_before(encoded: bytes) -> Callable[[int], int]:
    """How many characters begin before a place in UTF-8, in the same short time for any place."""
    sizes = (
        len(encoded[place : place + _BLOCK].translate(None, _CONTINUING))
        for place in range(0, len(encoded), _BLOCK)
    )
    counts = list(accumulate(sizes, initial=0))

    def before(offset: int) -> int:
        block = min(offset, len(encoded)) // _BLOCK
        return counts[block] + len(encoded[block * _BLOCK : offset].translate(None, _CONTINUING))

    return before


def _locator(text: str, start: int, gap: tuple[int, int]) -> Locate:
    before = None if text.isascii() else _characters_before(text.encode("utf-8", "replace"))

    def locate(offset: int) -> int:
        if offset < 0:
            return -1
        place = start + (offset if before is None else before(offset))
        return place if place < gap[0] else place + gap[1] - gap[0]

    return locate


def _runs_behind_explain(text: str, tokens: list[Token], facts: Facts) -> None:
    """Text that is no statement but becomes one that runs behind EXPLAIN."""
    try:
        statements = parse(f"EXPLAIN {text}", tokens)
    except ParseFailed:
        return
    inner: Node = only(statements[0].get("stmt", {}))[1] if len(statements) == 1 else {}
    kind, fields = only(inner.get("query", {}))
    if not kind:
        return
    found = Facts()
    classify(kind, fields, found, lambda _offset: -1)
    for ref in found.objects:
        facts.add(ref)
    facts.note("PREAPPROVAL_EXEC", -1, f"EXPLAIN {found.operation}", Severity.BLOCK)
    facts.kind = StatementKind.UNKNOWN


def _client(_script: str, tokens: list[Token], facts: Facts) -> None:
    facts.operation = "CLIENT COMMAND"
    facts.note("CLIENT_COMMAND", tokens[0].start, tokens[0].text.strip()[:40])


ANALYSER: Final = pipeline.Analyser(
    rules=SplitRules(
        lexer_for=lambda _delimiter: LEXER,
        tracker=PostgresBodies,
        fast=_FAST,
        lead=re.compile(r"(?:[ \t\n\v\f\r;]++|--[^\n\r]*+)*+"),
        slow_words=_SLOW,
        reads_data=_reads_data,
        after=_after,
    ),
    lexer=LEXER,
    read=_read,
    client=_client,
    territory=TERRITORY,
    family=POSTGRESQL,
    rows=_ROWS,
    shapes=_SHAPES,
    structure=structure,
    impact=foresee,
    aside=ASIDE,
)


def analyse(script: str, context: AnalysisContext) -> Iterator[Statement]:
    return pipeline.analyse(script, context, ANALYSER)


def analyse_stream(chunks: Iterable[str], context: AnalysisContext) -> Iterator[Statement]:
    return pipeline.analyse_stream(chunks, context, ANALYSER)


def definitions(script: str) -> Iterator[Definition]:
    return pipeline.definitions(script, ANALYSER)


def catalogue(script: str, home: str | None) -> CatalogueCopy:
    return pipeline.catalogue(script, ANALYSER, home)


def image_plan(statement: Statement) -> ImagePlan | NoImage:
    tokens = LEXER.significant(statement.text)
    return plan(statement, tokens, ImageGrammar(GRAMMAR, VOLATILE, fold_lower=True))
