"""Whether this process has been asked to stop.

Long jobs poll it at their boundaries (a worker stops between two statements, never inside one), and so do
endless responses.
"""

from __future__ import annotations

import threading

_event = threading.Event()


def request() -> None:
    """Ask everything in this process to stop at its next boundary."""
    _event.set()


def stopping() -> bool:
    return _event.is_set()


def wait(seconds: float) -> bool:
    """Wait, but no longer than until stopping is asked for; true when it is."""
    return _event.wait(seconds)
