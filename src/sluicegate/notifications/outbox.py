"""Writing to the outbox, and the workers' hold on what is in it.

A message is written by the transaction of the fact it tells of. To send it, a worker claims it first by one
conditional UPDATE, committed before anything goes out: a message that is ``sending`` with its lease over may
have been sent, and is treated as one in doubt.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Now

from sluicegate.accounts.models import User
from sluicegate.approvals.models import Approval
from sluicegate.core.config import config
from sluicegate.core.messages import Language
from sluicegate.notifications import preferences, texts
from sluicegate.notifications.facts import Fact, Recipient
from sluicegate.notifications.models import Channel, Kind, Message, MessageState

LEASE = timedelta(seconds=120)
"""Longer than the longest sending: a token, three tries, and the waiting for one's turn."""

_AT_ONCE = 500
_ROBOT_LOCK = 0x51C6_A0D2
_ROBOT_PER_MINUTE = 18  # two below DingTalk's limit, whose clock isn't ours
_GROUP = "group"


def language_of(user: User) -> Language:
    """The person's language; the installation's where they chose none."""
    chosen = user.language
    return chosen if chosen in ("zh", "en") else config().language  # type: ignore[return-value]


# ---------------------------------------------------------------- writing


def post(fact: Fact, recipients: Iterable[Recipient]) -> None:
    """Write the messages about a fact, once per event and person whatever how often it is told; inside the
    transaction of the fact. Nothing is written for channels that are switched off or not set up."""
    channels = preferences.channels_for(fact.kind.value)
    if Channel.WORK in channels:
        people = {recipient.user.pk: recipient for recipient in reversed(list(recipients))}
        _write([_to_person(fact, people[pk]) for pk in sorted(people)])
    if Channel.ROBOT in channels:
        _write([_to_group(fact)])


def _to_person(fact: Fact, recipient: Recipient) -> Message:
    language = language_of(recipient.user)
    message = _message(fact, language, recipient.todo, Channel.WORK)
    message.user, message.recipient = recipient.user, f"user:{recipient.user.pk}"
    return message


def _to_group(fact: Fact) -> Message:
    message = _message(fact, config().language, "", Channel.ROBOT)
    message.recipient = _GROUP
    return message


def _message(fact: Fact, language: Language, todo: str, channel: Channel) -> Message:
    return Message(
        event=fact.event,
        channel=channel,
        kind=fact.kind,
        ticket_number=fact.number,
        language=language,
        title=texts.title_of(fact, language),
        body=texts.body_of(fact, language, todo, to_group=channel is Channel.ROBOT),
        url=ticket_link(fact.number),
        requested_at=Now(),
        next_attempt_at=Now(),
    )


def post_comment(approval: Approval, event: str, heading: str, lines: Sequence[str]) -> None:
    """Write the comment on an approval's instance; inside the transaction of the result."""
    number, language = approval.ticket_number, config().language
    message = Message(
        event=event,
        channel=Channel.COMMENT,
        recipient=approval.reference,
        approval=approval,
        kind=Kind.RESULT,
        ticket_number=number,
        language=language,
        title=heading[:200],
        body=texts.comment_text(heading, ticket_link(number), lines, language),
        url=ticket_link(number),
        requested_at=Now(),
        next_attempt_at=Now(),
    )
    _write([message])


def ticket_link(number: str) -> str:
    return f"{config().url}/tickets/{number}"


def _write(messages: list[Message]) -> None:
    """Rows and nothing else: the tick finds them, so that a burst of tickets is no burst of jobs."""
    if messages:
        Message.objects.bulk_create(messages, ignore_conflicts=True)


# ---------------------------------------------------------------- holding


def _due() -> Q:
    waiting = Q(state__in=[MessageState.PENDING, MessageState.DOUBTFUL], next_attempt_at__lte=Now())
    return waiting | Q(state=MessageState.SENDING, lease_until__lte=Now())


def due_channels() -> list[str]:
    """The channels that have something to send."""
    return list(Message.objects.filter(_due()).values_list("channel", flat=True).distinct())


def due_events(channel: str) -> list[str]:
    """Whose messages' time has come, the oldest first, and those whose worker is gone."""
    due = Message.objects.filter(_due(), channel=channel).order_by("pk").values_list("event", flat=True)
    return list(dict.fromkeys(due[:_AT_ONCE]))


def due_checks() -> list[str]:
    """Task ids of work notifications whose delivery is to be asked for."""
    due = Message.objects.filter(
        state=MessageState.SENT, checked_at=None, next_attempt_at__lte=Now(), channel=Channel.WORK
    ).exclude(task_id="")
    return list(due.values_list("task_id", flat=True).distinct()[:_AT_ONCE])


def claim(event: str, channel: str) -> list[Message]:
    """Take what is due of an event by one channel; committed when this returns. Empty when somebody else has it."""
    with transaction.atomic():
        _doubt_abandoned(event, channel)
        messages = Message.objects.filter(
            event=event,
            channel=channel,
            state__in=[MessageState.PENDING, MessageState.DOUBTFUL],
            next_attempt_at__lte=Now(),
        )
        if channel == Channel.ROBOT and not _robot_may_speak(messages):
            return []
        token = secrets.token_hex(16)
        messages.update(
            state=MessageState.SENDING,
            claim=token,
            attempts=F("attempts") + 1,
            lease_until=Now() + LEASE,
            first_attempt_at=Coalesce("first_attempt_at", Now()),
            last_attempt_at=Now(),
        )
        return list(
            Message.objects.filter(claim=token)
            .select_related("user", "approval", "approval__submitter")
            .order_by("pk")
        )


def _doubt_abandoned(event: str, channel: str) -> None:
    """Whose worker died, or lost touch, may have been sent. Nobody can look a robot's up: it stays in doubt."""
    Message.objects.filter(
        event=event, channel=channel, state=MessageState.SENDING, lease_until__lte=Now()
    ).update(
        state=MessageState.DOUBTFUL,
        claim="",
        lease_until=None,
        doubt_since=Coalesce("doubt_since", Now()),
        error_code="notification_in_doubt",
        error_params={},
        next_attempt_at=Case(When(channel=Channel.ROBOT, then=Value(None)), default=Now()),
    )


def _robot_may_speak(messages: QuerySet[Message]) -> bool:
    """Whether the group's robot is below its messages per minute; else what is due comes back later."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ROBOT_LOCK])
    lately = Message.objects.filter(
        channel=Channel.ROBOT, last_attempt_at__gt=Now() - timedelta(minutes=1)
    ).count()
    if lately < _ROBOT_PER_MINUTE:
        return True
    messages.update(next_attempt_at=Now() + timedelta(seconds=random.uniform(5, 60)))  # noqa: S311 - no secret
    return False


def held(messages: Sequence[Message]) -> QuerySet[Message]:
    """These as far as they are still ours: a worker that comes back late writes nothing."""
    token = messages[0].claim if messages else "-"
    return Message.objects.filter(pk__in=[message.pk for message in messages], claim=token)


def forget_old(before: datetime) -> int:
    """Remove messages that nothing more will happen to."""
    old = Message.objects.filter(created_at__lt=before).exclude(
        state__in=[MessageState.PENDING, MessageState.SENDING]
    )
    return old.delete()[0]
