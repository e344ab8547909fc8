"""MySQL's analysis of text: how scripts are split and statements read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from sluicegate.dialects.mysql import lexicon
from sluicegate.dialects.mysql.bodies import MySqlBodies
from sluicegate.dialects.mysql.definitions import read as read_definition
from sluicegate.dialects.mysql.functions import GRAMMAR, VOLATILE
from sluicegate.dialects.mysql.impact import aside, foresight
from sluicegate.dialects.mysql.statements import classify
from sluicegate.dialects.mysql.variant import Variant
from sluicegate.sql import analyse as pipeline
from sluicegate.sql import rows
from sluicegate.sql.catalogue import CatalogueCopy
from sluicegate.sql.facts import Definition, Facts
from sluicegate.sql.images import ImageGrammar, plan
from sluicegate.sql.lexer import BACKSLASH_DOUBLE, BACKSLASH_SINGLE, BACKTICK, BLOCK_COMMENT, QUICK_SINGLE
from sluicegate.sql.model import AnalysisContext, ImagePlan, NoImage, Severity, Statement, StatementKind
from sluicegate.sql.query_structure import read_query
from sluicegate.sql.rules.base import MYSQL, Territory
from sluicegate.sql.shapes import ShapeRules
from sluicegate.sql.split import SplitRules
from sluicegate.sql.structure import Structure
from sluicegate.sql.tokens import EXEC_CLOSE, EXEC_OPEN, HINT, STRING, WORD, Token
from sluicegate.sql.words import words

TERRITORY: Final = Territory(
    qualifier="database",
    assumed=None,
    readable=frozenset({"information_schema", "performance_schema", "sys"}),
    system=frozenset(
        {"mysql", "information_schema", "performance_schema", "sys", "metrics_schema", "oceanbase"}
    ),
    transactional_ddl=False,
)

# Commands of the mysql client that take the rest of their line; those with a backslash are tokens.
_LINE_COMMANDS: Final = words(
    """
    SOURCE SYSTEM QUIT EXIT TEE NOTEE PAGER NOPAGER CONNECT PROMPT EDIT EGO GO PRINT REHASH STATUS
    CHARSET WARNINGS NOWARNING CLEAR QUERY_ATTRIBUTES RESETCONNECTION
    """
)
_SLOW: Final = frozenset({"CREATE", "ALTER", "BEGIN", "DELIMITER", "USE", *_LINE_COMMANDS})
_FAST: Final = re.compile(
    rf"(?:[^;'\"`#/\-\\\n]++|{QUICK_SINGLE}|{lexicon.SINGLE}|{lexicon.DOUBLE}|{BACKTICK}"
    rf"|(?:\#[^\n]*+|--(?=[\x00-\x20\x7f]|\Z)[^\n]*+|/\*(?![!MT]){BLOCK_COMMENT[3:]})()|-|/(?!\*)"
    r"|\\N|\n(?!delimiter[ \t\r\n]|[gG][oO][ \t\r]*+(?:\n|\Z)))*+",
    re.DOTALL | re.IGNORECASE,
)
_LEAD: Final = re.compile(
    r"(?:[ \t\n\v\f\r;]++|#[^\n]*+|--(?=[\x00-\x20\x7f]|\Z)[^\n]*+|/\*(?![!+MT])[^*]*+(?:\*(?!/)[^*]*+)*+\*/)*+"
)
_BEFORE: Final = r"[A-Za-z0-9_$\x80-\U0010ffff]"  # a prefix, or part of a name: no plain literal
_SHAPES: Final = ShapeRules(
    names=BACKTICK,
    quotes="`",
    strings=rf"'(?<!{_BEFORE}'){BACKSLASH_SINGLE[1:]}|\"(?<!{_BEFORE}\"){BACKSLASH_DOUBLE[1:]}",
    veto=r"[\\#?@'\"]",
)
_SAFE_CHARSETS: Final = frozenset({"_UTF8", "_UTF8MB3", "_UTF8MB4", "_BINARY", "_ASCII", "_LATIN1"})
_CLIENT_USE: Final = re.compile(r"\\u\s*+[`'\"]?([^\s`'\";]+)")
_STRONG_HINT: Final = re.compile(
    r"SET_VAR|MAX_EXECUTION_TIME|RESOURCE_GROUP|MAX_STATEMENT_TIME", re.IGNORECASE
)
_DEFINING: Final = frozenset(
    {StatementKind.DDL, StatementKind.DCL, StatementKind.SESSION, StatementKind.ADMIN}
)
_ASKING: Final = frozenset({StatementKind.QUERY, StatementKind.DML})
_MIXED_DELIMITER: Final = "DELIMITER"


@cache
def analyser(variant: Variant, version: tuple[int, ...] | None) -> pipeline.Analyser:
    """The parts for one server version (None: unknown)."""

    def read(script: str, tokens: list[Token], facts: Facts) -> None:
        plain = _executable_comments(tokens, facts, variant, version)
        _text(script, plain, facts)
        if plain:
            classify(plain, facts)
        else:
            facts.unknown()

    return pipeline.Analyser(
        rules=SplitRules(
            lexer_for=lambda delimiter: lexicon.lexer(variant, version, delimiter),
            tracker=MySqlBodies,
            fast=_FAST,
            lead=_LEAD,
            line_comment=re.compile(r"--(?=[\x00-\x20\x7f]|\Z)|#"),
            slow_words=_SLOW,
            line_commands=_LINE_COMMANDS,
            line_statements=frozenset({"USE"}),
            delimiter_command=True,
        ),
        lexer=lexicon.lexer(variant, version),
        read=read,
        client=_client,
        territory=TERRITORY,
        family=MYSQL,
        structure=_structure,
        rows=rows.pattern(rf"(?:[xbn]|_[a-z0-9]++[ ]?+)?+(?:{lexicon.SINGLE}|{lexicon.DOUBLE})"),
        shapes=_SHAPES,
        impact=foresight(variant),
        aside=aside(variant),
    )


def analyse(script: str, context: AnalysisContext, variant: Variant) -> Iterator[Statement]:
    return pipeline.analyse(script, context, analyser(variant, context.server_version))


def analyse_stream(chunks: Iterable[str], context: AnalysisContext, variant: Variant) -> Iterator[Statement]:
    return pipeline.analyse_stream(chunks, context, analyser(variant, context.server_version))


def definitions(script: str, variant: Variant) -> Iterator[Definition]:
    return pipeline.definitions(script, analyser(variant, None))


def catalogue(script: str, variant: Variant, home: str | None) -> CatalogueCopy:
    return pipeline.catalogue(script, analyser(variant, None), home)


def image_plan(statement: Statement, variant: Variant, *, limited: bool = False) -> ImagePlan | NoImage:
    tokens = lexicon.lexer(variant, None).significant(statement.text)
    return plan(statement, tokens, ImageGrammar(GRAMMAR, VOLATILE), limited=limited)


def _structure(script: str, tokens: list[Token], facts: Facts) -> Structure | None:
    if facts.kind in _DEFINING:
        return read_definition(script, tokens)
    if facts.kind in _ASKING:
        return read_query(tokens, GRAMMAR, script)
    return None


def _client(_script: str, tokens: list[Token], facts: Facts) -> None:
    facts.operation = "CLIENT COMMAND"
    facts.note("CLIENT_COMMAND", tokens[0].start, tokens[0].text.strip()[:40])
    found = _CLIENT_USE.match(tokens[0].text)
    if found is not None:
        facts.database = found[1]


def _executable_comments(
    tokens: list[Token], facts: Facts, variant: Variant, version: tuple[int, ...] | None
) -> list[Token]:
    """The tokens without the marks of executable comments, which are noted."""
    plain: list[Token] = []
    inside = False
    for token in tokens:
        if token.kind == EXEC_OPEN:
            uncertain = lexicon.gate_open(token.text, variant, version) is None
            blocked = inside or uncertain
            facts.note("EXEC_COMMENT", token.start, token.text, Severity.BLOCK if blocked else None)
            inside = True
        elif token.kind == EXEC_CLOSE:
            inside = False
        else:
            plain.append(token)
    return plain


def _text(script: str, tokens: list[Token], facts: Facts) -> None:
    """What the tokens alone tell: introducers, client commands inside a statement."""
    for place, token in enumerate(tokens):
        if token.kind == "CLIENT":
            facts.note("CLIENT_COMMAND", token.start, token.text.strip()[:40])
        elif token.kind == HINT:
            strong = _STRONG_HINT.search(token.text) is not None
            facts.note("HINT", token.start, token.text[:60], Severity.WARNING if strong else None)
        elif token.key == "-" and script.startswith("--", token.start):
            facts.note("LINT", token.start, "--")
        elif token.kind == WORD:
            following = tokens[place + 1].kind if place + 1 < len(tokens) else ""
            if token.key in ("OUTFILE", "DUMPFILE") and tokens[place - 1].key == "INTO":
                facts.note("FILE_WRITE", token.start, f"INTO {token.text}")
            if token.key[0] == "_" and following == STRING and token.key not in _SAFE_CHARSETS:
                facts.note("ENCODING", token.start, token.text, Severity.ERROR)
            elif token.key == _MIXED_DELIMITER and script.startswith("\n", token.start - 1):
                facts.note("CLIENT_COMMAND", token.start, token.text)
