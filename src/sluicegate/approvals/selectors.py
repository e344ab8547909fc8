"""Reading approval settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sluicegate.approvals import connection, services
from sluicegate.approvals.models import Approval, ApprovalState
from sluicegate.dingtalk import links
from sluicegate.dingtalk.config import Credentials, Hosts
from sluicegate.dingtalk.errors import QuotaExhausted


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


def page_links(approval: Approval) -> tuple[str, str]:
    """Where the approval can be looked at in DingTalk, on a PC and on a phone; empty for built-in approval."""
    if approval.external_id is None:
        return "", ""
    current = connection.current()
    corp_id = current.corp_id if current is not None else ""
    return links.approval_page_pc(corp_id, approval.external_id), links.approval_page_mobile(
        corp_id, approval.external_id
    )
