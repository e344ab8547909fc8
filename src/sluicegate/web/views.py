"""Shapes of the API's answers that several routers share."""

from __future__ import annotations

from ninja import Schema

from sluicegate.accounts.models import User


class PersonRef(Schema):
    id: int
    username: str
    name: str


class PersonOut(PersonRef):
    mobile: str
    email: str
    language: str
    dingtalk_userid: str
    is_active: bool
    roles: list[str]
    groups: list[str]


def person_ref(user: User) -> PersonRef:
    return PersonRef(id=user.pk, username=user.username, name=user.name)


def person(user: User) -> PersonOut:
    return PersonOut(
        id=user.pk,
        username=user.username,
        name=user.name,
        mobile=user.mobile,
        email=user.email,
        language=user.language,
        dingtalk_userid=user.dingtalk_userid,
        is_active=user.is_active,
        roles=sorted(role.code for role in user.roles.all()),
        groups=sorted(group.name for group in user.groups.all()),
    )
