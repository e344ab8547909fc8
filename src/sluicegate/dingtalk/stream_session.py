"""One Stream connection, and the intake of events that all connections share."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from enum import Enum, auto

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from sluicegate.dingtalk import stream_wire
from sluicegate.dingtalk.events import StreamEvent, event_of_frame
from sluicegate.dingtalk.stream_wire import Frame
from sluicegate.dingtalk.wire import Unreadable

log = logging.getLogger(__name__)


class Intake:
    """Hands each event to the handler once, however often it is delivered while we remember it."""

    def __init__(
        self, on_event: Callable[[StreamEvent], Awaitable[None]], *, remembered: int, handlers: int
    ) -> None:
        self._on_event = on_event
        self._remembered = remembered
        self._slots = asyncio.Semaphore(handlers)
        self._stored: OrderedDict[str, None] = OrderedDict()
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._tasks: set[asyncio.Task[bool]] = set()

    async def take(self, event: StreamEvent) -> bool:
        """Whether the event is stored now. A delivery that arrives during the first waits for its outcome."""
        if event.event_id in self._stored:
            self._stored.move_to_end(event.event_id)
            return True
        running = self._running.get(event.event_id)
        if running is None:
            running = self._begin(event)
        # The connection may go while the handler works; storing goes on.
        return await asyncio.shield(running)

    def _begin(self, event: StreamEvent) -> asyncio.Task[bool]:
        task = asyncio.create_task(self._store(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if event.event_id:
            self._running[event.event_id] = task
            task.add_done_callback(lambda _: self._running.pop(event.event_id, None))
        return task

    async def _store(self, event: StreamEvent) -> bool:
        try:
            async with self._slots:
                await self._on_event(event)
        except Exception:  # A boundary: whatever a handler raises means "not stored, deliver again".
            log.exception("dingtalk stream: the handler failed for event %s", event.event_id)
            return False
        if event.event_id:
            self._stored[event.event_id] = None
            while len(self._stored) > self._remembered:
                self._stored.popitem(last=False)
        return True

    async def close(self, within: float) -> None:
        """Lets running handlers finish, then cancels those that don't."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


class Ending(Enum):
    ASKED_TO_LEAVE = auto()
    """The server wants us to move to a new connection; this one still works for a few seconds."""
    LOST = auto()


class Session:
    """Reads one connection from its making until ``close``: answers pings, passes events on, watches for silence."""

    def __init__(
        self,
        socket: ClientConnection,
        intake: Intake,
        *,
        idle_after: float,
        pong_within: float,
        on_quota: Callable[[], None],
    ) -> None:
        self._socket = socket
        self._intake = intake
        self._idle_after = idle_after
        self._pong_within = pong_within
        self._on_quota = on_quota
        self._leaving = asyncio.Event()
        self._answers: set[asyncio.Task[None]] = set()
        self._began = asyncio.get_running_loop().time()
        self._reader = asyncio.create_task(self._read())

    async def wait(self) -> tuple[Ending, float]:
        """Returns when another connection is needed: why, and how many seconds this one has lived."""
        leaving = asyncio.create_task(self._leaving.wait())
        try:
            await asyncio.wait({leaving, self._reader}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
        lived = asyncio.get_running_loop().time() - self._began
        if self._reader.done():
            self._reader.result()
            return Ending.LOST, lived
        return Ending.ASKED_TO_LEAVE, lived

    async def close(self, within: float) -> None:
        """Goes on reading until what was received is acknowledged, at most ``within`` seconds; then closes."""
        if self._answers:
            await asyncio.wait(self._answers, timeout=within)
        self._reader.cancel()
        for task in self._answers:
            task.cancel()
        await asyncio.gather(self._reader, *self._answers, return_exceptions=True)
        await self._socket.close()

    async def _read(self) -> None:
        """Until the connection ends or is dead."""
        try:
            while True:
                raw = await self._next()
                if raw is not None:
                    await self._take(raw)
        except ConnectionClosed as closed:
            log.info("dingtalk stream: connection closed: %s", closed.rcvd.code if closed.rcvd else "lost")
        except TimeoutError:
            log.warning("dingtalk stream: silent connection, no answer to a ping")

    async def _next(self) -> str | bytes | None:
        """The next message; None after a silence in which the server answered a ping.

        Raises:
            TimeoutError: it did not answer.
        """
        try:
            async with asyncio.timeout(self._idle_after):
                return await self._socket.recv()
        except TimeoutError:
            pong = await self._socket.ping()
            async with asyncio.timeout(self._pong_within):
                await pong
            return None

    async def _take(self, raw: str | bytes) -> None:
        if stream_wire.announces_exhausted_quota(raw):
            self._on_quota()
        try:
            frame = Frame.parse(raw)
        except Unreadable:
            log.warning("dingtalk stream: a frame could not be read")
            return
        if frame.kind == "EVENT":
            self._begin_answer(frame)
        elif frame.kind != "SYSTEM":
            await self._socket.send(stream_wire.not_handled(frame))
        elif frame.topic == "ping":
            await self._socket.send(stream_wire.pong(frame))
        elif frame.topic == "disconnect":
            self._leaving.set()
        # Other SYSTEM topics (CONNECTED, REGISTERED, KEEPALIVE) want no answer.

    def _begin_answer(self, frame: Frame) -> None:
        """In a task of its own: pings must be answered while a handler works."""
        task = asyncio.create_task(self._answer(frame))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, frame: Frame) -> None:
        try:
            event = event_of_frame(frame.headers, frame.data)
        except Unreadable:
            log.warning("dingtalk stream: an event could not be read")
            reply = stream_wire.not_handled(frame)
        else:
            stored = await self._intake.take(event)
            reply = (stream_wire.stored if stored else stream_wire.not_stored)(frame)
        try:
            await self._socket.send(reply)
        except ConnectionClosed:
            log.info(
                "dingtalk stream: the connection went before an acknowledgement; the event will come again"
            )
