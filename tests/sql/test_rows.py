"""Long INSERTs are read without looking at every row, and nothing hides between the rows."""

from __future__ import annotations

import pytest

from sluicegate.sql.lexer import MAX_TOKENS
from sluicegate.sql.model import Verdict
from tests.sql.corpora import analyse, codes

_ROWS = ",\n".join(f"({number}, 'text; {number} (''x'')', -1.5, NULL, TRUE)" for number in range(1500))
_HEAD = "INSERT INTO notes (a, b, c, d, e) VALUES "


@pytest.mark.parametrize("dialect", ["mysql", "postgresql", "sqlite"])
def test_a_long_insert_reads_like_a_short_one(dialect: str) -> None:
    [long] = analyse(dialect, _HEAD + _ROWS)
    [short] = analyse(dialect, _HEAD + "(1, 'x', 2, NULL, FALSE)")
    assert (long.kind, long.operation, long.objects, long.findings) == (
        short.kind,
        short.operation,
        short.objects,
        (),
    )
    assert long.fingerprint == short.fingerprint
    assert long.end == len(_HEAD + _ROWS)


@pytest.mark.parametrize(
    ("dialect", "row"),
    [
        ("mysql", "(0xCAFE, _binary 'a', x'00', N'b', NOW())"),
        ("mysql", "(1, 'a', CURRENT_TIMESTAMP, current_timestamp(6), DEFAULT)"),
        ("postgresql", "(1, 'a', now(), CURRENT_TIMESTAMP, DEFAULT)"),
        ("sqlite", "(1, 'a', CURRENT_TIMESTAMP, 0xCAFE, FALSE)"),
    ],
)
def test_rows_of_dumps_and_batches_are_passed_over(dialect: str, row: str) -> None:
    most = MAX_TOKENS // 10  # rows, of more than ten tokens each
    [statement] = analyse(dialect, _HEAD + ",\n".join([row] * most))
    assert (statement.operation, codes([statement])) == ("INSERT", set())
    [counted] = analyse(dialect, _HEAD + ",\n".join([row] * (most + 1)))
    [many] = [finding for finding in counted.findings if finding.code == "INSERT_ROWS_MANY"]
    assert many.params == {"detail": str(most + 1), "max": most}


@pytest.mark.parametrize(
    ("dialect", "row", "code"),
    [
        ("mysql", "(1, LOAD_FILE('/etc/passwd'), 1, 2, 3)", "FILE_READ"),
        ("mysql", "(1, 'a' /*! , LOAD_FILE('x') */, 1, 2)", "EXEC_COMMENT"),
        ("mysql", "(1, (SELECT a FROM mysql.user), 1, 2, 3)", "SYSTEM_SCHEMA"),
        ("postgresql", "(1, pg_read_file('x'), 1, 2, 3)", "FILE_READ"),
        ("sqlite", "(1, load_extension('x'), 1, 2, 3)", "OS_COMMAND"),
        ("mysql", "(1, shop.NOW(), 1, 2, 3)", "STORED_CODE"),
        ("mysql", "(1, NOW(pay()), 1, 2, 3)", "STORED_CODE"),
    ],
)
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_row_that_does_more_is_seen(dialect: str, row: str, code: str, place: str) -> None:
    parts = {"first": [row, _ROWS], "middle": [_ROWS, row, _ROWS], "last": [_ROWS, row]}[place]
    script = _HEAD + ",\n".join(parts)
    [statement] = analyse(dialect, script)
    [finding] = [finding for finding in statement.findings if finding.code == code]
    assert code in codes([statement])
    if code == "FILE_READ":
        expected = script.count("\n", 0, script.index(row)) + 1
        assert finding.line == expected
        assert statement.verdict is Verdict.DENY


@pytest.mark.parametrize("dialect", ["mysql", "postgresql", "sqlite"])
def test_what_follows_a_long_insert_is_a_statement_of_its_own(dialect: str) -> None:
    statements = analyse(dialect, f"{_HEAD}{_ROWS}; DELETE FROM users")
    assert [statement.operation for statement in statements] == ["INSERT", "DELETE"]


@pytest.mark.parametrize("dialect", ["mysql", "postgresql", "sqlite"])
@pytest.mark.parametrize(
    "script",
    [
        "SELECT " + "-+" * 30_000 + "1",
        "SELECT " + "(" * 60_000,
        "SELECT /* x */ " + "CASE WHEN a THEN " * 5_000,
        "/*!" * 20_000,
    ],
)
def test_what_nobody_writes_is_denied_quickly(dialect: str, script: str) -> None:
    assert (
        any(statement.verdict is Verdict.DENY for statement in analyse(dialect, script))
        or dialect == "sqlite"
    )
