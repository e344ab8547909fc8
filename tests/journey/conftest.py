"""One installation per test process, with real targets; the sandbox is put back before each test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluicegate.dialects.base import Endpoint
from sluicegate.project.postgres import PrivatePostgres
from tests.journey.installation import Company, installed
from tests.journey.target import MariadbTarget, PostgresTarget, SqliteTarget, Target


@pytest.fixture(scope="session")
def session_company() -> Iterator[Company]:
    # Not pytest's own directory: an unprivileged PostgreSQL could not get to it.
    directory = Path(tempfile.mkdtemp(prefix="sg-", dir="/tmp"))
    directory.chmod(0o711)
    postgres = PrivatePostgres(directory, {"fsync": "off"})
    postgres.start()
    try:
        with installed(directory, postgres.dsn) as company:
            yield company
    finally:
        postgres.stop()
        shutil.rmtree(directory)


@pytest.fixture
def company(session_company: Company) -> Iterator[Company]:
    session_company.connect_again()
    yield session_company
    session_company.sandbox.heal()


@pytest.fixture
def mariadb_target(company: Company, mariadb_endpoint: Endpoint) -> Target:
    return MariadbTarget(company, mariadb_endpoint)


@pytest.fixture
def postgres_target(company: Company, postgres_endpoint: Endpoint) -> Target:
    return PostgresTarget(company, postgres_endpoint)


@pytest.fixture
def sqlite_target(company: Company) -> Target:
    return SqliteTarget(company)


@pytest.fixture(params=["mariadb_target", "postgres_target", "sqlite_target"])
def target(request: pytest.FixtureRequest) -> Target:
    """The same on each real server."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Target)
    return found
