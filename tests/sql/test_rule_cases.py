"""Every rule finds what its failing cases hold and lets its passing cases through, in each of its dialects."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter

import pytest

from sluicegate.dialects import registry
from sluicegate.sql.model import AnalysisContext, Severity, Statement
from sluicegate.sql.rules import RULES
from sluicegate.sql.rules.base import Example, Options, Rule
from sluicegate.sql.ruleset import RuleSet, Setting
from tests.sql.corpora import analyse, catalogue_of

FAMILIES = {
    "mysql": ("mysql", "mariadb", "tidb", "oceanbase", "polardb"),
    "postgresql": ("postgresql",),
    "sqlite": ("sqlite",),
    "oracle": ("oracle",),
    "mssql": ("mssql",),
    "clickhouse": ("clickhouse",),
}
KNOWN = frozenset(registry.codes())


def families(rule: Rule, example: Example) -> frozenset[str]:
    return frozenset(example.families) or rule.families


def cases(which: str) -> Iterator[object]:
    for rule in RULES:
        for number, example in enumerate(getattr(rule, which)):
            for family in sorted(families(rule, example)):
                for dialect in FAMILIES[family]:
                    if dialect in KNOWN:
                        yield pytest.param(rule, example, dialect, id=f"{rule.code}-{dialect}-{number}")


def judged(rule: Rule, example: Example, dialect: str) -> list[Statement]:
    """The statements, with this rule at its own level whatever the default policy says of it."""
    options = Options({**rule.defaults.values, **example.options})
    rules = RuleSet([Setting(rule, rule.severity, options, policy="the case")])
    catalogue = catalogue_of(dialect, example.setup, example.rows) if example.setup else None
    context = AnalysisContext(
        catalogue=catalogue, server_version=example.version, ticket_kind=example.kind, rules=rules
    )
    return analyse(dialect, example.sql, context)


def found(rule: Rule, statements: list[Statement]) -> list[str]:
    return [
        str(finding.params.get("detail"))
        for statement in statements
        for finding in statement.findings
        if finding.code == rule.code
    ]


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize(("rule", "example", "dialect"), list(cases("fails")))
def test_it_finds(rule: Rule, example: Example, dialect: str) -> None:
    assert found(rule, judged(rule, example, dialect))


@pytest.mark.parametrize(("rule", "example", "dialect"), list(cases("passes")))
def test_it_lets_pass(rule: Rule, example: Example, dialect: str) -> None:
    statements = judged(rule, example, dialect)
    assert statements
    assert found(rule, statements) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_is_whole(rule: Rule) -> None:
    """Texts in both languages, and cases of both kinds for each of its families."""
    for text in (rule.title, rule.message, rule.why, *(parameter.title for parameter in rule.parameters)):
        assert text is not None
        assert text.zh.strip()
        assert text.en.strip()
        assert placeholders(text.zh) == placeholders(text.en)
    if rule.check_plan is not None:
        assert rule.plan_fails
        assert rule.plan_passes
        return
    for examples in (rule.fails, rule.passes):
        covered = {family for example in examples for family in families(rule, example)}
        assert covered == rule.families
    assert isinstance(rule.severity, Severity)
