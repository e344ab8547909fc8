"""One sandbox per worker, put back to its beginning before each test."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from dingtalk_sandbox.server import SandboxServer
from tests.sandbox.support import Api, Listener


@pytest.fixture(scope="session")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def sandbox(server: SandboxServer) -> SandboxServer:
    httpx.post(f"{server.url}/_sandbox/reset", trust_env=False, verify=False).raise_for_status()
    return server


@pytest.fixture
def api(sandbox: SandboxServer) -> Iterator[Api]:
    caller = Api(sandbox.url)
    yield caller
    caller.close()


@pytest.fixture
def listener(api: Api) -> Iterator[Listener]:
    with Listener(api) as client:
        yield client
