"""Ordinary application SQL and migrations are let through, and what is said of them is true: real servers
run every statement and agree about the tables it reads and writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any, LiteralString, cast

import psycopg
import pymysql
import pytest

from sluicegate.dialects.base import Endpoint
from sluicegate.sql.known import KnownObjects
from sluicegate.sql.model import AnalysisContext, Statement, StatementKind, Verdict
from tests.servers.mariadb import MariadbServer
from tests.servers.postgres import PostgresServer
from tests.sql.corpora import analyse, ordinary, ordinary_schema
from tests.sql.oracles import MariadbLocks, PostgresLocks, named, sqlite_touched

_CHANGES = ("SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE")


@pytest.mark.parametrize(
    ("dialect", "corpus"),
    [
        ("mysql", "mysql"),
        ("mysql", "mysql8"),
        ("mariadb", "mysql"),
        ("mariadb", "mariadb"),
        ("tidb", "mysql"),
        ("oceanbase", "mysql"),
        ("polardb", "mysql"),
        ("polardb", "mysql8"),
        ("postgresql", "postgresql"),
        ("postgresql", "postgresql_builds"),
        ("sqlite", "sqlite"),
        *((dialect, "mysql_tools") for dialect in ("mysql", "mariadb", "tidb", "oceanbase", "polardb")),
        ("postgresql", "postgresql_tools"),
        ("sqlite", "sqlite_tools"),
    ],
)
def test_nothing_ordinary_is_denied(dialect: str, corpus: str) -> None:
    statements = analyse(dialect, ordinary(corpus))
    denied = [
        (statement.line, statement.text, statement.findings)
        for statement in statements
        if statement.verdict is Verdict.DENY
    ]
    assert denied == []
    assert all(statement.kind is not StatementKind.UNKNOWN for statement in statements)


def test_corpora_are_large() -> None:
    for dialect in ("mysql", "postgresql", "sqlite"):
        assert len(analyse(dialect, ordinary(dialect))) >= 300


def _alone(dialect: str, statement: Statement, context: AnalysisContext) -> Statement:
    """The statement without what stands before it in the corpus."""
    (found,) = analyse(dialect, statement.text, context)
    return found


def _marked(statement: Statement, code: str) -> bool:
    return any(finding.code == code for finding in statement.findings)


# ---------------------------------------------------------------- SQLite


def test_sqlite_agrees(sqlite_endpoint: Endpoint) -> None:
    with closing(sqlite3.connect(sqlite_endpoint.database, isolation_level=None)) as connection:
        for statement in analyse("sqlite", ordinary_schema("sqlite")):
            connection.execute(statement.text)
        for statement in analyse("sqlite", ordinary("sqlite")):
            alone = _alone("sqlite", statement, AnalysisContext())
            if alone.transactional:
                connection.execute("BEGIN")
            touched = sqlite_touched(connection, alone.text)
            if alone.transactional:
                connection.execute("ROLLBACK")
            if alone.operation in _CHANGES:
                said = named(alone)
                mine = frozenset(name for name in said.everything if not name.startswith("sqlite_"))
                assert (mine, said.written) == (touched.everything, touched.written), alone.text


# ---------------------------------------------------------------- PostgreSQL


@contextmanager
def _rolled_back(connection: psycopg.Connection[Any]) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _send(connection: psycopg.Connection[Any], text: str) -> None:
    connection.execute(cast(LiteralString, text), prepare=True)  # the extended protocol, as the executor


def _postgres_grants(statement: Statement) -> Iterator[str]:
    for ref in statement.objects:
        if ref.type not in ("table", "view") or ref.schema in ("pg_catalog", "information_schema"):
            continue
        name = f'"{ref.schema or "public"}"."{ref.name}"'
        if ref.name.startswith("pg_"):
            continue
        rights = "SELECT, INSERT, UPDATE, DELETE" if ref.access == "write" else "SELECT"
        yield f"GRANT {rights} ON {name} TO narrow_for_tests"


def test_postgres_agrees(postgres_server: PostgresServer, postgres_endpoint: Endpoint) -> None:
    for role in ("app_owner_for_tests", "narrow_for_tests"):
        postgres_server.run(
            f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    database = postgres_endpoint.database
    with postgres_server.connect(database) as connection, postgres_server.connect(database) as watcher:
        for statement in analyse("postgresql", ordinary_schema("postgresql")):
            _send(connection, statement.text)
        connection.execute("GRANT USAGE ON SCHEMA public, app TO narrow_for_tests")
        connection.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO narrow_for_tests")
        locks = PostgresLocks(watcher, connection.info.backend_pid)
        for statement in analyse("postgresql", ordinary("postgresql")):
            alone = _alone("postgresql", statement, AnalysisContext(schema="public"))
            _check_on_postgres(connection, locks, alone)


def _check_on_postgres(connection: psycopg.Connection[Any], locks: PostgresLocks, alone: Statement) -> None:
    if not alone.transactional:
        with pytest.raises(psycopg.errors.ActiveSqlTransaction), _rolled_back(connection):
            _send(connection, alone.text)
        _send(connection, alone.text)
        return
    with _rolled_back(connection):
        _send(connection, alone.text)
        held = locks.held()
    if alone.operation not in _CHANGES or alone.kind is StatementKind.DDL:
        return
    said = named(alone, str)
    expected = frozenset(name for name in said.everything if not name.startswith("pg_"))
    quoted = frozenset(name for name in held.everything if f"'{name}'" in alone.text)  # 'users'::regclass
    tables = frozenset(name for name in expected if not name.endswith("_seq") and name != "s1")
    assert tables <= held.everything, alone.text
    assert held.everything <= locks.reach(expected) | quoted, alone.text
    if not _marked(alone, "NON_TX"):  # setval of a sequence that is only known when it runs
        assert held.written <= locks.reach(said.written) | quoted, alone.text
    if not _marked(alone, "LOCK"):  # FOR UPDATE needs the right to update
        with _rolled_back(connection):
            for grant in _postgres_grants(alone):
                _send(connection, grant)
            connection.execute("SET LOCAL ROLE narrow_for_tests")
            _send(connection, alone.text)  # a table that was missed would be refused


# ---------------------------------------------------------------- MariaDB


def _reach(names: frozenset[str], known: KnownObjects) -> frozenset[str]:
    """These, the tables of views among them, and the other ends of foreign keys."""
    found = set(names)
    grows = True
    while grows:
        before = len(found)
        for definition in known:
            if definition.table.name.lower() in found:
                found |= {ref.name.lower() for ref in definition.reaches}
        grows = len(found) > before
    return frozenset(found)


def test_mariadb_agrees(mariadb_server: MariadbServer, mariadb_endpoint: Endpoint) -> None:
    database = mariadb_endpoint.database
    user, password = _narrow_account(mariadb_server)
    with (
        closing(mariadb_server.connect(database)) as connection,
        closing(mariadb_server.connect(database)) as watcher,
        closing(mariadb_server.connect(None, user, password)) as narrow,
    ):
        MariadbLocks.switch_on(watcher)
        locks = MariadbLocks(watcher, connection.thread_id(), database)
        run = connection.cursor().execute
        known = KnownObjects()
        context = AnalysisContext(database=database, known=known, server_version=(10, 11, 0))
        for statement in analyse("mariadb", ordinary_schema("mysql")):
            run(statement.text)
            known.add(_definitions(statement.text))
        script = "\n".join([ordinary("mysql"), ordinary("mariadb")])
        rights = _Rights(watcher, narrow, user, database)
        for statement in analyse("mariadb", script):
            alone = _alone("mariadb", statement, replace(context, known=None))
            if alone.operation not in _CHANGES or alone.kind is StatementKind.DDL:
                run(alone.text)
                known.add(_definitions(alone.text))
                continue
            run("BEGIN")
            run(alone.text)
            held = locks.held()
            run("ROLLBACK")
            if _marked(alone, "STORED_CODE"):
                continue
            said = named(alone)
            assert said.everything <= held.everything, alone.text
            assert held.everything <= _reach(said.everything, known), alone.text
            if not _marked(alone, "LOCK"):
                assert said.written <= held.written, alone.text
            rights.check(alone)


def _definitions(text: str) -> Iterator[Any]:
    from sluicegate.dialects import registry

    found: Any = registry.get("mariadb")
    return iter(found.definitions(text))


def _narrow_account(server: MariadbServer) -> tuple[str, str]:
    name, password = "narrow_for_tests", "narrow"
    server.run(f"CREATE OR REPLACE USER '{name}'@'%' IDENTIFIED BY '{password}'")
    return name, password


class _Rights:
    """Runs a statement as an account that may do exactly what the analysis names: the server refuses
    whatever was missed."""

    def __init__(
        self, administrator: pymysql.Connection, narrow: pymysql.Connection, user: str, database: str
    ) -> None:
        self._administrator = administrator
        self._narrow = narrow
        self._account = f"'{user}'@'%'"
        self._database = database
        with administrator.cursor() as cursor:
            cursor.execute(f"GRANT EXECUTE ON `{database}`.* TO {self._account}")

    def check(self, statement: Statement) -> None:
        refs = [ref for ref in statement.objects if ref.type in ("table", "view", "sequence")]
        home = [ref for ref in refs if ref.database is None]
        names = sorted({f"`{self._database}`.`{ref.name.replace('`', '``')}`" for ref in home})
        with self._administrator.cursor() as cursor, self._narrow.cursor() as narrow:
            for ref in home:
                name = f"`{self._database}`.`{ref.name.replace('`', '``')}`"
                rights = "SELECT, INSERT, UPDATE, DELETE" if ref.access == "write" else "SELECT"
                cursor.execute(f"GRANT {rights} ON {name} TO {self._account}")
            try:
                narrow.execute(f"USE `{self._database}`")
                narrow.execute("BEGIN")
                narrow.execute(statement.text)
                narrow.execute("ROLLBACK")
            finally:
                for name in names:
                    cursor.execute(f"REVOKE ALL PRIVILEGES ON {name} FROM {self._account}")
