"""The ASGI application: endless responses natively, everything else through a thread to Django's WSGI.

Django's own ASGI handler is three to five times slower on ordinary views.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast
from urllib.parse import quote_from_bytes

from a2wsgi import WSGIMiddleware

from sluicegate.core import stopping
from sluicegate.core.config import config
from sluicegate.core.messages import text

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
WSGIApp = Callable[..., Any]

_ASCII = "".join(map(chr, range(128)))


class ClientGone(OSError):
    """The client went away before it had sent its whole request.

    An OSError, because that is what Django takes for an unreadable body.
    """


def is_stream(path: str) -> bool:
    """Whether the path is one of server-sent events."""
    return path.startswith("/api/v1/") and path.endswith("/events")


class Router:
    """The ASGI application.

    Args:
        live: ASGI application for the paths of server-sent events.
        wsgi: WSGI application for everything else.
        threads: requests that ``wsgi`` is given at once.
    """

    def __init__(self, live: ASGIApp, wsgi: WSGIApp, threads: int) -> None:
        self._live = live
        self._wsgi = cast("ASGIApp", WSGIMiddleware(wsgi, workers=threads))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "lifespan":
                await _lifespan(receive, send)
            case "http" if is_stream(scope["path"]):
                await self._live(scope, receive, send)
            case "http" if _has_no_length(scope):
                await _refuse(send, 411, "length_required")
            case "http":
                await self._wsgi(_for_wsgi(scope), _whole_body(receive), send)
            case other:
                raise ValueError(f"unexpected connection type {other}")


async def _lifespan(receive: Receive, send: Send) -> None:
    await receive()
    # The server waits for all answers to end before it says shutdown, and the endless ones wait for us to
    # say so: hear the signal ourselves. The event loop's own handlers run as well; they hang on the wakeup
    # descriptor, not on this function.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop_streams)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    stopping.request()
    await send({"type": "lifespan.shutdown.complete"})


def _stop_streams(_signal: int, _frame: object) -> None:
    stopping.request()


def _has_no_length(scope: Scope) -> bool:
    """Whether the body comes in chunks of no announced size: Django's WSGI handler would see none of it."""
    return any(name == b"transfer-encoding" for name, _ in scope["headers"])


async def _refuse(send: Send, status: int, code: str) -> None:
    problem = {"status": status, "code": code, "title": text(code, config().language)}
    body = json.dumps(problem, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _for_wsgi(scope: Scope) -> Scope:
    """The scope without what would be misread on the way to a WSGI environment."""
    # X_Forwarded_For and X-Forwarded-For become the same variable there: only the proper spelling counts.
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    query = scope["query_string"]
    if not query.isascii():  # typed by hand; a2wsgi takes nothing but ASCII
        query = quote_from_bytes(query, safe=_ASCII).encode()
    return {**scope, "headers": headers, "query_string": query}


def _whole_body(receive: Receive) -> Receive:
    """``receive`` that fails when the body is cut off: half a script must not look like a whole one."""

    async def wrapped() -> Message:  # also: granian's receive() returns a future, a2wsgi wants a coroutine
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone("the client disconnected")
        return message

    return wrapped
