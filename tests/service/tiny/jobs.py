"""Jobs whose doings a test can see in the table ``trace``."""

import threading

from django.db import connection, transaction

from sluicegate.core import stopping
from sluicegate.core.queue import app

_together = threading.Barrier(8)


def _note(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO trace (text, at) VALUES (%s, clock_timestamp())", [text])


@app.task
def note(text: str) -> None:
    _note(text)


@app.task
def meet() -> None:
    """Ends only when eight of them run at once."""
    _together.wait(timeout=60)
    _note("met")


@app.task
def until_stopped() -> None:
    _note("started")
    stopping.wait(60)
    _note("boundary" if stopping.stopping() else "never stopped")


@app.task
def enqueue_and_roll_back() -> None:
    try:
        with transaction.atomic():
            note.defer(text="must not run")
            raise ValueError("rolled back")
    except ValueError:
        note.defer(text="after the rollback")


@app.periodic(cron="* * * * * */1")
@app.task
def tick(timestamp: int) -> None:
    _note("tick")
