"""Statements of the ordinary corpora, mutated token by token: nothing raises, and where SQLite or MariaDB take
the mutant, they touch no table that the analysis doesn't name."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache

import pymysql
import pytest

from sluicegate.dialects.base import Endpoint
from sluicegate.sql.model import AnalysisContext, Statement, StatementKind, Verdict
from tests.servers.mariadb import MariadbServer
from tests.sql.corpora import CONTEXTS, DIALECTS, analyse, bypass_cases, lexers, ordinary, ordinary_schema
from tests.sql.oracles import MariadbLocks, named, sqlite_touched

_CORPUS = {"mysql": "mysql", "mariadb": "mariadb", "postgresql": "postgresql", "sqlite": "sqlite"}
_MUTANTS = 1500
_CHANGES = ("SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE")
_FRAGMENTS = [
    "(",
    ")",
    ",",
    ";",
    ".",
    "*",
    "=",
    "<>",
    "NOT",
    "IN",
    "EXISTS",
    "AS",
    "FROM",
    "WHERE",
    "JOIN",
    "LEFT",
    "ON",
    "USING",
    "SELECT",
    "WITH",
    "RECURSIVE",
    "UNION",
    "ALL",
    "VALUES",
    "INTO",
    "SET",
    "LIMIT",
    "ORDER",
    "BY",
    "GROUP",
    "HAVING",
    "WINDOW",
    "FOR",
    "UPDATE",
    "RETURNING",
    "DELETE",
    "INSERT",
    "REPLACE",
    "TABLE",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "LATERAL",
    "NULL",
    "1",
    "'x'",
    "users",
    "orders",
    "t1",
    "t2",
    "t3",
    "(SELECT",
    "t3.id",
    "FROM",
    "t3)",
    "(SELECT",
    "1)",
    ",",
    "teams",
    "JOIN(orders)",
    "x",
    "IN(SELECT",
    "id",
    "FROM",
    "t2)",
    "OVER",
    "()",
    "WITHIN",
    "/**/",
    "--",
    "/*",
    "*/",
    "`",
    '"',
    "'",
]


@cache
def _pool(dialect: str, corpus: str) -> tuple[tuple[str, ...], ...]:
    """The queries and changes of a corpus, as tokens."""
    lexer = lexers()[dialect]
    return tuple(
        tuple(token.text for token in lexer.significant(statement.text))
        for statement in analyse(dialect, ordinary(corpus))
        if statement.operation in _CHANGES and len(statement.text) < 400
    )


def _mutants(dialect: str, corpus: str, count: int, seed: int = 7) -> Iterator[str]:
    draw = random.Random(seed)
    pool = _pool(dialect, corpus)
    for _ in range(count):
        tokens = list(draw.choice(pool))
        for _ in range(draw.randint(1, 3)):
            draw.choice((_mutate, _enrich, _enrich, _enrich))(tokens, pool, draw)
        yield " ".join(tokens)


def _mutate(tokens: list[str], pool: tuple[tuple[str, ...], ...], draw: random.Random) -> None:
    place = draw.randrange(len(tokens) + 1)
    match draw.randrange(6):
        case 0:
            del tokens[place : place + draw.randint(1, 3)]
        case 1:
            tokens.insert(place, draw.choice(_FRAGMENTS))
        case 2 if tokens:
            tokens[min(place, len(tokens) - 1)] = draw.choice(_FRAGMENTS)
        case 3:
            other = draw.choice(pool)
            start = draw.randrange(len(other))
            tokens[place:place] = other[start : start + draw.randint(1, 8)]
        case 4:
            tokens[place:place] = ["(", *draw.choice(pool), ")"]
        case 5 if len(tokens) > 1:
            left, right = draw.randrange(len(tokens)), draw.randrange(len(tokens))
            tokens[left], tokens[right] = tokens[right], tokens[left]
    if not tokens:
        tokens.append("SELECT")


_QUERIES = (
    "( SELECT max ( id ) FROM {} )", "( SELECT count ( * ) FROM {} AS q JOIN teams USING ( id ) )",
    "( SELECT id FROM {} UNION SELECT id FROM tags LIMIT 1 )", "EXISTS ( SELECT 1 FROM {} )",
    "( VALUES ( 1 ) UNION SELECT id FROM {} LIMIT 1 )", "( WITH w AS ( SELECT id FROM {} ) SELECT max ( id ) FROM w )", "( SELECT sum ( id ) OVER ( ) FROM {} LIMIT 1 )",
    "( SELECT 1 FROM ( SELECT id FROM {} ) AS d , tags LIMIT 1 )", "( 1 IN ( SELECT id FROM {} ) )",
    "CASE WHEN 1 IN ( SELECT id FROM {} ) THEN 1 ELSE ( SELECT max ( id ) FROM tags ) END",
)  # fmt: skip
_SOURCES = ("( SELECT 1 AS id FROM {} ) AS fuzz", "{} AS fuzz", "( {} AS fuzz CROSS JOIN tags AS fuzz2 )")
_TABLES = ("users", "orders", "t1", "t2", "t3", "teams", "products", "counters", "logs")


def _enrich(tokens: list[str], _pool: tuple[tuple[str, ...], ...], draw: random.Random) -> None:
    """What a server is likely to take: a sub-query for a constant, a further table for a join."""
    name = draw.choice(_TABLES)
    constants = [place for place, token in enumerate(tokens) if token.isdigit() or token.startswith("'")]
    if constants and draw.random() < 0.7:
        tokens[draw.choice(constants)] = draw.choice(_QUERIES).format(name)
        return
    sources = [place for place, token in enumerate(tokens) if token.upper() == "FROM"]
    if sources:
        tokens.insert(draw.choice(sources) + 1, f"{draw.choice(_SOURCES).format(name)} ,")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_raises(dialect: str) -> None:
    for text in _mutants(dialect, _CORPUS[dialect], _MUTANTS):
        for statement in analyse(dialect, text, CONTEXTS[dialect]):
            assert statement.text in text
    draw = random.Random(5)
    for case in bypass_cases():
        for _ in range(5):
            text = case.sql
            place = draw.randrange(len(text) + 1)
            analyse(dialect, text[:place] + draw.choice(_FRAGMENTS) + text[place:], CONTEXTS[dialect])


def _single(dialect: str, text: str, context: AnalysisContext) -> Statement | None:
    """The statement, where it is one that would be let through."""
    found = analyse(dialect, text, context)
    if len(found) != 1 or found[0].verdict is Verdict.DENY:
        return None
    statement = found[0]
    if statement.operation not in _CHANGES or statement.kind is StatementKind.DDL:
        return None
    slow = any(finding.code in ("DOS", "STORED_CODE") for finding in statement.findings)
    return None if slow or "RECURSIVE" in text.upper() else statement


def test_sqlite_finds_no_table_that_was_missed(sqlite_endpoint: Endpoint) -> None:
    taken = 0
    with closing(sqlite3.connect(sqlite_endpoint.database, isolation_level=None)) as connection:
        for statement in analyse("sqlite", ordinary_schema("sqlite")):
            connection.execute(statement.text)
        for text in _mutants("sqlite", "sqlite", 4000):
            found = _single("sqlite", text, AnalysisContext())
            if found is None:
                continue
            connection.execute("BEGIN")
            try:
                touched = sqlite_touched(connection, f"EXPLAIN {found.text}")
            except (sqlite3.Error, sqlite3.Warning):
                continue
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            taken += 1
            said = named(found)
            assert touched.everything <= said.everything, text
            assert touched.written <= said.written, text
    assert taken > 400


def test_mariadb_finds_no_table_that_was_missed(
    mariadb_server: MariadbServer, mariadb_endpoint: Endpoint
) -> None:
    database = mariadb_endpoint.database
    taken = 0
    with (
        closing(mariadb_server.connect(database)) as connection,
        closing(mariadb_server.connect(database)) as watcher,
    ):
        MariadbLocks.switch_on(watcher)
        locks = MariadbLocks(watcher, connection.thread_id(), database)
        run = connection.cursor().execute
        for statement in analyse("mariadb", ordinary_schema("mysql")):
            run(statement.text)
        run("SET SESSION max_statement_time = 2")
        context = AnalysisContext(server_version=(10, 11, 0))
        views = {"v_users": frozenset({"users"})}
        for text in _mutants("mariadb", "mysql", 2500):
            found = _single("mariadb", text, context)
            if found is None:
                continue
            run("BEGIN")
            try:
                run(found.text)
            except pymysql.Error:
                run("ROLLBACK")
                continue
            held = locks.held()
            run("ROLLBACK")
            taken += 1
            said = named(found).everything
            behind = frozenset(table for view in said for table in views.get(view, ()))
            assert held.everything <= said | behind, text
    assert taken > 200
