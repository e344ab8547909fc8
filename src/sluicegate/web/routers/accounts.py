"""People, roles and groups."""

from __future__ import annotations

from ninja import Field, Router, Schema

from sluicegate.accounts import services
from sluicegate.accounts.models import Group, Role, User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import Profile
from sluicegate.core.errors import NotFound
from sluicegate.web.auth import Request
from sluicegate.web.idempotency import once
from sluicegate.web.problems import PROBLEMS
from sluicegate.web.views import PersonOut, person

router = Router()


class ProfileIn(Schema):
    name: str | None = Field(None, max_length=80)
    mobile: str | None = Field(None, max_length=32)
    email: str | None = Field(None, max_length=200)
    language: str | None = None
    dingtalk_userid: str | None = Field(None, max_length=80)
    roles: list[str] | None = None
    groups: list[str] | None = None


class UserIn(ProfileIn):
    username: str = Field(max_length=80)
    password: str | None = Field(None, max_length=200)


class UserPatch(ProfileIn):
    is_active: bool | None = None


class PasswordIn(Schema):
    password: str = Field(max_length=200)


class RoleOut(Schema):
    code: str
    name_zh: str
    name_en: str
    permissions: list[str]
    builtin: bool


class RoleIn(Schema):
    code: str = Field(max_length=40)
    name_zh: str = Field(max_length=80)
    name_en: str = Field(max_length=80)
    permissions: list[str]


class GroupOut(Schema):
    id: int
    name: str
    remark: str
    members: list[str]


class GroupIn(Schema):
    name: str = Field(max_length=80)
    remark: str = Field("", max_length=200)
    members: list[str] = []


def _role(role: Role) -> RoleOut:
    return RoleOut(
        code=role.code,
        name_zh=role.name_zh,
        name_en=role.name_en,
        permissions=sorted(role.permissions),
        builtin=role.builtin,
    )


def _group(group: Group) -> GroupOut:
    members = sorted(user.username for user in group.members.all())
    return GroupOut(id=group.pk, name=group.name, remark=group.remark, members=members)


@router.get("/users", response={200: list[PersonOut], **PROBLEMS})
def list_users(request: Request, words: str = "", active: bool | None = None) -> list[PersonOut]:
    services.require(request.auth, Permission.USER_MANAGE)
    users = User.objects.prefetch_related("roles", "groups").order_by("username")
    if active is not None:
        users = users.filter(is_active=active)
    found = [person(user) for user in users]
    return [
        item
        for item in found
        if words.lower() in f"{item.username} {item.name} {item.mobile} {item.email}".lower()
    ]


@router.post("/users", response={201: PersonOut, **PROBLEMS})
def create_user(request: Request, payload: UserIn) -> tuple[int, PersonOut]:
    profile = Profile(**payload.model_dump(exclude={"username", "password"}))
    return 201, once(
        request,
        PersonOut,
        lambda: person(
            services.create_user(
                by=request.auth, username=payload.username, profile=profile, password=payload.password
            )
        ),
    )


@router.get("/users/{user_id}", response={200: PersonOut, **PROBLEMS})
def show_user(request: Request, user_id: int) -> PersonOut:
    services.require(request.auth, Permission.USER_MANAGE)
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound("user_missing", id=user_id)
    return person(user)


@router.patch("/users/{user_id}", response={200: PersonOut, **PROBLEMS})
def change_user(request: Request, user_id: int, payload: UserPatch) -> PersonOut:
    profile = Profile(**payload.model_dump())
    return person(services.update_user(by=request.auth, user_id=user_id, profile=profile))


@router.post("/users/{user_id}/password", response={204: None, **PROBLEMS})
def set_password(request: Request, user_id: int, payload: PasswordIn) -> tuple[int, None]:
    services.require(request.auth, Permission.USER_MANAGE)
    services.set_password(by=request.auth, user_id=user_id, password=payload.password)
    return 204, None


@router.get("/roles", response={200: list[RoleOut], **PROBLEMS})
def list_roles(request: Request) -> list[RoleOut]:  # noqa: ARG001
    return [_role(role) for role in Role.objects.order_by("-builtin", "code")]


@router.post("/roles", response={201: RoleOut, **PROBLEMS})
def save_role(request: Request, payload: RoleIn) -> tuple[int, RoleOut]:
    return 201, once(
        request, RoleOut, lambda: _role(services.save_role(by=request.auth, **payload.model_dump()))
    )


@router.delete("/roles/{code}", response={204: None, **PROBLEMS})
def delete_role(request: Request, code: str) -> tuple[int, None]:
    services.delete_role(by=request.auth, code=code)
    return 204, None


@router.get("/permissions", response={200: list[str], **PROBLEMS})
def list_permissions(request: Request) -> list[str]:  # noqa: ARG001
    return [permission.value for permission in Permission]


@router.get("/groups", response={200: list[GroupOut], **PROBLEMS})
def list_groups(request: Request) -> list[GroupOut]:
    services.require(request.auth, Permission.USER_MANAGE)
    return [_group(group) for group in Group.objects.prefetch_related("members").order_by("name")]


@router.post("/groups", response={201: GroupOut, **PROBLEMS})
def save_group(request: Request, payload: GroupIn) -> tuple[int, GroupOut]:
    return 201, once(
        request, GroupOut, lambda: _group(services.save_group(by=request.auth, **payload.model_dump()))
    )


@router.delete("/groups/{group_id}", response={204: None, **PROBLEMS})
def delete_group(request: Request, group_id: int) -> tuple[int, None]:
    services.delete_group(by=request.auth, group_id=group_id)
    return 204, None
