"""What is told by which channel, and the group's robot (群机器人)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.approvals import connection
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core import crypto
from sluicegate.core.config import config
from sluicegate.core.errors import InvalidInput
from sluicegate.dingtalk.robot import RobotKey
from sluicegate.notifications.models import Channel, NotificationSettings, all_kinds

_CONTEXT = "notifications:robot"
_DINGTALK = "https://oapi.dingtalk.com"
_PATH = "/robot/send"
_MOST = 200


@dataclass(frozen=True, slots=True)
class Preferences:
    """The settings as they are now."""

    work: frozenset[str]
    robot: frozenset[str]
    robot_set: bool


def current() -> Preferences:
    found = NotificationSettings.objects.first()
    if found is None:
        return Preferences(frozenset(all_kinds()), frozenset(all_kinds()), robot_set=False)
    return Preferences(
        frozenset(found.work_kinds), frozenset(found.robot_kinds), robot_set=found.sealed_robot is not None
    )


def channels_for(kind: str) -> frozenset[Channel]:
    """By which channels this kind goes out: none where nothing is connected."""
    wanted = current()
    found: set[Channel] = set()
    if kind in wanted.work and connection.current() is not None:
        found.add(Channel.WORK)
    if kind in wanted.robot and wanted.robot_set:
        found.add(Channel.ROBOT)
    return frozenset(found)


def robot_key() -> RobotKey | None:
    """The key of the group's robot; None where there is none."""
    found = NotificationSettings.objects.first()
    if found is None or found.sealed_robot is None:
        return None
    values = json.loads(crypto.unseal(found.sealed_robot, _CONTEXT))
    return RobotKey(values["access_token"], values["secret"])


def choose_kinds(*, by: User, work: Sequence[str], robot: Sequence[str]) -> None:
    """Say what goes out by which channel.

    Raises:
        InvalidInput: ``notification_kind_unknown``.
    """
    require(by, Permission.SETTINGS_MANAGE)
    known = all_kinds()
    for kind in (*work, *robot):
        if kind not in known:
            raise InvalidInput("notification_kind_unknown", kind=kind, known=", ".join(known))
    with unit_of_work():
        row = _row()
        row.work_kinds = [kind for kind in known if kind in work]
        row.robot_kinds = [kind for kind in known if kind in robot]
        row.save()
        record(
            by.actor,
            "notifications.kinds_chosen",
            "notifications",
            "1",
            work=row.work_kinds,
            robot=row.robot_kinds,
        )


def set_robot(*, by: User, webhook: str, secret: str) -> None:
    """Keep a group's robot, sealed. Of the address only its token is kept: messages go to DingTalk's host of this
    installation and nowhere else, whatever was entered.

    Raises:
        InvalidInput: ``robot_webhook_invalid``, ``robot_secret_needed``.
    """
    require(by, Permission.SETTINGS_MANAGE)
    token = _token_of(webhook)
    if not secret.strip() or len(secret) > _MOST:
        raise InvalidInput("robot_secret_needed")
    sealed = crypto.seal(json.dumps({"access_token": token, "secret": secret.strip()}), _CONTEXT)
    with unit_of_work():
        row = _row()
        row.sealed_robot = sealed
        row.save()
        record(by.actor, "notifications.robot_set", "notifications", "1")


def remove_robot(*, by: User) -> None:
    require(by, Permission.SETTINGS_MANAGE)
    with unit_of_work():
        row = _row()
        row.sealed_robot = None
        row.save()
        record(by.actor, "notifications.robot_removed", "notifications", "1")


def _row() -> NotificationSettings:
    found = NotificationSettings.objects.select_for_update().filter(pk=1).first()
    return found or NotificationSettings(pk=1)


def _token_of(webhook: str) -> str:
    allowed = (_DINGTALK, config().dingtalk_oapi_base)
    invalid = InvalidInput("robot_webhook_invalid", host=urlsplit(config().dingtalk_oapi_base).netloc)
    try:
        parts = urlsplit(webhook.strip())
    except ValueError as error:
        raise invalid from error
    tokens = parse_qs(parts.query).get("access_token", [])
    if f"{parts.scheme}://{parts.netloc}" not in allowed or parts.path != _PATH or len(tokens) != 1:
        raise invalid
    if not tokens[0].isalnum() or len(tokens[0]) > _MOST:
        raise invalid
    return tokens[0]
