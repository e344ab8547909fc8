"""One sandbox per test: it starts in milliseconds, and nothing leaks from one test to the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dingtalk_sandbox.server import SandboxServer
from tests.sandbox.support import Api, Listener


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def api(sandbox: SandboxServer) -> Iterator[Api]:
    caller = Api(sandbox.url)
    yield caller
    caller.close()


@pytest.fixture
def listener(api: Api) -> Iterator[Listener]:
    with Listener(api) as client:
        yield client
