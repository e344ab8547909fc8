"""Use cases on people, roles, groups and tokens."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.utils import timezone

from sluicegate.accounts.models import ApiToken, Group, IdempotencyKey, Role, SignInFailure, User
from sluicegate.accounts.permissions import ADMINISTRATOR, BUILTIN_ROLES, Permission
from sluicegate.audit.log import SYSTEM, record, unit_of_work
from sluicegate.core.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotAuthenticated,
    NotFound,
    TooManyRequests,
)
from sluicegate.core.messages import LANGUAGES

M = TypeVar("M", Role, Group)

TOKEN_PREFIX = "sgt_"  # noqa: S105 - so that scanners recognise a leaked one
MAX_TOKEN_DAYS = 365
_FAILURES_ALLOWED = 8
_FAILURE_WINDOW = timedelta(minutes=10)
_USERNAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._@-]{0,79}")
_MOBILE = re.compile(r"\+?[0-9 -]{5,31}")


def require(user: User, permission: Permission) -> None:
    """Raises Forbidden ``permission_missing`` unless one of the user's roles allows it."""
    if not user.has(permission):
        raise Forbidden("permission_missing", permission=permission.value)


# ---------------------------------------------------------------- set-up


def ensure_builtin_roles() -> None:
    """Create the roles that come with the product; their permissions follow the code."""
    for code, (name_zh, name_en, permissions) in BUILTIN_ROLES.items():
        Role.objects.update_or_create(
            code=code,
            defaults={
                "name_zh": name_zh,
                "name_en": name_en,
                "permissions": [permission.value for permission in permissions],
                "builtin": True,
            },
        )


def ensure_first_admin(*, username: str = "admin") -> str | None:
    """On an installation without people, create an administrator.

    Returns:
        The random password, to be shown once; None when there is somebody already.
    """
    with unit_of_work():
        ensure_builtin_roles()
        if User.objects.exists():
            return None
        password = secrets.token_urlsafe(15)
        user = User(username=username, name="Administrator")
        user.set_password(password)
        user.save()
        user.roles.set(Role.objects.filter(code=ADMINISTRATOR))
        record(SYSTEM, "user.created", "user", user.pk, username=username, roles=[ADMINISTRATOR])
        return password


# ---------------------------------------------------------------- people


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a person; None leaves a field as it is."""

    name: str | None = None
    mobile: str | None = None
    email: str | None = None
    language: str | None = None
    dingtalk_userid: str | None = None
    roles: Sequence[str] | None = None
    groups: Sequence[str] | None = None
    is_active: bool | None = None


def create_user(*, by: User, username: str, profile: Profile, password: str | None = None) -> User:
    """Create a person. Without a password they can only sign in another way or be given one later."""
    require(by, Permission.USER_MANAGE)
    _may_give(by, profile.roles or ())
    if not _USERNAME.fullmatch(username):
        raise InvalidInput("username_invalid", username=username)
    with unit_of_work():
        if User.objects.filter(username=username).exists():
            raise Conflict("username_taken", username=username)
        user = User(username=username, name=profile.name or username)
        if password is None:
            user.set_unusable_password()
        else:
            _set_password(user, password)
        user.save()
        changed = _apply(user, profile)
        record(by.actor, "user.created", "user", user.pk, username=username, **changed)
    return user


def update_user(*, by: User, user_id: int, profile: Profile) -> User:
    """Change a person's data, roles or groups, or deactivate them (which ends their tokens)."""
    require(by, Permission.USER_MANAGE)
    if profile.roles is not None:
        if user_id == by.pk:
            raise Forbidden("own_roles")
        _may_give(by, profile.roles)
    with unit_of_work():
        user = _locked(user_id)
        changed = _apply(user, profile)
        _keep_an_administrator()
        if profile.is_active is False:
            ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=Now())
        record(by.actor, "user.updated", "user", user.pk, username=user.username, **changed)
    return user


def end_access(*, user_id: int, because: str) -> None:
    """Deactivate somebody who has left the company, in the system's name. They can be let in again by hand.

    Raises:
        Conflict: ``last_administrator``: then they keep their access.
    """
    with unit_of_work():
        user = _locked(user_id)
        user.is_active = False
        user.save(update_fields=["is_active"])
        _keep_an_administrator()
        ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=Now())
        record(SYSTEM, "user.access_ended", "user", user.pk, username=user.username, because=because)


def _may_give(by: User, roles: Sequence[str]) -> None:
    """Nobody gives others more than they have."""
    for role in Role.objects.filter(code__in=roles):
        if not by.permissions.issuperset(role.permissions):
            raise Forbidden("role_beyond_own", role=role.code)


def update_own_profile(*, by: User, profile: Profile) -> User:
    """What people may change themselves: name, e-mail, language."""
    own = Profile(name=profile.name, email=profile.email, language=profile.language)
    with unit_of_work():
        user = _locked(by.pk)
        changed = _apply(user, own)
        record(by.actor, "user.updated", "user", user.pk, username=user.username, **changed)
    return user


def _locked(user_id: int) -> User:
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotFound("user_missing", id=user_id)
    return user


def _apply(user: User, profile: Profile) -> dict[str, object]:
    changed: dict[str, object] = {}
    if profile.language not in (None, "", *LANGUAGES):
        raise InvalidInput("language_unknown", language=profile.language)
    if profile.mobile and not _MOBILE.fullmatch(profile.mobile):
        raise InvalidInput("mobile_invalid", mobile=profile.mobile)
    if profile.mobile is not None and profile.mobile != user.mobile and profile.dingtalk_userid is None:
        user.dingtalk_userid = ""  # it was looked up by the old number
    if profile.dingtalk_userid:
        other = User.objects.filter(dingtalk_userid=profile.dingtalk_userid).exclude(pk=user.pk).first()
        if other is not None:
            raise Conflict("dingtalk_userid_taken", username=other.username)
    for name in ("name", "mobile", "email", "language", "dingtalk_userid", "is_active"):
        value = getattr(profile, name)
        if value is not None and value != getattr(user, name):
            setattr(user, name, value)
            changed[name] = value
    user.save()
    if profile.roles is not None:
        user.roles.set(_by(Role, "code", profile.roles, "role_missing"))
        changed["roles"] = sorted(profile.roles)
    if profile.groups is not None:
        user.groups.set(_by(Group, "name", profile.groups, "group_missing"))
        changed["groups"] = sorted(profile.groups)
    return changed


def _by(model: type[M], field: str, names: Sequence[str], code: str) -> list[M]:
    found = list(model._default_manager.filter(**{f"{field}__in": names}))
    missing = set(names) - {getattr(item, field) for item in found}
    if missing:
        raise InvalidInput(code, name=sorted(missing)[0])
    return found


def _keep_an_administrator() -> None:
    if not User.objects.filter(
        is_active=True, roles__permissions__contains=[Permission.USER_MANAGE.value]
    ).exists():
        raise Conflict("last_administrator")


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput("password_weak") from error
    user.set_password(password)


def set_password(*, by: User | None, user_id: int, password: str) -> None:
    """An administrator (or, with ``by`` None, the command line) sets a password."""
    if by is not None:
        require(by, Permission.USER_MANAGE)
    with unit_of_work():
        user = _locked(user_id)
        _set_password(user, password)
        user.save()
        ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=Now())
        record(by.actor if by else SYSTEM, "user.password_set", "user", user.pk, username=user.username)


def change_own_password(*, by: User, old: str, new: str) -> None:
    with unit_of_work():
        user = _locked(by.pk)
        if not user.check_password(old):
            raise InvalidInput("password_wrong")
        _set_password(user, new)
        user.save()
        ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=Now())
        record(by.actor, "user.password_changed", "user", user.pk, username=user.username)


# ---------------------------------------------------------------- sign-in


def sign_in(*, username: str, password: str, address: str) -> User:
    """Check a password.

    Raises:
        NotAuthenticated: ``sign_in_failed``, the same whatever was wrong.
        TooManyRequests: ``sign_in_too_often`` after repeated failures for this name or from this address.
    """
    since = timezone.now() - _FAILURE_WINDOW
    recent = SignInFailure.objects.filter(at__gt=since)
    if (
        recent.filter(username=username).count() >= _FAILURES_ALLOWED
        or recent.filter(address=address).count() >= _FAILURES_ALLOWED * 5
    ):
        raise TooManyRequests("sign_in_too_often", minutes=int(_FAILURE_WINDOW.total_seconds() // 60))
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        User().set_password(password)  # as long as checking a real one takes
    if user is None or not user.check_password(password):
        with unit_of_work():
            SignInFailure.objects.create(username=username[:80], address=address[:64])
            record(SYSTEM, "user.sign_in_failed", "user", username[:80], address=address)
        raise NotAuthenticated("sign_in_failed")
    with unit_of_work():
        SignInFailure.objects.filter(username=username).delete()
        record(user.actor, "user.signed_in", "user", user.pk, address=address)
    return user


def forget_old_answers() -> None:
    """Remove sign-in failures, idempotency keys and sessions that count no more."""
    SignInFailure.objects.filter(at__lt=Now() - timedelta(days=1)).delete()
    IdempotencyKey.objects.filter(created_at__lt=Now() - timedelta(days=3)).delete()
    Session.objects.filter(expire_date__lt=Now()).delete()


# ---------------------------------------------------------------- tokens


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(
    *, by: User, name: str, days: int, made_with: ApiToken | None = None
) -> tuple[ApiToken, str]:
    """Make a token for oneself; one asked for with another token lives no longer than that one, so that who got
    hold of a token can't stay.

    Returns:
        The record and the token's text, which is not kept and can't be shown again.
    """
    if not name.strip():
        raise InvalidInput("name_empty")
    if not 1 <= days <= MAX_TOKEN_DAYS:
        raise InvalidInput("token_days_invalid", max=MAX_TOKEN_DAYS)
    text = TOKEN_PREFIX + secrets.token_urlsafe(32)
    expires_at = timezone.now() + timedelta(days=days)
    with unit_of_work():
        token = ApiToken.objects.create(
            user=by,
            made_with=made_with,
            name=name.strip()[:80],
            prefix=text[:10],
            digest=_digest(text),
            expires_at=min(expires_at, made_with.expires_at) if made_with else expires_at,
        )
        record(by.actor, "token.created", "token", token.pk, name=token.name, days=days)
    return token, text


def revoke_token(*, by: User, token_id: int) -> None:
    """End one's own token, or as an administrator anybody's, and all that were made with it."""
    tokens = ApiToken.objects.filter(pk=token_id)
    if not by.has(Permission.USER_MANAGE):
        tokens = tokens.filter(user=by)
    with unit_of_work():
        token = tokens.select_for_update().first()
        if token is None:
            raise NotFound("token_missing", id=token_id)
        _end(by, token)


def _end(by: User, token: ApiToken) -> None:
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record(by.actor, "token.revoked", "token", token.pk, name=token.name)
    for made in ApiToken.objects.select_for_update().filter(made_with=token):
        _end(by, made)


def live_token(text: str) -> ApiToken | None:
    """The live token, with its user; None for anything else."""
    if not text.startswith(TOKEN_PREFIX):
        return None
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=_digest(text), revoked_at=None, expires_at__gt=Now(), user__is_active=True)
        .first()
    )
    if token is None:
        return None
    if token.last_used_at is None or timezone.now() - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=Now())
    return token


def user_of_token(text: str) -> User | None:
    """Whose live token this is; None for anything else."""
    token = live_token(text)
    return token.user if token else None


# ---------------------------------------------------------------- roles and groups


def save_role(*, by: User, code: str, name_zh: str, name_en: str, permissions: Sequence[str]) -> Role:
    """Create or change a role of one's own. Built-in roles stay as they are."""
    require(by, Permission.USER_MANAGE)
    unknown = set(permissions) - {permission.value for permission in Permission}
    if unknown:
        raise InvalidInput("permission_unknown", permission=sorted(unknown)[0])
    if not by.permissions.issuperset(permissions):
        raise Forbidden("role_beyond_own", role=code)
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", code):
        raise InvalidInput("code_invalid", code=code)
    with unit_of_work():
        role = Role.objects.select_for_update().filter(code=code).first()
        if role is not None and role.builtin:
            raise Conflict("role_builtin", code=code)
        role, _ = Role.objects.update_or_create(
            code=code,
            defaults={"name_zh": name_zh, "name_en": name_en, "permissions": sorted(set(permissions))},
        )
        _keep_an_administrator()
        record(by.actor, "role.saved", "role", code, permissions=sorted(set(permissions)))
    return role


def delete_role(*, by: User, code: str) -> None:
    require(by, Permission.USER_MANAGE)
    with unit_of_work():
        role = Role.objects.select_for_update().filter(code=code).first()
        if role is None:
            raise NotFound("role_missing", name=code)
        if role.builtin:
            raise Conflict("role_builtin", code=code)
        role.delete()
        _keep_an_administrator()
        record(by.actor, "role.deleted", "role", code)


def save_group(*, by: User, name: str, remark: str, members: Sequence[str]) -> Group:
    """Create a group or set its members (by username)."""
    require(by, Permission.USER_MANAGE)
    if not name.strip():
        raise InvalidInput("name_empty")
    with unit_of_work():
        users = list(User.objects.filter(username__in=members))
        missing = set(members) - {user.username for user in users}
        if missing:
            raise InvalidInput("user_unknown", username=sorted(missing)[0])
        group, _ = Group.objects.update_or_create(name=name.strip()[:80], defaults={"remark": remark[:200]})
        group.members.set(users)
        record(by.actor, "group.saved", "group", group.pk, name=group.name, members=sorted(members))
    return group


def delete_group(*, by: User, group_id: int) -> None:
    require(by, Permission.USER_MANAGE)
    with unit_of_work():
        group = Group.objects.filter(pk=group_id).first()
        if group is None:
            raise NotFound("group_missing", name=str(group_id))
        record(by.actor, "group.deleted", "group", group.pk, name=group.name)
        group.delete()
