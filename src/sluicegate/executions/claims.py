"""Who may work on an execution: claims with a fencing number, kept alive by heartbeats.

All times are the database's own, so that no worker's clock matters.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from sluicegate.core.config import config
from sluicegate.core.log import logger
from sluicegate.executions.models import Execution, ExecutionState

_log = logger(__name__)

_LOOK_SECONDS = 0.1


class Fenced(Exception):
    """Another worker holds a newer claim: stop, write nothing."""


class Busy(Exception):
    """Somebody else works on this execution, or another run is on the same target."""


def _silent() -> Q:
    return Q(beat_at__isnull=True) | Q(beat_at__lt=Now() - timedelta(seconds=config().lease_seconds))


def claim(execution_id: int, worker: str) -> Execution:
    """Take an execution that is waiting, or whose worker has gone silent.

    Raises:
        Busy: it has a live worker, has ended, or its target is taken by another run.
    """
    claimable = Q(state=ExecutionState.WAITING) | (
        Q(state=ExecutionState.RUNNING) & (Q(worker="") | _silent())
    )
    try:
        with transaction.atomic():
            claimed = Execution.objects.filter(claimable, pk=execution_id).update(
                state=ExecutionState.RUNNING, attempt=F("attempt") + 1, worker=worker, beat_at=Now()
            )
            if claimed:
                Execution.objects.filter(pk=execution_id, started_at=None).update(started_at=Now())
    except IntegrityError as error:  # one_run_per_target
        raise Busy from error
    if not claimed:
        raise Busy
    whole = Execution.objects.select_related("grant", "grant__script", "grant__datasource")
    return whole.defer("grant__script__content").get(pk=execution_id)


def abandoned() -> list[int]:
    """Executions that claim to run but whose worker has gone silent."""
    return list(
        Execution.objects.filter(_silent() | Q(worker=""), state=ExecutionState.RUNNING).values_list(
            "pk", flat=True
        )
    )


def write(execution: Execution, **values: object) -> None:
    """Change the execution, if this claim still holds.

    Raises:
        Fenced: it doesn't.
    """
    if not Execution.objects.filter(pk=execution.pk, attempt=execution.attempt).update(**values):
        raise Fenced
    for name, value in values.items():
        setattr(execution, name, value)


class Heartbeat:
    """Keeps a claim alive from a thread of its own, and learns there of cancellation and of being fenced."""

    def __init__(
        self, execution: Execution, on_cancel: Callable[[], None], flush_due: Callable[[], None]
    ) -> None:
        self._execution = execution
        self._on_cancel = on_cancel
        self._flush_due = flush_due
        self._beaten_at = 0.0
        self._done = threading.Event()
        self.fenced = threading.Event()
        self.cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"heartbeat-{execution.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def check(self) -> None:
        """Raises Fenced when another worker has taken over."""
        if self.fenced.is_set():
            raise Fenced

    def _run(self) -> None:
        try:
            while not self._done.wait(_LOOK_SECONDS):
                try:
                    self._look()
                except DatabaseError:
                    # Our own database is away: the claim runs out by itself if that lasts.
                    _log.warning("heartbeat_failed", execution=self._execution.pk, exc_info=True)
                    connection.close()
        finally:
            connection.close()

    def _look(self) -> None:
        try:
            self._flush_due()
        except Fenced:
            self.fenced.set()
        if time.monotonic() - self._beaten_at >= min(config().lease_seconds / 4, 0.5):
            self._beaten_at = time.monotonic()
            self._beat()

    def _beat(self) -> None:
        mine = Execution.objects.filter(pk=self._execution.pk, attempt=self._execution.attempt)
        if not mine.update(beat_at=Now()):
            self.fenced.set()
            self._on_cancel()
            self._done.set()
        elif not self.cancelled.is_set() and mine.filter(cancel_requested=True).exists():
            self.cancelled.set()
            self._on_cancel()
