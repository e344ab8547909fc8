"""A group's robot (自定义机器人): its webhook, signed.

https://open.dingtalk.com/document/orgapp/custom-robot-access and the page on its security settings (加签).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sluicegate.dingtalk.endpoints import SEND_TO_GROUP
from sluicegate.dingtalk.http import Timeouts, Transport
from sluicegate.dingtalk.messages import WorkNotification
from sluicegate.dingtalk.vendor_codes import refusal, undecided
from sluicegate.dingtalk.wire import Unreadable, refusal_in

MESSAGES_PER_MINUTE = 20
"""More are refused, and everything for ten minutes after."""


@dataclass(frozen=True)
class RobotKey:
    """What lets one write to the group, and sign it."""

    access_token: str = field(repr=False)
    secret: str = field(repr=False)


def signature(secret: str, milliseconds: int) -> str:
    """Base64 of HMAC-SHA-256 over the time and the secret, keyed with the secret."""
    signed = hmac.digest(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(signed).decode()


def card(message: WorkNotification) -> dict[str, Any]:
    """The same card as a work notification's, in the robot's spelling."""
    fitted = message.fitted().payload()["action_card"]
    return {
        "msgtype": "actionCard",
        "actionCard": {
            "title": fitted["title"],
            "text": fitted["markdown"],
            "singleTitle": fitted["single_title"],
            "singleURL": fitted["single_url"],
        },
    }


def send_to_group(
    base: str,
    key: RobotKey,
    message: WorkNotification,
    *,
    timeouts: Timeouts | None = None,
    now: Callable[[], float] = time.time,
) -> None:
    """Writes one message to the group. Nothing tells afterwards whether a doubtful one arrived.

    Args:
        base: the old host's address.

    Raises:
        DingTalkError: ``NotProcessed``, or ``OutcomeInDoubt``.
    """
    milliseconds = int(now() * 1000)
    query = {
        "access_token": key.access_token,
        "timestamp": str(milliseconds),
        "sign": signature(key.secret, milliseconds),
    }
    endpoint = SEND_TO_GROUP
    with Transport(timeouts) as transport:
        reply = transport.send(
            endpoint.method,
            base.rstrip("/") + endpoint.path,
            changing=True,
            query=query,
            payload=card(message),
        )
    try:
        answer = refusal_in(reply.status, reply.body)
    except Unreadable as error:
        raise undecided(changing=True, reason=f"unreadable_{reply.status}") from error
    if answer is not None:
        raise refusal(answer, call=endpoint.name, changing=True)
