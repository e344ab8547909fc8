"""Hostile inputs that aren't denied run on real servers: whatever changes there was foretold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from sluicegate.dialects.base import Endpoint
from sluicegate.sql.model import AnalysisContext, Statement, StatementKind, Verdict
from tests.servers.mariadb import MariadbServer
from tests.servers.postgres import PostgresServer
from tests.sql.corpora import CONTEXTS, analyse, bypass_cases, deceptions, known_objects
from tests.sql.worlds import REFUSED, MariadbWorld, Place, PostgresWorld, SqliteWorld, World

# Found by the server, not by the text: what runs is shown as code or as reaching further.
_THROUGH_CODE = {"STORED_CODE", "INDIRECT"}


@dataclass(frozen=True)
class Input:
    id: str
    dialect: str
    sql: str
    setup: str
    harms: str


def _inputs(*dialects: str) -> Iterator[Input]:
    for case in bypass_cases():
        if case.dialect in dialects:
            yield Input(case.id, case.dialect, case.sql, case.setup, case.harms)
    seen: set[str] = set()  # some stand there for MySQL and for MariaDB
    for deception in deceptions():
        if deception.dialect in dialects and deception.sql not in seen:
            seen.add(deception.sql)
            yield Input(deception.id, deception.dialect, deception.sql, "", deception.harms)


def _covered(place: Place, statements: list[Statement], home: str) -> bool:
    schema, name, owner, aspect = place
    for statement in statements:
        for ref in statement.objects:
            if ref.access != "write":
                continue
            where = ref.schema or ref.database or home
            if ref.type == "temporary":
                where = {"public": "pg_temp", "main": "temp"}.get(where, where)
            own = {part.casefold() for part in (name, owner) if part}
            # Indexes, sequences and constraints that come with a table are named after it.
            comes_along = name.casefold().startswith(ref.name.casefold() + "_")
            named = ref.name.casefold() in own or comes_along
            if named and where.casefold() == schema.casefold():
                return True
            if schema == "schemas" and ref.name.casefold() == name.casefold():
                return True
        if aspect == "rows" and any(finding.code in _THROUGH_CODE for finding in statement.findings):
            return True
        if any(finding.code == "INDIRECT" for finding in statement.findings):
            return True
    return False


def _run(world: World, statements: list[Statement]) -> bool:
    """As the executor: one by one until one is refused."""
    for statement in statements:
        try:
            world.send(statement.text)
        except REFUSED:
            return False
    return True


def _can_be_rolled_back(statements: list[Statement]) -> bool:
    return all(
        statement.kind in (StatementKind.QUERY, StatementKind.DML)
        and statement.transactional
        and not any(ref.type == "sequence" for ref in statement.objects)
        for statement in statements
    )


def _slow(statements: list[Statement]) -> bool:
    return any(finding.code == "DOS" for statement in statements for finding in statement.findings)


def _surprises(world: World, inputs: Iterator[Input], dialect: str) -> list[tuple[str, set[Place]]]:
    world.build()
    before = world.state()
    found: list[tuple[str, set[Place]]] = []
    for one in inputs:
        context = replace(CONTEXTS[one.dialect], known=known_objects(one.dialect, one.setup))
        if dialect == "mariadb":  # what MySQL and MariaDB read in different ways is run as MariaDB's
            context = replace(context, server_version=(10, 11, 0))
        statements = analyse(dialect, one.sql, context)
        worst = {statement.verdict for statement in statements}
        if Verdict.DENY in worst or _slow(statements):
            continue
        assert not one.harms, one.id
        if one.setup:
            world.prepare(one.setup)
            before = world.state()
        light = _can_be_rolled_back(statements) and not one.setup
        if light:
            world.send("BEGIN")
        if not _run(world, statements) and light:
            world.send("ROLLBACK")
            light = False
        after = world.state()
        if light:
            world.send("ROLLBACK")
        changed = {place for place in before.keys() | after.keys() if before.get(place) != after.get(place)}
        surprises = {place for place in changed if not _covered(place, statements, world.home())}
        if surprises:
            found.append((one.id, surprises))
        lasting = changed and not light
        if lasting or one.setup or any(s.kind is StatementKind.SESSION for s in statements):
            world.build()
            before = world.state()
    return found


def test_on_sqlite(sqlite_endpoint: Endpoint) -> None:
    assert _surprises(SqliteWorld(sqlite_endpoint.database), _inputs("sqlite"), "sqlite") == []


def test_on_postgres(postgres_server: PostgresServer, postgres_endpoint: Endpoint) -> None:
    world = PostgresWorld(postgres_server, postgres_endpoint.database)
    try:
        assert _surprises(world, _inputs("postgresql"), "postgresql") == []
    finally:
        world.close()


def test_on_mariadb(mariadb_server: MariadbServer) -> None:
    world = MariadbWorld(mariadb_server)
    try:
        assert _surprises(world, _inputs("mysql", "mariadb"), "mariadb") == []
    finally:
        world.close()


@pytest.mark.parametrize("dialect", ["mysql", "mariadb", "postgresql", "sqlite"])
def test_what_may_not_run_is_denied(dialect: str) -> None:
    for one in _inputs(dialect):
        if one.harms:
            statements = analyse(dialect, one.sql, CONTEXTS[dialect])
            assert any(statement.verdict is Verdict.DENY for statement in statements), one.id


def test_contexts_are_those_of_the_worlds() -> None:
    assert CONTEXTS["mariadb"] == AnalysisContext(database="mydb")
    assert CONTEXTS["postgresql"] == AnalysisContext(schema="public")
