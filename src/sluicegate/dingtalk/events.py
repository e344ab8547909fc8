"""An event, from the Stream or from an HTTP callback: a hint that an instance should be read again.

Events come more than once, in odd order and sometimes never; nothing is decided by one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sluicegate.dingtalk.wire import Json, Unreadable, flag, lowered, obj, objects, text

INSTANCE_CHANGE = "bpms_instance_change"
TASK_CHANGE = "bpms_task_change"

# Beginnings of the names of events that an app can subscribe to and that are documented: approvals, changes of the
# contacts, templates of the paid edition, and the tests of an address.
KNOWN_TYPES = ("bpms_", "user_", "org_", "label_", "workflow_form_", "check_")


def known_type(event_type: str) -> bool:
    """Whether this kind of event is documented. Others are kept and acknowledged all the same."""
    return event_type.startswith(KNOWN_TYPES)


@dataclass(frozen=True)
class StreamEvent:
    """One event.

    Args:
        event_id: the same each time this event is delivered; empty when the vendor sent none.
        event_type: e.g. ``bpms_instance_change``.
        born_at: milliseconds since 1970 by the vendor's clock; 0 when not told.
        type: start, finish, terminate, delete, cancel, …; empty for events that are not about approvals.
        result: agree, refuse, redirect; empty when there is none.
        data: the payload's JSON as it came.
    """

    event_id: str
    event_type: str
    corp_id: str
    born_at: int
    process_instance_id: str
    process_code: str
    type: str
    result: str
    data: str


def event_of_frame(headers: Json, data: str) -> StreamEvent:
    """From a Stream frame: who and when is in the headers.

    Raises:
        wire.Unreadable: the data is not a JSON object.
    """
    found = lowered(headers)
    body = _object(data)
    return _event(
        body,
        data,
        event_id=text(found.get("eventid")) or text(body.get("eventId")),
        event_type=text(found.get("eventtype")),
        corp_id=text(found.get("eventcorpid")),
        born_at=_milliseconds(found.get("eventborntime")),
    )


def event_of_callback(plaintext: str) -> StreamEvent:
    """From a decrypted HTTP callback: everything is in one flat object, whose key casing varies.

    Raises:
        wire.Unreadable: the text is not a JSON object.
    """
    body = _object(plaintext)
    found = lowered(body)
    return _event(
        body,
        plaintext,
        event_id=text(found.get("eventid")),
        event_type=text(found.get("eventtype")),
        corp_id=text(found.get("corpid")),
        born_at=_milliseconds(found.get("eventtime")),
    )


@dataclass(frozen=True)
class FailedCallbacks:
    """Events that DingTalk couldn't deliver over HTTP. ``more``: asking again gives further ones."""

    events: tuple[StreamEvent, ...]
    more: bool

    @classmethod
    def parse(cls, body: Json) -> FailedCallbacks:
        """One entry is ``{"event_time", "call_back_tag": T, T: {"bpmsCallBackData": {…}, "corpid"}}``."""
        entries = objects(body.get("failed_list"))
        return cls(tuple(_failed_event(entry) for entry in entries), flag(body.get("has_more")))


def _failed_event(entry: Json) -> StreamEvent:
    event_type = text(entry.get("call_back_tag"))
    around = entry.get(event_type)
    around = obj(around) if isinstance(around, Mapping) else {}
    data = around.get("bpmsCallBackData", around)
    body = _object(data) if isinstance(data, str) else obj(data)
    return _event(
        body,
        data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, sort_keys=True),
        event_id=text(body.get("eventId")),
        event_type=event_type,
        corp_id=text(around.get("corpid")),
        born_at=_milliseconds(entry.get("event_time")),
    )


def _event(
    body: Json, data: str, *, event_id: str, event_type: str, corp_id: str, born_at: int
) -> StreamEvent:
    return StreamEvent(
        event_id=event_id,
        event_type=event_type,
        corp_id=corp_id,
        born_at=born_at,
        process_instance_id=text(body.get("processInstanceId")),
        process_code=text(body.get("processCode")),
        type=text(body.get("type")),
        result=text(body.get("result")).lower(),
        data=data,
    )


def _object(data: str) -> Json:
    try:
        return obj(json.loads(data or "{}"))
    except ValueError as error:
        raise Unreadable("an event's data is not a JSON object") from error


def _milliseconds(value: object) -> int:
    digits = text(value)
    return int(digits) if digits.isdecimal() else 0
