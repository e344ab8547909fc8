"""SET and what else changes the session instead of data."""

from __future__ import annotations

from typing import Final

from sluicegate.sql.cursor import Cursor
from sluicegate.sql.facts import Facts
from sluicegate.sql.grammar import Grammar
from sluicegate.sql.model import Severity, StatementKind
from sluicegate.sql.query import QueryReader
from sluicegate.sql.tokens import VARIABLE
from sluicegate.sql.words import words

_LEXER: Final = words(
    """
    SQL_MODE CHARACTER_SET_CLIENT CHARACTER_SET_CONNECTION CHARACTER_SET_RESULTS CHARACTER_SET_DATABASE
    COLLATION_CONNECTION COLLATION_DATABASE OLD_MODE
    """
)
_TRANSACTION: Final = frozenset(
    [
        "AUTOCOMMIT",
        "COMPLETION_TYPE",
        "TRANSACTION_ISOLATION",
        "TX_ISOLATION",
        "TRANSACTION_READ_ONLY",
        "TX_READ_ONLY",
    ]
)
_SERVER_SCOPES: Final = frozenset({"GLOBAL", "PERSIST", "PERSIST_ONLY"})


def read_set(cursor: Cursor, facts: Facts, grammar: Grammar) -> None:
    """SET …; the cursor stands behind the word."""
    facts.kind = StatementKind.SESSION
    facts.operation = "SET"
    facts.transactional = False
    first = cursor.key()
    at = cursor.token().start
    if first == "NAMES":
        pinned = cursor.token(1).text.strip("'\"").lower() == "utf8mb4" and cursor.end - cursor.i == 2
        facts.note("SET_LEXER", at, "NAMES", Severity.INFO if pinned else None)
        return
    if first in ("CHARACTER", "CHARSET"):
        facts.note("SET_LEXER", at, cursor.token().text)
        return
    if first in ("PASSWORD", "ROLE", "DEFAULT", "RESOURCE"):
        facts.kind = StatementKind.DCL
        facts.note("PRIVILEGE", at, f"SET {cursor.token().text}")
        return
    if first == "TRANSACTION" or (first in ("SESSION", "LOCAL", "GLOBAL") and cursor.key(1) == "TRANSACTION"):
        facts.kind = StatementKind.TCL
        facts.note("TX_CONTROL", at, "SET TRANSACTION")
        return
    _assignments(cursor, facts)
    reader = QueryReader(cursor.tokens, grammar, facts)
    reader.read_expression(cursor.i, cursor.end)


def _assignments(cursor: Cursor, facts: Facts) -> None:
    depth, expects = 0, True
    for place in range(cursor.i, cursor.end):
        token = cursor.tokens[place]
        depth += (token.key == "(") - (token.key == ")")
        if depth == 0 and token.key == ",":
            expects = True
        elif expects:
            expects = False
            _assignment(Cursor(cursor.tokens, place, cursor.end), facts)


def _assignment(cursor: Cursor, facts: Facts) -> None:
    token = cursor.token()
    if token.kind == VARIABLE and not token.text.startswith("@@"):
        facts.note("SESSION_STATE", token.start, token.text, Severity.ERROR)
        return
    words = token.text.lstrip("@").upper().split(".")
    following = 1
    while cursor.key(following) == "." or cursor.key(following - 1) in (*_SERVER_SCOPES, "SESSION", "LOCAL"):
        if cursor.key(following) != ".":
            words.append(cursor.token(following).text.upper().lstrip("@"))
        following += 1
        if following > 6:
            break
    name = words[-1]
    if _SERVER_SCOPES & set(words[:-1]):
        facts.note("PRIVILEGE", token.start, f"SET {' '.join(words)}")
    elif name in _LEXER:
        facts.note("SET_LEXER", token.start, name)
    elif name in _TRANSACTION:
        facts.note("TX_CONTROL", token.start, name)
    else:
        facts.note("SET_SESSION", token.start, name)
