"""What readers of statements do alike that take the tokens as they come: commands of clients in between are named."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sluicegate.sql.analyse import Reader
from sluicegate.sql.facts import Facts
from sluicegate.sql.tokens import CLIENT, Token

Classifier = Callable[[Sequence[Token], Facts], None]


def reading(classify: Classifier) -> Reader:
    """``classify`` is given the statement's tokens without clients' commands."""

    def read(_script: str, tokens: list[Token], facts: Facts) -> None:
        plain = [token for token in tokens if token.kind != CLIENT]
        for token in tokens:
            if token.kind == CLIENT:
                _note(token, facts)
        classify(plain, facts)

    return read


def client_command(_script: str, tokens: list[Token], facts: Facts) -> None:
    facts.operation = "CLIENT COMMAND"
    _note(tokens[0], facts)


def _note(token: Token, facts: Facts) -> None:
    facts.note("CLIENT_COMMAND", token.start, token.text.strip()[:40])
