"""Events: does the Stream let us in, do they arrive, and does nobody else take them? And the month's quota.

DingTalk has no call that sends an event for a try, and none that tells who is connected. What can be known is
read from what has happened: every approval that is started makes an event, so one without any has lost it, to
another program with the same key (DingTalk picks one connection at random for each event) or to nobody.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from sluicegate.approvals import quota
from sluicegate.approvals.doctor.lines import FAIL, PASS, WARN, Line
from sluicegate.approvals.models import Approval, DingTalkConnection, ProviderEvent
from sluicegate.core.errors import Conflict, SluicegateError
from sluicegate.dingtalk import stream
from sluicegate.dingtalk.config import Credentials, Hosts
from sluicegate.dingtalk.errors import DingTalkError

_LOOK_BACK = timedelta(days=7)
_ON_ITS_WAY = timedelta(minutes=2)
_CONNECTED = "connected"
_EXHAUSTED = "dingtalk_stream_quota_exhausted"


def stream_line(given: Credentials, hosts: Hosts, current: DingTalkConnection | None) -> Line:
    """``current``: the stored connection, where these are its credentials; then the listener's own counts, and a
    second connection, which would take events from it, isn't made."""
    state = current.stream_state if current is not None else ""
    if state == _CONNECTED:
        return Line("stream", PASS)
    if state.endswith(_EXHAUSTED):
        return Line("stream", FAIL, Conflict("dingtalk_stream_quota_exhausted"))
    over_http = current is not None and current.sealed_callback is not None
    try:
        asyncio.run(stream.probe(given, hosts))
    except DingTalkError as error:
        return Line("stream", WARN if over_http else FAIL, error)
    if current is None or over_http:
        return Line("stream", PASS)
    return Line("stream", WARN, Conflict("dingtalk_stream_down", state=state or "-"))


@dataclass(frozen=True)
class Heard:
    """What of the last days' approvals was heard of by events.

    Args:
        started: approvals started in DingTalk.
        heard: those of which at least one event arrived.
        last: when the last event of any kind arrived.
    """

    started: int
    heard: int
    last: datetime | None


def heard() -> Heard:
    now = timezone.now()
    started = set(
        Approval.objects.filter(
            provider="dingtalk",
            external_id__isnull=False,
            submit_started_at__gt=now - _LOOK_BACK,
            submit_started_at__lt=now - _ON_ITS_WAY,
        ).values_list("external_id", flat=True)
    )
    told = ProviderEvent.objects.filter(instance_id__in=started).values("instance_id").distinct().count()
    last = ProviderEvent.objects.order_by("-received_at").values_list("received_at", flat=True).first()
    return Heard(len(started), told, last)


def event_lines(found: Heard, *, stored: bool) -> list[Line]:
    """``stored``: these credentials are in use; else nothing can have arrived for them."""
    if not stored:
        return [
            Line("events", WARN, Conflict("dingtalk_events_untested")),
            Line("sole", WARN, Conflict("dingtalk_sole_untested")),
        ]
    return [_events(found), _sole(found)]


def _events(found: Heard) -> Line:
    if found.started and not found.heard:
        return Line("events", WARN, Conflict("dingtalk_events_missing", started=found.started))
    if found.last is None:
        return Line("events", WARN, Conflict("dingtalk_events_untested"))
    return Line("events", PASS, None, {})


def _sole(found: Heard) -> Line:
    error: SluicegateError | None = None
    if not found.started:
        error = Conflict("dingtalk_sole_untested")
    elif found.heard < found.started:
        lost = found.started - found.heard
        error = Conflict("dingtalk_sole_doubtful", lost=lost, started=found.started)
    return Line("sole", WARN if error is not None else PASS, error)


def quota_line(current: DingTalkConnection) -> Line:
    """How much of the month's calls and events is used, as far as we have counted."""
    used = quota.usage(current)
    error = None
    if used.exhausted:
        error = Conflict("dingtalk_quota_exhausted")
    elif used.status != PASS:
        error = Conflict("dingtalk_quota_low", percent=used.percent)
    return Line(
        "quota",
        used.status,
        error,
        {
            "calls": used.calls,
            "call_limit": used.call_limit,
            "events": used.events,
            "event_limit": used.event_limit,
        },
    )
