"""Inputs made to keep the analysis busy end, and their statements are cut and judged whole."""

from __future__ import annotations

import pytest
from benchmarks.hostile import HOSTILE, Hostile

from sluicegate.dialects import registry
from sluicegate.sql import lexer, slow
from sluicegate.sql.model import AnalysisContext, Statement, StatementKind, Verdict
from sluicegate.sql.shapes import MAX_SHAPES, Shape, ShapeCache

CODES = ["mysql", "postgresql", "sqlite"]


def _analysed(dialect: str, script: str) -> list[Statement]:
    return list(registry.get(dialect).analyse(script, AnalysisContext()))


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
@pytest.mark.parametrize("dialect", CODES)
def test_it_ends_and_says_where(dialect: str, hostile: Hostile) -> None:
    script = hostile.make(5_000)
    for statement in _analysed(dialect, script):
        assert statement.text == script[statement.start : statement.end]


@pytest.mark.parametrize("dialect", CODES)
def test_a_statement_of_too_many_tokens_is_denied(dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexer, "MAX_TOKENS", 10_000)
    [statement] = _analysed(dialect, "SELECT " + "a, " * 10_000 + "b")
    assert statement.verdict is Verdict.DENY
    assert "TOO_COMPLEX" in {finding.code for finding in statement.findings}


def test_delimiters_without_end_are_denied() -> None:
    script = "".join(f"DELIMITER /{number}/\n" for number in range(slow.MAX_DELIMITERS + 1))
    [statement] = _analysed("mysql", script + "SELECT 1;")
    assert statement.verdict is Verdict.DENY


def test_the_memory_of_shapes_is_bounded() -> None:
    cache = ShapeCache()
    shape = Shape(StatementKind.QUERY, "SELECT", (), True, "", ())
    for number in range(MAX_SHAPES + 1):
        cache.put(f"SELECT {number}", shape)
    assert cache.get("SELECT 0") is None
    assert cache.get(f"SELECT {MAX_SHAPES}") is shape
