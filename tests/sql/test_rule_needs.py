"""What rules say they need of a query (``verbs``, ``needs``) leaves nothing out that they would find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sluicegate.sql.model import AnalysisContext
from sluicegate.sql.rules import RULES
from sluicegate.sql.ruleset import PARTS, RuleSet, Setting
from sluicegate.sql.structure.queries import Query
from tests.sql.corpora import analyse, catalogue_of, ordinary

QUERY_RULES = [rule for rule in RULES if rule.structures == (Query,)]


def _every(selective: bool) -> RuleSet:
    rules = [rule if selective else replace(rule, verbs=frozenset(), needs=()) for rule in QUERY_RULES]
    return RuleSet([Setting(rule, rule.severity, rule.defaults, policy="all") for rule in rules])


def _scripts(dialect: str) -> Iterator[tuple[str, str]]:
    """(definitions, script): the ordinary statements, and those of all rules about queries."""
    yield "", ordinary(dialect)
    for rule in QUERY_RULES:
        for example in (*rule.fails, *rule.passes):
            if not example.families or dialect in example.families:
                yield example.setup, example.sql


def _found(dialect: str, selective: bool) -> list[list[tuple[str, int, str]]]:
    rules = _every(selective)
    codes = {rule.code for rule in QUERY_RULES}
    found = []
    for setup, script in _scripts(dialect):
        catalogue = catalogue_of(dialect, setup) if setup else None
        statements = analyse(dialect, script, AnalysisContext(catalogue=catalogue, rules=rules))
        found.append(
            [
                (finding.code, finding.line, str(finding.params))
                for statement in statements
                for finding in statement.findings
                if finding.code in codes
            ]
        )
    return found


@pytest.mark.parametrize("dialect", ["mysql", "postgresql", "sqlite"])
def test_nothing_is_left_out(dialect: str) -> None:
    selective = _found(dialect, True)
    assert sum(map(len, selective)) > 100
    assert selective == _found(dialect, False)


def test_parts_are_known() -> None:
    assert {part for rule in RULES for part in rule.needs} <= set(PARTS)
