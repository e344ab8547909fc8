"""What our Stream client sends, field by field, beside what DingTalk's own Stream SDK sends."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sluicegate.dingtalk import stream
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.stream import StreamEvent, StreamState
from tests.sandbox.support import PATIENCE_SECONDS, wait_until

from .local import Sandbox, http, running_sandbox, start

OFFICIAL = """
import os
import dingtalk_stream

class Handler(dingtalk_stream.EventHandler):
    async def process(self, event):
        return dingtalk_stream.AckMessage.STATUS_OK, "OK"

credential = dingtalk_stream.Credential(os.environ["APP_KEY"], os.environ["APP_SECRET"])
client = dingtalk_stream.DingTalkStreamClient(credential)
client.register_all_event_handler(Handler())
client.start_forever()
"""
EVENTS = 3
# Pings at once; and all the time in the world to confirm (it is divided by the speed), lest events come again.
PATIENT = {"ping_interval": 0.2, "ack_timeout": 6000.0}
JSON = "application/json"


@dataclass(frozen=True)
class Sent:
    """The request that opened a connection, and the answers to pings and to events given over it."""

    opening: dict[str, Any]
    pongs: list[dict[str, Any]]
    confirmations: list[dict[str, Any]]


@contextmanager
def official(sandbox: Sandbox, log: Path) -> Iterator[None]:
    """In a process of its own: it reads its endpoint when imported, and can't be stopped otherwise."""
    app = sandbox.credentials()
    environment = os.environ | {
        "DINGTALK_OPENAPI_ENDPOINT": sandbox.url,
        "APP_KEY": app.app_key,
        "APP_SECRET": app.app_secret,
        "NO_PROXY": "*",
        "no_proxy": "*",
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", OFFICIAL], env=environment, stdout=output, stderr=output
        )
        try:
            yield
        finally:
            process.kill()
            process.wait()


def look(sandbox: Sandbox, what: str) -> Any:
    return http.get(f"{sandbox.url}/_sandbox/{what}").raise_for_status().json()[what]


def observe(sandbox: Sandbox, client: DingTalkClient) -> Sent:
    """Wait for the connection, let it be pinged and be told of events, and see what it answered."""
    wait_until(lambda: bool(look(sandbox, "streams")))
    *_, opening = [
        entry for entry in look(sandbox, "requests") if entry["path"].endswith("/connections/open")
    ]
    start(client, "same-stream")

    def replies(ping: bool) -> list[dict[str, Any]]:
        (connection,) = look(sandbox, "streams")
        return [reply for reply in connection["replies"] if ("opaque" in reply["data"]) == ping]

    wait_until(lambda: len(replies(ping=False)) == EVENTS and bool(replies(ping=True)))
    return Sent(opening, replies(ping=True), replies(ping=False))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        http.post(f"{running.url}/_sandbox/settings", json=PATIENT).raise_for_status()
        yield running


@pytest.fixture
def theirs(sandbox: Sandbox, tmp_path: Path) -> Sent:
    with DingTalkClient(sandbox.credentials(), sandbox.hosts) as client, official(sandbox, tmp_path / "log"):
        seen = observe(sandbox, client)
    wait_until(lambda: not look(sandbox, "streams"))
    http.delete(f"{sandbox.url}/_sandbox/requests").raise_for_status()
    return seen


@pytest.fixture
def ours(sandbox: Sandbox, theirs: Sent) -> Sent:
    async def run() -> Sent:
        stop = asyncio.Event()

        async def store(_: StreamEvent) -> None:
            pass

        def ignore(_: StreamState) -> None:
            pass

        task = asyncio.create_task(stream.run(sandbox.credentials(), sandbox.hosts, store, ignore, stop))
        try:
            with DingTalkClient(sandbox.credentials(), sandbox.hosts) as client:
                return await asyncio.to_thread(observe, sandbox, client)
        finally:
            stop.set()
            await asyncio.wait_for(task, PATIENCE_SECONDS)

    return asyncio.run(run())


def test_the_same_is_sent(ours: Sent, theirs: Sent) -> None:
    opened_alike(ours.opening, theirs.opening)
    assert shapes(ours.pongs) == shapes(theirs.pongs)
    assert shapes(ours.confirmations) == shapes(theirs.confirmations)
    for answer in (*ours.pongs, *theirs.pongs):
        assert set(json.loads(answer["data"])) == {"opaque"}
    # Here the two differ: the SDK sends the event's own body back, we what the protocol's description says.
    assert {answer["data"] for answer in ours.confirmations} == {
        '{"status": "SUCCESS", "message": "success"}'
    }
    assert all(json.loads(answer["data"])["eventId"] for answer in theirs.confirmations)


def opened_alike(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    for part in ("method", "path", "query", "status"):
        assert ours[part] == theirs[part]
    for header in ("accept", "content-type"):
        assert ours["headers"][header] == theirs["headers"][header] == JSON
    # Where the two differ: who says so, and that the SDK tells the machine's address, which nothing asks for.
    assert theirs["body"].pop("localIp") is not None
    assert (ours["body"].pop("ua")[:10], theirs["body"].pop("ua")[:10]) == ("sluicegate", "dingtalk-s")
    assert ours["body"] == theirs["body"]
    assert ours["body"]["subscriptions"] == [{"type": "EVENT", "topic": "*"}]


def shapes(answers: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """An answer without what differs from one to the next: the message's id and its data."""
    return {
        (
            frozenset(answer),
            answer["code"],
            answer["message"],
            frozenset(answer["headers"]),
            answer["headers"]["contentType"],
            type(answer["data"]),
        )
        for answer in answers
    }
