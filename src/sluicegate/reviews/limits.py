"""How fast estimates are asked of a data source. How many reviews use it at once is bounded by its session limit
(``datasources.sessions.short_session``), which holds across all processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Rate:
    """A token bucket: ``per_second`` at once, and so many more with every second. For several threads."""

    def __init__(
        self,
        per_second: int,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._per_second = per_second
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._free = float(per_second)
        self._at = clock()

    def take(self) -> None:
        """Return when it is one's turn."""
        delay = self._reserve()
        if delay > 0:
            self._wait(delay)

    def _reserve(self) -> float:
        """Seconds until the turn that is now taken: the bucket goes below nothing by those who wait."""
        with self._lock:
            now = self._clock()
            self._free = min(self._per_second, self._free + (now - self._at) * self._per_second)
            self._at = now
            self._free -= 1
            return max(0.0, -self._free / self._per_second)


_rates: dict[tuple[int, int], Rate] = {}
_rates_lock = threading.Lock()


def rate_of(datasource_id: int, per_second: int) -> Rate:
    """The one of this process for this data source."""
    with _rates_lock:
        return _rates.setdefault((datasource_id, per_second), Rate(per_second))
