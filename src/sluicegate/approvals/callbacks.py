"""Events over HTTP (HTTP 推送): the keys of the subscription, and what arrives at our address.

The least is done before the answer, since DingTalk waits 2.5 seconds: check, keep, acknowledge.
"""

from __future__ import annotations

import json
import secrets
import string
import time
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.approvals import connection, inbox, quota
from sluicegate.approvals.models import Approval, ApprovalState, DingTalkConnection
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core import crypto
from sluicegate.core.errors import Conflict, Forbidden, InvalidInput
from sluicegate.core.log import logger
from sluicegate.dingtalk.callbacks import (
    CallbackKeys,
    CallbackRejected,
    SealedReply,
    open_callback,
    seal_reply,
)
from sluicegate.dingtalk.events import event_of_callback
from sluicegate.dingtalk.wire import Unreadable

_CONTEXT = "dingtalk:callback"
_AES_KEY_LENGTH = 43
_BASES_BETWEEN = 60  # base intervals between two askings for failed callbacks: half an hour
_LETTERS = string.ascii_letters + string.digits
# What DingTalk sends to see whether the address is ours; nothing is kept of them.
_CHECKS = frozenset({"check_url", "check_create_suite_url", "check_update_suite_url"})

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Subscription:
    """签名 token and 加密 aes_key, to be entered at DingTalk; shown once."""

    token: str = field(repr=False)
    aes_key: str = field(repr=False)


def subscribe(*, by: User, token: str = "", aes_key: str = "") -> Subscription:
    """Keep the keys of an HTTP subscription, sealed; empty ones are made up.

    Raises:
        Conflict: ``dingtalk_not_configured``.
        InvalidInput: ``dingtalk_callback_token``, ``dingtalk_callback_aes_key``.
    """
    require(by, Permission.SETTINGS_MANAGE)
    current = connection.current()
    if current is None:
        raise Conflict("dingtalk_not_configured")
    made = Subscription(token.strip() or _random(24), aes_key.strip() or _random(_AES_KEY_LENGTH))
    if not 3 <= len(made.token) <= 32 or not (made.token.isascii() and made.token.isalnum()):
        raise InvalidInput("dingtalk_callback_token")
    if len(made.aes_key) != _AES_KEY_LENGTH or not (made.aes_key.isascii() and made.aes_key.isalnum()):
        raise InvalidInput("dingtalk_callback_aes_key")
    CallbackKeys(made.token, made.aes_key, current.app_key)
    sealed = crypto.seal(json.dumps({"token": made.token, "aes_key": made.aes_key}), _CONTEXT)
    with unit_of_work():
        DingTalkConnection.objects.filter(pk=current.pk).update(sealed_callback=sealed)
        record(by.actor, "dingtalk.callback_set", "dingtalk", current.pk)
    return made


def unsubscribe(*, by: User) -> None:
    """Accept no events over HTTP any more."""
    require(by, Permission.SETTINGS_MANAGE)
    with unit_of_work():
        DingTalkConnection.objects.update(sealed_callback=None)
        record(by.actor, "dingtalk.callback_removed", "dingtalk", "1")


def receive(*, signature: str, timestamp: str, nonce: str, encrypt: str) -> SealedReply:
    """Keep the event and make the answer that acknowledges it.

    Raises:
        Forbidden: ``dingtalk_callback_off``.
        CallbackRejected: forged, garbled, stale, or meant for another app or company.
    """
    current = connection.current()
    if current is None or current.sealed_callback is None:
        raise Forbidden("dingtalk_callback_off")
    keys = _keys(current)
    plain = open_callback(
        keys,
        signature_given=signature,
        timestamp=timestamp,
        nonce=nonce,
        encrypt=encrypt,
        now=int(time.time() * 1000),
    )
    try:
        event = event_of_callback(plain)
    except Unreadable as error:
        raise CallbackRejected("dingtalk_callback_unreadable") from error
    if event.corp_id and event.corp_id != current.corp_id:
        raise CallbackRejected("dingtalk_callback_owner")
    if event.event_type not in _CHECKS:
        new = inbox.store(event)
        _log.info("dingtalk_callback", event_type=event.event_type, new=new)
    return seal_reply(keys, timestamp=timestamp, nonce=nonce)


def fetch_failed() -> int:
    """Take in the events that DingTalk couldn't deliver to our address, like those that it could; how many were new.

    Raises:
        DingTalkError
    """
    current = connection.current()
    if current is None or current.sealed_callback is None:
        return 0
    DingTalkConnection.objects.filter(pk=current.pk).update(failed_read_at=Now())
    missed = connection.client_for(connection.credentials(current)).failed_callbacks()
    new = [inbox.store(event) for event in missed if event.corp_id in ("", current.corp_id)]
    if new:
        _log.info("dingtalk_failed_callbacks", events=len(new), new=sum(new))
    return sum(new)


def failed_due(base: timedelta) -> bool:
    """Whether the list of failed callbacks should be asked for: events come over HTTP, somebody waits for one, and
    the last asking is long enough ago. Each asking counts against the month's calls."""
    current = connection.current()
    if current is None or current.sealed_callback is None:
        return False
    sparing = quota.sparing(current)
    if (
        sparing is None
        or not Approval.objects.filter(state=ApprovalState.WAITING, provider="dingtalk").exists()
    ):
        return False
    long_ago = Now() - base * _BASES_BETWEEN * sparing
    rows = DingTalkConnection.objects.filter(pk=current.pk)
    return rows.filter(Q(failed_read_at=None) | Q(failed_read_at__lt=long_ago)).exists()


def _keys(current: DingTalkConnection) -> CallbackKeys:
    assert current.sealed_callback is not None
    kept = json.loads(crypto.unseal(current.sealed_callback, _CONTEXT))
    return CallbackKeys(kept["token"], kept["aes_key"], current.app_key)


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
