"""Inputs that deceive reviewers: the verdict, the number of statements, the objects and the codes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sluicegate.sql.model import ObjectRef, Statement, Verdict
from tests.sql.corpora import CONTEXTS, Case, analyse, bypass_cases, codes, known_objects

_WORST = [Verdict.ALLOW, Verdict.FLAG, Verdict.DENY]


def _resolved(dialect: str, ref: ObjectRef) -> set[str]:
    if dialect in ("mysql", "mariadb", "clickhouse"):
        place = ref.database or CONTEXTS[dialect].database
        return {
            ref.name,
            f"{place}.{ref.name}",
            f"{place}.{ref.name}#{'temp' if ref.type == 'temporary' else ''}",
        }
    home = {"postgresql": "public", "oracle": "APP", "mssql": "dbo"}.get(dialect, "main")
    return {ref.name, f"{ref.schema or home}.{ref.name}"}


def _objects(dialect: str, statements: list[Statement]) -> set[str]:
    return {name for statement in statements for ref in statement.objects for name in _resolved(dialect, ref)}


@pytest.mark.parametrize("case", bypass_cases(), ids=lambda case: case.id)
def test_case(case: Case) -> None:
    context = replace(CONTEXTS[case.dialect], known=known_objects(case.dialect, case.setup))
    statements = analyse(case.dialect, case.sql, context)
    assert max((statement.verdict for statement in statements), key=_WORST.index) == case.verdict
    assert len(statements) == case.statements
    assert set(case.objects) <= _objects(case.dialect, statements)
    assert set(case.codes) <= codes(statements)
