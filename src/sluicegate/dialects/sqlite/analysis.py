"""SQLite's analysis of text: how scripts are split and statements read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from sluicegate.dialects.sqlite.bodies import SqliteBodies
from sluicegate.dialects.sqlite.functions import GRAMMAR, VOLATILE
from sluicegate.dialects.sqlite.impact import foresee
from sluicegate.dialects.sqlite.lexicon import LEXER
from sluicegate.dialects.sqlite.statements import classify
from sluicegate.dialects.sqlite.structure import read as read_structure
from sluicegate.sql import analyse as pipeline
from sluicegate.sql import rows
from sluicegate.sql.catalogue import CatalogueCopy
from sluicegate.sql.facts import Definition, Facts
from sluicegate.sql.images import ImageGrammar, plan
from sluicegate.sql.impact import Blocks
from sluicegate.sql.impact_aside import Aside
from sluicegate.sql.lexer import BACKTICK, PLAIN_DOUBLE, PLAIN_SINGLE, QUICK_SINGLE
from sluicegate.sql.model import AnalysisContext, ImagePlan, NoImage, Statement
from sluicegate.sql.rules.base import SQLITE, Territory
from sluicegate.sql.shapes import ShapeRules
from sluicegate.sql.split import SplitRules
from sluicegate.sql.tokens import Token

TERRITORY: Final = Territory(
    qualifier="schema",
    assumed="main",
    readable=frozenset(),
    system=frozenset(),
    system_prefix="sqlite_",
    prefix_anywhere=True,
)
_FAST: Final = re.compile(
    rf"(?:[^;'\"`\[/\-\\\n]++|{QUICK_SINGLE}|{PLAIN_SINGLE}|{PLAIN_DOUBLE}|{BACKTICK}|\[[^\]]*+\]|-(?!-)"
    r"|(?:--[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/)()|/(?!\*)|\n(?!\.[A-Za-z]|[gG][oO][ \t\r]*+(?:\n|\Z)))*+",
    re.DOTALL,
)


def _read(_script: str, tokens: list[Token], facts: Facts) -> None:
    for token in tokens:
        if token.kind == "CLIENT":
            facts.note("CLIENT_COMMAND", token.start, token.text.strip()[:40])
    plain = [token for token in tokens if token.kind != "CLIENT"]
    if not plain:
        facts.unknown()
        return
    classify(plain, facts)


def _client(_script: str, tokens: list[Token], facts: Facts) -> None:
    facts.operation = "CLIENT COMMAND"
    facts.note("CLIENT_COMMAND", tokens[0].start, tokens[0].text.strip()[:40])


ANALYSER: Final = pipeline.Analyser(
    rules=SplitRules(
        lexer_for=lambda _delimiter: LEXER,
        tracker=SqliteBodies,
        fast=_FAST,
        lead=re.compile(r"(?:[ \t\n\v\f\r;]++|--[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/)*+"),
        slow_words=frozenset({"CREATE", "EXPLAIN", "GO"}),
    ),
    lexer=LEXER,
    read=_read,
    client=_client,
    territory=TERRITORY,
    family=SQLITE,
    structure=read_structure,
    impact=foresee,
    aside=Aside(copying=Blocks.WRITES),
    rows=rows.pattern(PLAIN_SINGLE),
    shapes=ShapeRules(
        names=rf"{PLAIN_DOUBLE}|{BACKTICK}|\[[^\]]*+\]",
        quotes='"`[',
        strings=rf"'(?<![A-Za-z0-9_$\x80-\U0010ffff]'){PLAIN_SINGLE[1:]}",
        veto=r"[\\#?:@$']",
    ),
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
    return plan(statement, tokens, ImageGrammar(GRAMMAR, VOLATILE))
