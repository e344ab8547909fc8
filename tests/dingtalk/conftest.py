from __future__ import annotations

from collections.abc import Iterator

import pytest

from sluicegate.dingtalk.auth import Retry
from sluicegate.dingtalk.client import DingTalkClient

from .scripted import ScriptedServer, client_for, scripted_server


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that retries would have waited."""
    return []


@pytest.fixture
def client(server: ScriptedServer, pauses: list[float]) -> Iterator[DingTalkClient]:
    with client_for(server, retry=Retry(sleep=pauses.append, jitter=lambda: 0.5)) as ready:
        yield ready
