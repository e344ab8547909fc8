"""ClickHouse's analysis of text: how scripts are split and statements read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.dialects.clickhouse.bodies import InlineData
from sluicegate.dialects.clickhouse.lexicon import BACKTICK, DOUBLE, LEXER
from sluicegate.dialects.clickhouse.statements import classify
from sluicegate.sql import analyse as pipeline
from sluicegate.sql import rows
from sluicegate.sql.facts import Definition, Facts
from sluicegate.sql.lexer import BACKSLASH_SINGLE
from sluicegate.sql.model import AnalysisContext, Statement
from sluicegate.sql.rules.base import CLICKHOUSE, Territory
from sluicegate.sql.shapes import MARK, ShapeRules
from sluicegate.sql.split import SplitRules
from sluicegate.sql.tokens import Token

TERRITORY: Final = Territory(
    qualifier="database",
    assumed=None,
    readable=frozenset({"system", "information_schema"}),
    system=frozenset({"system", "information_schema"}),
    transactional_ddl=False,
)


def _read(_script: str, tokens: list[Token], facts: Facts) -> None:
    plain = [token for token in tokens if token.kind != "CLIENT"]
    for token in tokens:
        if token.kind == "CLIENT":
            facts.note("CLIENT_COMMAND", token.start, token.text.strip()[:40])
    classify(plain, facts)


def _client(_script: str, tokens: list[Token], facts: Facts) -> None:
    facts.operation = "CLIENT COMMAND"
    facts.note("CLIENT_COMMAND", tokens[0].start, tokens[0].text.strip()[:40])


ANALYSER: Final = pipeline.Analyser(
    rules=SplitRules(lexer_for=lambda _delimiter: LEXER, tracker=InlineData),
    lexer=LEXER,
    read=_read,
    client=_client,
    territory=TERRITORY,
    family=CLICKHOUSE,
    rows=rows.pattern(BACKSLASH_SINGLE),
    shapes=ShapeRules(
        names=rf"{DOUBLE}|{BACKTICK}",
        quotes='"`',
        strings=BACKSLASH_SINGLE,
        veto=r"--|/\*|//|[\\#?@$]|[A-Za-z0-9_]" + MARK,
    ),
)


def analyse(script: str, context: AnalysisContext) -> Iterator[Statement]:
    return pipeline.analyse(script, context, ANALYSER)


def definitions(script: str) -> Iterator[Definition]:
    return pipeline.definitions(script, ANALYSER)
