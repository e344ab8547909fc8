"""Leaving a host alone that doesn't answer: a circuit breaker for each host, its transitions pure.

Closed, calls go through. After several failures in a row it opens: calls are refused at once, before anything is
sent. When its pause is over it is half open: one call is let through as a probe. Its answer closes the circuit,
its failure opens it again for longer. A refusal is an answer: only silence, 5xx and what isn't DingTalk's
JSON count as failures.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Protocol


class Phase(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class Circuit:
    """How one host stands.

    Args:
        failures: in a row, counted while closed.
        opened: how often in a row it opened.
        retry_at: on the clock of whoever keeps it, in seconds; None while closed.
        probing: a probe is under way; should its answer never come, ``retry_at`` lets another one through.
        reason: a word for what failed last.
    """

    failures: int = 0
    opened: int = 0
    retry_at: float | None = None
    probing: bool = False
    reason: str = ""

    def phase(self, now: float) -> Phase:
        if self.retry_at is None:
            return Phase.CLOSED
        return Phase.HALF_OPEN if self.probing or now >= self.retry_at else Phase.OPEN


CLOSED = Circuit()


@dataclass(frozen=True)
class CircuitPolicy:
    """Counts and seconds.

    Args:
        threshold: failures in a row that open the circuit.
        first_pause: before the first probe; doubled each time a probe fails, up to ``longest_pause``.
        probe_lease: after which a probe that was never heard of again counts for nothing.
    """

    threshold: int = 5
    first_pause: float = 2.0
    longest_pause: float = 30.0
    probe_lease: float = 60.0
    jitter: Callable[[], float] = field(default=random.random, repr=False)

    def pause(self, opened: int) -> float:
        """Full, or up to a quarter less: processes that keep circuits of their own shall not probe together."""
        full = min(self.longest_pause, self.first_pause * 2.0 ** min(opened - 1, 16))
        return full * (1 - self.jitter() / 4)


def admitted(circuit: Circuit, now: float, policy: CircuitPolicy) -> Circuit | None:
    """The circuit after letting a call through, as a probe when its pause is over; None to refuse the call."""
    if circuit.retry_at is None:
        return circuit
    if now < circuit.retry_at:
        return None
    return Circuit(
        circuit.failures, circuit.opened, now + policy.probe_lease, probing=True, reason=circuit.reason
    )


def failed(
    circuit: Circuit, now: float, policy: CircuitPolicy, reason: str, pause: float | None = None
) -> Circuit:
    """After a call that the host left without an answer. ``pause``: the host itself asked for so many seconds."""
    failures = circuit.failures + 1
    if pause is not None:
        return Circuit(failures, circuit.opened + 1, now + pause, reason=reason)
    if circuit.retry_at is not None and not circuit.probing:
        return circuit  # begun before it opened: says nothing new
    if circuit.retry_at is None and failures < policy.threshold:
        return Circuit(failures, 0, None, reason=reason)
    opened = circuit.opened + 1
    return Circuit(failures, opened, now + policy.pause(opened), reason=reason)


@dataclass(frozen=True)
class Barred:
    """A call isn't sent now: until when, and why."""

    retry_at: datetime
    reason: str


class Pace(Protocol):
    """What is to be asked before a call, and told after it; one for all processes of an installation, or one's own.

    ``host`` is a short name (``api``, ``oapi``), ``call`` the endpoint's: DingTalk counts for each app and API.
    """

    def admit(self, host: str) -> Barred | None:
        """None: go on. Otherwise nothing is to be sent before the time told."""

    def wait(self, call: str) -> None:
        """Returns when a call of this name may begin."""

    def answered(self, host: str) -> None:
        """The host gave an answer, be it a refusal."""

    def failed(self, host: str, reason: str, pause: float | None = None) -> None:
        """The host gave none, or one that isn't DingTalk's."""


class LocalCircuits:
    """The circuits of one process, in memory. Thread-safe.

    Args:
        clock: monotonic seconds.
        now: the time of day, for telling people.
    """

    def __init__(
        self,
        policy: CircuitPolicy | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self._policy = policy or CircuitPolicy()
        self._clock = clock
        self._now = now
        self._lock = Lock()
        self._circuits: dict[str, Circuit] = {}

    def admit(self, host: str) -> Barred | None:
        with self._lock:
            circuit, at = self._circuits.get(host, CLOSED), self._clock()
            after = admitted(circuit, at, self._policy)
            if after is not None:
                self._circuits[host] = after
                return None
            wait = (circuit.retry_at or at) - at
            return Barred(self._now() + timedelta(seconds=wait), circuit.reason)

    def answered(self, host: str) -> None:
        with self._lock:
            self._circuits.pop(host, None)

    def failed(self, host: str, reason: str, pause: float | None = None) -> None:
        with self._lock:
            circuit = self._circuits.get(host, CLOSED)
            self._circuits[host] = failed(circuit, self._clock(), self._policy, reason, pause)

    def circuit(self, host: str) -> Circuit:
        with self._lock:
            return self._circuits.get(host, CLOSED)
