from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.dialects import registry
from sluicegate.sql.model import AnalysisContext
from tests.sql.corpora import DIALECTS, lexers, ordinary

_FRAGMENTS = st.sampled_from(
    [
        *"ab1 \n\t\r'\"`-/*!#$;\\()[]{}.,:@?=<>é中\0\u2028\ufeff\udcbf",
        "/*!", "/*!50000", "/*M!", "/*T![", "/*+", "*/", "--", "-- ", "$$", "$a$", "E'", "U&'", "x'", "N'", "//",
        "DELIMITER $$\n", "\nGO\n", "BEGIN", "END", "CASE", "IF", "THEN", "ELSE", "CREATE TRIGGER", "CREATE PROCEDURE p()",
        "SELECT ", " FROM t", "UPDATE t SET a=1", " WHERE ", "DELETE FROM t", "INSERT INTO t VALUES (1)", "WITH a AS (",
        "COPY t FROM STDIN;\n", "\\.\n", "USE x\n", "\\! ls", ".shell", " JOIN ", " UNION ", "f(", " IN (", "EXPLAIN ",
    ]
)  # fmt: skip
_TEXTS = st.one_of(st.text(), st.lists(_FRAGMENTS, max_size=25).map("".join))


@pytest.mark.parametrize("name", lexers())
@settings(max_examples=60, deadline=None)
@given(text=_TEXTS)
def test_no_character_is_lost(name: str, text: str) -> None:
    tokens = list(lexers()[name].scan(text))
    assert "".join(text[start:end] for _kind, start, end in tokens) == text
    assert all(start < end for _kind, start, end in tokens)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=60, deadline=None)
@given(text=_TEXTS)
def test_no_text_makes_the_analysis_fail(dialect: str, text: str) -> None:
    previous = 0
    for statement in registry.get(dialect).analyse(text, AnalysisContext(database="d", schema="s")):
        assert statement.text == text[statement.start : statement.end]
        assert statement.start >= previous
        previous = statement.end
        assert statement.line == text.count("\n", 0, statement.start) + 1
        assert statement.column == statement.start - text.rfind("\n", 0, statement.start)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=60, deadline=None)
@given(text=_TEXTS)
def test_nothing_between_statements_can_run(dialect: str, text: str) -> None:
    """What is left out between the slices is blanks, comments, terminators and DELIMITER commands."""
    rest, position = "", 0
    for statement in registry.get(dialect).analyse(text, AnalysisContext()):
        rest += text[position : statement.start]
        position = statement.end
    rest += text[position:]
    if "elimiter" in text.lower() or "/*" in rest or "--" in rest or "#" in rest:
        return
    assert not rest.strip(" \t\n\v\f\r;\ufeff\0") or all(not character.isalnum() for character in rest)


@pytest.mark.parametrize("dialect", ["mysql", "sqlite"])
def test_the_fast_way_splits_like_the_slow_one(dialect: str) -> None:
    from dataclasses import replace

    from sluicegate.dialects.mysql.analysis import analyser
    from sluicegate.dialects.mysql.variant import MYSQL
    from sluicegate.dialects.sqlite.analysis import ANALYSER
    from sluicegate.sql.splitter import Splitter

    rules = analyser(MYSQL, None).rules if dialect == "mysql" else ANALYSER.rules

    @settings(max_examples=60, deadline=None)
    @given(text=_TEXTS)
    def same(text: str) -> None:
        fast = [(piece.start, piece.end, piece.problem) for piece in Splitter(rules).pieces(text)]
        slow = [
            (piece.start, piece.end, piece.problem)
            for piece in Splitter(replace(rules, fast=None)).pieces(text)
        ]
        assert fast == slow

    same()
    text = ordinary(dialect)
    fast = [(piece.start, piece.end) for piece in Splitter(rules).pieces(text)]
    assert fast == [(piece.start, piece.end) for piece in Splitter(replace(rules, fast=None)).pieces(text)]
