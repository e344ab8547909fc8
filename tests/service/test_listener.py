"""The listener, against the local DingTalk."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from django.db import OperationalError

from sluicegate.approvals.selectors import StreamSettings
from sluicegate.dingtalk.config import Credentials, Hosts
from sluicegate.dingtalk.stream import StreamEvent
from sluicegate.worker.listener import Listener

WITHIN = 30.0


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    command = [sys.executable, "-m", "dingtalk_sandbox", "--port", "0", "--speed", "20"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.terminate()
    process.communicate(timeout=WITHIN)


@pytest.fixture
def settings(sandbox: str) -> StreamSettings:
    httpx.post(f"{sandbox}/_sandbox/reset").raise_for_status()
    app: dict[str, Any] = httpx.get(f"{sandbox}/_sandbox/state").json()["apps"][0]
    return StreamSettings(Credentials(app["app_key"], app["app_secret"]), Hosts(sandbox, sandbox))


def start_an_instance(sandbox: str) -> str:
    state = httpx.get(f"{sandbox}/_sandbox/state").json()
    app, template = state["apps"][0], state["templates"][0]
    # Somebody of a department proper: the organisation's root has a number of its own here.
    user = next(user for user in state["users"] if user["active"] and user["dept_id_list"][0] != 1)
    keys = {"appKey": app["app_key"], "appSecret": app["app_secret"]}
    token = httpx.post(f"{sandbox}/v1.0/oauth2/accessToken", json=keys).json()["accessToken"]
    answer = httpx.post(
        f"{sandbox}/v1.0/workflow/processInstances",
        headers={"x-acs-dingtalk-access-token": token},
        json={
            "processCode": template["process_code"],
            "originatorUserId": user["userid"],
            "deptId": user["dept_id_list"][0],
            "formComponentValues": [{"name": "工单标题", "value": "试听"}],
        },
    )
    return str(answer.raise_for_status().json()["instanceId"])


class Around:
    """What surrounds a listener in the service: the settings it reads, what it stores and records."""

    def __init__(self) -> None:
        self.settings: StreamSettings | None = None
        self.broken = False
        self.events: list[StreamEvent] = []
        self.refused = 0
        self.refuse = 0
        self.states: list[str] = []

    def read(self) -> StreamSettings | None:
        if self.broken:
            raise OperationalError("the database is away")
        return self.settings

    def store(self, event: StreamEvent) -> None:
        if self.refused < self.refuse:
            self.refused += 1
            raise OperationalError("the database is away")
        self.events.append(event)

    def listener(self) -> Listener:
        return Listener(self.read, self.store, self.states.append, look_seconds=0.05)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(WITHIN):
        while not condition():
            await asyncio.sleep(0.02)


async def stored(around: Around, instance_id: str) -> None:
    await until(lambda: any(event.process_instance_id == instance_id for event in around.events))


def run(scenario: Callable[[Around], Any], around: Around) -> None:
    async def main() -> None:
        stop = asyncio.Event()
        listening = asyncio.create_task(around.listener().run(stop))
        try:
            await scenario(around)
        finally:
            stop.set()
            await asyncio.wait_for(listening, WITHIN)

    asyncio.run(main())


def test_it_follows_the_settings(sandbox: str, settings: StreamSettings) -> None:
    async def scenario(around: Around) -> None:
        around.settings = settings
        await until(lambda: "connected" in around.states)
        await stored(around, await asyncio.to_thread(start_an_instance, sandbox))

        # The database goes away: it goes on as before.
        around.broken = True
        await asyncio.sleep(0.2)
        assert "stopped" not in around.states
        around.broken = False

        around.settings = None
        await until(lambda: around.states[-1] == "stopped")

        around.states.clear()
        around.settings = replace(settings, credentials=Credentials("no such app", "x"))
        await until(lambda: any(state.startswith("waiting ") for state in around.states))
        around.settings = settings
        await until(lambda: around.states[-1] == "connected")

    around = Around()
    run(scenario, around)
    assert around.states[-1] == "stopped"  # recorded before it ended


def test_an_event_that_could_not_be_stored_comes_again(sandbox: str, settings: StreamSettings) -> None:
    async def scenario(around: Around) -> None:
        around.settings = settings
        around.refuse = 1
        await until(lambda: "connected" in around.states)
        await stored(around, await asyncio.to_thread(start_an_instance, sandbox))
        assert around.refused == 1

    run(scenario, Around())


def test_several_listeners_share_the_events(sandbox: str, settings: StreamSettings) -> None:
    other = Around()
    other.settings = settings

    async def scenario(around: Around) -> None:
        around.settings = settings
        stop = asyncio.Event()
        second = asyncio.create_task(other.listener().run(stop))
        await until(lambda: "connected" in around.states and "connected" in other.states)
        started: set[str | None] = set()
        for _ in range(5):
            started.add(await asyncio.to_thread(start_an_instance, sandbox))
        await until(lambda: started <= {e.process_instance_id for e in [*around.events, *other.events]})
        stop.set()
        await asyncio.wait_for(second, WITHIN)

    run(scenario, Around())
