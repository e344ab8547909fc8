"""How fast estimates are asked of a data source, by all processes together. How many reviews use it at once is
bounded by its session limit (``datasources.sessions.short_session``), which holds across all processes too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from django.db import Error as DatabaseFailure
from django.db import connection

from sluicegate.core.log import logger

_log = logger(__name__)

# A bucket as in ``Rate``, as the time up to which turns are booked: never more than a second's worth is saved up.
# A clock that was set back stops nobody for more than a minute.
_BOOK: Final = """
INSERT INTO reviews_askingpace AS pace (datasource_id, booked)
VALUES (%(datasource)s, extract(epoch FROM clock_timestamp())::float8 - 1 + %(seconds)s)
ON CONFLICT (datasource_id) DO UPDATE SET booked = %(seconds)s + least(
    extract(epoch FROM clock_timestamp())::float8 + 60,
    greatest(pace.booked, extract(epoch FROM clock_timestamp())::float8 - 1)
)
RETURNING booked, extract(epoch FROM clock_timestamp())::float8
"""


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


class SharedRate:
    """The same for all processes that use this database. Some turns are booked at once, so that not every estimate
    writes a row. Within a transaction, whose lock on the row would hold up the others, and while the database
    can't be reached, this process goes by what it has seen itself."""

    def __init__(
        self, datasource_id: int, per_second: int, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._datasource_id = datasource_id
        self._per_second = per_second
        self._at_once = max(1, per_second // 10)
        self._wait = wait
        self._own = Rate(per_second, wait=wait)
        self._lock = threading.Lock()
        self._left = 0

    def take(self) -> None:
        """Return when it is one's turn."""
        if connection.in_atomic_block:
            self._own.take()
            return
        with self._lock:
            if self._left:
                self._left -= 1
                return
            pause = self._booked()
            self._left = self._at_once - 1 if pause is not None else 0
        if pause is None:
            self._own.take()
        elif pause > 0:
            self._wait(pause)

    def _booked(self) -> float | None:
        """Seconds until the next turns; None where they can't be booked."""
        try:
            booked, now = self._book()
        except DatabaseFailure as error:
            _log.warning("estimates_pace_not_shared", error=type(error).__name__)
            return None
        return booked - now

    def _book(self) -> tuple[float, float]:
        """Up to when turns are booked now, and what time it is."""
        given = {"datasource": self._datasource_id, "seconds": self._at_once / self._per_second}
        with connection.cursor() as cursor:
            cursor.execute(_BOOK, given)
            booked, now = cursor.fetchone()
        return booked, now


_rates: dict[tuple[int, int], SharedRate] = {}
_rates_lock = threading.Lock()


def rate_of(datasource_id: int, per_second: int) -> SharedRate:
    """This process's share of the one for this data source."""
    with _rates_lock:
        return _rates.setdefault((datasource_id, per_second), SharedRate(datasource_id, per_second))
