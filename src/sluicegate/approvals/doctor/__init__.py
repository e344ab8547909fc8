"""Checking the connection to DingTalk: what is right, what isn't, and what to do about it. Nothing is changed,
there or here."""

from __future__ import annotations

from functools import partial

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.approvals import connection, pacing, quota
from sluicegate.approvals.doctor import app, events, forms, people
from sluicegate.approvals.doctor.lines import FAIL, PASS, WARN, Line
from sluicegate.approvals.models import DingTalkConnection
from sluicegate.approvals.pacing import SharedPace
from sluicegate.core.config import config
from sluicegate.core.errors import Conflict
from sluicegate.dingtalk.circuit import Phase
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.config import Credentials
from sluicegate.dingtalk.errors import CircuitOpen

__all__ = ["FAIL", "PASS", "WARN", "Line", "check", "examine"]


def check(*, by: User) -> list[Line]:
    """Check everything that a ticket needs on its way through DingTalk, with the stored credentials."""
    require(by, Permission.SETTINGS_MANAGE)
    current = connection.current()
    if current is None:
        return [Line("configured", FAIL, Conflict("dingtalk_not_configured"), essential=True)]
    return examine(connection.credentials(current))


def examine(given: Credentials) -> list[Line]:
    """The same with these credentials, be they stored or not. What can't be looked at because of an earlier
    failure isn't listed."""
    current = connection.current()
    stored = current if current is not None and current.app_key == given.app_key else None
    lines = [_resting(state) for state in pacing.host_states() if state.phase is not Phase.CLOSED]
    # A client of its own, so that its token is a new one: an older one lacks what was granted since.
    with _client(given) as client:
        lines.append(app.credentials_line(client))
        if lines[-1].status == FAIL:
            return lines
        lines += [app.clock_line(connection.hosts()), *app.agent_lines(given)]
        access = app.access_lines(client, given)
        lines += access
        if not any(line.prevents for line in access):
            lines += _beyond_access(client)
    lines.append(events.stream_line(given, connection.hosts(), stored))
    lines += events.event_lines(events.heard(), stored=stored is not None)
    lines.append(events.quota_line(stored or DingTalkConnection(corp_id=given.corp_id, plan="standard")))
    return lines


def _beyond_access(client: DingTalkClient) -> list[Line]:
    about_people, found = people.look_up(client, people.submitters())
    return [app.range_line(client), *about_people, *forms.form_lines(client, found)]


def _client(given: Credentials) -> DingTalkClient:
    return DingTalkClient(
        given,
        connection.hosts(),
        pace=SharedPace(given.app_key, config().dingtalk_calls_per_second),
        observe=partial(quota.observed, given.corp_id),
    )


def _resting(state: pacing.HostState) -> Line:
    """A host that failed so often that it is left alone for a while."""
    error = CircuitOpen(state.host, state.retry_at, state.reason) if state.retry_at is not None else None
    return Line("host", WARN, error, {"host": state.host, "failures": state.failures})
