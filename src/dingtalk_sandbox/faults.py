"""Faults that a test asks for, each for a number of times or until it is taken away."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class FaultKind(StrEnum):
    """``EXPIRE_TOKENS``, ``DISCONNECT_STREAMS`` and ``FREEZE_STREAMS`` happen at once, the others wait for a
    match."""

    TIMEOUT_AFTER = "timeout_after"
    TIMEOUT_BEFORE = "timeout_before"
    ERROR_BEFORE = "error_before"
    HTTP_500 = "http_500"
    HTML_PAGE = "html_page"
    PUNISHED = "punished"
    REDIRECT = "redirect"
    CUT_OFF = "cut_off"
    REFUSE = "refuse"
    SLOW = "slow"
    QPS = "qps"
    IP_NOT_WHITELISTED = "ip_not_whitelisted"
    MISSING_SCOPE = "missing_scope"
    EXPIRE_TOKENS = "expire_tokens"
    LOSE_EVENTS = "lose_events"
    DUPLICATE_EVENTS = "duplicate_events"
    REORDER_EVENTS = "reorder_events"
    DISCONNECT_STREAMS = "disconnect_streams"
    FREEZE_STREAMS = "freeze_streams"


EVENT_FAULTS = frozenset({FaultKind.LOSE_EVENTS, FaultKind.DUPLICATE_EVENTS, FaultKind.REORDER_EVENTS})
# What can only be said to somebody who came with a token.
TOKEN_FAULTS = frozenset({FaultKind.QPS, FaultKind.IP_NOT_WHITELISTED, FaultKind.MISSING_SCOPE})


@dataclass(slots=True)
class Fault:
    """``match`` is part of a path (of an API call) or of a resource (of an event)."""

    number: int
    kind: FaultKind
    times: int | None = None
    match: str = ""
    method: str = ""
    seconds: float | None = None
    status: int = 503
    scope: str = ""
    ip: str = ""
    copies: int = 2
    code: str = ""
    fired: int = 0

    def fits(self, path: str, method: str) -> bool:
        return self.match in path and self.method in {"", method}


@dataclass(slots=True)
class FaultPlan:
    """The faults in force. The first that fits a call is the one that happens."""

    active: list[Fault] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def next_number(self) -> int:
        return next(self._numbers)

    def add(self, fault: Fault) -> None:
        self.active.append(fault)

    def remove(self, number: int) -> bool:
        before = len(self.active)
        self.active = [fault for fault in self.active if fault.number != number]
        return len(self.active) < before

    def clear(self) -> None:
        self.active.clear()

    def take(self, path: str, method: str, *, with_token: bool) -> Fault | None:
        """The fault for this API call, used once, or None."""
        inapplicable = EVENT_FAULTS if with_token else EVENT_FAULTS | TOKEN_FAULTS
        for fault in self.active:
            if fault.kind not in inapplicable and fault.fits(path, method):
                return self._use(fault)
        return None

    def take_event(self, resource: str) -> Fault | None:
        """The fault for this event, used once, or None."""
        for fault in self.active:
            if fault.kind in EVENT_FAULTS and fault.match in resource:
                return self._use(fault)
        return None

    def _use(self, fault: Fault) -> Fault:
        fault.fired += 1
        if fault.times is not None and fault.fired >= fault.times:
            self.active.remove(fault)
        return fault
