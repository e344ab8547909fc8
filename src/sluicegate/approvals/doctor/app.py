"""The app itself: does DingTalk let us in, from here, and may we do what we must?"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.approvals.doctor.lines import FAIL, PASS, WARN, Line, tried
from sluicegate.core.errors import Conflict
from sluicegate.dingtalk import clocks, probes
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.config import Credentials, Hosts
from sluicegate.dingtalk.errors import (
    AddressThrottled,
    CircuitOpen,
    DingTalkError,
    InvalidCredentials,
    IpNotWhitelisted,
    MissingPermission,
    NotConnected,
    NotProcessed,
    QpsLimited,
    QuotaExhausted,
    TemplateNotPermitted,
    TokenInvalid,
)
from sluicegate.dingtalk.models import ROOT_DEPARTMENT
from sluicegate.dingtalk.probes import PROBES, Probe

CLOCK_WARN_SECONDS = 60
CLOCK_FAIL_SECONDS = 300
"""Signed callbacks older or newer than this are refused, by us and by DingTalk's clients alike."""

# Refusals that say nothing about the permission.
_UNTOLD = (
    AddressThrottled,
    CircuitOpen,
    InvalidCredentials,
    NotConnected,
    QpsLimited,
    QuotaExhausted,
    TemplateNotPermitted,
    TokenInvalid,
)


def credentials_line(client: DingTalkClient) -> Line:
    return tried("credentials", client.check_credentials, essential=True)


def clock_line(hosts: Hosts) -> Line:
    """Our clock beside DingTalk's."""
    try:
        ahead = round(clocks.seconds_ahead(hosts.api_base))
    except DingTalkError as error:
        return Line("clock", WARN, error, {"seconds": "?"})
    status = PASS
    if abs(ahead) > CLOCK_WARN_SECONDS:
        status = FAIL if abs(ahead) > CLOCK_FAIL_SECONDS else WARN
    error_ = None
    if status != PASS:
        error_ = Conflict("dingtalk_clock_off", seconds=abs(ahead), limit=CLOCK_FAIL_SECONDS)
    return Line("clock", status, error_, {"seconds": f"{ahead:+d}"}, essential=True)


def access_lines(client: DingTalkClient, credentials: Credentials) -> list[Line]:
    """The address that DingTalk sees, and each permission.

    The token is exempt from the whitelist, so that only these calls show whether the address is on it; the two
    hosts may see two addresses.
    """
    refused: list[IpNotWhitelisted] = []
    permissions = []
    for probe in PROBES:
        try:
            probe.ask(client)
        except IpNotWhitelisted as error:
            refused.append(error)
            continue
        except DingTalkError as error:
            permissions.append(_permission(probe, credentials, error))
            continue
        permissions.append(_permission(probe, credentials, None))
    return [_address(refused), *permissions]


def _address(refused: list[IpNotWhitelisted]) -> Line:
    addresses = list(dict.fromkeys(error.ip for error in refused if error.ip))
    if not refused:
        return Line("address", PASS, essential=True)
    if len(addresses) < 2:
        return Line("address", FAIL, refused[0], essential=True)
    named = Conflict("dingtalk_ip_not_whitelisted", ip=", ".join(addresses))
    return Line("address", FAIL, named, essential=True)


def _permission(probe: Probe, credentials: Credentials, error: DingTalkError | None) -> Line:
    params = {"permission": probe.title_code, "scope": probe.scope}
    if isinstance(error, MissingPermission):
        scope = ", ".join(error.scopes) or probe.scope
        link = error.apply_link or probes.apply_link(credentials.app_key, scope)
        missing = Conflict("dingtalk_missing_permission_link", scopes=scope, apply_link=link)
        return Line("permission", FAIL if probe.needed else WARN, missing, params, essential=probe.needed)
    if error is not None and (not isinstance(error, NotProcessed) or isinstance(error, _UNTOLD)):
        return Line("permission", WARN, error, params)
    return Line("permission", PASS, None, params, essential=probe.needed)


def agent_lines(credentials: Credentials) -> Iterator[Line]:
    """What can be said of the other two fields: DingTalk has no call that proves them."""
    if not credentials.agent_id:
        yield Line("agent", WARN, Conflict("dingtalk_agent_missing"))
    if not credentials.corp_id.startswith("ding"):
        yield Line("corp", WARN, Conflict("dingtalk_corp_odd", corp_id=credentials.corp_id))


def range_line(client: DingTalkClient) -> Line:
    """授权范围: everybody, or whom it leaves out."""
    try:
        scopes = client.auth_scopes()
    except DingTalkError as error:
        return Line("range", WARN, error)
    if ROOT_DEPARTMENT in scopes.departments:
        return Line("range", PASS)
    narrow = Conflict("dingtalk_range_narrow", departments=len(scopes.departments), people=len(scopes.users))
    return Line("range", WARN, narrow)
