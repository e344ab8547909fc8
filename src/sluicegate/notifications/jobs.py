"""The background jobs of the outbox: one lane for each channel, and one for asking what became of messages.

A lane is one job at a time in the whole installation: waiting for one's turn at DingTalk takes at most one of the
workers' places per lane, and tickets come first. Nothing depends on it: messages are claimed one by one. The lane is
held by an advisory lock of the database's session, which ends with a worker that dies; a lock of the queue wouldn't.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from sluicegate.core import stopping
from sluicegate.core.queue import app
from sluicegate.notifications import delivery, outbox

_DELIVER = "notifications.deliver"
_CHECK = "notifications.check"
_AFTER_TICKETS = -10
_LONGEST_RUN = 20.0
"""Seconds after which a lane makes room; the tick brings it back."""

_KEPT = timedelta(days=180)


@app.task(name=_DELIVER)
def deliver(channel: str) -> None:
    with _lane(channel) as mine:
        if mine:
            _while_time(outbox.due_events(channel), lambda event: delivery.deliver(event, channel))


@app.task(name=_CHECK)
def check() -> None:
    with _lane("check") as mine:
        if mine:
            _while_time(outbox.due_checks(), delivery.check)


@contextmanager
def _lane(name: str) -> Iterator[bool]:
    """Whether the lane was free; held until the end of the block."""
    key = [f"sluicegate-notify-{name}"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)


def _while_time(found: Iterable[str], act: Callable[[str], None]) -> None:
    end = time.monotonic() + _LONGEST_RUN
    for one in found:
        if stopping.stopping() or time.monotonic() > end:
            return
        act(one)


@app.periodic(cron="* * * * * */2")
@app.task(name="notifications.tick", queueing_lock="notifications-tick")
def tick(timestamp: int) -> None:
    """Every two seconds: what is due is delivered, and its delivery asked for."""
    del timestamp
    for channel in outbox.due_channels():
        _enqueue(_DELIVER, f"notify-{channel}", channel=channel)
    if outbox.due_checks():
        _enqueue(_CHECK, "notify-check")


def _enqueue(task: str, name: str, **arguments: str) -> None:
    with suppress(AlreadyEnqueued):
        app.configure_task(task, queueing_lock=name, priority=_AFTER_TICKETS).defer(**arguments)


@app.periodic(cron="23 * * * *")
@app.task(name="notifications.clean", queueing_lock="notifications-clean")
def clean(timestamp: int) -> None:
    """Every hour: remove messages of long ago."""
    del timestamp
    outbox.forget_old(timezone.now() - _KEPT)
