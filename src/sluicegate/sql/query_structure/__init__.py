"""Reads SELECT, INSERT, REPLACE, UPDATE and DELETE into values, for dialects without a parser of their own.

It reads what the classifying reader (``sql.query``) has found to be well-formed, and only what rules ask
about. Recursive descent from clause to clause: time is linear, nesting bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sluicegate.sql.grammar import Grammar
from sluicegate.sql.query_structure.base import TooDeep
from sluicegate.sql.query_structure.writes import StatementReader
from sluicegate.sql.structure.queries import Query
from sluicegate.sql.tokens import DELIMITER, EXEC_CLOSE, EXEC_OPEN, HINT, Token

_MARKS: Final = frozenset({HINT, EXEC_OPEN, EXEC_CLOSE, DELIMITER})


def read_query(tokens: Sequence[Token], grammar: Grammar, script: str = "") -> Query | None:
    """One statement's significant tokens. None for what is no query, and for what nests too deep.

    ``script`` is the text that the tokens are of: with it rows that were passed over (``sql.rows``) count.
    """
    plain = [token for token in tokens if token.kind not in _MARKS]
    while plain and plain[-1].key == ";":
        plain.pop()
    try:
        return StatementReader(plain, grammar, script).read()
    except TooDeep:
        return None
