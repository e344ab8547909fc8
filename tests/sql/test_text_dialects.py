"""Oracle, SQL Server and ClickHouse: dialects without a driver. Hostile inputs, ordinary ones, and any text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.dialects import registry
from sluicegate.dialects.base import Endpoint, ImageSet, SessionLimits, Unsupported
from sluicegate.sql.lexer import Lexer
from sluicegate.sql.model import Access, AnalysisContext, NoImage, StatementKind, Verdict
from tests.sql.corpora import analyse, codes, ordinary
from tests.sql.hostile_text import CLICKHOUSE, MSSQL, ORACLE

DIALECTS = ("oracle", "mssql", "clickhouse")
_WORST = [Verdict.ALLOW, Verdict.FLAG, Verdict.DENY]
_HOSTILE = [
    (dialect, *case)
    for dialect, cases in (("oracle", ORACLE), ("mssql", MSSQL), ("clickhouse", CLICKHOUSE))
    for case in cases
]


@pytest.mark.parametrize(("dialect", "sql", "verdict", "count", "expected"), _HOSTILE)
def test_hostile_inputs(dialect: str, sql: str, verdict: str, count: int, expected: str) -> None:
    statements = analyse(dialect, sql)
    worst = max((statement.verdict for statement in statements), key=_WORST.index)
    found = codes(statements)
    assert (worst, len(statements), sorted(set(expected.split()) - found)) == (verdict, count, [])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_there_are_enough_hostile_inputs(dialect: str) -> None:
    assert len([case for case in _HOSTILE if case[0] == dialect]) >= 25


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_ordinary_is_denied(dialect: str) -> None:
    statements = analyse(dialect, ordinary(dialect))
    assert len(statements) >= 120
    assert [(one.line, one.text) for one in statements if one.verdict is Verdict.DENY] == []
    assert [one.text for one in statements if one.kind is StatementKind.UNKNOWN] == []


_WRITTEN = [
    ("oracle", "INSERT INTO a VALUES (1) LOG ERRORS INTO b", {"A", "B"}),
    ("oracle", "INSERT ALL INTO a VALUES (1) INTO b VALUES (2) SELECT * FROM c", {"A", "B"}),
    ("oracle", "MERGE INTO a USING b ON (a.id = b.id) WHEN MATCHED THEN UPDATE SET a.x = b.x", {"A"}),
    ("oracle", 'UPDATE "a" SET x = 1 WHERE id = 1', {"a"}),
    (
        "oracle",
        "BEGIN FORALL i IN 1..2 DELETE FROM a WHERE id = 1; UPDATE b SET x = 1 WHERE id = 2; END;",
        {"A", "B"},
    ),
    ("mssql", "UPDATE u SET x = 1 FROM users u JOIN b ON b.id = u.id WHERE u.id = 1", {"users"}),
    ("mssql", "DELETE u FROM users u JOIN b ON b.id = u.id WHERE b.x = 1", {"users"}),
    ("mssql", "INSERT INTO a (x) OUTPUT inserted.x INTO b (x) SELECT x FROM c", {"a", "b"}),
    ("mssql", "SELECT x INTO a FROM b", {"a"}),
    ("mssql", "WITH c AS (SELECT * FROM a WHERE x = 1) DELETE FROM c", {"a"}),
    ("mssql", "WITH c AS (SELECT * FROM a) UPDATE c SET x = 1 WHERE id = 1", {"a"}),
    ("mssql", "DECLARE @t TABLE (id INT) INSERT @t SELECT id FROM a", set()),
    ("mssql", "IF 1 = 1 BEGIN DELETE FROM a WHERE id = 1 UPDATE b SET x = 1 WHERE id = 2 END", {"a", "b"}),
    ("mssql", "ALTER TABLE a SWITCH TO b", {"a", "b"}),
    ("clickhouse", "ALTER TABLE a DELETE WHERE id = 1", {"a"}),
    ("clickhouse", "ALTER TABLE a MOVE PARTITION 1 TO TABLE b", {"a", "b"}),
    ("clickhouse", "EXCHANGE TABLES a AND b", {"a", "b"}),
    ("clickhouse", "CREATE MATERIALIZED VIEW a TO b AS SELECT x FROM c", {"a", "b"}),
]


@pytest.mark.parametrize(("dialect", "sql", "expected"), _WRITTEN)
def test_what_is_written(dialect: str, sql: str, expected: set[str]) -> None:
    (statement,) = analyse(dialect, sql)
    assert {ref.name for ref in statement.objects if ref.access is Access.WRITE} == expected


_TRANSACTIONAL = [
    ("oracle", "CREATE TABLE t (id NUMBER)", False),
    ("oracle", "UPDATE t SET a = 1 WHERE id = 1", True),
    ("mssql", "CREATE TABLE t (id INT)", True),
    ("mssql", "ALTER DATABASE d SET RECOVERY SIMPLE", False),
    ("clickhouse", "INSERT INTO t VALUES (1)", False),
    ("clickhouse", "DROP TABLE t", False),
]


@pytest.mark.parametrize(("dialect", "sql", "expected"), _TRANSACTIONAL)
def test_what_a_transaction_holds(dialect: str, sql: str, expected: bool) -> None:
    (statement,) = analyse(dialect, sql)
    assert statement.transactional is expected


@pytest.mark.parametrize(
    ("dialect", "one", "other"),
    [
        ("oracle", "select * from users where id = 1", "SELECT *  FROM users WHERE id = q'[2]'"),
        ("mssql", "select * from users where name = N'a'", "SELECT * FROM users WHERE name = 'b' -- x"),
        ("clickhouse", "select * from users where name = 'a'", "SELECT * FROM users WHERE name = $$b$$"),
    ],
)
def test_literals_and_blanks_leave_the_fingerprint_alone(dialect: str, one: str, other: str) -> None:
    (first,), (second,) = analyse(dialect, one), analyse(dialect, other)
    assert first.fingerprint == second.fingerprint


# ---------------------------------------------------------------- any text

_FRAGMENTS = st.sampled_from(
    [
        *"ab1 \n\t\r\f\v'\"`-/*!#$;\\()[]{}.,:@?=<>&é中\0\u2018\u2028\udcbf",
        "q'[", "]'", "nq'<", ">'", "N'", "/*+", "*/", "/*", "--", "$$", "$a$", "# ", "//", "\n/\n", "\nGO\n", "\nGO 5\n",
        "\n:r x\n", "!!ls", "$(x)", "@x", "#t", "BEGIN ", "END", "DECLARE ", "IF ", "CASE ", "THEN ", "ELSE ", "LOOP ",
        "CREATE PROCEDURE p AS ", "CREATE TRIGGER ", "SELECT ", " FROM t", "UPDATE t SET a=1", " WHERE ", "DELETE FROM t ",
        "INSERT INTO t VALUES (1)", " FORMAT CSV\n", "WITH a AS (", "EXEC ", "MERGE INTO t USING s ON ", " OUTPUT ", " INTO ",
        "SET x ON\n", "@f\n", "ALTER TABLE t ", "DROP TABLE t ", " ARRAY JOIN ", " APPLY ", "f(", " IN (", "EXPLAIN ", "..",
    ]
)  # fmt: skip
_TEXTS = st.one_of(st.text(), st.lists(_FRAGMENTS, max_size=25).map("".join))


def _lexer(dialect: str) -> Lexer:
    from sluicegate.dialects.clickhouse.lexicon import LEXER as CLICKHOUSE_LEXER
    from sluicegate.dialects.mssql.lexicon import LEXER as MSSQL_LEXER
    from sluicegate.dialects.oracle.lexicon import LEXER as ORACLE_LEXER

    return {"oracle": ORACLE_LEXER, "mssql": MSSQL_LEXER, "clickhouse": CLICKHOUSE_LEXER}[dialect]


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=80, deadline=None)
@given(text=_TEXTS)
def test_no_character_is_lost(dialect: str, text: str) -> None:
    tokens = list(_lexer(dialect).scan(text))
    assert "".join(text[start:end] for _kind, start, end in tokens) == text
    assert all(start < end for _kind, start, end in tokens)


def test_odd_blanks_behind_go() -> None:
    """Clients don't agree whether it ends the batch."""
    (statement,) = analyse("mssql", "GO\f\n")
    assert statement.verdict is Verdict.DENY


def test_a_comment_that_never_ends_is_one_where_a_statement_may_begin() -> None:
    (statement,) = analyse("oracle", "/* x;\nDROP TABLE t;\n")
    assert statement.verdict is Verdict.DENY
    assert "UNTERMINATED" in codes([statement])


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=80, deadline=None)
@given(text=_TEXTS)
def test_no_text_makes_the_analysis_fail(dialect: str, text: str) -> None:
    previous = 0
    for statement in registry.get(dialect).analyse(text, AnalysisContext(database="d", schema="s")):
        assert statement.text == text[statement.start : statement.end]
        assert statement.start >= previous
        previous = statement.end
        assert statement.line == text.count("\n", 0, statement.start) + 1


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=80, deadline=None)
@given(text=_TEXTS)
def test_between_statements_is_nothing_but_comments_and_separators(dialect: str, text: str) -> None:
    position, rest = 0, []
    for statement in analyse(dialect, text):
        rest.append(text[position : statement.start])
        position = statement.end
    rest.append(text[position:])
    for part in rest:
        kinds = {kind for kind, start, end in _lexer(dialect).scan(part) if part[start:end] not in (";", "/")}
        assert kinds <= {"SPACE", "COMMENT", "DELIMITER", "CLIENT"}, part


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "unit",
    [
        "(",
        "[",
        "CASE ",
        "BEGIN ",
        "/*",
        "'",
        "q'[",
        "a.",
        "SELECT ",
        "$a$",
        "\n/",
        "@x.",
        "GO ",
        ":a",
        "IF ",
        "-",
    ],
)
def test_long_repetitions_are_read_in_time(dialect: str, unit: str) -> None:
    """Nothing here may take quadratic time; the bound is generous, and the runner's own."""
    assert len(analyse(dialect, unit * 5_000)) > 0 or unit in ("-", "/*")


# ---------------------------------------------------------------- without a server


@pytest.mark.parametrize("dialect", DIALECTS)
def test_there_is_no_driver_and_it_says_so(dialect: str) -> None:
    found = registry.get(dialect)
    assert not found.features.connects
    assert found.features.tested_against == ""
    for call in (
        lambda: found.connect(Endpoint(host="h"), SessionLimits()),
        lambda: found.rollback_statements(ImageSet("UPDATE", "t", (), (), (), ())),
    ):
        with pytest.raises(Unsupported) as refused:
            call()
        assert (refused.value.code, refused.value.params) == (
            "dialect_analysis_only",
            {"dialect": found.label},
        )
    (statement,) = analyse(dialect, "UPDATE t SET a = 1 WHERE id = 1")
    assert found.image_plan(statement) == NoImage("image_offline")


def test_every_other_dialect_connects() -> None:
    offline = [dialect.code for dialect in registry.all_dialects() if not dialect.features.connects]
    assert offline == list(DIALECTS)
