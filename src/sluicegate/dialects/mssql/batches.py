"""Batches with control flow and the bodies of routines: the statements in them, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sluicegate.dialects.common.heads import merge_facts
from sluicegate.dialects.mssql import statements
from sluicegate.dialects.mssql.boundaries import STARTS, TsqlStatements
from sluicegate.dialects.mssql.functions import GRAMMAR
from sluicegate.sql.facts import Facts
from sluicegate.sql.model import StatementKind
from sluicegate.sql.query import QueryReader
from sluicegate.sql.tokens import VARIABLE, Token
from sluicegate.sql.words import words

_EXPRESSIONS: Final = words(
    """
    IF WHILE PRINT RAISERROR THROW RETURN DECLARE FETCH OPEN CLOSE DEALLOCATE BREAK CONTINUE GOTO TRY CATCH
    CONVERSATION
    """
)
_TRANSACTIONS: Final = frozenset({"TRAN", "TRANSACTION", "DISTRIBUTED"})
_BODY_STARTS: Final = STARTS | {"WITH", "EXTERNAL", ";", "THROW", "("}


def routine_start(tokens: Sequence[Token], start: int) -> int:
    """Where the body begins: behind AS, or at BEGIN or RETURN where there is none."""
    depth = 0
    for place in range(start, len(tokens)):
        key = tokens[place].key
        depth += (key == "(") - (key == ")")
        if depth:
            continue
        following = tokens[place + 1].key if place + 1 < len(tokens) else ""
        if key == "AS" and following in _BODY_STARTS and tokens[place - 1].key not in ("EXECUTE", "EXEC"):
            return place + 1
        if key in ("BEGIN", "RETURN"):
            return place
    return len(tokens)


def read_batch(tokens: Sequence[Token], start: int, facts: Facts, *, stored: bool, depth: int) -> None:
    """Everything from ``start`` on. ``stored``: it runs when somebody calls it."""
    if depth >= statements.MAX_BODY_DEPTH:
        facts.unknown(tokens[start].start if start < len(tokens) else -1, "BEGIN")
        return
    for begin, end in _parts(tokens, start):
        inner = Facts(StatementKind.PROCEDURAL)
        _read_part(tokens[begin:end], inner, depth)
        merge_facts(facts, inner, stored=stored)
        if not stored:
            facts.transactional = facts.transactional and inner.transactional


def _parts(tokens: Sequence[Token], start: int) -> Iterator[tuple[int, int]]:
    tracker = TsqlStatements(whole=False)
    begin, depth, cases = start, 0, 0
    for place in range(start, len(tokens)):
        token = tokens[place]
        key = token.key
        depth += (key == "(") - (key == ")")
        if depth == 0:
            if key == "CASE":
                cases += 1
            elif key == "END" and cases:
                cases -= 1
            elif key in (";", "END", "ELSE") and not cases:
                if begin < place:
                    yield begin, place
                begin = place + 1
                tracker.restart()
                continue
            elif tracker.begins(token) and not _asks_for_columns(tokens, place):
                yield begin, place
                begin = place
                tracker.restart()
        tracker.feed(token)
    if begin < len(tokens):
        yield begin, len(tokens)


def _asks_for_columns(tokens: Sequence[Token], place: int) -> bool:
    """``UPDATE(column)`` in the condition of a trigger."""
    return tokens[place].key == "UPDATE" and place + 1 < len(tokens) and tokens[place + 1].key == "("


def _read_part(tokens: Sequence[Token], facts: Facts, depth: int) -> None:
    first = tokens[0].key
    following = tokens[1].key if len(tokens) > 1 else ""
    if first == "BEGIN" and following not in _TRANSACTIONS:
        return
    if first == "EXTERNAL":
        facts.note("OS_COMMAND", tokens[0].start, "EXTERNAL NAME")
    elif first in _EXPRESSIONS or (first == "SET" and len(tokens) > 1 and tokens[1].kind == VARIABLE):
        _expression(tokens, facts)
    elif following == ":" and len(tokens) == 2:
        return  # a label
    else:
        statements.read(tokens, facts, in_body=True, depth=depth + 1)


def _expression(tokens: Sequence[Token], facts: Facts) -> None:
    QueryReader(tokens, GRAMMAR, facts, in_body=True).read_expression(1, len(tokens))
