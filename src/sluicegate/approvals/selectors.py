"""Reading approval settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max

from sluicegate.approvals import connection, services
from sluicegate.approvals.models import Approval, ApprovalState, ProviderEvent
from sluicegate.dingtalk import links
from sluicegate.dingtalk.config import Credentials, Hosts
from sluicegate.dingtalk.errors import QuotaExhausted
from sluicegate.dingtalk.events import known_type


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What the listener needs; compared to notice that the connection was changed."""

    credentials: Credentials
    hosts: Hosts


def stream_settings() -> StreamSettings | None:
    """None while DingTalk isn't connected."""
    current = connection.current()
    if current is None:
        return None
    return StreamSettings(connection.credentials(current), connection.hosts())


def problem_of(approval: Approval) -> tuple[str, dict[str, Any]]:
    """What keeps an open approval from going on, as a catalogue code and its parameters; "" when nothing does."""
    open_states = (ApprovalState.STARTING, ApprovalState.IN_DOUBT, ApprovalState.WAITING)
    quiet = not approval.problem_code and approval.state in open_states
    if quiet and services.remote(approval) is not None and services.quota_spent():
        return QuotaExhausted.default_code, {}
    return approval.problem_code, approval.problem_params


@dataclass(frozen=True, slots=True)
class EventCount:
    """Events of one type that arrived within the last 30 days; ``known``: the type is documented."""

    type: str
    count: int
    last_at: datetime
    known: bool


def event_counts() -> tuple[EventCount, ...]:
    """What arrives, the most frequent first: an unknown type shows here and does no harm."""
    found = (
        ProviderEvent.objects.values_list("event_type")
        .annotate(count=Count("pk"), last=Max("received_at"))
        .order_by("-count", "event_type")
    )
    return tuple(EventCount(name, count, last, known_type(name)) for name, count, last in found)


def page_links(approval: Approval) -> tuple[str, str]:
    """Where the approval can be looked at in DingTalk, on a PC and on a phone; empty for built-in approval."""
    if approval.external_id is None:
        return "", ""
    current = connection.current()
    corp_id = current.corp_id if current is not None else ""
    return links.approval_page_pc(corp_id, approval.external_id), links.approval_page_mobile(
        corp_id, approval.external_id
    )
