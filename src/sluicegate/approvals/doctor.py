"""Checking the connection to DingTalk: what is right, what isn't, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.approvals import connection, pacing, quota
from sluicegate.approvals.flows import Flow, flow_for
from sluicegate.approvals.models import DingTalkConnection
from sluicegate.approvals.providers.dingtalk import check_template, contract_of, template_of, userid_of
from sluicegate.core.errors import Conflict, Param, SluicegateError
from sluicegate.core.messages import Language, describe, text
from sluicegate.datasources.models import Environment
from sluicegate.dingtalk.circuit import Phase
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.errors import CircuitOpen
from sluicegate.sql.model import TicketKind

PASS, WARN, FAIL = "pass", "warn", "fail"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was checked. ``error`` says what is wrong, and what to do."""

    name: str
    status: str
    error: SluicegateError | None = None
    params: dict[str, Param] = field(default_factory=dict)

    def text(self, language: Language) -> str:
        return text(f"doctor_{self.name}", language, **self.params)

    def advice(self, language: Language) -> str:
        return describe(self.error, language) if self.error is not None else ""


def check(*, by: User) -> list[Line]:
    """Check everything that a ticket needs on its way through DingTalk. Nothing is changed there."""
    require(by, Permission.SETTINGS_MANAGE)
    current = connection.current()
    if current is None:
        return [Line("configured", FAIL, Conflict("dingtalk_not_configured"))]
    resting = [_resting(state) for state in pacing.host_states() if state.phase is not Phase.CLOSED]
    client = connection.client_for(connection.credentials(current))
    credentials = _try("credentials", client.check_credentials)
    if credentials.status == FAIL:
        return [*resting, credentials]
    contacts = _try("contacts", client.auth_scopes)
    if contacts.status == FAIL:  # most often the address: nothing else can be checked then
        return [*resting, credentials, contacts]
    return [
        *resting,
        credentials,
        contacts,
        *_templates(client),
        *_people(client),
        _stream(current),
        _quota(current),
    ]


def _try(name: str, call: Callable[[], object], **params: Param) -> Line:
    try:
        call()
    except SluicegateError as error:
        return Line(name, FAIL, error, params)
    return Line(name, PASS, None, params)


def _resting(state: pacing.HostState) -> Line:
    """A host that failed so often that it is left alone for a while."""
    error = CircuitOpen(state.host, state.retry_at, state.reason) if state.retry_at is not None else None
    return Line("host", WARN, error, {"host": state.host, "failures": state.failures})


def _templates(client: DingTalkClient) -> Iterator[Line]:
    """Each form that some environment's tickets go through."""
    seen: set[tuple[str, str, str, str]] = set()
    for environment in Environment.objects.order_by("position"):
        for kind in TicketKind:
            flow = flow_for(environment.pk, kind.value)
            key = (kind.value, flow.template_name, flow.process_code, flow.preset)
            if flow.provider == "dingtalk" and key not in seen:
                seen.add(key)
                yield _template(client, flow, kind.value)


def _template(client: DingTalkClient, flow: Flow, kind: str) -> Line:
    contract = contract_of(flow, kind)

    def compare() -> None:
        check_template(client, template_of(client, flow, kind), contract)

    return _try("template", compare, kind=kind, template=flow.template_name or contract.template_name)


def _people(client: DingTalkClient) -> Iterator[Line]:
    """Everybody who may file tickets must be somebody in DingTalk."""
    for user in User.objects.filter(is_active=True).order_by("username"):
        if user.has(Permission.TICKET_SUBMIT):
            line = _try("person", partial(userid_of, client, user), username=user.username)
            yield Line(line.name, WARN if line.status == FAIL else line.status, line.error, line.params)


def _stream(current: DingTalkConnection) -> Line:
    connected = current.stream_state == "connected"
    error = None if connected else Conflict("dingtalk_stream_down", state=current.stream_state or "-")
    return Line("stream", PASS if connected else WARN, error)


def _quota(current: DingTalkConnection) -> Line:
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
