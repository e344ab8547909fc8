"""The worker: runs jobs until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import django
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException

from sluicegate.core import stopping
from sluicegate.core.config import Config
from sluicegate.core.log import logger

# A heartbeat may be late by one and the worker still counts as alive.
_HEARTBEATS_PER_LEASE = 3
_CONNECTIONS = 5  # one listens, the others fetch and finish jobs
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
    # Jobs are synchronous and run in this pool, whose default size follows the number of processors.
    pool_size = config.worker_concurrency + _SPARE_THREADS
    loop.set_default_executor(ThreadPoolExecutor(pool_size, thread_name_prefix="job"))
    # A second app, not replace_connector(): only the worker's own queries are to go through the worker's
    # connector, while jobs enqueue further jobs through Django's, in their transaction.
    worker_app = app.with_connector(_connector(config))
    asked: list[signal.Signals] = []
    async with worker_app.open_async() as queue:
        work = asyncio.create_task(_run_jobs(queue, config))
        watch = asyncio.create_task(_stop_without_queue(queue, config.lease_seconds))

        def stop(number: signal.Signals) -> None:
            asked.append(number)
            _log.info("stopping at the next boundary", signal=number.name)
            stopping.request()
            work.cancel()  # to Procrastinate this means: take no further job, wait for those under way

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop, number)
        try:
            await work
        except asyncio.CancelledError:
            if not asked:
                raise
        except ConnectorException as error:
            _log.error("the queue can't be reached", reason=str(error))
        finally:
            watch.cancel()
    return 0 if asked else 1


async def _run_jobs(queue: App, config: Config) -> None:
    await queue.run_worker_async(
        concurrency=config.worker_concurrency,
        install_signal_handlers=False,
        update_heartbeat_interval=config.lease_seconds / _HEARTBEATS_PER_LEASE,
        stalled_worker_timeout=config.lease_seconds,
    )


def _connector(config: Config) -> PsycopgConnector:
    # What get_worker_connector() makes, with no more patience than the lease: after that others take over.
    return PsycopgConnector(
        kwargs=connector_params(), min_size=2, max_size=_CONNECTIONS, timeout=config.lease_seconds
    )


async def _stop_without_queue(queue: App, lease_seconds: float) -> None:
    """Have the jobs stop at their next boundary when others may already count this worker as dead."""
    while not stopping.stopping():
        await asyncio.sleep(lease_seconds / _HEARTBEATS_PER_LEASE)
        try:
            await queue.connector.execute_query_one_async("SELECT 1 AS one")
        except ConnectorException:
            _log.error("lost the queue; jobs stop at their next boundary")
            stopping.request()
