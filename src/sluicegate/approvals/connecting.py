"""确认授权访问: the app's credentials are tried, the result is shown, and only with it are they kept.

Between the two nothing is stored. The confirmation that the check gives is bound to the person, the credentials
and a quarter of an hour by our key; it is given only while nothing essential fails.
"""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from dataclasses import dataclass, field

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.approvals import connection, doctor
from sluicegate.approvals.doctor import Line
from sluicegate.approvals.models import DingTalkConnection
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core import crypto
from sluicegate.core.errors import Conflict, InvalidInput
from sluicegate.dingtalk.config import Credentials

_PURPOSE = "dingtalk:confirmation"
_VALID_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Preview:
    """What the doctor found with credentials that aren't stored. ``confirmation`` is empty while something
    essential fails."""

    lines: list[Line]
    confirmation: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Result:
    """What was shown, as the confirmation carries it."""

    expires: int
    statuses: dict[str, int]


def preview(*, by: User, app_key: str, app_secret: str, corp_id: str, agent_id: str) -> Preview:
    """Run the doctor with these credentials. Nothing is stored.

    Raises:
        InvalidInput: ``dingtalk_fields_missing``.
    """
    require(by, Permission.SETTINGS_MANAGE)
    given = _given(app_key, app_secret, corp_id, agent_id)
    lines = doctor.examine(given)
    if any(line.prevents for line in lines):
        return Preview(lines)
    result = _Result(int(time.time()) + _VALID_SECONDS, dict(Counter(line.status for line in lines)))
    return Preview(lines, _sealed(by, given, result))


def confirm(
    *, by: User, app_key: str, app_secret: str, corp_id: str, agent_id: str, confirmation: str
) -> DingTalkConnection:
    """Keep the credentials, sealed, after their check was shown.

    Raises:
        Conflict: ``dingtalk_confirmation_needed``: not checked, checked by somebody else or with other
            credentials, or too long ago.
    """
    require(by, Permission.SETTINGS_MANAGE)
    given = _given(app_key, app_secret, corp_id, agent_id)
    result = _opened(by, given, confirmation)
    with unit_of_work():
        DingTalkConnection.objects.exclude(app_key=given.app_key).delete()
        stored, _ = DingTalkConnection.objects.update_or_create(
            app_key=given.app_key,
            defaults={
                "sealed_secret": connection.seal_secret(given.app_secret),
                "corp_id": given.corp_id,
                "agent_id": given.agent_id,
                "enabled": True,
            },
        )
        record(
            by.actor,
            "dingtalk.connected",
            "dingtalk",
            stored.pk,
            app_key=given.app_key,
            corp_id=given.corp_id,
            agent_id=given.agent_id,
            checks=result.statuses,
        )
    return stored


def _given(app_key: str, app_secret: str, corp_id: str, agent_id: str) -> Credentials:
    given = Credentials(app_key.strip(), app_secret.strip(), corp_id.strip(), agent_id.strip())
    if not given.app_key or not given.app_secret or not given.corp_id:
        raise InvalidInput("dingtalk_fields_missing")
    return given


def _mac(by: User, given: Credentials, payload: str) -> str:
    parts = [by.pk, given.app_key, given.app_secret, given.corp_id, given.agent_id, payload]
    return crypto.sign(json.dumps(parts).encode(), _PURPOSE)


def _sealed(by: User, given: Credentials, result: _Result) -> str:
    body = json.dumps({"expires": result.expires, "statuses": result.statuses})
    payload = urlsafe_b64encode(body.encode()).decode()
    return f"{payload}.{_mac(by, given, payload)}"


def _opened(by: User, given: Credentials, confirmation: str) -> _Result:
    payload, _, mac = confirmation.partition(".")
    if not hmac.compare_digest(mac.encode(), _mac(by, given, payload).encode()):
        raise Conflict("dingtalk_confirmation_needed")
    body = json.loads(urlsafe_b64decode(payload))
    result = _Result(int(body["expires"]), body["statuses"])
    if time.time() > result.expires:
        raise Conflict("dingtalk_confirmation_needed")
    return result
