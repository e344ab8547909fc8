"""Reading the outbox, and sending something again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core.errors import Conflict, NotFound
from sluicegate.notifications import texts
from sluicegate.notifications.models import Channel, Message, MessageState

PAGE = 50
MAX_PAGE = 200


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """What a list shows; empty means all. ``person`` is a username, ``words`` are looked for in title, text,
    ticket and person."""

    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    ticket: str = ""
    person: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """``next`` is the cursor of the page after this, None on the last."""

    messages: list[Message]
    next: int | None


def visible_to(user: User) -> QuerySet[Message]:
    """One's own messages; all of them for who manages settings or audits."""
    messages = Message.objects.select_related("user")
    if user.has(Permission.SETTINGS_MANAGE) or user.has(Permission.AUDIT_VIEW):
        return messages
    return messages.filter(user=user)


def list_messages(by: User, wanted: MessageFilter, *, cursor: int | None = None, size: int = PAGE) -> Page:
    """One page, newest first, by keyset."""
    messages = _filtered(visible_to(by), wanted)
    if cursor is not None:
        messages = messages.filter(pk__lt=cursor)
    size = max(1, min(size, MAX_PAGE))
    found = list(messages.order_by("-pk")[: size + 1])
    return Page(found[:size], found[size - 1].pk if len(found) > size else None)


def _filtered(messages: QuerySet[Message], wanted: MessageFilter) -> QuerySet[Message]:
    exact = {
        "state__in": wanted.states,
        "kind__in": wanted.kinds,
        "channel__in": wanted.channels,
        "ticket_number": wanted.ticket,
        "user__username": wanted.person,
        "created_at__gte": wanted.since,
        "created_at__lt": wanted.until,
    }
    messages = messages.filter(**{name: value for name, value in exact.items() if value})
    for word in wanted.words.split():
        messages = messages.filter(
            Q(title__icontains=word)
            | Q(body__icontains=word)
            | Q(ticket_number__icontains=word)
            | Q(user__name__icontains=word)
            | Q(user__username__icontains=word)
        )
    return messages


def visible_message(by: User, message_id: int) -> Message:
    """Raises NotFound ``notification_missing``, whether there is none or it is somebody else's."""
    message = visible_to(by).filter(pk=message_id).first()
    if message is None:
        raise NotFound("notification_missing", id=message_id)
    return message


def resend(*, by: User, message_id: int) -> Message:
    """Send a message once more, whatever became of it. A comment that is on its instance isn't made twice.

    Raises:
        Conflict: ``notification_under_way`` while it is about to be sent anyway.
    """
    require(by, Permission.SETTINGS_MANAGE)
    with unit_of_work():
        message = Message.objects.select_for_update(of=("self",)).filter(pk=message_id).first()
        if message is None:
            raise NotFound("notification_missing", id=message_id)
        under_way = message.state in (MessageState.PENDING, MessageState.SENDING)
        if under_way or (message.state == MessageState.DOUBTFUL and message.next_attempt_at is not None):
            raise Conflict("notification_under_way", id=message_id)
        record(
            by.actor,
            "notification.resent",
            "notification",
            message.pk,
            ticket=message.ticket_number,
            event=message.event,
            channel=message.channel,
            recipient=message.recipient,
            before=message.state,
        )
        _renew(message)
    return visible_message(by, message_id)


def _renew(message: Message) -> None:
    now = timezone.now()
    message.resends += 1
    if message.channel != Channel.COMMENT:
        language = "en" if message.language == "en" else "zh"
        original = message.body.split(texts.RESENT_BREAK)[0]
        message.body = texts.resent(original, language, message.resends, now)  # type: ignore[arg-type]
    message.state = MessageState.PENDING
    message.requested_at = message.next_attempt_at = now
    message.first_attempt_at = message.doubt_since = message.sent_at = message.checked_at = None
    message.attempts = message.checks = 0
    message.claim = message.task_id = message.error_code = ""
    message.error_params = {}
    message.save()
