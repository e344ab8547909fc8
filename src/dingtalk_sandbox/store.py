"""The state of the sandbox: one company, its approvals, and what was asked of it.

Everything runs on one event loop and no command is interrupted, so there are no locks.
"""

from __future__ import annotations

import secrets
import time
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from dingtalk_sandbox.engine import Event, Moment, Outcome
from dingtalk_sandbox.faults import FaultPlan
from dingtalk_sandbox.model import App, Department, Instance, Template, User
from dingtalk_sandbox.tokens import TokenStore
from dingtalk_sandbox.wire import JsonObject

REQUEST_LOG_SIZE = 5000
TOKEN_LEAST = 60.0
TICKET_LEAST = 10.0


@dataclass(slots=True)
class Settings:
    """Switches of the sandbox itself; ``speed`` divides DingTalk's waiting times."""

    speed: float = 1.0
    token_ttl: float = 7200.0
    ticket_ttl: float = 90.0
    ping_interval: float = 60.0
    terminate_delay: float = 15.0
    ack_timeout: float = 3.0
    retry_delays: tuple[float, ...] = (10.0, 30.0)
    drain_delay: float = 10.0
    strict_forms: bool = True
    realistic_lengths: bool = False
    premium: bool = False
    time_offset_minutes: int = 0
    clock_skew_seconds: int = 0
    qps_limit: int | None = None
    api_quota: int | None = None
    event_quota: int | None = None

    def scaled(self, seconds: float) -> float:
        return seconds / self.speed

    def lifetime(self, seconds: float, least: float) -> float:
        """Real seconds that something good for ``seconds`` lasts. Using it takes real time, however fast the
        sandbox runs, so that it lasts ``least`` at any speed, unless it is set to last less."""
        return max(self.scaled(seconds), min(seconds, least))

    @property
    def token_life(self) -> float:
        return self.lifetime(self.token_ttl, TOKEN_LEAST)

    @property
    def ticket_life(self) -> float:
        return self.lifetime(self.ticket_ttl, TICKET_LEAST)


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """One API call that arrived, without its secrets. ``outcome`` is a code, or ok.

    ``headers`` are those that say what kind of request it is, the token's masked.
    """

    at: int
    method: str
    path: str
    query: JsonObject
    headers: dict[str, str]
    body: JsonObject | None
    app_key: str
    status: int
    outcome: str
    fault: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One message somebody received: a work notification, a robot's or a group's."""

    task_id: int
    at: int
    channel: str
    to: tuple[str, ...]
    message: JsonObject
    forbidden: tuple[tuple[str, str], ...] = ()
    invalid: tuple[str, ...] = ()


@dataclass(slots=True)
class Counters:
    """What was counted so far, and where the numbers in ids continue."""

    api_calls: int = 0
    events_sent: int = 0
    number: int = 0
    task_base: int = field(default_factory=lambda: 80_000_000_000 + secrets.randbelow(10_000_000_000))


class EventSink(Protocol):
    """Where events go when an approval changes."""

    def publish(self, instance: Instance, event: Event) -> None: ...


@dataclass(slots=True)
class World:
    """All of it. ``sink`` is set by the application before the first call."""

    settings: Settings = field(default_factory=Settings)
    company_name: str = ""
    apps: dict[str, App] = field(default_factory=dict)
    departments: dict[int, Department] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    tokens: TokenStore = field(default_factory=TokenStore)
    faults: FaultPlan = field(default_factory=FaultPlan)
    requests: deque[RequestEntry] = field(default_factory=lambda: deque(maxlen=REQUEST_LOG_SIZE))
    notices: deque[Notice] = field(default_factory=lambda: deque(maxlen=REQUEST_LOG_SIZE))
    sink: EventSink | None = None
    counters: Counters = field(default_factory=Counters)
    default_approvers: tuple[str, ...] = ()
    _by_template: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    _pending: dict[str, dict[str, int]] = field(default_factory=dict)
    _by_task: dict[int, str] = field(default_factory=dict)

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def number(self) -> int:
        self.counters.number += 1
        return self.counters.number

    def moment(self) -> Moment:
        return Moment(self.now(), lambda: self.counters.task_base + self.number())

    def apply(self, outcome: Outcome) -> Instance:
        """Keep what an engine command led to and send its events."""
        instance = outcome.instance
        if instance.instance_id not in self.instances:
            listed = self._by_template.setdefault(instance.process_code, [])
            listed.append((instance.created, instance.instance_id))
        self.instances[instance.instance_id] = instance
        self._index_pending(instance)
        if self.sink is not None:
            for event in outcome.events:
                self.sink.publish(instance, event)
        return instance

    def forget(self, instance: Instance) -> None:
        """Remove a deleted instance."""
        del self.instances[instance.instance_id]
        self._by_template[instance.process_code].remove((instance.created, instance.instance_id))
        for waiting in self._pending.values():
            waiting.pop(instance.instance_id, None)

    def ids_between(self, process_code: str, start: int, end: int) -> list[str]:
        """Ids of a template's instances created in ``[start, end]``, oldest first."""
        listed = self._by_template.get(process_code, [])
        first = bisect_left(listed, (start, ""))
        return [instance_id for created, instance_id in listed[first:] if created <= end]

    def waiting_for(self, userid: str) -> list[Instance]:
        """Instances with a running task of this person, newest first."""
        return [self.instances[key] for key in reversed(self._pending.get(userid, {}))]

    def instance_of_task(self, task_id: int) -> Instance | None:
        return self.instances.get(self._by_task.get(task_id, ""))

    def _index_pending(self, instance: Instance) -> None:
        self._by_task.update((task.task_id, instance.instance_id) for task in instance.tasks)
        running = {task.userid for task in instance.tasks if task.status == "RUNNING"}
        for userid in {task.userid for task in instance.tasks} - running:
            self._pending.get(userid, {}).pop(instance.instance_id, None)
        for userid in running:
            self._pending.setdefault(userid, {})[instance.instance_id] = instance.created

    def departments_above(self, dept_id: int) -> list[int]:
        """The department and those above it up to the root."""
        chain: list[int] = []
        current = self.departments.get(dept_id)
        while current is not None and current.dept_id not in chain:
            chain.append(current.dept_id)
            current = self.departments.get(current.parent_id) if current.parent_id is not None else None
        return chain

    def employed(self, userid: str) -> User | None:
        user = self.users.get(userid)
        return user if user is not None and user.active else None
