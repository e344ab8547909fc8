"""Reading alike statements once must change nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.sql.model import Statement
from sluicegate.sql.policy import combined, parse
from sluicegate.sql.shapes import ShapeCache
from tests.sql.corpora import CONTEXTS, DIALECTS, analyse, bypass_cases, catalogue_of, codes

_TEMPLATES = [
    "DELETE FROM t WHERE {} = {}", "DELETE FROM t WHERE id = {}", "DELETE FROM t WHERE name = {}", "DELETE FROM t WHERE {}",
    "DELETE FROM t WHERE a LIKE {}", "DELETE FROM t WHERE id IN ({}, {})", "DELETE FROM t WHERE ({}) = ({})",
    "UPDATE t SET a = {} AND b = {} WHERE c = {}", "DELETE FROM {} WHERE id = 1", "SELECT * FROM db . {} WHERE a = {}",
    "UPDATE t SET a = 1 WHERE NOT {}", "INSERT INTO t VALUES ({}, {})", "SELECT {} FROM t AS {}", "SELECT _gbk{}",
    "SELECT N{}, E{}, x{}", 'DELETE FROM "a {}" WHERE b = {}', "DELETE FROM `a {}` WHERE b = {}", "DELETE FROM [a {}]",
    "SELECT load_file({}), pg_sleep({}), f({})", "UPDATE t SET a = {} WHERE id = 1 OR {}", "SELECT 1 -- {}\n, {}",
    "UPDATE t SET a = CASE WHEN {} THEN {} END", "SELECT {} INTO OUTFILE {}", "DELETE FROM t{} WHERE a.{} = 1",
    "SELECT $${}$$", "SELECT {}::int, {}.5, 1e{}",
]  # fmt: skip
_LITERALS = st.sampled_from(
    [
        "0",
        "1",
        "42",
        "''",
        "'x'",
        "'y'",
        "'%'",
        "'it''s'",
        "'a;b'",
        "'\\'",
        "'\\';'",
        "NULL",
        "TRUE",
        "'1'",
        '"q"',
        "5a",
    ]
)


@st.composite
def _scripts(draw: st.DrawFn) -> list[str]:
    template = st.sampled_from(_TEMPLATES)
    found = []
    for text in draw(st.lists(template, min_size=1, max_size=4)):
        for _ in range(draw(st.integers(1, 3))):
            found.append(text.format(*(draw(_LITERALS) for _ in range(text.count("{}")))))
    return draw(st.permutations(found))


def _told(statement: Statement) -> tuple[object, ...]:
    """Everything that doesn't depend on the place in the script."""
    by_place = {
        "MULTI_STATEMENT",
        "PREAPPROVAL_EXEC",
        "DDL_DML_MIX",
        "INDIRECT",
        "TABLE_ALTERED_REPEATEDLY",
    }
    findings = [
        (finding.code, finding.severity, finding.params, finding.line - statement.line)
        for finding in statement.findings
        if finding.code not in by_place and not finding.rule.startswith("SCH")
    ]
    return (
        statement.text,
        statement.kind,
        statement.operation,
        statement.objects,
        statement.fingerprint,
        findings,
    )


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=60, deadline=None)
@given(parts=_scripts())
def test_a_statement_reads_the_same_alone_and_among_others(dialect: str, parts: list[str]) -> None:
    together = analyse(dialect, ";\n".join(parts), CONTEXTS[dialect])
    for statement in together:
        alone = analyse(dialect, statement.text, CONTEXTS[dialect])
        if [_told(one) for one in alone] != [_told(statement)]:
            # An open quote or a client command reads on into what follows; only then may they differ.
            codes = {finding.code for finding in statement.findings}
            assert codes & {"UNTERMINATED", "CLIENT_COMMAND", "UNKNOWN"} or len(alone) != 1


@pytest.mark.parametrize(
    "case", [case for case in bypass_cases() if case.statements == 1], ids=lambda case: case.id
)
def test_hostile_statements_read_the_same_the_second_time(case: object) -> None:
    sql, dialect = case.sql, case.dialect  # type: ignore[attr-defined]
    first, *more = analyse(dialect, f"{sql}\n;\n{sql}", replace(CONTEXTS[dialect]))
    if len(more) == 1:
        assert _told(more[0]) == _told(first)


_ALIKE = """
DELETE FROM t; DELETE FROM t;   DELETE FROM t;
UPDATE t SET a = 1 WHERE a LIKE '%x'; UPDATE t SET a = 2 WHERE a LIKE '%y'; SELECT * FROM t; SELECT * FROM t;

CREATE TABLE n (id INT PRIMARY KEY); DELETE FROM t; UPDATE n SET b = 1 WHERE id = 1; UPDATE n SET b = 2 WHERE id = 2;
  SELECT * FROM t WHERE a = 1; SELECT * FROM t WHERE a = 2; INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)
"""
_POLICIES = {
    "default": "",
    "policy": "name: p\nrules: {NO_WHERE: block, SELECT_STAR: error}",
    "of a table": "name: p\ntables: [t]\nrules: {NO_WHERE: block}",
}


@pytest.mark.parametrize("policy", _POLICIES)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_statement_is_told_the_same_when_each_is_read_by_itself(
    dialect: str, policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Findings, their lines and columns too, several of a shape on a line and on others."""
    text = _POLICIES[policy]
    known = catalogue_of(dialect, "CREATE TABLE t (id INT PRIMARY KEY, a INT)")
    rules = combined([parse(text, "f")]) if text else None
    context = replace(CONTEXTS[dialect], catalogue=known, rules=rules)
    remembered = analyse(dialect, _ALIKE, context)
    monkeypatch.setattr(ShapeCache, "get", lambda _self, _key: None)
    assert analyse(dialect, _ALIKE, context) == remembered
    places = [(one.line, one.column) for one in remembered if one.findings]
    assert len(set(places)) == len(places) > 3


_MOVES = [
    ("mysql", "ALTER TABLE t RENAME TO n"),
    ("mysql", "RENAME TABLE t TO n"),
    ("postgresql", "ALTER TABLE t RENAME TO n"),
    ("postgresql", "ALTER TABLE s.n SET SCHEMA public"),
    ("sqlite", "ALTER TABLE t RENAME TO n"),
]


@pytest.mark.parametrize(("dialect", "move"), _MOVES)
def test_what_was_learnt_of_a_name_is_forgotten_when_it_comes_to_mean_another_table(
    dialect: str, move: str
) -> None:
    """``n`` wasn't there, and then a table whose column x was called otherwise."""
    other = "" if dialect != "postgresql" else "CREATE TABLE s.n (id INT PRIMARY KEY, a INT);"
    known = catalogue_of(dialect, f"CREATE TABLE t (id INT PRIMARY KEY, a INT); {other}")
    context = replace(CONTEXTS[dialect], catalogue=known)
    change = "UPDATE n SET a = 1 WHERE id = {}"
    script = ";\n".join([change.format(1), change.format(2), move, change.format(3), change.format(4)])
    found = [codes([one]) for one in analyse(dialect, script, context)]
    assert [("TABLE_UNKNOWN" in one) for one in found] == [True, True, False, False, False]


def test_an_objects_new_name_is_shown() -> None:
    (statement,) = analyse("postgresql", "ALTER TABLE s.t RENAME TO n", CONTEXTS["postgresql"])
    assert {(ref.schema, ref.name) for ref in statement.objects if ref.access == "write"} == {
        ("s", "t"),
        ("s", "n"),
    }
