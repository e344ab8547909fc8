from __future__ import annotations

from collections.abc import Iterator

import pytest

from sluicegate.dialects.base import Endpoint
from sluicegate.dialects.mariadb import MariaDb
from sluicegate.dialects.postgres.dialect import PostgreSql
from sluicegate.dialects.sqlite.dialect import Sqlite
from tests.dialects.targets import PLACE, Target, sqlite_runner
from tests.servers.fixtures import (
    mariadb_endpoint,
    mariadb_server,
    postgres_endpoint,
    postgres_server,
    sqlite_endpoint,
)
from tests.servers.mariadb import MariadbServer
from tests.servers.postgres import PostgresServer

__all__ = ["mariadb_endpoint", "mariadb_server", "postgres_endpoint", "postgres_server", "sqlite_endpoint"]


@pytest.fixture
def mariadb_target(mariadb_server: MariadbServer, mariadb_endpoint: Endpoint) -> Iterator[Target]:
    name = mariadb_endpoint.database

    def running(session_id: str) -> bool:
        sql = f"SELECT 1 FROM information_schema.processlist WHERE id = {session_id} AND state = 'User sleep'"
        return bool(mariadb_server.run(sql))

    yield Target(
        "mariadb",
        MariaDb(),
        mariadb_endpoint,
        lambda *sql: list(mariadb_server.run(*sql, database=name)),
        "UPDATE slow SET v = v + 1 + SLEEP(60)",
        running,
    )
    mariadb_server.drop_database(PLACE)


@pytest.fixture
def postgres_target(postgres_server: PostgresServer, postgres_endpoint: Endpoint) -> Target:
    name = postgres_endpoint.database

    def running(session_id: str) -> bool:
        sql = f"SELECT 1 FROM pg_stat_activity WHERE pid = {session_id} AND wait_event = 'PgSleep'"
        return bool(postgres_server.run(sql))

    return Target(
        "postgres",
        PostgreSql(),
        postgres_endpoint,
        lambda *sql: postgres_server.run(*sql, database=name),
        "UPDATE slow SET v = v + 1 WHERE pg_sleep(60) IS NOT NULL",
        running,
    )


@pytest.fixture
def sqlite_target(sqlite_endpoint: Endpoint) -> Target:
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
    run = sqlite_runner(sqlite_endpoint.database)
    return Target(
        "sqlite", Sqlite(), sqlite_endpoint, run, f"UPDATE slow SET v = ({endless})", lambda session_id: True
    )


@pytest.fixture(params=["mariadb", "postgres", "sqlite"])
def target(request: pytest.FixtureRequest) -> Target:
    """Each of the three in turn."""
    made = request.getfixturevalue(f"{request.param}_target")
    assert isinstance(made, Target)
    return made


@pytest.fixture(params=["mariadb", "postgres"])
def server_target(request: pytest.FixtureRequest) -> Target:
    """Those that are servers."""
    made = request.getfixturevalue(f"{request.param}_target")
    assert isinstance(made, Target)
    return made
