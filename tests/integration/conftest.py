"""The service's own database, one cluster per test process. Nothing is emptied between tests (the audit log
refuses that): every test makes objects of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from pytest_django.plugin import DjangoDbBlocker

from dingtalk_sandbox.server import SandboxServer
from sluicegate.accounts.services import ensure_first_admin
from sluicegate.approvals.flows import FlowFields, save_flow
from sluicegate.project.postgres import PrivatePostgres
from sluicegate.project.settings import _database
from tests.integration.dingtalk_world import DingTalk, forget
from tests.integration.world import World
from tests.unit.configuring import configured, new_key


@pytest.fixture(scope="session")
def environment() -> Iterator[dict[str, str]]:
    """Our configuration, and Django's connection pointed at the cluster."""
    # Not pytest's own directory: an unprivileged PostgreSQL could not get to it.
    directory = Path(tempfile.mkdtemp(prefix="sg-", dir="/tmp"))
    directory.chmod(0o711)
    roots = directory / "sqlite"
    roots.mkdir()
    postgres = PrivatePostgres(directory, {"fsync": "off"})
    postgres.start()
    before = dict(settings.DATABASES["default"])
    settings.DATABASES["default"].update(_database(postgres.dsn))
    try:
        yield {
            "DATABASE_URL": postgres.dsn,
            "SLUICEGATE_KEY": new_key(),
            "SLUICEGATE_DATA_DIR": str(directory),
            "SLUICEGATE_SQLITE_ROOTS": str(roots),
            "SLUICEGATE_LEASE_SECONDS": "2",
        }
    finally:
        connections.close_all()
        connection.close_pool()  # type: ignore[attr-defined]
        settings.DATABASES["default"].update(before)
        postgres.stop()
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def database(environment: dict[str, str], django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, str]]:
    """The tables, and the first administrator."""
    with configured(environment), django_db_blocker.unblock():
        call_command("migrate", interactive=False, verbosity=0)
        ensure_first_admin()
    yield environment
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture
def world(database: dict[str, str], django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with configured(database), django_db_blocker.unblock():
        yield World(Path(database["SLUICEGATE_SQLITE_ROOTS"]))
        connections.close_all()


@pytest.fixture(autouse=True)
def _world_for_all(world: World) -> None:
    """Every test here uses the database."""


@pytest.fixture(scope="session")
def dingtalk_server() -> Iterator[SandboxServer]:
    with SandboxServer(speed=20) as running:
        yield running


@pytest.fixture
def dingtalk(dingtalk_server: SandboxServer, database: dict[str, str], world: World) -> Iterator[DingTalk]:
    """A local DingTalk as it begins, connected; all tickets go through it, and nobody but the administrator is
    here."""
    url = dingtalk_server.url
    forget()
    with configured({**database, "SLUICEGATE_DINGTALK_API_BASE": url, "SLUICEGATE_DINGTALK_OAPI_BASE": url}):
        found = DingTalk(url)
        found.connect(stream_state="connected")
        save_flow(by=world.admin, values=FlowFields("dingtalk"))
        yield found
        found.http.close()
    forget()
