"""Rules that look at the target's plan: what they find in it and what they let pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Estimate, FullScan, ObjectRef, PlanFacts, Severity
from sluicegate.sql.rules import BY_CODE, RULES
from sluicegate.sql.rules.base import Options, PlanSubject, Rule
from sluicegate.sql.ruleset import RuleSet, Setting

ORDERS = (ObjectRef("orders"),)


def cases(which: str) -> Iterator[object]:
    for rule in RULES:
        for number, subject in enumerate(getattr(rule, which)):
            for family in sorted(rule.families):
                yield pytest.param(rule, subject, family, id=f"{rule.code}-{family}-{number}")


def found(rule: Rule, subject: PlanSubject, family: str) -> list[Note]:
    rules = RuleSet([Setting(rule, rule.severity, rule.defaults, policy="the case")], [rule])
    return rules.check_plan(subject, ORDERS, family)


@pytest.mark.parametrize(("rule", "subject", "family"), list(cases("plan_fails")))
def test_it_finds(rule: Rule, subject: PlanSubject, family: str) -> None:
    assert {note.code for note in found(rule, subject, family)} == {rule.code}


@pytest.mark.parametrize(("rule", "subject", "family"), list(cases("plan_passes")))
def test_it_lets_pass(rule: Rule, subject: PlanSubject, family: str) -> None:
    assert found(rule, subject, family) == []


def test_a_policy_sets_levels_and_parameters() -> None:
    rule = BY_CODE["MANY_ROWS"]
    setting = Setting(rule, Severity.BLOCK, Options({"max": 5}), ("orders",), policy="strict")
    rules = RuleSet([setting])
    subject = PlanSubject("UPDATE", Estimate(6), "orders")
    (note,) = (note for note in rules.check_plan(subject, ORDERS, "mysql") if note.code == "MANY_ROWS")
    assert note.severity is Severity.BLOCK
    assert {"max": 5, "changed": 6}.items() <= dict(note.params or {}).items()
    elsewhere = rules.check_plan(subject, (ObjectRef("log"),), "mysql")
    assert [note.code for note in elsewhere] == []


def test_what_is_off_is_silent() -> None:
    plan = PlanFacts((FullScan("orders", 5),), 10**9)
    subject = PlanSubject("UPDATE", Estimate(None, "estimate_unclear", plan=plan), production=True)
    assert RuleSet().check_plan(subject, ORDERS, "postgresql") == []
    assert RuleSet().check_plan(PlanSubject("UPDATE", Estimate(10**9)), ORDERS, "sqlite") == []
