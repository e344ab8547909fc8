"""Listening to events over DingTalk's Stream: one websocket, kept up.

The vendor delivers at least once, waits three seconds for an acknowledgement, and picks one of the app's
connections at random for each message; so an event is acknowledged only after the handler has stored it, a
second delivery is recognised by its ``eventId``, and before a connection is given up its successor stands.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from sluicegate.dingtalk import stream_wire
from sluicegate.dingtalk.config import Credentials, Hosts
from sluicegate.dingtalk.errors import DingTalkError, NotConnected, TemporarilyUnavailable
from sluicegate.dingtalk.events import StreamEvent
from sluicegate.dingtalk.stream_session import Ending, Intake, Session
from sluicegate.dingtalk.vendor_codes import refusal
from sluicegate.dingtalk.wire import Unreadable, obj, refusal_in

__all__ = ["StreamEvent", "StreamPhase", "StreamPolicy", "StreamState", "run"]

log = logging.getLogger(__name__)

# The library logs the handshake, ticket and all, at DEBUG.
_socket_log = logging.getLogger(f"{__name__}.socket")
_socket_log.setLevel(logging.INFO)

_LARGEST_FRAME = 1 << 20


class StreamPhase(StrEnum):
    CONNECTING = "connecting"
    CONNECTED = "connected"
    WAITING = "waiting"
    """Not connected; the next attempt comes in ``retry_in`` seconds."""
    QUOTA_EXHAUSTED = "quota_exhausted"
    """DingTalk sends no more events this month; only asking for instances helps."""
    STOPPED = "stopped"


@dataclass(frozen=True)
class StreamState:
    """``code`` is the catalogue entry of what went wrong, where something did."""

    phase: StreamPhase
    code: str = ""
    retry_in: float | None = None


@dataclass(frozen=True)
class StreamPolicy:
    """Seconds and counts; the defaults are for production.

    Args:
        idle_after: silence after which the connection must prove itself by answering a ping.
        settled_after: a connection that held this long was a success; the wait after its end starts anew.
        drain: how long a connection that is given up may still acknowledge what it has received.
        remembered: event ids kept to recognise a second delivery.
        handlers: events handled at once.
    """

    first_delay: float = 1.0
    longest_delay: float = 60.0
    jitter: Callable[[], float] = field(default=random.random, repr=False)
    idle_after: float = 120.0
    pong_within: float = 10.0
    open_timeout: float = 10.0
    settled_after: float = 10.0
    drain: float = 5.0
    remembered: int = 10_000
    handlers: int = 16

    def delay(self, failures: int) -> float:
        """1, 2, 4 … 60 seconds, of which the random half keeps many listeners from coming back at once."""
        full = min(self.longest_delay, self.first_delay * 2.0 ** min(failures - 1, 16))
        return full * (1 + self.jitter()) / 2


async def run(
    credentials: Credentials,
    hosts: Hosts,
    on_event: Callable[[StreamEvent], Awaitable[None]],
    on_state: Callable[[StreamState], None],
    stop: asyncio.Event,
    *,
    policy: StreamPolicy | None = None,
) -> None:
    """Listens until ``stop`` is set or the task is cancelled; reconnects by itself, whatever happens.

    Args:
        on_event: stores the event. Only when it returns is the event acknowledged; when it raises, DingTalk
            delivers again. It may be called again for an event that was stored long ago: be idempotent.
        on_state: told each change; must not block.
    """
    listener = _Listener(credentials, hosts, on_event, on_state, policy or StreamPolicy())
    listening = asyncio.create_task(listener.keep_connected())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        listening.cancel()
        stopping.cancel()
        results = await asyncio.gather(listening, stopping, return_exceptions=True)
        await listener.close()
        on_state(StreamState(StreamPhase.STOPPED))
    failure = results[0]
    if isinstance(failure, Exception):
        raise failure


async def probe(credentials: Credentials, hosts: Hosts, *, policy: StreamPolicy | None = None) -> None:
    """Connects once and leaves again. What arrives meanwhile is asked for again later: none of it is lost.

    Raises:
        DingTalkError: no connection came about, and why.
    """
    settings = policy or StreamPolicy(drain=1.0)
    listener = _Listener(credentials, hosts, _leave, lambda _state: None, settings)
    try:
        await listener.connect_once()
    finally:
        await listener.close()


class _NotTaken(Exception):
    """The event is left to somebody else."""


async def _leave(_event: StreamEvent) -> None:
    raise _NotTaken


class _Listener:
    def __init__(
        self,
        credentials: Credentials,
        hosts: Hosts,
        on_event: Callable[[StreamEvent], Awaitable[None]],
        on_state: Callable[[StreamState], None],
        policy: StreamPolicy,
    ) -> None:
        self._credentials = credentials
        self._base = hosts.api_base.rstrip("/")
        self._on_state = on_state
        self._policy = policy
        self._intake = Intake(on_event, remembered=policy.remembered, handlers=policy.handlers)
        self._sessions: list[Session] = []
        self._closing: set[asyncio.Task[None]] = set()

    async def keep_connected(self) -> None:
        failures = 0
        while True:
            self._on_state(StreamState(StreamPhase.CONNECTING))
            try:
                session = await self._open()
            except DingTalkError as error:
                failures += 1
                await self._wait(failures, error.code)
                continue
            self._sessions.append(session)
            self._on_state(StreamState(StreamPhase.CONNECTED))
            self._retire(keep=session)
            ending, lived = await session.wait()
            failures = 0 if lived >= self._policy.settled_after else failures + 1
            # The first request to leave is followed at once; a server that only ever says so is not hammered.
            if ending is Ending.ASKED_TO_LEAVE and failures <= 1:
                continue
            if ending is not Ending.ASKED_TO_LEAVE:
                self._retire(keep=None)
            await self._wait(max(failures, 1), "dingtalk_stream_lost")

    async def connect_once(self) -> None:
        """Raises DingTalkError, and nothing else."""
        self._sessions.append(await self._open())

    async def _wait(self, failures: int, code: str) -> None:
        delay = self._policy.delay(failures)
        log.warning("dingtalk stream: %s, next attempt in %.1f s", code, delay)
        self._on_state(StreamState(StreamPhase.WAITING, code, retry_in=delay))
        await asyncio.sleep(delay)

    def _retire(self, *, keep: Session | None) -> None:
        """Closes the other connections in the background, so that they can still acknowledge."""
        for session in self._sessions:
            if session is not keep:
                task = asyncio.create_task(session.close(self._policy.drain))
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)
        self._sessions = [keep] if keep is not None else []

    async def close(self) -> None:
        self._retire(keep=None)
        await asyncio.gather(*self._closing)
        await self._intake.close(self._policy.drain)

    async def _open(self) -> Session:
        """Raises DingTalkError, and nothing else."""
        address = await self._ask_for_address()
        try:
            socket = await self._connect(address)
        except (OSError, TimeoutError, WebSocketException) as error:
            raise NotConnected(code="dingtalk_stream_lost", reason=type(error).__name__) from None
        return Session(
            socket,
            self._intake,
            idle_after=self._policy.idle_after,
            pong_within=self._policy.pong_within,
            on_quota=lambda: self._on_state(
                StreamState(StreamPhase.QUOTA_EXHAUSTED, "dingtalk_stream_quota_exhausted")
            ),
        )

    async def _ask_for_address(self) -> str:
        try:
            async with httpx.AsyncClient(timeout=self._policy.open_timeout) as http:
                response = await http.post(
                    self._base + stream_wire.OPEN_PATH,
                    json=stream_wire.opening(self._credentials),
                    headers={"Accept": "application/json"},
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotConnected(reason=type(error).__name__) from None
        try:
            body = obj(json.loads(response.content))
            answer = refusal_in(response.status_code, body)
            if answer is None:
                return stream_wire.websocket_address(body, self._base)
        except ValueError as error:  # Unreadable is one, and so is what json raises.
            reason = "untrusted" if isinstance(error, Unreadable) else "unreadable"
            raise TemporarilyUnavailable(reason=f"{reason}_{response.status_code}") from error
        raise refusal(answer, call="open_stream", changing=False)

    async def _connect(self, address: str) -> ClientConnection:
        # No keep-alive of the library's: the session's own watchdog pings, and waits for the answer.
        return await connect(
            address,
            open_timeout=self._policy.open_timeout,
            close_timeout=self._policy.drain,
            ping_interval=None,
            max_size=_LARGEST_FRAME,
            logger=_socket_log,
        )
