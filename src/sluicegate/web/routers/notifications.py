"""The outbox of messages to people, and what is told by which channel."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Field, Query, Router, Schema

from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.core.config import config
from sluicegate.core.messages import text
from sluicegate.notifications import preferences, services
from sluicegate.notifications.models import Message, MessageState
from sluicegate.notifications.services import MessageFilter
from sluicegate.web.auth import Request, language_of
from sluicegate.web.problems import PROBLEMS

router = Router()


class RecipientOut(Schema):
    id: int
    username: str
    name: str


class ProblemOut(Schema):
    """``text`` says it in the reader's language."""

    code: str
    text: str


class NotificationOut(Schema):
    """``channel`` is work (工作通知), robot or comment; ``recipient`` is null for the latter two. ``state`` is
    pending, sending, sent, failed, doubtful or undeliverable; ``delivered`` once DingTalk has said so.
    ``next_attempt_at`` is null where only a person would send it again."""

    id: int
    kind: str
    channel: str
    ticket: str
    recipient: RecipientOut | None
    language: str
    title: str
    state: str
    delivered: bool
    attempts: int
    resends: int
    problem: ProblemOut | None
    created_at: datetime
    sent_at: datetime | None
    next_attempt_at: datetime | None


class NotificationDetail(NotificationOut):
    """``body`` is Markdown, as DingTalk got it; ``url`` is where its button leads."""

    body: str
    url: str
    event: str
    task_id: str
    checked_at: datetime | None


class NotificationPage(Schema):
    """``next`` is the ``cursor`` of the page after this, null on the last."""

    notifications: list[NotificationOut]
    next: int | None


class ListQuery(Schema):
    state: list[str] = []
    kind: list[str] = []
    channel: list[str] = []
    ticket: str = ""
    person: str = Field("", description="Username of the recipient.")
    words: str = Field("", description="Words in title, text, ticket number or recipient.")
    since: datetime | None = None
    until: datetime | None = None
    cursor: int | None = None
    size: int = services.PAGE


class SettingsIn(Schema):
    """The kinds that go out by each channel: approval_needed, approved, rejected, executed, failed,
    needs_attention. What isn't named is off."""

    work: list[str]
    robot: list[str]


class SettingsOut(SettingsIn):
    """``robot_set``: whether there is a group robot to send by. ``url``: the address in links."""

    robot_set: bool
    url: str


class RobotIn(Schema):
    """The webhook's whole address, and the secret of its 加签 setting. Neither is shown again."""

    webhook: str = Field(max_length=400)
    secret: str = Field(max_length=200)


@router.get("/notifications", response={200: NotificationPage, **PROBLEMS})
def list_(request: Request, query: Annotated[ListQuery, Query()]) -> NotificationPage:
    """Newest first: one's own, and everybody's for who manages settings or audits."""
    wanted = MessageFilter(
        states=tuple(query.state),
        kinds=tuple(query.kind),
        channels=tuple(query.channel),
        ticket=query.ticket,
        person=query.person,
        words=query.words,
        since=query.since,
        until=query.until,
    )
    page = services.list_messages(request.auth, wanted, cursor=query.cursor, size=query.size)
    return NotificationPage(
        notifications=[_row(request, message) for message in page.messages],
        next=page.next,
    )


@router.get("/notifications/{message_id}", response={200: NotificationDetail, **PROBLEMS})
def show(request: Request, message_id: int) -> NotificationDetail:
    return _detail(request, services.visible_message(request.auth, message_id))


@router.post("/notifications/{message_id}/resend", response={200: NotificationDetail, **PROBLEMS})
def resend(request: Request, message_id: int) -> NotificationDetail:
    """Send it once more. A comment that is on its instance already isn't made twice."""
    return _detail(request, services.resend(by=request.auth, message_id=message_id))


def _row(request: Request, message: Message) -> NotificationOut:
    user = message.user
    return NotificationOut(
        id=message.pk,
        kind=message.kind,
        channel=message.channel,
        ticket=message.ticket_number,
        recipient=RecipientOut(id=user.pk, username=user.username, name=user.name) if user else None,
        language=message.language,
        title=message.title,
        state=message.state,
        delivered=message.state == MessageState.SENT and message.checked_at is not None,
        attempts=message.attempts,
        resends=message.resends,
        problem=_problem(request, message),
        created_at=message.created_at,
        sent_at=message.sent_at,
        next_attempt_at=message.next_attempt_at,
    )


def _problem(request: Request, message: Message) -> ProblemOut | None:
    if not message.error_code:
        return None
    said = text(message.error_code, language_of(request), **message.error_params)
    return ProblemOut(code=message.error_code, text=said)


def _detail(request: Request, message: Message) -> NotificationDetail:
    return NotificationDetail(
        **_row(request, message).model_dump(),
        body=message.body,
        url=message.url,
        event=message.event,
        task_id=message.task_id,
        checked_at=message.checked_at,
    )


# ---------------------------------------------------------------- settings


@router.get("/notification-settings", response={200: SettingsOut, **PROBLEMS})
def show_settings(request: Request) -> SettingsOut:
    require(request.auth, Permission.SETTINGS_MANAGE)
    return _settings()


@router.put("/notification-settings", response={200: SettingsOut, **PROBLEMS})
def choose_kinds(request: Request, payload: SettingsIn) -> SettingsOut:
    preferences.choose_kinds(by=request.auth, work=payload.work, robot=payload.robot)
    return _settings()


@router.put("/notification-settings/robot", response={200: SettingsOut, **PROBLEMS})
def set_robot(request: Request, payload: RobotIn) -> SettingsOut:
    """Keep a DingTalk group's robot. Only DingTalk's address is taken."""
    preferences.set_robot(by=request.auth, webhook=payload.webhook, secret=payload.secret)
    return _settings()


@router.delete("/notification-settings/robot", response={204: None, **PROBLEMS})
def remove_robot(request: Request) -> tuple[int, None]:
    preferences.remove_robot(by=request.auth)
    return 204, None


def _settings() -> SettingsOut:
    found = preferences.current()
    return SettingsOut(
        work=sorted(found.work), robot=sorted(found.robot), robot_set=found.robot_set, url=config().url
    )
