"""What all processes of an installation share when they call DingTalk: the limit per second, and the circuits.

Both are kept in PostgreSQL, by its clock. A call reads one row, and books its turn in another: two short
statements for each HTTPS call. Within a transaction, whose locks would hold up everybody else and which may roll
back, and while PostgreSQL can't be reached, this process goes by what it has seen itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.db.models import QuerySet

from sluicegate.approvals.models import DingTalkConnection, HostCircuit
from sluicegate.core.config import config
from sluicegate.core.log import logger
from sluicegate.dingtalk import circuit as circuits
from sluicegate.dingtalk.circuit import Barred, Circuit, CircuitPolicy, LocalCircuits, Phase
from sluicegate.dingtalk.limits import RateLimiter

_log = logger(__name__)

# The row's lock makes one of those who come together after the other. A clock that was set back must not stop
# calls for as long: a turn is never booked further ahead than what waiting threads can have filled.
_BOOK = """
INSERT INTO approvals_callpace AS pace (app_key, call, starts)
VALUES (%(app_key)s, %(call)s, ARRAY[extract(epoch FROM clock_timestamp())::float8])
ON CONFLICT (app_key, call) DO UPDATE SET starts =
    pace.starts[greatest(1, cardinality(pace.starts) - %(rate)s + 2):]
    || least(
        extract(epoch FROM clock_timestamp())::float8 + 60,
        greatest(
            extract(epoch FROM clock_timestamp())::float8,
            CASE WHEN cardinality(pace.starts) >= %(rate)s
                THEN pace.starts[cardinality(pace.starts) - %(rate)s + 1] + 1 ELSE 0 END
        )
    )
RETURNING starts[cardinality(starts)], extract(epoch FROM clock_timestamp())::float8
"""
_NOW = "SELECT extract(epoch FROM clock_timestamp())::float8"


class SharedPace:
    """``dingtalk.circuit.Pace`` for all processes that use this database. Thread-safe.

    Args:
        rate: calls of one API that may begin in any second.
    """

    def __init__(
        self,
        app_key: str,
        rate: int = 20,
        *,
        policy: CircuitPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._app_key = app_key
        self._rate = rate
        self._policy = policy or CircuitPolicy()
        self._sleep = sleep
        self._own_turns = RateLimiter(rate, sleep=sleep)
        self._own_circuits = LocalCircuits(self._policy, now=_local_time)
        self._thread = threading.local()

    def wait(self, call: str) -> None:
        if connection.in_atomic_block:
            self._own_turns.wait(call)
            return
        try:
            start, now = self._book(call)
        except DatabaseFailure as error:
            _log.warning("dingtalk_pace_not_shared", error=type(error).__name__)
            self._own_turns.wait(call)
            return
        if start > now:
            self._sleep(start - now)

    def _book(self, call: str) -> tuple[float, float]:
        """When the call may begin, and what time it is."""
        with connection.cursor() as cursor:
            cursor.execute(_BOOK, {"app_key": self._app_key, "call": call, "rate": self._rate})
            start, now = cursor.fetchone()
        return start, now

    def admit(self, host: str) -> Barred | None:
        if connection.in_atomic_block:
            return self._own_circuits.admit(host)
        try:
            return self._admit(host)
        except DatabaseFailure as error:
            _log.warning("dingtalk_circuit_not_shared", error=type(error).__name__)
            return self._own_circuits.admit(host)

    def _admit(self, host: str) -> Barred | None:
        row = self._rows(host).first()
        self._thread.troubled = row is not None
        if row is None or row.retry_at is None:
            return None
        with transaction.atomic():
            locked = self._rows(host).select_for_update().first()
            if locked is None:
                return None
            before = _circuit(locked)
            after = circuits.admitted(before, _database_time(), self._policy)
            if after is None:
                assert before.retry_at is not None
                return Barred(_shown(before.retry_at), before.reason)
            _write(locked, after)
        return None

    def answered(self, host: str) -> None:
        self._own_circuits.answered(host)
        if connection.in_atomic_block or not getattr(self._thread, "troubled", True):
            return  # what others saw fail meanwhile, the next answer forgets
        try:
            closed, _ = self._rows(host).delete()
        except DatabaseFailure as error:
            _log.warning("dingtalk_circuit_not_shared", error=type(error).__name__)
            return
        if closed:
            _log.info("dingtalk_answers_again", host=host)

    def failed(self, host: str, reason: str, pause: float | None = None) -> None:
        self._own_circuits.failed(host, reason, pause)
        if connection.in_atomic_block:
            return
        try:
            self._fail(host, reason[:80], pause)
        except DatabaseFailure as error:
            _log.warning("dingtalk_circuit_not_shared", error=type(error).__name__)

    def _fail(self, host: str, reason: str, pause: float | None) -> None:
        with transaction.atomic():
            HostCircuit.objects.bulk_create(
                [HostCircuit(app_key=self._app_key, host=host)], ignore_conflicts=True
            )
            row = self._rows(host).select_for_update().first()
            if row is None:  # somebody had an answer meanwhile
                return
            after = circuits.failed(_circuit(row), _database_time(), self._policy, reason, pause)
            _write(row, after)
        if after.retry_at is not None:
            _log.warning("dingtalk_left_alone", host=host, reason=reason, times=after.opened)

    def _rows(self, host: str) -> QuerySet[HostCircuit]:
        return HostCircuit.objects.filter(app_key=self._app_key, host=host)


def _circuit(row: HostCircuit) -> Circuit:
    return Circuit(row.failures, row.opened, row.retry_at, row.probing, row.reason)


def _write(row: HostCircuit, after: Circuit) -> None:
    row.failures, row.opened, row.retry_at = after.failures, after.opened, after.retry_at
    row.probing, row.reason = after.probing, after.reason
    row.save(update_fields=["failures", "opened", "retry_at", "probing", "reason"])


def _database_time() -> float:
    with connection.cursor() as cursor:
        cursor.execute(_NOW)
        return float(cursor.fetchone()[0])


def _shown(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, ZoneInfo(config().time_zone))


def _local_time() -> datetime:
    return datetime.now(UTC).astimezone(ZoneInfo(config().time_zone))


@dataclass(frozen=True, slots=True)
class HostState:
    """One of DingTalk's hosts as this installation sees it: ``phase`` closed (it answers), open (left alone
    until ``retry_at``) or half_open (being tried)."""

    host: str
    phase: Phase
    failures: int
    reason: str
    retry_at: datetime | None


HOSTS = ("api", "oapi")


def host_states() -> tuple[HostState, ...]:
    """Both hosts, for the app that is connected; none while DingTalk isn't."""
    current = DingTalkConnection.objects.filter(enabled=True).first()
    if current is None:
        return ()
    rows = {row.host: row for row in HostCircuit.objects.filter(app_key=current.app_key)}
    now = _database_time() if rows else 0.0
    return tuple(_state(host, rows.get(host), now) for host in HOSTS)


def _state(host: str, row: HostCircuit | None, now: float) -> HostState:
    if row is None:
        return HostState(host, Phase.CLOSED, 0, "", None)
    found = _circuit(row)
    retry_at = _shown(found.retry_at) if found.retry_at is not None else None
    return HostState(host, found.phase(now), found.failures, found.reason, retry_at)
