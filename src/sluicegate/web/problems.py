"""Errors as problem+json (RFC 9457), with our stable code and a sentence in the reader's language."""

from __future__ import annotations

import secrets

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from sluicegate.core.errors import NotAuthenticated, SluicegateError
from sluicegate.core.log import logger
from sluicegate.core.messages import describe, text
from sluicegate.web.auth import language_of

_log = logger(__name__)


class Problem(Schema):
    """``code`` is stable; ``detail`` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    params: dict[str, str | int | float | bool | None] = {}
    retryable: bool = False


PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429, 502, 503), Problem)


def problem(request: HttpRequest, error: SluicegateError) -> HttpResponse:
    body = Problem(
        type=f"urn:sluicegate:{error.code}",
        title=error.code,
        status=error.status,
        code=error.code,
        detail=describe(error, language_of(request)),
        params=error.params,
        retryable=error.retryable,
    )
    return JsonResponse(body.model_dump(), status=error.status, content_type="application/problem+json")


def _plain(request: HttpRequest, status: int, code: str, **params: str | int) -> HttpResponse:
    body = Problem(
        type=f"urn:sluicegate:{code}",
        title=code,
        status=status,
        code=code,
        detail=text(code, language_of(request), **params),
        params=dict(params),
    )
    return JsonResponse(body.model_dump(), status=status, content_type="application/problem+json")


def install(api: NinjaAPI) -> None:
    """Make the API answer every error this way."""

    @api.exception_handler(SluicegateError)
    def _(request: HttpRequest, error: SluicegateError) -> HttpResponse:
        return problem(request, error)

    @api.exception_handler(AuthenticationError)
    def _(request: HttpRequest, error: AuthenticationError) -> HttpResponse:  # noqa: ARG001
        return problem(request, NotAuthenticated("not_signed_in"))

    @api.exception_handler(ValidationError)
    def _(request: HttpRequest, error: ValidationError) -> HttpResponse:
        first = error.errors[0] if error.errors else {}
        where = ".".join(str(part) for part in first.get("loc", ()) if part not in ("body", "payload"))
        return _plain(request, 422, "request_invalid", field=where, problem=str(first.get("msg", "")))

    @api.exception_handler(HttpError)
    def _(request: HttpRequest, error: HttpError) -> HttpResponse:
        return _plain(request, error.status_code, "request_malformed", problem=error.message)

    @api.exception_handler(Http404)
    def _(request: HttpRequest, error: Http404) -> HttpResponse:  # noqa: ARG001
        return _plain(request, 404, "path_missing")

    @api.exception_handler(DataError)
    def _(request: HttpRequest, error: DataError) -> HttpResponse:
        # A NUL character in a text, most often. Logged, because a value of our own making ends here too.
        _log.warning("value_refused_by_database", path=request.path, exc_info=error)
        return _plain(request, 422, "request_malformed", problem="it holds a value that can't be stored")

    @api.exception_handler(Exception)
    def _(request: HttpRequest, error: Exception) -> HttpResponse:
        # The boundary: whatever nobody expected is logged with an id that the person can name.
        identifier = secrets.token_hex(6)
        _log.error("unexpected_error", id=identifier, path=request.path, exc_info=error)
        return _plain(request, 500, "internal_error", id=identifier)
