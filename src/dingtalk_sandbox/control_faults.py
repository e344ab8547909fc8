"""``/_sandbox``: faults, switches, and what has come and gone."""

from __future__ import annotations

import dataclasses

from dingtalk_sandbox.control_base import ControlError, Sandbox
from dingtalk_sandbox.control_views import delivery_view, fault_view
from dingtalk_sandbox.documented import REFUSALS
from dingtalk_sandbox.faults import EVENT_FAULTS, Fault, FaultKind
from dingtalk_sandbox.parsing import change_settings
from dingtalk_sandbox.wire import Fields, JsonObject


def list_faults(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    return {"faults": [fault_view(fault) for fault in box.world.faults.active]}


def add_fault(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    kind = FaultKind(data.text("kind"))
    if kind is FaultKind.EXPIRE_TOKENS:
        box.world.tokens.expire_all()
        return {"ok": True}
    if kind is FaultKind.DISCONNECT_STREAMS:
        closed = box.hub.disconnect_all(abrupt=data.flag("abrupt") or False)
        return {"ok": True, "connections": closed}
    if kind is FaultKind.FREEZE_STREAMS:
        return {"ok": True, "connections": box.hub.freeze_all()}
    code = data.text("code")
    if kind is FaultKind.REFUSE and code not in REFUSALS:
        raise ControlError(400, f"code must be one of: {', '.join(sorted(REFUSALS))}")
    times = data.integer("times")
    if times is not None and times < 1:
        raise ControlError(400, "times must be at least 1, or null")
    fault = Fault(
        number=box.world.faults.next_number(),
        kind=kind,
        times=times,
        match=data.text("match"),
        method=data.text("method").upper(),
        seconds=data.number("seconds", -1) if "seconds" in data else None,
        status=data.integer("status") or 503,
        scope=data.text("scope"),
        ip=data.text("ip"),
        copies=data.integer("copies") or data.integer("n") or 2,
        code=code,
    )
    box.world.faults.add(fault)
    return fault_view(fault)


def clear_faults(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    """No more faults; events that a reordering still holds are sent."""
    box.world.faults.clear()
    box.dispatcher.release_held()
    return {"ok": True}


def remove_fault(box: Sandbox, _data: Fields, path: dict[str, str]) -> JsonObject:
    if not box.world.faults.remove(int(path["fault_id"])):
        raise ControlError(404, "no such fault")
    if not any(fault.kind in EVENT_FAULTS for fault in box.world.faults.active):
        box.dispatcher.release_held()
    return {"ok": True}


def requests(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    return {"requests": [dataclasses.asdict(entry) for entry in box.world.requests]}


def clear_requests(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    box.world.requests.clear()
    return {"ok": True}


def events(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    return {"events": [delivery_view(delivery) for delivery in box.dispatcher.log]}


def emit_event(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    """Send a harmless event to every app, to see that events arrive at all; needs a running event loop."""
    return {"event_ids": box.dispatcher.announce(data.text("event_type", "user_modify_org"))}


def resend_events(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    """Send known events once more, as DingTalk sometimes does even after a confirmation."""
    return {"sent": box.dispatcher.resend(data.text("event_id"))}


def streams(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    shown = [
        {
            "connection_id": connection.connection_id,
            "app_key": connection.app_key,
            "topics": list(connection.topics),
            "user_agent": connection.user_agent,
            "opened": connection.opened,
            "draining": connection.draining,
            "delivered": connection.delivered,
            "pongs": connection.pongs,
            "frozen": connection.frozen,
            "replies": list(connection.replies),
        }
        for connection in box.hub.connections
    ]
    return {"streams": shown, "connections": shown}


def notices(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    return {"messages": [dataclasses.asdict(notice) for notice in box.world.notices]}


def settings(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    """Change switches; a body without fields just shows them."""
    change_settings(box.world.settings, data)
    return dataclasses.asdict(box.world.settings)
