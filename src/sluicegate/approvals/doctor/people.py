"""The people who file tickets: is everybody somebody in DingTalk, and within the app's range? Nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.approvals.doctor.lines import PASS, WARN, Line, Note
from sluicegate.core.errors import Conflict, SluicegateError
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.errors import UserNotFound, UserOutOfScope
from sluicegate.dingtalk.models import User as Employee

MOST = 300
"""People looked up in one go: a call or two each, at twenty a second."""

_DIGITS_OF_A_NUMBER = 11


@dataclass(frozen=True)
class Found:
    """One of our users, and who they are in DingTalk."""

    user: User
    employee: Employee


def submitters() -> list[User]:
    """Everybody who may file tickets."""
    allowed = User.objects.filter(
        is_active=True, roles__permissions__contains=[Permission.TICKET_SUBMIT.value]
    )
    return list(allowed.distinct().order_by("username"))


def look_up(client: DingTalkClient, users: Sequence[User]) -> tuple[list[Line], list[Found]]:
    """A line for all, then one for each person of whom something is wrong."""
    found, wrong = [], []
    for user in users[:MOST]:
        try:
            found.append(Found(user, employee_of(client, user)))
        except SluicegateError as error:
            wrong.append(Line("person", WARN, error, {"username": user.username}))
    notes = (Note("dingtalk_people_more", {"most": MOST}),) if len(users) > MOST else ()
    summary = Line(
        "people",
        WARN if wrong or notes else PASS,
        None,
        {"found": len(found), "all": len(users)},
        notes,
    )
    return [summary, *wrong], found


def employee_of(client: DingTalkClient, user: User) -> Employee:
    """Who this user is in DingTalk: as kept, else by mobile number.

    Raises:
        Conflict: ``dingtalk_no_mobile``, ``dingtalk_mobile_unknown``, ``dingtalk_mobile_other``,
            ``dingtalk_person_gone``, ``dingtalk_person_out_of_range``, ``dingtalk_userid_taken``.
    """
    userid = user.dingtalk_userid or _userid_by_mobile(client, user)
    try:
        employee = client.user(userid)
    except UserNotFound as error:
        raise Conflict("dingtalk_person_gone", username=user.username, userid=userid) from error
    except UserOutOfScope as error:
        raise Conflict("dingtalk_person_out_of_range", username=user.username) from error
    if user.mobile and employee.mobile and _digits(user.mobile) != _digits(employee.mobile):
        raise Conflict("dingtalk_mobile_other", username=user.username, userid=userid)
    return employee


def _userid_by_mobile(client: DingTalkClient, user: User) -> str:
    if not user.mobile:
        raise Conflict("dingtalk_no_mobile", username=user.username)
    try:
        userid = client.user_by_mobile(user.mobile)
    except UserNotFound as error:
        raise Conflict("dingtalk_mobile_unknown", username=user.username) from error
    other = User.objects.filter(dingtalk_userid=userid).exclude(pk=user.pk).first()
    if other is not None:
        raise Conflict("dingtalk_userid_taken", username=other.username)
    return userid


def _digits(mobile: str) -> str:
    """Without country code and separators."""
    return "".join(char for char in mobile if char.isdigit())[-_DIGITS_OF_A_NUMBER:]
