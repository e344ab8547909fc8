"""The Stream protocol's messages: opening, frames, answers. Pure.

https://open-dingtalk.github.io/developerpedia/docs/learn/stream/protocol
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from sluicegate.dingtalk.config import Credentials
from sluicegate.dingtalk.wire import Json, Unreadable, needed, obj, text

OPEN_PATH = "/v1.0/gateway/connections/open"

_CLOUDS = (".dingtalk.com", ".dingtalk.io")
_QUOTA_EXHAUSTED = "20001"


def opening(credentials: Credentials) -> dict[str, object]:
    """Body of the request for a connection; needs no token."""
    return {
        "clientId": credentials.app_key,
        "clientSecret": credentials.app_secret,
        "subscriptions": [{"type": "EVENT", "topic": "*"}],
        "ua": "sluicegate",
    }


def websocket_address(body: Json, api_base: str) -> str:
    """The address to connect to, its ticket (90 seconds, once) included: a secret.

    Raises:
        Unreadable: no endpoint or ticket, or one that leads away from DingTalk. An https base demands wss and a
            host of DingTalk's or of the base's own domain; a plain http base is a local test system.
    """
    endpoint, ticket = needed(body.get("endpoint")), needed(body.get("ticket"))
    base, target = urlsplit(api_base), urlsplit(endpoint)
    host, own = (target.hostname or "").lower(), (base.hostname or "").lower()
    if base.scheme == "https":
        trusted = host == own or host.endswith(_CLOUDS)
        if target.scheme != "wss" or not trusted:
            raise Unreadable("the connection leads away from DingTalk")
    elif target.scheme not in {"ws", "wss"}:
        raise Unreadable("not a websocket address")
    separator = "&" if target.query else "?"
    return f"{endpoint}{separator}ticket={quote(ticket, safe='')}"


@dataclass(frozen=True)
class Frame:
    """What the server sent down. ``kind`` is SYSTEM, EVENT or CALLBACK."""

    kind: str
    topic: str
    message_id: str
    headers: Json = field(repr=False)
    data: str = field(repr=False)

    @classmethod
    def parse(cls, raw: str | bytes) -> Frame:
        """Raises Unreadable."""
        try:
            body = obj(json.loads(raw))
        except ValueError as error:
            raise Unreadable("a frame is not a JSON object") from error
        headers = obj(body.get("headers") or {})
        data = body.get("data")
        return cls(
            kind=text(body.get("type")).upper(),
            topic=text(headers.get("topic")),
            message_id=text(headers.get("messageId")),
            headers=headers,
            data=data if isinstance(data, str) else json.dumps(data if data is not None else {}),
        )


def announces_exhausted_quota(raw: str | bytes) -> bool:
    """Whether this is the message (errCode 20001) after which nothing comes for the rest of the month.

    Where in the frame the code stands is not documented, so both its top and its data are looked at.
    """
    try:
        body = json.loads(raw)
        data = body.get("data") if isinstance(body, dict) else None
        inner = json.loads(data) if isinstance(data, str) else data
    except ValueError:
        return False
    levels = [level for level in (body, inner) if isinstance(level, dict)]
    return any(str(level.get(key)) == _QUOTA_EXHAUSTED for level in levels for key in ("errCode", "errcode"))


def pong(frame: Frame) -> str:
    """Answers the server's ping with its own data."""
    return _answer(frame, 200, "OK", frame.data)


def stored(frame: Frame) -> str:
    """Acknowledges an event: it is kept and need not come again."""
    return _answer(frame, 200, "OK", json.dumps({"status": "SUCCESS", "message": "success"}))


def not_stored(frame: Frame) -> str:
    """Asks for the event again later (the vendor's clients use 500 and LATER)."""
    return _answer(frame, 500, "later", json.dumps({"status": "LATER", "message": "not stored"}))


def not_handled(frame: Frame) -> str:
    return _answer(frame, 404, "topic not handled", json.dumps({}))


def _answer(frame: Frame, code: int, message: str, data: str) -> str:
    headers = {"contentType": "application/json", "messageId": frame.message_id}
    return json.dumps({"code": code, "headers": headers, "message": message, "data": data})
