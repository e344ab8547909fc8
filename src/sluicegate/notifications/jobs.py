"""The background jobs of the outbox. Each begins by claiming; the tick asks again for whatever is due."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from sluicegate.core.queue import app
from sluicegate.notifications import delivery, outbox

_KEPT = timedelta(days=180)


@app.task(name=outbox.DELIVER)
def deliver(event: str, channel: str) -> None:
    delivery.deliver(event, channel)


@app.task(name=outbox.CHECK)
def check(task_id: str) -> None:
    delivery.check(task_id)


@app.periodic(cron="* * * * * */2")
@app.task(name="notifications.tick", queueing_lock="notifications-tick")
def tick(timestamp: int) -> None:
    """Every two seconds: what is due is delivered, and its delivery asked for."""
    del timestamp
    for event, channel in outbox.due_deliveries():
        with suppress(AlreadyEnqueued):
            lock = f"notify:{channel}:{event}"
            app.configure_task(outbox.DELIVER, queueing_lock=lock).defer(event=event, channel=channel)
    for task_id in outbox.due_checks():
        with suppress(AlreadyEnqueued):
            lock = f"notify-check:{task_id}"
            app.configure_task(outbox.CHECK, queueing_lock=lock).defer(task_id=task_id)


@app.periodic(cron="23 * * * *")
@app.task(name="notifications.clean", queueing_lock="notifications-clean")
def clean(timestamp: int) -> None:
    """Every hour: remove messages of long ago."""
    del timestamp
    outbox.forget_old(timezone.now() - _KEPT)
