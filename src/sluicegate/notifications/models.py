"""The outbox (发件箱): every message to people about a ticket, from the fact it tells of to its delivery."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from sluicegate.accounts.models import User
from sluicegate.approvals.models import Approval


class Kind(models.TextChoices):
    """What is told. ``result`` is the comment on the approval instance."""

    APPROVAL_NEEDED = "approval_needed"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXECUTED = "executed"
    FAILED = "failed"
    NEEDS_ATTENTION = "needs_attention"
    RESULT = "result"


SWITCHED = tuple(kind for kind in Kind if kind is not Kind.RESULT)


class Channel(models.TextChoices):
    WORK = "work"  # DingTalk's work notification (工作通知), to one person
    ROBOT = "robot"  # a group's robot
    COMMENT = "comment"  # on the approval instance


class MessageState(models.TextChoices):
    PENDING = "pending"
    SENDING = "sending"  # a worker holds it, until its lease ends
    SENT = "sent"  # handed over; a work notification's delivery is asked for until ``checked_at``
    FAILED = "failed"  # refused, or too late
    DOUBTFUL = "doubtful"  # sent, and no answer says whether it arrived
    UNDELIVERABLE = "undeliverable"  # nobody to send it to


def all_kinds() -> list[str]:
    return [kind.value for kind in SWITCHED]


class NotificationSettings(models.Model):
    """Which kinds go out by which channel, and the group's robot. At most one row. ``sealed_robot``: its
    access token and its secret for signing."""

    work_kinds: models.Field[list[str], list[str]] = ArrayField(
        models.CharField(max_length=20), default=all_kinds
    )
    robot_kinds: models.Field[list[str], list[str]] = ArrayField(
        models.CharField(max_length=20), default=all_kinds
    )
    sealed_robot = models.BinaryField(null=True)
    updated_at = models.DateTimeField(auto_now=True)


class Message(models.Model):
    """One message to one person, group or approval instance; its text is final when it is written.

    ``event``: the fact it tells of; with channel and recipient it is unique, so nothing is told twice.
    ``claim``: the worker's hold on it, until ``lease_until``. ``first_attempt_at``: since when this very text
    may have arrived. ``doubt_since``: an attempt ended without an answer, and nothing has settled it since.
    """

    event = models.CharField(max_length=120)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    recipient = models.CharField(max_length=80)
    user_id: int | None
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    approval_id: int | None
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    ticket_number = models.CharField(max_length=20, db_index=True)
    language = models.CharField(max_length=2)
    title = models.CharField(max_length=200)
    body = models.TextField()
    url = models.CharField(max_length=500)
    state = models.CharField(max_length=14, choices=MessageState.choices, default=MessageState.PENDING)
    attempts = models.IntegerField(default=0)
    resends = models.IntegerField(default=0)
    requested_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True)
    claim = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    first_attempt_at = models.DateTimeField(null=True)
    last_attempt_at = models.DateTimeField(null=True)
    doubt_since = models.DateTimeField(null=True)
    userid = models.CharField(max_length=80, blank=True)
    task_id = models.CharField(max_length=40, blank=True, db_index=True)
    checks = models.IntegerField(default=0)
    error_code = models.CharField(max_length=80, blank=True)
    error_params = models.JSONField(default=dict)
    sent_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "channel", "recipient"], name="told_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="messages_due"
            ),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="messages_held"),
            models.Index(fields=["user", "-id"], name="messages_by_user"),
            models.Index(fields=["last_attempt_at"], condition=Q(channel="robot"), name="messages_of_robot"),
        ]
