"""The listener: receives DingTalk's events over the Stream while a connection is set up, and stores them.

Several may run on several machines; DingTalk shares the events among them.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import django
from django.db import DatabaseError, close_old_connections

from sluicegate.core.config import Config
from sluicegate.core.log import logger
from sluicegate.dingtalk import stream
from sluicegate.dingtalk.stream import StreamEvent, StreamState

if TYPE_CHECKING:
    from sluicegate.approvals.selectors import StreamSettings

P = ParamSpec("P")
R = TypeVar("R")

_LOOK_SECONDS = 3.0  # at which a changed connection is noticed

_log = logger(__name__)


def run(_config: Config) -> int:
    """Listen until SIGTERM or SIGINT; the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sluicegate.project.settings")
    django.setup()
    from sluicegate.approvals import inbox, selectors  # noqa: PLC0415 - Django must be set up

    asyncio.run(_listen(Listener(selectors.stream_settings, inbox.store, inbox.record_stream_state)))
    return 0


async def _listen(listener: Listener) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await listener.run(stop)


@dataclass
class _Connection:
    """A running Stream client and the settings it was started with."""

    settings: StreamSettings
    task: asyncio.Task[None]
    leave: asyncio.Event


class Listener:
    """Keeps one Stream client running as the settings want it.

    Args:
        read: the settings, or None while DingTalk isn't connected.
        store: keeps an event; only then is it acknowledged.
        record: shows how the connection stands.
    """

    def __init__(
        self,
        read: Callable[[], StreamSettings | None],
        store: Callable[[StreamEvent], object],
        record: Callable[[str], None],
        look_seconds: float = _LOOK_SECONDS,
    ) -> None:
        self._read = read
        self._store = store
        self._record = record
        self._look_seconds = look_seconds
        self._connection: _Connection | None = None
        self._states: asyncio.Queue[StreamState] = asyncio.Queue()

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop`` is set."""
        recorder = asyncio.create_task(self._record_states())
        try:
            while not stop.is_set():
                await self._look()
                await _sleep(self._look_seconds, stop)
            await self._disconnect()
            await self._states.join()
        finally:
            recorder.cancel()

    async def _look(self) -> None:
        try:
            wanted = await _in_thread(self._read)
        except DatabaseError as error:
            _log.warning("can't read whether DingTalk is connected; going on as before", reason=str(error))
            return
        running = self._connection
        if running is not None and (running.task.done() or running.settings != wanted):
            await self._disconnect()
        if self._connection is None and wanted is not None:
            leave = asyncio.Event()
            client = stream.run(wanted.credentials, wanted.hosts, self._keep, self._states.put_nowait, leave)
            self._connection = _Connection(wanted, asyncio.create_task(client), leave)

    async def _disconnect(self) -> None:
        running, self._connection = self._connection, None
        if running is None:
            return
        running.leave.set()
        (result,) = await asyncio.gather(running.task, return_exceptions=True)
        if isinstance(result, BaseException):
            _log.error("the Stream client ended by itself; starting it again", exc_info=result)

    async def _keep(self, event: StreamEvent) -> None:
        await _in_thread(self._store, event)

    async def _record_states(self) -> None:
        while True:
            state = await self._states.get()
            _log.info("DingTalk Stream", phase=state.phase.value, code=state.code)
            try:
                await _in_thread(self._record, f"{state.phase.value} {state.code}".strip())
            except DatabaseError as error:
                _log.warning("can't record how the Stream stands", reason=str(error))
            finally:
                self._states.task_done()


async def _in_thread(function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """Call synchronous code that uses the database; its connection goes back afterwards."""

    def call() -> R:
        close_old_connections()
        try:
            return function(*arguments, **named)
        finally:
            close_old_connections()

    return await asyncio.to_thread(call)


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
