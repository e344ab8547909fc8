"""Signing in, oneself, and one's tokens."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import login, logout
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Field, Router, Schema

from sluicegate.accounts import services
from sluicegate.accounts.models import ApiToken, User
from sluicegate.accounts.services import Profile
from sluicegate.audit.log import record, unit_of_work
from sluicegate.web.auth import Request, address_of, token_of
from sluicegate.web.idempotency import once
from sluicegate.web.problems import PROBLEMS
from sluicegate.web.views import PersonOut, person

router = Router()


class SignIn(Schema):
    username: str = Field(max_length=80)
    password: str = Field(max_length=200)


class SignInForToken(SignIn):
    name: str = Field("cli", max_length=80)
    days: int = 90


class MeOut(PersonOut):
    permissions: list[str]
    csrf_token: str = ""


class MePatch(Schema):
    name: str | None = Field(None, max_length=80)
    email: str | None = Field(None, max_length=200)
    language: str | None = None


class PasswordChange(Schema):
    old: str = Field(max_length=200)
    new: str = Field(max_length=200)


class TokenIn(Schema):
    name: str = Field(max_length=80)
    days: int = 90


class TokenOut(Schema):
    id: int
    name: str
    prefix: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewTokenOut(TokenOut):
    token: str


def _me(request: HttpRequest, user: User) -> MeOut:
    return MeOut(
        **person(user).model_dump(), permissions=sorted(user.permissions), csrf_token=get_token(request)
    )


def _token(token: ApiToken) -> TokenOut:
    return TokenOut(
        id=token.pk,
        name=token.name,
        prefix=token.prefix,
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        revoked_at=token.revoked_at,
    )


@router.post("/session", response={200: MeOut, **PROBLEMS}, auth=None)
def sign_in(request: HttpRequest, payload: SignIn) -> MeOut:
    """Open a session (cookie). Send ``csrf_token`` as X-CSRFToken with every changing request."""
    user = services.sign_in(username=payload.username, password=payload.password, address=address_of(request))
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return _me(request, user)


@router.delete("/session", response={204: None, **PROBLEMS})
def sign_out(request: Request) -> tuple[int, None]:
    with unit_of_work():
        record(request.auth.actor, "user.signed_out", "user", request.auth.pk)
    logout(request)
    return 204, None


@router.post("/session/token", response={201: NewTokenOut, **PROBLEMS}, auth=None)
def sign_in_for_token(request: HttpRequest, payload: SignInForToken) -> tuple[int, NewTokenOut]:
    """Exchange a password for a bearer token, for the command line. The token is shown only here."""
    user = services.sign_in(username=payload.username, password=payload.password, address=address_of(request))
    token, text = services.create_token(by=user, name=payload.name, days=payload.days)
    return 201, NewTokenOut(**_token(token).model_dump(), token=text)


@router.get("/me", response={200: MeOut, **PROBLEMS})
def show_me(request: Request) -> MeOut:
    return _me(request, request.auth)


@router.patch("/me", response={200: MeOut, **PROBLEMS})
def change_me(request: Request, payload: MePatch) -> MeOut:
    user = services.update_own_profile(by=request.auth, profile=Profile(**payload.model_dump()))
    return _me(request, user)


@router.post("/me/password", response={204: None, **PROBLEMS})
def change_password(request: Request, payload: PasswordChange) -> tuple[int, None]:
    services.change_own_password(by=request.auth, old=payload.old, new=payload.new)
    return 204, None


@router.get("/tokens", response={200: list[TokenOut], **PROBLEMS})
def list_tokens(request: Request) -> list[TokenOut]:
    return [_token(token) for token in request.auth.tokens.order_by("-pk")]


@router.post("/tokens", response={201: NewTokenOut, **PROBLEMS})
def create_token(request: Request, payload: TokenIn) -> tuple[int, NewTokenOut]:
    """Make a token. Its text is shown only in this answer and is not kept. Asked for with a token, it ends
    with that one."""

    def create() -> NewTokenOut:
        token, text = services.create_token(
            by=request.auth, name=payload.name, days=payload.days, made_with=token_of(request)
        )
        return NewTokenOut(**_token(token).model_dump(), token=text)

    return 201, once(request, NewTokenOut, create)


@router.delete("/tokens/{token_id}", response={204: None, **PROBLEMS})
def revoke_token(request: Request, token_id: int) -> tuple[int, None]:
    services.revoke_token(by=request.auth, token_id=token_id)
    return 204, None
