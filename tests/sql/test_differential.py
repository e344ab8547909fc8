"""How many statements a text holds, asked of those who will run it: where the server sees more than we do,
and nothing is denied, something would run that nobody read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import postgast
import pymysql
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pymysql.constants import CLIENT

from sluicegate.dialects.base import Endpoint
from sluicegate.sql.model import AnalysisContext, Statement, Verdict
from tests.servers.mariadb import MariadbServer
from tests.sql.corpora import analyse, bypass_cases, deceptions, ordinary

_COMMON = [
    "SELECT 1", "SELECT 'a'", "SELECT ';'", "SELECT 1 AS x", ";", ";", ";", " ", "\n", "\t", "\r\n", "-- c\n", "--", "--x\n",
    "/* c */", "/* ; */", "/*", "*/", "/**/", "'", "''", "'a;b'", '"', '"a;b"', '""', "\\", "\\'", "(", ")", "(SELECT 2)",
    "CASE WHEN 1=1 THEN 2 END", "BEGIN", "END", "CASE", "IF", ",", "+1", "SELECT", "FROM", "AS", "a", "1", "#", "# c\n", "$$", "$a$",
    "`", "`a;b`", "[", "]", "[a;b]", "UNION SELECT 3", "é", "\u2028", "\u00a0", "x'", "N'", "_utf8'a'", "@a", ":a", "?", "{", "}",
]  # fmt: skip
_MYSQL = [
    "/*!", "/*! ; */", "/*!50000 ", "/*!50000 SELECT 5 */", "/*!999999 ; SELECT 6 */", "/*!80000 ;*/", "/*M!", "/*M!100000 +1 */",
    "/*M!999999 ; */", "/*+ x */", "#;\n", "-- ;\n", "--;\n", "\\;", "\\N", "'\\';'", '"\\";"', "DO 1", "VALUES (1)", "SET @x = 1",
    "BEGIN NOT ATOMIC SELECT 1; END", "IF 1 THEN SELECT 1; END IF",
    "CREATE OR REPLACE PROCEDURE d1() BEGIN SELECT 1; IF 1 THEN SELECT CASE 1 WHEN 1 THEN 2 END; END IF; END",
    "CREATE OR REPLACE PROCEDURE d2() lbl: BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END; SELECT `end`; END lbl",
    "CREATE OR REPLACE FUNCTION d3() RETURNS INT RETURN IF(1, 2, 3)",
]  # fmt: skip
_POSTGRES = [
    "E'", "E'\\';'", "U&'\\0041;'", "$$;$$", "$a$;$a$", "$a$ $$ ; $a$", "a$$", "1$$", "$1", "/* /* ; */ */", "/* /* */", "*/ */",
    "'a'\n'b;'", "E'a'\n'\\';'", "SELECT E'\\\\'", "::text", "U&\"a;\"", "B'1'", "1 -- ;\n",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)", "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1; SELECT 2'",
    "CREATE TABLE t (a int)", "begin", "commit", "\\;", "\\g",
]  # fmt: skip
_SQLITE = [
    "x'41'", "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; SELECT CASE WHEN 1 THEN 2 END; END",
    "CREATE TEMP TRIGGER tr2 AFTER INSERT ON t BEGIN SELECT 1; END", "CREATE TABLE IF NOT EXISTS t (a)", "EXPLAIN", "CREATE", "TRIGGER",
    "EXPLAIN QUERY PLAN SELECT 1", "VALUES (1)", "/* unterminated", "SELECT [a;b] FROM (SELECT 1 AS [a;b])", "WITH c AS (SELECT 1) SELECT * FROM c",
]  # fmt: skip
_SETTINGS = settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_MARIADB_VERSION = (10, 11, 19)


_TERMINATORS = [";", "; ", ";\n", " ;;", ";/* c */", ";-- c\n", "/* ; */;"]
_GAPS = [" ", "\n", "/**/", " /* ; */ ", " -- ;\n", " -- '\n", "\t", ' /* " */ ', " /*;*/"]


def _texts(words: list[str], values: list[str]) -> st.SearchStrategy[str]:
    """Fragments in any order, and scripts that are right but for a fragment put anywhere."""
    word = st.sampled_from([*_COMMON, *words])
    gap, value = st.sampled_from(_GAPS), st.sampled_from([*_VALUES, *values])
    statement = st.builds(
        lambda one, two, three, four: f"SELECT{one}{two}{three}{four}", gap, value, gap, st.just("")
    )
    script = st.lists(
        st.builds(lambda one, end: one + end, statement, st.sampled_from(_TERMINATORS)),
        min_size=1,
        max_size=4,
    )
    spoilt = st.builds(_put, script.map("".join), word, st.integers(0, 60))
    anything = st.builds(
        lambda parts, glue: glue.join(parts),
        st.lists(word, max_size=12),
        st.sampled_from(["", " ", "\n", "; "]),
    )
    return script.map("".join) | spoilt | spoilt | anything


def _put(text: str, word: str, place: int) -> str:
    return text[:place] + word + text[place:]


_VALUES = [
    "1", "'a'", "';'", "''", "'it''s;'", "'/*'", "'--'", "'*/'", "1.5e3", "(1)", "(SELECT ';')", "NULL", "-1", "- -1", "1 - 1", "1/1",
    "CASE WHEN 1=1 THEN ';' END", "'é;'", "'#'", "'$$'", "1 AS x", "1 x", "2 /* ' */", "3 -- '\n", "'\n;'", "'\u2028;'",
]  # fmt: skip


def _inputs(*dialects: str) -> Iterator[str]:
    """Whole hostile inputs that nobody minds being run on a scratch database."""
    for case in (*bypass_cases(), *deceptions()):
        if case.dialect in dialects and not case.harms:
            yield case.sql


def _denied(statements: list[Statement]) -> bool:
    return any(statement.verdict is Verdict.DENY for statement in statements)


# ---------------------------------------------------------------- PostgreSQL


def _parsed(text: str) -> list[str] | None:
    """The statements as the server's parser cuts them; None where it refuses the text."""
    try:
        tree = postgast.parse(text)
    except (postgast.PgQueryError, UnicodeEncodeError):
        return None
    encoded = text.encode("utf-8")
    found = []
    for statement in tree.stmts:
        stop = statement.stmt_location + statement.stmt_len if statement.stmt_len else len(encoded)
        found.append(encoded[statement.stmt_location : stop].decode("utf-8"))
    return found


def _check_postgres(text: str) -> None:
    seen = _parsed(text) if "\0" not in text else None
    statements = analyse("postgresql", text)
    if seen is None or _denied(statements):
        return
    assert len(statements) == len(seen), text
    for ours, theirs in zip(statements, seen, strict=True):
        assert ours.text in theirs, text


def test_postgres_corpora() -> None:
    script = ordinary("postgresql")
    assert len(analyse("postgresql", script)) == len(_parsed(script) or [])
    _check_postgres(script)
    for text in _inputs("postgresql"):
        _check_postgres(text)


@_SETTINGS
@given(
    _texts(
        _POSTGRES,
        [
            "$$;$$",
            "$a$;$$;$a$",
            "E'\\\\'",
            "E'\\';'",
            "'\\'",
            '1 AS "a;"',
            "1 AS a$$",
            "B'1'",
            "'a'\n';'",
            "U&'\\003b;'",
            "5 # 3",
            "/* /* ; */ */ 1",
        ],
    )
)
@example("SELECT 1 AS a$$; SELECT 2; --$$")
@example("SELECT E'\\';' ; SELECT 2")
@example("SELECT 'a'\n';'; SELECT 2")
@example("SELECT E'a'\n'\\';'; SELECT 2")
def test_postgres(text: str) -> None:
    _check_postgres(text)


# ---------------------------------------------------------------- SQLite


def _stepped(connection: sqlite3.Connection, text: str) -> int:
    """How many statements SQLite starts when it is given the whole text, up to the first that it refuses."""
    started: list[str] = []
    connection.set_trace_callback(lambda sql: None if sql.startswith("-- ") else started.append(sql))
    try:
        connection.executescript(text)
    except (sqlite3.Error, sqlite3.Warning, ValueError, UnicodeEncodeError):
        pass
    finally:
        connection.set_trace_callback(None)
        if connection.in_transaction:
            connection.rollback()
    return len(started)


def _check_sqlite(text: str) -> None:
    statements = analyse("sqlite", text)
    if _denied(statements):
        return
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        assert _stepped(connection, text) <= len(statements), text
        for statement in statements:
            try:
                connection.execute(statement.text)
            except (sqlite3.Error, sqlite3.Warning) as error:
                assert "one statement at a time" not in str(error), text


def test_sqlite_corpora() -> None:
    for text in (ordinary("sqlite"), *_inputs("sqlite")):
        _check_sqlite(text)


@_SETTINGS
@given(_texts(_SQLITE, ["'\\'", "1 AS [a;b]", "1 AS `a;b`", '1 AS "a;"', "x'41'", "1 AS [a]"]))
@example("CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END; SELECT 2")
@example("EXPLAIN CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END; SELECT 2")
def test_sqlite(text: str) -> None:
    _check_sqlite(text)


# ---------------------------------------------------------------- MariaDB


class _Scratch:
    """Sends texts with several statements allowed, as a careless client would, and counts the answers."""

    def __init__(self, server: MariadbServer, database: str) -> None:
        self._server = server
        self._database = database
        self._connection = self._open()

    def _open(self) -> Any:
        return pymysql.connect(
            host=self._server.host,
            port=self._server.port,
            user=self._server.user,
            password=self._server.password,
            database=self._database,
            charset="utf8mb4",
            autocommit=True,
            client_flag=CLIENT.MULTI_STATEMENTS,
        )

    def answers(self, text: str, *, rows_only: bool = False) -> int:
        """Statements that ran or were refused; a refusal ends the text. Comments alone between terminators
        are answered like a change of nothing, so in whole texts only answers with rows count."""
        connection = self._connection
        count = 0
        try:
            with connection.cursor() as cursor:
                cursor.execute(text.encode("utf-8", "surrogateescape"))
                count = cursor.description is not None or not rows_only
                while cursor.nextset():
                    count += cursor.description is not None or not rows_only
        except pymysql.Error as error:
            if error.args[0] in (0, 2006, 2013):
                self._connection = self._open()
            count += error.args[0] != 1065  # "Query was empty"
        return count

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def scratch(mariadb_server: MariadbServer, mariadb_endpoint: Endpoint) -> Iterator[_Scratch]:
    found = _Scratch(mariadb_server, mariadb_endpoint.database)
    found.answers("CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20), email VARCHAR(20))")
    yield found
    found.close()


def _check_mariadb(scratch: _Scratch, text: str) -> None:
    context = AnalysisContext(server_version=_MARIADB_VERSION)
    statements = analyse("mariadb", text, context)
    if _denied(statements) or any(_answers_often(statement) for statement in statements):
        return
    if "delimiter" not in text.lower():
        assert scratch.answers(text, rows_only=True) <= max(1, len(statements)), text
    for statement in statements:
        assert scratch.answers(statement.text) <= 1, (text, statement.text)


def _answers_often(statement: Statement) -> bool:
    """CALL answers with every result of the procedure; a pause or a change of place only disturbs."""
    return statement.operation in ("CALL", "USE") or any(
        finding.code in ("DOS", "DESTRUCTIVE") for finding in statement.findings
    )


def test_mariadb_inputs(scratch: _Scratch) -> None:
    for text in _inputs("mysql", "mariadb"):
        _check_mariadb(scratch, text)


@_SETTINGS
@given(
    text=_texts(
        _MYSQL,
        [
            "'\\';'",
            "'\\\\'",
            '";"',
            "1 AS `a;b`",
            "1--1",
            "1 # ;\n",
            "/*!1*/",
            "/*!100000 1*/",
            "/*!999999 ; */ 1",
            "/*M!100100 1 */",
            "/*!80000 ; */ 1",
            "x'41'",
            "_utf8';'",
            "N';'",
            '"\\";"',
            "'a' ';'",
            "/*! ';' */",
            "/*!50000 1 /* ; */ */",
        ],
    )
)
@example(text="SELECT 1 /*!999999 ; SELECT 2 */; SELECT 3")
@example(text="SELECT 1 -- '\n; SELECT 2 -- '")
@example(text="SELECT 1--1; SELECT 2")
def test_mariadb(scratch: _Scratch, text: str) -> None:
    _check_mariadb(scratch, text)
