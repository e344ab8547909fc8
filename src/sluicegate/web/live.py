"""Live progress: server-sent events of one ticket, natively asynchronous.

An event holds no data of its own: it says that there is something new, and what the ticket's state and
progress are now, read afresh. So a client that reconnects has missed nothing.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpRequest, parse_cookie
from procrastinate.contrib.django.utils import connector_params

from sluicegate.accounts.models import User
from sluicegate.accounts.services import user_of_token
from sluicegate.core import stopping
from sluicegate.core.config import config
from sluicegate.core.errors import NotAuthenticated, NotFound, SluicegateError
from sluicegate.core.messages import describe
from sluicegate.executions.models import Verdict
from sluicegate.tickets.selectors import targets_of, visible_ticket
from sluicegate.tickets.states import TERMINAL
from sluicegate.tickets.transitions import CHANNEL

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_PATH = re.compile(r"/api/v1/tickets/([A-Za-z0-9-]{1,20})/events")
_SILENCE_SECONDS = 15.0  # proxies close what says nothing
_GATHER_SECONDS = 0.1  # several announcements in a row are one event


async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    match = _PATH.fullmatch(scope["path"])
    try:
        if match is None or scope["method"] != "GET":
            raise NotFound("path_missing")
        number = match[1]
        user_id = await sync_to_async(_authenticated, thread_sensitive=False)(_headers(scope))
        snapshot = await _read(user_id, number)
    except SluicegateError as error:
        await _refuse(send, error)
        return
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/event-stream"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),
            ],
        }
    )
    gone = asyncio.create_task(_until_gone(receive))
    try:
        async with _announcements(number) as waiting:
            snapshot = await _read(user_id, number)  # what happened before we listened
            await _event(send, snapshot)
            while not gone.done() and not stopping.stopping() and not snapshot["final"]:
                news = await _next(waiting, gone)
                if news is None:
                    await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})
                    continue
                if gone.done():
                    break
                snapshot = await _read(user_id, number)
                await _event(send, snapshot)
        if not gone.done():
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()


def _headers(scope: MutableMapping[str, Any]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _authenticated(headers: dict[str, str]) -> int:
    """Whose request this is: a bearer token, or the console's session."""
    try:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        user = user_of_token(token) if scheme.lower() == "bearer" else _user_of_session(headers)
        if user is None:
            raise NotAuthenticated("not_signed_in")
        return int(user.pk)
    finally:
        connection.close()


def _user_of_session(headers: dict[str, str]) -> User | None:
    from django.conf import settings  # noqa: PLC0415 - this module is imported before they are ready

    key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    # Django's own reading checks the session against the password it was opened with.
    request = HttpRequest()
    request.session = SessionStore(key)
    if request.session.get(SESSION_KEY) is None:
        return None
    found = get_user(request)
    return found if isinstance(found, User) and found.is_active else None


async def _read(user_id: int, number: str) -> dict[str, Any]:
    return await sync_to_async(_snapshot, thread_sensitive=False)(user_id, number)


def _snapshot(user_id: int, number: str) -> dict[str, Any]:
    """State and progress, if this person may (still) see the ticket."""
    try:
        user = User.objects.filter(pk=user_id, is_active=True).first()
        if user is None:
            raise NotAuthenticated("not_signed_in")
        ticket = visible_ticket(user, number)
        progress = [
            {
                "position": target.position,
                "state": target.execution.state,
                "done": target.execution.statements.filter(verdict=Verdict.APPLIED).count(),
                "total": target.execution.statements_total,
            }
            for target in targets_of(ticket)
            if target.execution is not None
        ]
        return {
            "number": ticket.number,
            "state": ticket.state,
            "version": ticket.version,
            "final": ticket.state in TERMINAL,
            "targets": progress,
        }
    finally:
        connection.close()


@asynccontextmanager
async def _announcements(number: str) -> AsyncIterator[asyncio.Queue[None]]:
    """A queue that gets an item whenever something is announced of this ticket."""
    queue: asyncio.Queue[None] = asyncio.Queue()
    listener = await psycopg.AsyncConnection.connect(**connector_params(), autocommit=True)
    await listener.execute(f"LISTEN {CHANNEL}")

    async def listen() -> None:
        async for notification in listener.notifies():
            if notification.payload == number:
                queue.put_nowait(None)

    task = asyncio.create_task(listen())
    try:
        yield queue
    finally:
        task.cancel()
        await listener.close()


async def _next(waiting: asyncio.Queue[None], gone: asyncio.Task[None]) -> bool | None:
    """True for news or when the client is gone; None after a silence."""
    news = asyncio.create_task(waiting.get())
    done, _ = await asyncio.wait({news, gone}, timeout=_SILENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if not done:
        news.cancel()
        return None
    if news not in done:
        news.cancel()
        return True
    await asyncio.sleep(_GATHER_SECONDS)
    while not waiting.empty():
        waiting.get_nowait()
    return True


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _event(send: Send, snapshot: dict[str, Any]) -> None:
    body = f"id: {snapshot['version']}\nevent: ticket\ndata: {json.dumps(snapshot)}\n\n"
    await send({"type": "http.response.body", "body": body.encode(), "more_body": True})


async def _refuse(send: Send, error: SluicegateError) -> None:
    body = {
        "type": f"urn:sluicegate:{error.code}",
        "title": error.code,
        "status": error.status,
        "code": error.code,
        "detail": describe(error, config().language),
    }
    await send(
        {
            "type": "http.response.start",
            "status": error.status,
            "headers": [(b"content-type", b"application/problem+json")],
        }
    )
    await send({"type": "http.response.body", "body": json.dumps(body, ensure_ascii=False).encode()})
