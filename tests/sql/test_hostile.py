"""Inputs made to keep the analysis busy end, and their statements are cut and judged whole."""

from __future__ import annotations

import pytest
from benchmarks.hostile import HOSTILE, Hostile

from sluicegate.dialects import registry
from sluicegate.sql import lexer, slow
from sluicegate.sql.analyse import MOST_DENIED, REST
from sluicegate.sql.catalogue import ABSENT
from sluicegate.sql.model import AnalysisContext, ObjectRef, Severity, Statement, StatementKind, Verdict
from sluicegate.sql.rules.base import Options
from sluicegate.sql.rules.changes.delete_limit import RULE as NO_LIMIT
from sluicegate.sql.ruleset import RuleSet, Setting
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


@pytest.mark.parametrize(
    ("dialect", "odd"), [("mysql", "/*! a */"), ("postgresql", "E'\\''"), ("sqlite", "CREATE TRIGGER")]
)
def test_nothing_is_looked_for_behind_a_statement_of_too_many_tokens(
    dialect: str, odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "MAX_TOKENS", 10_000)
    script = f"DELETE FROM t WHERE id = 1; {odd} " + "a, " * 10_000 + "b; SELECT 1"
    first, rest = _analysed(dialect, script)
    assert first.verdict is not Verdict.DENY
    assert (rest.verdict, rest.text) == (Verdict.DENY, script[script.index(odd) :])


@pytest.mark.parametrize("dialect", CODES)
def test_behind_too_many_denied_statements_nothing_is_judged(dialect: str) -> None:
    script = "DELETE FROM t WHERE id = 1;\n" + "a1;" * MOST_DENIED + "SELECT 1;" * (REST // 9 + 1) + "\n"
    statements = _analysed(dialect, script)
    assert [one.verdict for one in statements[1:]] == [Verdict.DENY] * (MOST_DENIED + 2)
    last, rest = statements[-3], statements[-2:]
    assert [{finding.code for finding in one.findings} & {"TOO_MANY_DENIED"} for one in (last, *rest)] == [
        set(),
        {"TOO_MANY_DENIED"},
        {"TOO_MANY_DENIED"},
    ]
    assert "".join(one.text for one in rest) == script[rest[0].start :]
    assert rest[0].start == last.end + 1


def test_what_a_policy_blocks_is_judged_to_the_end() -> None:
    rules = RuleSet([Setting(NO_LIMIT, Severity.BLOCK, Options(NO_LIMIT.defaults.values), policy="ours")])
    script = "DELETE FROM t WHERE id = 1;\n" * (MOST_DENIED + 5)
    statements = list(registry.get("mysql").analyse(script, AnalysisContext(rules=rules)))
    assert len(statements) == MOST_DENIED + 5
    assert {one.verdict for one in statements} == {Verdict.DENY}


def test_a_dump_is_read_whole() -> None:
    script = "a1;" * (MOST_DENIED + 5) + "CREATE TABLE last_one (id int);"
    assert registry.get("mysql").catalogue(script).table(ObjectRef("last_one")) is not ABSENT


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
