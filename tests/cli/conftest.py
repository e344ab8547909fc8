"""One service per test process."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.service import Cli, Service, running


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    # Not pytest's own directory: an unprivileged PostgreSQL could not get to it.
    directory = Path(tempfile.mkdtemp(prefix="sg-", dir="/tmp"))
    directory.chmod(0o711)
    try:
        with running(directory) as found:
            found.set_up()
            yield found
    finally:
        shutil.rmtree(directory)


@pytest.fixture
def admin(service: Service) -> Cli:
    return service.cli("admin")


@pytest.fixture
def dev(service: Service) -> Cli:
    return service.cli("dev")


@pytest.fixture
def boss(service: Service) -> Cli:
    return service.cli("boss")


@pytest.fixture
def nobody(service: Service, tmp_path: Path) -> Cli:
    """Somebody who never logged in."""
    return Cli(tmp_path, service.url)
