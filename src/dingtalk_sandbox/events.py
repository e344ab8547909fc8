"""Events: what is told about an approval, in which words, and to whom.

The body of an event is the ``data`` of a Stream frame and, flattened with ``EventType``, the
plaintext of an HTTP callback (section 4).
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Protocol

from dingtalk_sandbox import ids
from dingtalk_sandbox.engine import Event, InstanceEvent
from dingtalk_sandbox.faults import Fault, FaultKind
from dingtalk_sandbox.instances import approval_page
from dingtalk_sandbox.model import App, Instance
from dingtalk_sandbox.store import World
from dingtalk_sandbox.wire import JsonObject

LOG_SIZE = 5000
# How the documented text goes on is not known [?].
QUOTA_NOTICE: JsonObject = {"errCode": 20001, "errMsg": "受调用量超量影响，当前我的消息服务已经暂停"}


@dataclass(slots=True)
class Delivery:
    """One event on its way to one app, and how far it got."""

    app: App
    event_id: str
    event_type: str
    born: int
    resource: str
    body: JsonObject
    attempts: int = 0
    state: str = "pending"
    channel: str = ""

    @property
    def data(self) -> str:
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))


class Channel(Protocol):
    """A way to an app. ``send`` answers whether the app confirmed the event in time."""

    async def send(self, delivery: Delivery) -> bool: ...

    def warn(self, app: App, notice: JsonObject) -> None: ...


def build(app: App, instance: Instance, event: Event) -> Delivery:
    """The event's body; its times are whole seconds, as in what was captured."""
    on_instance = isinstance(event, InstanceEvent)
    event_type = "bpms_instance_change" if on_instance else "bpms_task_change"
    event_id = ids.event_id()
    resource = f"/v1.0/event/{event_type}/processCode/{instance.process_code}/type/{event.type}"
    body: JsonObject = {
        "processInstanceId": instance.instance_id,
        "eventId": event_id,
        "resource": resource,
        "createTime": _second(instance.created),
        "processCode": instance.process_code,
        "bizCategoryId": "",
        "businessId": instance.business_id,
        "title": instance.title,
        "type": event.type,
        "businessType": "",
    }
    if isinstance(event, InstanceEvent):
        body["staffId"] = instance.originator
        body["url"] = approval_page(app.corp_id, instance.instance_id)
        born = instance.finished or instance.created
        finished = instance.finished if event.type != "start" else None
    else:
        task, node = event.task, instance.flow[event.task.node]
        body |= {
            "createTime": _second(task.created),
            "activityName": node.name,
            "activityId": node.activity_id,
            "staffId": task.userid,
            "taskId": task.task_id,
        }
        if event.remark:
            body["remark"] = event.remark
        born = task.finished or task.created
        finished = task.finished
    if finished is not None:
        body["finishTime"] = _second(finished)
    if event.result:
        body["result"] = str(event.result)
    return Delivery(app, event_id, event_type, born, resource, body)


def _second(time_ms: int) -> int:
    return time_ms // 1000 * 1000


@dataclass(slots=True)
class Dispatcher:
    """Sends each event to every app that asked for it, and again when it goes unconfirmed.

    Three attempts as documented: at once, 10 s later, 30 s later, divided by the speed.
    """

    world: World
    stream: Channel
    callback: Channel
    log: deque[Delivery] = field(default_factory=lambda: deque(maxlen=LOG_SIZE))
    failed: deque[Delivery] = field(default_factory=lambda: deque(maxlen=LOG_SIZE))
    told_of_quota: bool = False
    _held: list[Delivery] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def publish(self, instance: Instance, event: Event) -> None:
        """Needs a running event loop."""
        for app in self.world.apps.values():
            delivery = build(app, instance, event)
            if any(fnmatchcase(delivery.resource, pattern) for pattern in app.event_filters):
                self._release(delivery)

    def announce(self, event_type: str) -> list[str]:
        """Tell every app of a change of contacts that changes nothing; such events aren't billed. The ids."""
        sent = []
        for app in self.world.apps.values():
            event_id = ids.event_id()
            body: JsonObject = {"eventId": event_id, "timeStamp": str(self.world.now()), "userId": []}
            delivery = Delivery(
                app, event_id, event_type, self.world.now(), f"/v1.0/event/{event_type}", body
            )
            self.log.append(delivery)
            self._spawn(self._deliver(delivery))
            sent.append(event_id)
        return sent

    def _release(self, delivery: Delivery) -> None:
        self.log.append(delivery)
        if self._over_quota(delivery):
            return
        fault = self.world.faults.take_event(delivery.resource)
        copies = 1
        if fault is not None and fault.kind is FaultKind.LOSE_EVENTS:
            delivery.state = "lost"
            return
        if fault is not None and fault.kind is FaultKind.REORDER_EVENTS:
            self._hold(delivery, fault)
            return
        if fault is not None and fault.kind is FaultKind.DUPLICATE_EVENTS:
            copies = fault.copies
        for _ in range(copies):
            self._spawn(self._deliver(delivery))

    def _over_quota(self, delivery: Delivery) -> bool:
        """At the monthly quota there is one notice, and then silence [D]."""
        quota = self.world.settings.event_quota
        if quota is not None and self.world.counters.events_sent >= quota:
            delivery.state = "over_quota"
            if not self.told_of_quota:
                self.told_of_quota = True
                self._spawn(self._tell_of_quota())
            return True
        self.told_of_quota = False
        self.world.counters.events_sent += 1
        return False

    async def _tell_of_quota(self) -> None:
        """A task like the deliveries, so that it comes after those before it."""
        for app in self.world.apps.values():
            (self.callback if app.callback else self.stream).warn(app, QUOTA_NOTICE)

    def _hold(self, delivery: Delivery, fault: Fault) -> None:
        """Keep the events that the fault covers, then let them go last first."""
        self._held.append(delivery)
        delivery.state = "held"
        window_full = fault.times is None and len(self._held) >= fault.copies
        if window_full or fault not in self.world.faults.active:
            self.release_held()

    def resend(self, event_id: str) -> int:
        """Deliver one event again, or every one that is still remembered; answers how many."""
        chosen = [known for known in self.log if event_id in {"", known.event_id}]
        for delivery in chosen:
            self._spawn(self._deliver(delivery))
        return len(chosen)

    def release_held(self) -> None:
        held, self._held = self._held, []
        for delivery in reversed(held):
            delivery.state = "pending"
            self._spawn(self._deliver(delivery))

    async def _deliver(self, delivery: Delivery) -> None:
        settings = self.world.settings
        for delay in (0.0, *settings.retry_delays):
            if delay:
                await asyncio.sleep(settings.scaled(delay))
            delivery.attempts += 1
            over_http = delivery.app.callback is not None
            delivery.channel = "http" if over_http else "stream"
            if await (self.callback if over_http else self.stream).send(delivery):
                delivery.state = "confirmed"
                return
        if delivery.state != "confirmed":
            delivery.state = "failed"
            if delivery.channel == "http":
                self.failed.append(delivery)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def reset(self) -> None:
        """Forget everything, deliveries under way included."""
        for task in self._tasks:
            task.cancel()
        self._held.clear()
        self.log.clear()
        self.failed.clear()
        self.told_of_quota = False
