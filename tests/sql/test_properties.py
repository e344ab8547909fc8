"""What holds for every text, however odd."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sluicegate.sql.model import Statement, Verdict
from tests.sql.corpora import CONTEXTS, DIALECTS, analyse, lexers

_SETTINGS = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
_ORDER = [Verdict.ALLOW, Verdict.FLAG, Verdict.DENY]
_ODD = [
    "\0", "\r", "\r\n", "\n", "\t", "\x0b", "\x0c", "\x1a", "\ufeff", "\u2028", "\u2029", "\u202e", "\u2066", "\u200b", "\u200d", "\u00a0",
    "\u3000", "\udc80", "\udcff", "\ud800", "é", "中", "😀", "\x7f", "\x85", "\uff07", "\uff1b",
]  # fmt: skip
_PIECES = [
    "SELECT", "DELETE FROM users", "UPDATE t SET a = 1", "WHERE", "id = 1", "INSERT INTO t VALUES", "(1, 'a')", "DROP TABLE t",
    "CREATE TRIGGER x AFTER INSERT ON t", "BEGIN", "END", "CASE", "DELIMITER $$\n", "$$", "$x$", "/*", "*/", "/*!", "/*!50000",
    "/*M!", "--", "-- ", "#", "'", '"', "`", "[", "]", "\\", "\\'", "''", ";", ";", ",", "(", ")", "e'", "E'", "U&'", "x'", "_utf8'", "N'",
    "@a", "@@x", "?", ":p", "$1", "{", "}", "1e", "0x", ".", "..", "::", ":=", "->>", "COPY t FROM STDIN;\n", "\\.\n", "GO\n", "\\! x\n",
    ".shell x\n", "source x\n", "WITH a AS (", "FOR", "INTO OUTFILE", "EXPLAIN", "SET", "=", "<>", "IN", "NULL", "0", "1",
]  # fmt: skip
_TEXTS = st.text(max_size=60) | st.lists(
    st.sampled_from([*_PIECES, *_PIECES, *_ODD, " ", " ", "\n"])
    | st.text(alphabet=st.characters(), max_size=3),
    max_size=25,
).map("".join)


def _worst(statements: list[Statement]) -> Verdict:
    return max((statement.verdict for statement in statements), key=_ORDER.index, default=Verdict.ALLOW)


@pytest.mark.parametrize("name", sorted(lexers()))
@_SETTINGS
@given(text=_TEXTS)
@example(text="'\0")
@example(text="\ufeff\ufeffSELECT\u2028'\udc80\\'")
def test_no_character_is_lost(name: str, text: str) -> None:
    lexer = lexers()[name]
    tokens = list(lexer.scan(text))
    assert "".join(text[start:end] for _kind, start, end in tokens) == text
    assert all(start < end for _kind, start, end in tokens)


@pytest.mark.parametrize("dialect", DIALECTS)
@_SETTINGS
@given(text=_TEXTS)
def test_statements_are_slices_in_order(dialect: str, text: str) -> None:
    """Never raises, and what stands between statements is nothing that runs."""
    end = 0
    for ordinal, statement in enumerate(analyse(dialect, text, CONTEXTS[dialect]), 1):
        assert statement.ordinal == ordinal
        assert end <= statement.start <= statement.end <= len(text)
        assert text[statement.start : statement.end] == statement.text
        end = statement.end


@pytest.mark.parametrize("dialect", DIALECTS)
@_SETTINGS
@given(text=_TEXTS)
def test_what_is_between_statements_is_nothing(dialect: str, text: str) -> None:
    """Cut the statements out: what is left holds none. Only where every character is plain, no delimiter
    was changed and every comment ends, so that the rest can be read by itself."""
    statements = analyse(dialect, text, CONTEXTS[dialect])
    if _worst(statements) is Verdict.DENY or "delimiter" in text.lower():
        return
    rest, end = "", 0
    for statement in statements:
        rest += text[end : statement.start] + "\n"
        end = statement.end
    rest += text[end:]
    assert analyse(dialect, rest, CONTEXTS[dialect]) == []


def _ends_cleanly(dialect: str, text: str) -> bool:
    """Whether a terminator behind it would end it: read with one more statement, that comes out by itself."""
    found = analyse(dialect, f"{text}\n;\nSELECT 1", CONTEXTS[dialect])
    return bool(found) and found[-1].text == "SELECT 1" and "delimiter" not in text.lower()


@pytest.mark.parametrize("dialect", DIALECTS)
@_SETTINGS
@given(first=_TEXTS, second=_TEXTS)
def test_scripts_put_together_hold_both(dialect: str, first: str, second: str) -> None:
    alone = analyse(dialect, first, CONTEXTS[dialect])
    if not _ends_cleanly(dialect, first) or _worst(alone) is Verdict.DENY or second.startswith("\ufeff"):
        return
    if any(finding.code == "SESSION_STATE" for statement in alone for finding in statement.findings):
        return
    together = analyse(dialect, f"{first}\n;\n{second}", CONTEXTS[dialect])
    behind = analyse(dialect, second, CONTEXTS[dialect])
    if not alone and any(statement.text == second for statement in behind):
        return  # odd characters in comments alone: a script without statements is judged as a whole
    assert [statement.text for statement in together] == [s.text for s in alone] + [s.text for s in behind]
    for joined, single in zip(together, [*alone, *behind], strict=True):
        assert (joined.kind, joined.operation, joined.objects) == (
            single.kind,
            single.operation,
            single.objects,
        )


_COMMENTS = {
    "mysql": ["/* x */", "-- x", "# x", "\n-- '", "/* ; */", "--", "/**/"],
    "mariadb": ["/* x */", "-- x", "# x", "\n-- '", "/* ; */", "--", "/**/"],
    "postgresql": ["/* x */", "-- x", "--x", "\n-- '", "/* ; */", "--", "/* /* */ */"],
    "sqlite": ["/* x */", "-- x", "--x", "\n-- '", "/* ; */", "--", "/* open"],
}


@pytest.mark.parametrize("dialect", DIALECTS)
@_SETTINGS
@given(text=_TEXTS, data=st.data())
def test_a_comment_behind_never_helps(dialect: str, text: str, data: st.DataObject) -> None:
    """A denied text stays denied, a flagged one is at least flagged, with any comment behind it, unless the
    comment completes what was open (a literal, a comment, a delimiter)."""
    before = analyse(dialect, text, CONTEXTS[dialect])
    if any(finding.code == "UNTERMINATED" for statement in before for finding in statement.findings):
        return
    comment = data.draw(st.sampled_from(_COMMENTS[dialect]))
    after = analyse(dialect, f"{text} {comment}", CONTEXTS[dialect])
    assert _ORDER.index(_worst(after)) >= _ORDER.index(_worst(before))


@pytest.mark.parametrize("dialect", DIALECTS)
@_SETTINGS
@given(text=_TEXTS)
def test_the_same_text_is_judged_the_same(dialect: str, text: str) -> None:
    """Nothing is carried over from one script to the next."""
    assert analyse(dialect, text, CONTEXTS[dialect]) == analyse(dialect, text, CONTEXTS[dialect])
