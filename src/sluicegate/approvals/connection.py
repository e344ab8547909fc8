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
from sluicegate.core.errors import Conflict, InvalidInput
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


def save_connection(
    *, by: User, app_key: str, app_secret: str, corp_id: str, agent_id: str
) -> DingTalkConnection:
    """Check the credentials with DingTalk, then keep them sealed.

    Raises:
        DingTalkError: DingTalk refused them or can't be reached; nothing was kept.
    """
    require(by, Permission.SETTINGS_MANAGE)
    if not app_key.strip() or not app_secret.strip() or not corp_id.strip():
        raise InvalidInput("dingtalk_fields_missing")
    given = Credentials(app_key.strip(), app_secret.strip(), corp_id.strip(), agent_id.strip())
    client_for(given).check_credentials()
    with unit_of_work():
        DingTalkConnection.objects.exclude(app_key=given.app_key).delete()
        connection, _ = DingTalkConnection.objects.update_or_create(
            app_key=given.app_key,
            defaults={
                "sealed_secret": crypto.seal(given.app_secret, _CONTEXT),
                "corp_id": given.corp_id,
                "agent_id": given.agent_id,
                "enabled": True,
            },
        )
        record(by.actor, "dingtalk.connected", "dingtalk", connection.pk, app_key=given.app_key)
    return connection


def disconnect(*, by: User) -> None:
    """Use DingTalk no more. What waits there keeps waiting until it is connected again."""
    require(by, Permission.SETTINGS_MANAGE)
    with unit_of_work():
        DingTalkConnection.objects.update(enabled=False, updated_at=timezone.now())
        record(by.actor, "dingtalk.disconnected", "dingtalk", "1")
