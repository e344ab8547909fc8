"""Who sends a request: a bearer token, or the console's session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from sluicegate.accounts.models import ApiToken, User
from sluicegate.accounts.services import live_token
from sluicegate.core.config import config
from sluicegate.core.messages import Language

if TYPE_CHECKING:

    class Request(HttpRequest):
        """A request that was authenticated."""

        auth: User
        token: ApiToken  # only where a token was sent
else:
    Request = HttpRequest


class TokenAuth(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        found = live_token(token)
        if found is None:
            return None
        request.token = found  # type: ignore[attr-defined]
        return found.user


class ConsoleAuth(SessionAuth):
    """The session cookie; ninja checks the CSRF token for every method that may change something."""

    def _get_key(self, request: HttpRequest) -> str | None:
        # Without a session there is nothing to forge: that is a 401, not a failed CSRF check.
        return super()._get_key(request) if request.user.is_authenticated else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Any | None:  # noqa: ARG002
        return request.user if request.user.is_authenticated and request.user.is_active else None


AUTH = [TokenAuth(), ConsoleAuth(csrf=True)]


def token_of(request: HttpRequest) -> ApiToken | None:
    """The token that the request was sent with; None for the console's session."""
    token = getattr(request, "token", None)
    return token if isinstance(token, ApiToken) else None


def language_of(request: HttpRequest) -> Language:
    """The language to answer in: the person's choice, else what their browser asks for, else ours."""
    user = getattr(request, "auth", None)
    if isinstance(user, User) and user.language:
        return cast("Language", user.language)
    for part in request.headers.get("Accept-Language", "").split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in ("zh", "en"):
            return cast("Language", code)
    return config().language


def address_of(request: HttpRequest) -> str:
    """The client's address, taken from X-Forwarded-For only behind a proxy we were told to trust."""
    remote = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.headers.get("X-Forwarded-For", "")
    if remote in config().trusted_proxies and forwarded:
        return forwarded.split(",")[-1].strip()
    return remote
