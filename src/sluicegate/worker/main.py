"""The worker: runs jobs until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import django
from procrastinate import App

from sluicegate.core import stopping
from sluicegate.core.config import Config
from sluicegate.core.log import logger

# A heartbeat may be late by one and the worker still counts as alive.
_HEARTBEATS_PER_LEASE = 3
_SPARE_THREADS = 4  # for what the event loop itself hands to threads

_log = logger(__name__)


def run(config: Config) -> int:
    """Run jobs; the exit status: 0 when asked to stop (SIGTERM, SIGINT), 1 when it had to stop by itself.

    Asked to stop, it takes no further job and waits for those under way, which notice at their next
    boundary (``core.stopping``). How long is the caller's patience: a supervisor kills in the end.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sluicegate.project.settings")
    django.setup()
    from sluicegate.core.queue import app  # noqa: PLC0415 - Django must be set up

    return asyncio.run(_work(app, config))


async def _work(app: App, config: Config) -> int:
    loop = asyncio.get_running_loop()
    concurrency = config.worker_concurrency
    # Jobs are synchronous and run in this pool, whose default size follows the number of processors.
    threads = ThreadPoolExecutor(concurrency + _SPARE_THREADS, thread_name_prefix="job")
    loop.set_default_executor(threads)
    # A second app, not replace_connector(): only the worker's own queries are to go through the worker's
    # connector, while jobs enqueue further jobs through Django's, in their transaction.
    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with worker_app.open_async() as queue:
        work = asyncio.create_task(
            queue.run_worker_async(
                concurrency=concurrency,
                install_signal_handlers=False,
                update_heartbeat_interval=config.lease_seconds / _HEARTBEATS_PER_LEASE,
                stalled_worker_timeout=config.lease_seconds,
            )
        )

        def stop(number: signal.Signals) -> None:
            if not stopping.stopping():
                _log.info("stopping at the next boundary", signal=number.name)
            stopping.request()
            work.cancel()  # to Procrastinate this means: take no further job, wait for those under way

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop, number)
        try:
            await work
        except asyncio.CancelledError:
            if not stopping.stopping():
                raise
    if stopping.stopping():
        return 0
    _log.error("the worker lost its queue")  # the reason was logged by Procrastinate
    return 1
