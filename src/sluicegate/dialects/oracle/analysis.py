"""Oracle's analysis of text: how scripts are split and statements read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.dialects.oracle.bodies import OracleBodies
from sluicegate.dialects.oracle.lexicon import LEXER
from sluicegate.dialects.oracle.statements import classify
from sluicegate.sql import analyse as pipeline
from sluicegate.sql import rows
from sluicegate.sql.facts import Definition, Facts
from sluicegate.sql.lexer import PLAIN_DOUBLE, PLAIN_SINGLE
from sluicegate.sql.model import AnalysisContext, Statement
from sluicegate.sql.rules.base import ORACLE, Territory
from sluicegate.sql.shapes import MARK, ShapeRules
from sluicegate.sql.split import SplitRules
from sluicegate.sql.tokens import Token

TERRITORY: Final = Territory(
    qualifier="schema",
    assumed=None,
    readable=frozenset({"sys"}),
    system=frozenset(
        {
            "sys",
            "system",
            "sysaux",
            "audsys",
            "ctxsys",
            "dbsnmp",
            "dvsys",
            "gsmadmin_internal",
            "lbacsys",
            "mdsys",
            "outln",
            "wmsys",
            "xdb",
        }
    ),
    secret=frozenset(
        {"user$", "link$", "user_history$", "dba_credentials", "dba_users_with_defpwd", "sysauth$"}
    ),
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
    rules=SplitRules(lexer_for=lambda _delimiter: LEXER, tracker=OracleBodies),
    lexer=LEXER,
    read=_read,
    client=_client,
    territory=TERRITORY,
    family=ORACLE,
    rows=rows.pattern(PLAIN_SINGLE),
    shapes=ShapeRules(
        names=PLAIN_DOUBLE, quotes='"', strings=PLAIN_SINGLE, veto=r"--|/\*|[\\#?@&]|[A-Za-z0-9_$]" + MARK
    ),
)


def analyse(script: str, context: AnalysisContext) -> Iterator[Statement]:
    return pipeline.analyse(script, context, ANALYSER)


def definitions(script: str) -> Iterator[Definition]:
    return pipeline.definitions(script, ANALYSER)
