"""The whole sandbox as one ASGI application."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from dingtalk_sandbox import auth, contacts, control, failed, forms, instances, login, messages, page, stream
from dingtalk_sandbox.api import Dropper, Gateway
from dingtalk_sandbox.callback import CallbackChannel
from dingtalk_sandbox.control_base import Sandbox
from dingtalk_sandbox.events import Dispatcher
from dingtalk_sandbox.store import World

_FRONT = ("/i/", "/as/", "/static/")


def assemble(fill: Callable[[World], None], deafen: Dropper) -> Sandbox:
    """``fill`` makes the company, also after a reset; ``deafen`` keeps a request's connection open and never
    reads from it again."""
    world = World()
    fill(world)
    hub = stream.StreamHub(world, deafen)
    dispatcher = Dispatcher(world, hub, CallbackChannel())
    world.sink = dispatcher
    return Sandbox(world, hub, dispatcher, fill)


def build(box: Sandbox, drop: Dropper) -> ASGIApp:
    """``drop`` cuts a request's connection."""
    world, hub, dispatcher = box.world, box.hub, box.dispatcher
    routes = (
        auth.routes()
        | contacts.routes()
        | forms.routes()
        | instances.routes()
        | stream.routes()
        | messages.routes()
        | failed.routes(dispatcher)
    )
    gateway = Gateway(world, routes, drop)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await _websocket(hub, WebSocket(scope, receive, send))
            return
        send = _dated(send, world)
        path = scope["path"]
        request = Request(scope, receive)
        if path.startswith("/_sandbox/"):
            response = await control.answer(box, request)
        elif path == "/oauth2/auth":
            response = await login.answer(world, request)
        elif path == "/" or path.startswith(_FRONT):
            response = await page.answer(world, request)
        else:
            await gateway(scope, receive, send)
            return
        await response(scope, receive, send)

    return application


def _dated(send: Send, world: World) -> Send:
    """Every answer has a date: the real one, unless the sandbox's clock is to be off."""

    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            date = formatdate(time.time() + world.settings.clock_skew_seconds, usegmt=True)
            message["headers"] = [*message.get("headers", ()), (b"date", date.encode())]
        await send(message)

    return sender


async def _websocket(hub: stream.StreamHub, socket: WebSocket) -> None:
    if socket.url.path == "/connect":
        await hub.serve(socket)
    else:
        await socket.close()
