"""Delivering what is in the outbox, and asking what became of it. Everything here may run twice, late, or not
at all; the network is never spoken to inside a transaction."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from sluicegate.approvals import services as approvals
from sluicegate.core.errors import Conflict, NotFound, SluicegateError
from sluicegate.core.log import logger
from sluicegate.dingtalk.errors import (
    CircuitOpen,
    InvalidCredentials,
    InvalidRequest,
    IpNotWhitelisted,
    MissingPermission,
    OutcomeInDoubt,
    QuotaExhausted,
    UserNotFound,
)
from sluicegate.dingtalk.models import SendResult
from sluicegate.notifications import channels, outbox
from sluicegate.notifications.channels import StillInDoubt, Undeliverable
from sluicegate.notifications.models import Channel, Message, MessageState

_log = logger(__name__)

KEEP_TRYING = timedelta(hours=24)
"""After that nobody wants the message any more; it is shown as failed, and can be sent again by hand."""

FIRST_CHECK = timedelta(seconds=3)
_CHECKS = (timedelta(seconds=30), timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))

_FIRST_BACKOFF = 2.0
_LONGEST_BACKOFF = 600.0

# Somebody has to mend the connection; what waits goes out then by itself.
_MENDABLE = (InvalidCredentials, IpNotWhitelisted, MissingPermission, QuotaExhausted)

DUPLICATE = "143106"
DAILY_CAP = "143105"


def deliver(event: str, channel: str) -> None:
    """Send what is due of this event by this channel."""
    for group in channels.groups(outbox.claim(event, channel)):
        if channel == Channel.WORK:
            _deliver_work(group)
        else:
            _deliver_one(group[0])


def _deliver_one(message: Message) -> None:
    try:
        _refuse_while_spent(message)
        if message.channel == Channel.ROBOT:
            channels.send_robot(message)
        else:
            channels.send_comment(message)
    except (SluicegateError, Undeliverable, StillInDoubt) as error:
        _keep(error, [message])
        return
    _sent([message], checked=message.channel == Channel.COMMENT)


def _refuse_while_spent(message: Message) -> None:
    if message.channel != Channel.ROBOT and approvals.quota_spent():
        raise QuotaExhausted


def _deliver_work(messages: list[Message]) -> None:
    userids: dict[int, str] = {}
    reached: list[Message] = []
    try:
        _refuse_while_spent(messages[0])
        client = channels.client()
    except SluicegateError as error:
        _keep(error, messages)
        return
    for message in messages:
        try:
            userids[message.pk] = channels.userid_for(client, message)
        except (SluicegateError, Undeliverable) as error:
            _keep(error, [message])
            continue
        reached.append(message)
    if not reached:
        return
    try:
        task_id = channels.send_work(client, userids, reached)
    except (SluicegateError, StillInDoubt) as error:
        _keep(error, reached)
        return
    _sent(reached, task_id, userids)


def _sent(
    messages: Sequence[Message],
    task_id: str = "",
    userids: dict[int, str] | None = None,
    *,
    checked: bool = False,
) -> None:
    """Handed over. A work notification's delivery is asked for later; a robot's answer is all there is."""
    asked_later = bool(task_id)
    for message in messages:
        outbox.held([message]).update(
            state=MessageState.SENT,
            claim="",
            lease_until=None,
            task_id=task_id,
            userid=(userids or {}).get(message.pk, ""),
            checks=0,
            sent_at=Now(),
            checked_at=None if asked_later or not checked else Now(),
            next_attempt_at=Now() + FIRST_CHECK if asked_later else None,
            error_code="",
            error_params={},
        )


# ---------------------------------------------------------------- what went wrong


def _keep(error: SluicegateError | Undeliverable | StillInDoubt, messages: Sequence[Message]) -> None:
    """Write what is known after an attempt that didn't end well, and when the next one is."""
    for message in messages:
        if isinstance(error, Undeliverable):  # then as well as now: userids found are kept
            _end(message, MessageState.UNDELIVERABLE, error.cause)
        elif isinstance(error, StillInDoubt):
            _doubt(message, final=error.final)
        elif isinstance(error, OutcomeInDoubt):
            _doubt(message, final=message.channel == Channel.ROBOT)
        elif _worth_waiting(error) and timezone.now() - message.requested_at < KEEP_TRYING:
            _again(message, error)
        else:
            # An earlier doubt stays one: no later refusal makes it undone.
            doubtful = message.doubt_since is not None
            _end(message, MessageState.DOUBTFUL if doubtful else MessageState.FAILED, error)


def _worth_waiting(error: SluicegateError) -> bool:
    connected_later = isinstance(error, Conflict) and error.code == "dingtalk_not_configured"
    return error.retryable or connected_later or isinstance(error, _MENDABLE)


def _doubt(message: Message, *, final: bool) -> None:
    _log.warning("message_in_doubt", message=message.pk, channel=message.channel)
    if timezone.now() - message.requested_at > KEEP_TRYING:
        final = True
    outbox.held([message]).update(
        state=MessageState.DOUBTFUL,
        claim="",
        lease_until=None,
        doubt_since=Coalesce("doubt_since", Now()),
        error_code="notification_in_doubt",
        error_params={},
        next_attempt_at=None if final else Now() + timedelta(seconds=_backoff(message.attempts)),
    )


def _again(message: Message, error: SluicegateError) -> None:
    """Known not to have been sent now. An earlier doubt stays one: no later refusal makes it undone."""
    doubtful = message.doubt_since is not None
    outbox.held([message]).update(
        state=MessageState.DOUBTFUL if doubtful else MessageState.PENDING,
        claim="",
        lease_until=None,
        error_code=error.code,
        error_params=error.params,
        next_attempt_at=Now() + timedelta(seconds=_backoff(message.attempts, error)),
    )


def _end(message: Message, state: MessageState, error: SluicegateError) -> None:
    _log.warning("message_not_sent", message=message.pk, channel=message.channel, code=error.code)
    outbox.held([message]).update(
        state=state,
        claim="",
        lease_until=None,
        error_code=error.code,
        error_params=error.params,
        next_attempt_at=None,
    )


def _backoff(attempts: int, error: SluicegateError | None = None) -> float:
    """Seconds: anything up to a limit that doubles, so that those who failed together don't come back together."""
    if isinstance(error, CircuitOpen):
        return error.seconds + random.random() * _FIRST_BACKOFF  # noqa: S311 - no secret
    limit = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0 ** min(attempts, 16))
    return random.uniform(0.5, limit)  # noqa: S311


# ---------------------------------------------------------------- what became of it


def check(task_id: str) -> None:
    """Ask DingTalk who got a work notification, and write it to each person's message."""
    held_back = Message.objects.filter(
        task_id=task_id, state=MessageState.SENT, checked_at=None, next_attempt_at__lte=Now()
    )
    # One asking at a time; should this worker die, it is asked again.
    if not held_back.update(checks=F("checks") + 1, next_attempt_at=Now() + outbox.LEASE):
        return
    messages = list(Message.objects.filter(task_id=task_id, state=MessageState.SENT, checked_at=None))
    try:
        result = channels.client().send_result(task_id)
    except SluicegateError as error:
        _log.info("message_not_checked", task_id=task_id, code=error.code)
        for message in messages:
            _check_later(message)
        return
    for message in messages:
        _judge(message, result)


def _judge(message: Message, result: SendResult) -> None:
    mine = Message.objects.filter(pk=message.pk, task_id=message.task_id, state=MessageState.SENT)
    userid = message.userid
    refused = dict(result.refused).get(userid, "")
    arrived_before = refused == DUPLICATE and message.doubt_since is not None
    if arrived_before or userid in result.read_users or userid in result.unread_users:
        mine.update(checked_at=Now(), next_attempt_at=None, doubt_since=None)
        return
    problem = _problem(userid, refused, result)
    if problem is None:
        _check_later(message)
        return
    mine.update(
        state=MessageState.FAILED,
        checked_at=Now(),
        next_attempt_at=None,
        error_code=problem.code,
        error_params=problem.params,
    )


def _problem(userid: str, refused: str, result: SendResult) -> SluicegateError | None:
    """Why this person didn't get it; None while that isn't known."""
    if userid in result.invalid_users:
        return UserNotFound(code="notification_user_invalid", userid=userid)
    if refused == DUPLICATE:
        return InvalidRequest(code="notification_duplicate")
    if refused == DAILY_CAP:
        return InvalidRequest(code="notification_daily_cap")
    if refused or userid in result.forbidden_users:
        return InvalidRequest(code="notification_forbidden", code_given=refused or "-")
    if userid in result.failed_users:
        return NotFound("notification_not_delivered")
    return None


def _check_later(message: Message) -> None:
    """DingTalk keeps results for a day; then it stays unknown whether the message was delivered."""
    over = message.checks >= len(_CHECKS)
    Message.objects.filter(pk=message.pk, task_id=message.task_id, state=MessageState.SENT).update(
        next_attempt_at=None if over else Now() + _CHECKS[message.checks],
        error_code="notification_result_unknown" if over else "",
    )
