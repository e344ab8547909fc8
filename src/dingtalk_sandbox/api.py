"""From an HTTP request to a handler and back: hosts, tokens, rights, faults and the request log."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from dingtalk_sandbox import errors, ids
from dingtalk_sandbox.documented import REFUSALS
from dingtalk_sandbox.errors import NewHostError, OldHostError, Refusal
from dingtalk_sandbox.faults import Fault, FaultKind
from dingtalk_sandbox.model import App
from dingtalk_sandbox.store import RequestEntry, World
from dingtalk_sandbox.wire import BadField, Call, Fields, JsonObject, parse_body, without_secrets

Handler = Callable[[World, Call], JsonObject]
TOKEN_HEADER = "x-acs-dingtalk-access-token"  # noqa: S105  a name
LOGGED_HEADERS = (TOKEN_HEADER, "accept", "content-type", "user-agent")
JSON_TYPE = "application/json;charset=utf-8"
CORP_TOKEN_PATH = "/v1.0/oauth2/{corpId}/token"  # noqa: S105  a path
_CORP_TOKEN = re.compile(r"^/v1\.0/oauth2/[^/]+/token$")
HANG_SECONDS = 60.0
SLOW_SECONDS = 2.0
PUNISH_PAGE = (
    "<!doctype html><html><head><title>punish</title></head><body>"
    '<script>var x5={"action":"deny","source":"x5","wait":5}</script>'
    "<h1>访问被拒绝</h1></body></html>"
)


PUNISHMENT: JsonObject = {"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "0" * 32}
PORTAL = "http://portal.invalid/login"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``scope`` is the permission it needs; ``token`` false for those that take no app token.

    ``metered`` endpoints count against the monthly quota; ``guarded`` ones check the caller's address.
    """

    handler: Handler
    scope: str = ""
    token: bool = True
    metered: bool = True
    guarded: bool = True


Routes = dict[tuple[str, str], Endpoint]


class DropConnection(Exception):
    """The caller is to get no answer at all."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class CutOff(Exception):
    """The caller gets the beginning of an answer, and then the connection's end."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.content = content


Dropper = Callable[[Scope], None]


@dataclass(slots=True)
class Gateway:
    """The ASGI application of both API hosts. ``drop`` cuts the TCP connection of a request."""

    world: World
    routes: Routes
    drop: Dropper
    _recent: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self.answer(request)
        except ClientDisconnect:
            return
        except DropConnection as drop:
            await _wait_for_disconnect(receive, drop.seconds)
            self.drop(scope)
            await _wait_for_disconnect(receive, HANG_SECONDS)
            return
        except CutOff as cut:
            await _begin(send, cut.content)
            self.drop(scope)
            await _wait_for_disconnect(receive, HANG_SECONDS)
            return
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        raw = await request.body()
        body = parse_body(raw, request.headers.get("content-type", ""))
        path = request.url.path
        endpoint = self.routes.get((request.method, _CORP_TOKEN.sub(CORP_TOKEN_PATH, path)))
        with_token = endpoint is not None and endpoint.token
        fault = self.world.faults.take(path, request.method, with_token=with_token)
        log = _Log(self.world, request, body, fault)
        if fault is not None:
            if fault.kind is FaultKind.TIMEOUT_BEFORE:
                log.write(0, fault.kind)
                raise DropConnection(HANG_SECONDS if fault.seconds is None else fault.seconds)
            early = await self._before(fault, request)
            if early is not None:
                log.write(early.status_code, fault.kind)
                return early
        try:
            answer = self._dispatch(request, endpoint, body, log)
        except Refusal as refusal:
            status, payload = _refusal(refusal.answer, path)
            log.write(status, str(payload.get("code") or payload.get("sub_code") or payload.get("errcode")))
            return _json(status, payload)
        except BadField as error:
            status, payload = _refusal(_type_error(path, error), path)
            log.write(status, f"bad field {error.name}")
            return _json(status, payload)
        log.write(200, "ok")
        if fault is not None and fault.kind is FaultKind.TIMEOUT_AFTER:
            raise DropConnection(HANG_SECONDS if fault.seconds is None else fault.seconds)
        if fault is not None and fault.kind is FaultKind.CUT_OFF:
            raise CutOff(bytes(_json(200, answer).body))
        return _json(200, answer)

    async def _before(self, fault: Fault, request: Request) -> Response | None:
        """What a fault does before the call's work; None when the work is still to be done."""
        match fault.kind:
            case FaultKind.SLOW:
                await asyncio.sleep(SLOW_SECONDS if fault.seconds is None else fault.seconds)
            case FaultKind.ERROR_BEFORE:
                return Response("upstream unavailable", fault.status, media_type="text/plain")
            case FaultKind.HTTP_500:
                if _is_old(request.url.path):
                    return Response("Internal Server Error", 500, media_type="text/plain")
                status, payload = _refusal(errors.SYSTEM_ERROR, request.url.path)
                return _json(status, payload)
            case FaultKind.HTML_PAGE:
                return HTMLResponse(PUNISH_PAGE)
            case FaultKind.PUNISHED:
                return _json(200, PUNISHMENT)
            case FaultKind.REDIRECT:
                return RedirectResponse(PORTAL, 302)
            case FaultKind.REFUSE:
                status, payload = _refusal(REFUSALS[fault.code], request.url.path)
                return _json(status, payload)
        return None

    def _dispatch(
        self, request: Request, endpoint: Endpoint | None, body: JsonObject | None, log: _Log
    ) -> JsonObject:
        path = request.url.path
        content_type = request.headers.get("content-type", "")
        if endpoint is None:
            return _no_such_path(path)
        query = Fields(dict(request.query_params))
        client_ip = request.client.host if request.client else ""
        app = self._authenticate(request) if endpoint.token else None
        if app is not None:
            log.app_key = app.app_key
            self._authorise(app, endpoint, path, client_ip, log.fault)
        if not _is_old(path) and request.method in {"POST", "PUT"} and not ("json" in content_type and body):
            raise Refusal(errors.MISSING_BODY)
        call = Call(
            method=request.method,
            path=path,
            query=query,
            body=Fields(body or {}),
            base=str(request.base_url).rstrip("/"),
            client_ip=client_ip,
            content_type=content_type,
            headers=request.headers,
            _app=app,
        )
        return endpoint.handler(self.world, call)

    def _authenticate(self, request: Request) -> App:
        old = _is_old(request.url.path)
        token = request.query_params.get("access_token") if old else request.headers.get(TOKEN_HEADER)
        if not token:
            raise Refusal(errors.OLD_NO_TOKEN if old else errors.NO_TOKEN)
        app = self.world.apps.get(self.world.tokens.app_tokens.look_up(token) or "")
        if app is None:
            raise Refusal(errors.OLD_BAD_TOKEN if old else errors.BAD_TOKEN)
        return app

    def _authorise(self, app: App, endpoint: Endpoint, path: str, ip: str, fault: Fault | None) -> None:
        old = _is_old(path)
        kind = fault.kind if fault is not None else None
        listed = app.ip_whitelist is None or ip in app.ip_whitelist
        if kind is FaultKind.IP_NOT_WHITELISTED or (endpoint.guarded and not listed):
            shown = (fault.ip if fault is not None else "") or ip
            raise Refusal(
                errors.old_ip_refused(path, shown, app.app_key)
                if old
                else errors.ip_refused(shown, app.app_key)
            )
        granted = app.scopes is None or not endpoint.scope or endpoint.scope in app.scopes
        if kind is FaultKind.MISSING_SCOPE or not granted:
            scope = (fault.scope if fault is not None else "") or endpoint.scope or "qyapi_base"
            raise Refusal(
                errors.old_scope_missing(scope, app.app_key)
                if old
                else errors.scope_missing(scope, app.app_key)
            )
        if kind is FaultKind.QPS or self._too_fast(app, path):
            raise Refusal(errors.OLD_QPS_EXCEEDED if old else errors.QPS_EXCEEDED)
        if endpoint.metered:
            quota = self.world.settings.api_quota
            if quota is not None and self.world.counters.api_calls >= quota:
                raise Refusal(errors.OLD_QUOTA_EXCEEDED if old else errors.QUOTA_EXCEEDED)
            self.world.counters.api_calls += 1

    def _too_fast(self, app: App, path: str) -> bool:
        limit = self.world.settings.qps_limit
        if limit is None:
            return False
        recent = self._recent.setdefault((app.app_key, path), deque())
        now = time.monotonic()
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= limit:
            return True
        recent.append(now)
        return False


@dataclass(slots=True)
class _Log:
    world: World
    request: Request
    body: JsonObject | None
    fault: Fault | None
    app_key: str = ""

    def write(self, status: int, outcome: str) -> None:
        self.world.requests.append(
            RequestEntry(
                at=self.world.now(),
                method=self.request.method,
                path=self.request.url.path,
                query=without_secrets(dict(self.request.query_params)),
                headers={
                    name: "***" if name == TOKEN_HEADER else self.request.headers[name]
                    for name in LOGGED_HEADERS
                    if name in self.request.headers
                },
                body=None if self.body is None else without_secrets(self.body),
                app_key=self.app_key,
                status=status,
                outcome=outcome,
                fault=self.fault.kind if self.fault is not None else "",
            )
        )


def _is_old(path: str) -> bool:
    """The old host's paths have no version in front."""
    return not path.startswith("/v1.0/")


def _json(status: int, payload: JsonObject) -> Response:
    return JSONResponse(payload, status, media_type=JSON_TYPE)


def _no_such_path(path: str) -> JsonObject:
    if path.startswith("/topapi/"):
        raise Refusal(errors.unknown_method(path))
    return {"errcode": 404, "errmsg": "请求的URI地址不存在"}


def _type_error(path: str, error: BadField) -> NewHostError | OldHostError:
    """A field of a type that cannot be read; not documented [?]."""
    if _is_old(path):
        return errors.BAD_PARAMETER
    return errors.bad("invalidParameter", f"参数{error.name}类型错误")


def _refusal(answer: NewHostError | OldHostError, path: str) -> tuple[int, JsonObject]:
    if isinstance(answer, NewHostError):
        payload: JsonObject = {
            "code": answer.code,
            "requestid": ids.request_id(),
            "message": answer.message,
        }
        if answer.scopes:
            payload["accessdenieddetail"] = {"requiredScopes": list(answer.scopes)}
        return answer.status, payload
    payload = {"errcode": answer.errcode, "errmsg": answer.errmsg}
    if answer.sub_code:
        payload["sub_code"] = answer.sub_code
    if answer.sub_msg:
        payload["sub_msg"] = answer.sub_msg
    if path.startswith("/topapi/"):
        payload["request_id"] = ids.old_request_id()
    return 200, payload


async def _begin(send: Send, content: bytes) -> None:
    """Send an answer's head and half of its body."""
    headers = [(b"content-type", JSON_TYPE.encode()), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})


async def _wait_for_disconnect(receive: Receive, seconds: float) -> None:
    """Return when the caller has gone away, or after so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return
