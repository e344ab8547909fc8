"""Fixtures: one server of each kind per test process, started when first asked for.

Import the ones you need into a conftest, or name this module in ``pytest_plugins`` of the topmost one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluicegate.dialects.base import Endpoint
from tests.servers import mariadb, postgres
from tests.servers.browser import Browser, Page
from tests.servers.browser import running as running_browser
from tests.servers.mariadb import MariadbServer
from tests.servers.postgres import PostgresServer


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariadbServer]:
    with mariadb.running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of the test's own, as wide as a phone; whatever it complained of fails the test."""
    with browser.page() as opened:
        yield opened
        assert opened.complaints == []


@pytest.fixture
def mariadb_endpoint(mariadb_server: MariadbServer) -> Iterator[Endpoint]:
    """A database of the test's own, dropped afterwards."""
    name = mariadb_server.create_database()
    yield mariadb_server.endpoint(name)
    mariadb_server.drop_database(name)


@pytest.fixture
def postgres_endpoint(postgres_server: PostgresServer) -> Iterator[Endpoint]:
    """A database of the test's own, dropped afterwards."""
    name = postgres_server.create_database()
    yield postgres_server.endpoint(name)
    postgres_server.drop_database(name)


@pytest.fixture
def sqlite_endpoint(tmp_path: Path) -> Endpoint:
    """An empty database file of the test's own."""
    path = tmp_path / "target.db"
    sqlite3.connect(path).close()
    path.touch()
    return Endpoint(database=str(path))
