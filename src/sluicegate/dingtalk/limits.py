"""Keeping below DingTalk's limit of 20 calls a second for each app and API."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from threading import Lock

from sluicegate.dingtalk.circuit import CircuitPolicy, LocalCircuits


class RateLimiter:
    """Lets at most ``rate`` calls of a name begin in any second; further ones wait their turn.

    The starts of the last ``rate`` calls are kept, rather than a bucket of tokens: a full bucket that refills
    meanwhile lets nearly twice the rate through in its first second, which is what DingTalk counts.

    Args:
        clock: monotonic seconds.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        rate: int = 20,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._starts: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=rate))

    def wait(self, name: str) -> None:
        """Returns when a call of this name may begin."""
        pause = self._reserve(name)
        if pause > 0:
            self._sleep(pause)

    def _reserve(self, name: str) -> float:
        """Books the next free start, perhaps a future one, and says how far off it is."""
        with self._lock:
            now = self._clock()
            starts = self._starts[name]
            full = len(starts) == starts.maxlen
            start = max(now, starts[0] + 1.0) if full else now
            starts.append(start)
            return start - now


class LocalPace(LocalCircuits):
    """Pace and circuits of one process by itself; an installation of several shares one instead."""

    def __init__(self, limiter: RateLimiter | None = None, policy: CircuitPolicy | None = None) -> None:
        super().__init__(policy)
        self._limiter = limiter or RateLimiter()

    def wait(self, call: str) -> None:
        self._limiter.wait(call)
