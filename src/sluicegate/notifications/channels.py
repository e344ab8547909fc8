"""How each channel sends, and how it settles whether an earlier sending arrived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from sluicegate.approvals import connection
from sluicegate.approvals import services as approvals
from sluicegate.approvals.providers.dingtalk import userid_of
from sluicegate.core.config import config
from sluicegate.core.errors import Conflict, NotFound, SluicegateError
from sluicegate.core.messages import text
from sluicegate.dingtalk import messages as dingtalk
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.messages import WorkNotification
from sluicegate.dingtalk.robot import send_to_group
from sluicegate.notifications import preferences
from sluicegate.notifications.models import Channel, Message

DOUBT_GRACE = timedelta(seconds=20)
"""How long a comment may take to appear on its instance."""

_DINGTALK_ZONE = ZoneInfo("Asia/Shanghai")
_DEDUPE_HOURS = timedelta(hours=20)


class Undeliverable(Exception):
    """There is nobody to send it to.

    Args:
        cause: says why, to people.
    """

    def __init__(self, cause: SluicegateError) -> None:
        super().__init__(cause.code)
        self.cause = cause


class StillInDoubt(Exception):
    """It can't be said whether it arrived, and it isn't to be sent yet.

    Args:
        final: nothing but a person will settle it.
    """

    def __init__(self, *, final: bool) -> None:
        super().__init__("still in doubt")
        self.final = final


def card_of(message: Message) -> WorkNotification:
    button = text("notice_button", "en" if message.language == "en" else "zh")
    return WorkNotification(message.title, message.body, button, message.url)


# ---------------------------------------------------------------- work notifications


def groups(messages: Sequence[Message]) -> list[list[Message]]:
    """Those that one call can carry: the same text to at most a hundred people, and all of them equally in doubt.
    Calls are billed by the month."""
    if messages and messages[0].channel != Channel.WORK:
        return [[message] for message in messages]
    alike: defaultdict[tuple[str, str, bool], list[Message]] = defaultdict(list)
    for message in messages:
        alike[message.title, message.body, message.doubt_since is not None].append(message)
    return [
        same[start : start + dingtalk.MOST_RECIPIENTS]
        for same in alike.values()
        for start in range(0, len(same), dingtalk.MOST_RECIPIENTS)
    ]


def userid_for(client: DingTalkClient, message: Message) -> str:
    """The recipient's DingTalk userid, looked up the first time.

    Raises:
        Undeliverable: they left, or aren't known there.
        DingTalkError: it couldn't be looked up now.
    """
    user = message.user
    if user is None or not user.is_active:
        raise Undeliverable(NotFound("notification_user_left"))
    try:
        return userid_of(client, user)
    except Conflict as error:
        raise Undeliverable(error) from error


def send_work(client: DingTalkClient, userids: Mapping[int, str], messages: Sequence[Message]) -> str:
    """Hand one text over to all these people; the task id.

    What is in doubt is sent again only while DingTalk itself drops a text that a person had that day; the
    result then says whether it was dropped.

    Raises:
        StillInDoubt: another day has begun.
    """
    if any(message.doubt_since is not None and not _dropped_today(message) for message in messages):
        raise StillInDoubt(final=True)
    return client.send_work_notification([userids[message.pk] for message in messages], card_of(messages[0]))


def _dropped_today(message: Message) -> bool:
    since, now = message.first_attempt_at, timezone.now()
    if since is None:
        return False
    same_day = since.astimezone(_DINGTALK_ZONE).date() == now.astimezone(_DINGTALK_ZONE).date()
    return same_day and now - since < _DEDUPE_HOURS


# ---------------------------------------------------------------- the group, the instance


def send_robot(message: Message) -> None:
    """Raises StillInDoubt: nobody can look, so it isn't said twice."""
    if message.doubt_since is not None:
        raise StillInDoubt(final=True)
    key = preferences.robot_key()
    if key is None:
        raise Undeliverable(NotFound("notification_robot_not_set"))
    send_to_group(config().dingtalk_oapi_base, key, card_of(message))


def send_comment(message: Message) -> None:
    """Comment on the instance, unless the comment is there already.

    Raises:
        StillInDoubt: it isn't there yet, but may still appear.
        Undeliverable: there is no instance.
    """
    approval = message.approval
    provider = approvals.remote(approval) if approval is not None else None
    if approval is None or provider is None or approval.external_id is None:
        raise Undeliverable(NotFound("notification_no_instance"))
    again = message.attempts > 1 or message.resends > 0 or message.doubt_since is not None
    if again and provider.commented(approval, message.title):
        return
    if message.doubt_since is not None and timezone.now() - message.doubt_since < DOUBT_GRACE:
        raise StillInDoubt(final=False)
    provider.comment(approval, message.body)


def client() -> DingTalkClient:
    """Raises Conflict ``dingtalk_not_configured``."""
    return connection.client()
