"""What SQLite's statements say, as values."""

from __future__ import annotations

from sluicegate.dialects.sqlite.definitions import read_definition
from sluicegate.dialects.sqlite.functions import GRAMMAR
from sluicegate.sql.facts import Facts
from sluicegate.sql.model import StatementKind
from sluicegate.sql.query_structure import read_query
from sluicegate.sql.structure import Structure
from sluicegate.sql.tokens import CLIENT, Token

_DEFINING = frozenset({StatementKind.DDL, StatementKind.ADMIN})
_ASKING = frozenset({StatementKind.QUERY, StatementKind.DML})


def read(script: str, tokens: list[Token], facts: Facts) -> Structure | None:
    plain = [token for token in tokens if token.kind != CLIENT]
    if facts.kind in _ASKING:
        return read_query(plain, GRAMMAR, script)
    return read_definition(script, plain) if facts.kind in _DEFINING else None
