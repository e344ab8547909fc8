"""A script that comes in parts says the same as in one piece, and is not held as a whole."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluicegate.dialects import registry
from sluicegate.sql import analyse, window
from sluicegate.sql.model import AnalysisContext, Statement, Verdict
from tests.sql.corpora import CONTEXTS, DIALECTS, bypass_cases, ordinary

CODES = registry.codes()
OFFLINE = ("oracle", "mssql", "clickhouse")
READERS = (*DIALECTS, *OFFLINE)
_FRAGMENTS = [
    *"ab1 \n\t\r'\"`-/*!#$;\\()[],.@?é中\0\u2028\ufeff\udcbf\U0001f600", "\r\n", ";\n", "; ", "''", "\\'", "--", "-- x\n",
    "/*!", "/*!50000 ", "/*!99999 ", "/*M!", "/*T![", "/*+", "*/", "$$", "$a$", "E'", "U&'", "E'a'\n", "N'", "//", "/* x */",
    "DELIMITER $$\n", "delimiter //\r\n", "DELIMITER ;\n", "\nGO\n", "\ngo  \n", "BEGIN", "END", "CASE", "IF", "CREATE TRIGGER t",
    "CREATE PROCEDURE p()\nBEGIN", "SELECT 1", "SELECT 'a'", " FROM t", "UPDATE t SET a=1", " WHERE a = 'b;c'", "DELETE FROM t",
    "INSERT INTO t VALUES (1, 'x')", "COPY t FROM STDIN;\n1\t2\n", "\\.\n", "USE x\n", "USE x;", "\\! ls", ".shell\n", "(SELECT 1)",
    "SET standard_conforming_strings = off;", "CREATE TABLE n (a int);", "DROP TABLE n;", "$$$$;\n", "\\u d\n", "source f\n",
    "\n/\n", "\n/ \t                     ", "GO                       ", "\nGO 5\n", "q'[", "]'", "nq'<", ">'", "\n:r x\n", "!!ls\n", "@f\n",
    "SET x ON\n", "REM -\n", "EXEC p ", "DECLARE @x INT ", "IF 1=1 ", "DECLARE x NUMBER;", " FORMAT CSV\n", "$(x)", "\n.\n",
]  # fmt: skip
_TEXTS = st.lists(st.sampled_from(_FRAGMENTS), max_size=40).map("".join)


def _chunks(text: str, sizes: list[int]) -> Iterator[str]:
    position = 0
    for size in sizes:
        yield text[position : position + size]
        position += size
    yield text[position:]


def _both(dialect: str, text: str, sizes: list[int]) -> tuple[list[Statement], list[Statement]]:
    found, context = registry.get(dialect), CONTEXTS.get(dialect, AnalysisContext())
    whole = list(found.analyse(text, context))
    return list(found.analyse_stream(_chunks(text, sizes), context)), whole


@pytest.fixture(autouse=True, scope="module")
def _small_windows() -> Iterator[None]:
    """So that short texts take several windows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "SIZE", 1)
        yield


@pytest.mark.parametrize("dialect", CODES)
@settings(max_examples=100, deadline=None)
@given(text=_TEXTS, sizes=st.lists(st.integers(0, 12), max_size=60))
def test_cut_anywhere(dialect: str, text: str, sizes: list[int]) -> None:
    streamed, whole = _both(dialect, text, sizes)
    assert streamed == whole


@pytest.fixture
def soon_too_many() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyse, "MOST_DENIED", 2)
        patch.setattr(analyse, "REST", 5)
        yield


@pytest.mark.usefixtures("soon_too_many")
@pytest.mark.parametrize("dialect", CODES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_TEXTS, sizes=st.lists(st.integers(0, 12), max_size=60))
def test_behind_too_many_denied(dialect: str, text: str, sizes: list[int]) -> None:
    streamed, whole = _both(dialect, text, sizes)
    assert streamed == whole
    rest = [one for one in whole if "TOO_MANY_DENIED" in {finding.code for finding in one.findings}]
    assert "".join(one.text for one in rest) == (text[rest[0].start :] if rest else "")
    assert {one.verdict for one in rest} <= {Verdict.DENY}
    judged = whole[: len(whole) - len(rest)]
    assert sum(one.verdict is Verdict.DENY for one in judged) <= 2 or not rest


@pytest.mark.parametrize("dialect", ["mysql", "postgresql", "sqlite", *OFFLINE])
@pytest.mark.parametrize("size", [1, 7, 100])
def test_ordinary_scripts(dialect: str, size: int) -> None:
    text = ordinary(dialect)
    streamed, whole = _both(dialect, text, [size] * (len(text) // size))
    assert streamed == whole


@pytest.mark.parametrize("case", bypass_cases(), ids=lambda case: case.id)
def test_hostile_scripts(case: object) -> None:
    sql, dialect = case.sql, case.dialect  # type: ignore[attr-defined]
    text = f"SELECT 1;\n{sql}\n;\n{sql}"
    streamed, whole = _both(dialect, text, [3] * (len(text) // 3))
    assert streamed == whole


@pytest.mark.parametrize("dialect", READERS)
def test_the_first_statement_comes_before_the_script_ends(dialect: str) -> None:
    def endless() -> Iterator[str]:
        while True:
            yield "DELETE FROM t WHERE id = 1;\n"

    statements = registry.get(dialect).analyse_stream(endless(), AnalysisContext())
    assert [statement.line for statement in islice(statements, 3)] == [1, 2, 3]


@pytest.mark.parametrize("dialect", READERS)
def test_memory_stays_flat(dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "SIZE", 10_000)

    def peak(chunks: int) -> int:
        def script() -> Iterator[str]:
            for number in range(chunks):
                yield f"INSERT INTO t{number} (a) VALUES ({number}, '{'x' * 2_000}');\n" * 10

        tracemalloc.start()
        for _ in registry.get(dialect).analyse_stream(script(), AnalysisContext()):
            pass
        _now, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(5)  # what is loaded and remembered for good
    assert peak(400) < peak(100) + 1_000_000 < 8_000_000
