"""The company's DingTalk app: its credentials, and the client made of them."""

from __future__ import annotations

import threading
from functools import partial

from django.utils import timezone

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.approvals import quota
from sluicegate.approvals.models import DingTalkConnection
from sluicegate.approvals.pacing import SharedPace
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core import crypto
from sluicegate.core.config import config
from sluicegate.core.errors import Conflict
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.config import Credentials, Hosts

_CONTEXT = "dingtalk:app_secret"
_guard = threading.Lock()
_clients: dict[tuple[Credentials, Hosts], DingTalkClient] = {}


def hosts() -> Hosts:
    return Hosts(config().dingtalk_api_base, config().dingtalk_oapi_base)


def current() -> DingTalkConnection | None:
    return DingTalkConnection.objects.filter(enabled=True).first()


def credentials(connection: DingTalkConnection) -> Credentials:
    secret = crypto.unseal(connection.sealed_secret, _CONTEXT)
    return Credentials(connection.app_key, secret, connection.corp_id, connection.agent_id)


def seal_secret(app_secret: str) -> bytes:
    """As it is stored."""
    return crypto.seal(app_secret, _CONTEXT)


def client() -> DingTalkClient:
    """The client of this process; it keeps the token.

    Raises:
        Conflict: ``dingtalk_not_configured``.
    """
    connection = current()
    if connection is None:
        raise Conflict("dingtalk_not_configured")
    return client_for(credentials(connection))


def client_for(given: Credentials) -> DingTalkClient:
    key = (given, hosts())
    with _guard:
        if key not in _clients:
            _clients[key] = DingTalkClient(
                given,
                key[1],
                pace=SharedPace(given.app_key, config().dingtalk_calls_per_second),
                observe=partial(quota.observed, given.corp_id),
            )
        return _clients[key]


def disconnect(*, by: User) -> None:
    """Use DingTalk no more. What waits there keeps waiting until it is connected again."""
    require(by, Permission.SETTINGS_MANAGE)
    with unit_of_work():
        DingTalkConnection.objects.update(enabled=False, updated_at=timezone.now())
        record(by.actor, "dingtalk.disconnected", "dingtalk", "1")
