"""Ordinary application SQL and migrations are let through."""

from __future__ import annotations

import pytest

from sluicegate.sql.model import StatementKind, Verdict
from tests.sql.corpora import CASES, analyse, ordinary

_CORPORA = {path.stem: path.stem for path in (CASES / "ordinary").glob("*.sql")}


@pytest.mark.parametrize(
    ("dialect", "corpus"),
    [
        ("mysql", "mysql"),
        ("mariadb", "mysql"),
        ("tidb", "mysql"),
        ("oceanbase", "mysql"),
        ("polardb", "mysql"),
        ("postgresql", "postgresql"),
        ("sqlite", "sqlite"),
    ],
)
def test_nothing_ordinary_is_denied(dialect: str, corpus: str) -> None:
    statements = analyse(dialect, ordinary(corpus))
    assert len(statements) >= 120
    denied = [
        (statement.line, statement.text, statement.findings)
        for statement in statements
        if statement.verdict is Verdict.DENY
    ]
    assert denied == []
    assert all(statement.kind is not StatementKind.UNKNOWN for statement in statements)
