"""Further inputs that deceive reviewers: verdict, number of statements, findings, objects."""

from __future__ import annotations

from collections import Counter

import pytest

from sluicegate.sql.model import ObjectRef, Statement, Verdict
from tests.sql.corpora import CONTEXTS, Deception, analyse, bypass_cases, codes, deceptions

_WORST = [Verdict.ALLOW, Verdict.FLAG, Verdict.DENY]


def _name(ref: ObjectRef) -> str:
    return ".".join(part for part in (ref.database, ref.schema, ref.name) if part)


def _worst(statements: list[Statement]) -> Verdict:
    return max((statement.verdict for statement in statements), key=_WORST.index)


@pytest.mark.parametrize("case", deceptions(), ids=lambda case: case.id)
def test_case(case: Deception) -> None:
    statements = analyse(case.dialect, case.sql, CONTEXTS[case.dialect])
    verdict = _worst(statements)
    # Rules of style may flag what is harmless otherwise.
    assert verdict == case.verdict or (case.verdict, verdict) == ("allow", Verdict.FLAG)
    assert len(statements) == case.statements
    assert set(case.codes) <= codes(statements)
    refs = [ref for statement in statements for ref in statement.objects]
    assert set(case.written) <= {_name(ref) for ref in refs if ref.access == "write"}
    assert set(case.read) <= {_name(ref) for ref in refs}


def test_there_are_enough() -> None:
    count = Counter(case.dialect for case in deceptions())
    assert min(count["mysql"], count["postgresql"], count["sqlite"], count["mariadb"]) >= 50


def test_what_may_not_be_run_is_denied() -> None:
    harmful = [case for case in deceptions() if case.harms]
    assert len(harmful) > 100
    for case in harmful:
        assert case.verdict == "deny", case.id
    for old in bypass_cases():
        if old.harms:
            assert old.verdict == "deny", old.id
