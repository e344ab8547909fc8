"""The Stream gateway: connections of apps, frames down, confirmations up (section 4.3)."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from dingtalk_sandbox import errors, ids
from dingtalk_sandbox.api import Dropper, Endpoint, Routes
from dingtalk_sandbox.auth import authenticate
from dingtalk_sandbox.errors import Refusal
from dingtalk_sandbox.events import Delivery
from dingtalk_sandbox.model import App
from dingtalk_sandbox.store import World
from dingtalk_sandbox.wire import Call, JsonObject

DISCONNECT_REASON = "connection is expired"
CLOSE_POLICY = 1008
REPLIES_KEPT = 100
PING_LEAST = 1.0


def open_connection(world: World, call: Call) -> JsonObject:
    """``POST /v1.0/gateway/connections/open``; a refusal looks like the token endpoint's [?]."""
    client_id = call.body.need_text("clientId")
    app = authenticate(world, client_id, call.body.need_text("clientSecret"))
    if app is None:
        raise Refusal(errors.BAD_CREDENTIALS)
    topics = [f"{item.text('type')}:{item.text('topic')}" for item in call.body.items("subscriptions")]
    subject = json.dumps({"app": app.app_key, "topics": topics, "ua": call.body.text("ua")})
    ticket = world.tokens.tickets.issue(subject, world.settings.ticket_life)
    scheme, _, host = call.base.partition("://")
    endpoint = f"{'wss' if scheme == 'https' else 'ws'}://{host}/connect"
    return {"endpoint": endpoint, "ticket": ticket}


def routes() -> Routes:
    return {("POST", "/v1.0/gateway/connections/open"): Endpoint(open_connection, token=False, metered=False)}


@dataclass(slots=True, eq=False)
class Connection:
    """One websocket. ``draining`` ones get no more messages and are closed soon.

    A ``frozen`` one is half open: its frames never leave, what its client sends is not read, and nobody is
    told. Events still go to it, as they do to a connection that a firewall forgot.
    """

    connection_id: str
    app_key: str
    topics: tuple[str, ...]
    user_agent: str
    socket: WebSocket
    opened: int
    draining: bool = False
    delivered: int = 0
    pongs: int = 0
    replies: deque[JsonObject] = field(default_factory=lambda: deque(maxlen=REPLIES_KEPT))
    frozen: bool = False
    outbox: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    waiting: dict[str, asyncio.Future[bool]] = field(default_factory=dict)

    @property
    def takes_events(self) -> bool:
        return not self.draining and any(topic.startswith("EVENT:") for topic in self.topics)

    def frame(self, type_: str, topic: str, data: str, extra: Mapping[str, str]) -> str:
        """Queue a frame and answer its message id."""
        message_id = ids.message_id()
        headers = {
            "appId": self.app_key,
            "connectionId": self.connection_id,
            "contentType": "application/json",
            "messageId": message_id,
            "time": str(time.time_ns() // 1_000_000),
            "topic": topic,
            **extra,
        }
        frame = {"specVersion": "1.0", "type": type_, "headers": headers, "data": data}
        self.outbox.put_nowait(json.dumps(frame, ensure_ascii=False))
        return message_id


def confirms(reply: Mapping[str, Any]) -> bool:
    """Our rule [?]: code 200, and a status of SUCCESS or none.

    The Python SDK sends the event's own body back as data, which has no status of this kind.
    """
    if reply.get("code") != 200:
        return False
    data = reply.get("data")
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except ValueError:
            return True
    status = data.get("status") if isinstance(data, dict) else None
    return status in {None, "SUCCESS"}


@dataclass(slots=True)
class StreamHub:
    """All connections. An event goes to one of its app's connections, at random."""

    world: World
    deafen: Dropper
    connections: set[Connection] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, socket: WebSocket) -> None:
        """Take one websocket from its ticket to its end."""
        subject = self.world.tokens.tickets.take(socket.query_params.get("ticket", ""))
        if subject is None:
            # Refused before the upgrade: the client sees HTTP 403.
            await socket.close(CLOSE_POLICY)
            return
        await socket.accept()
        grant = json.loads(subject)
        connection = Connection(
            connection_id=ids.token(),
            app_key=grant["app"],
            topics=tuple(grant["topics"]),
            user_agent=grant["ua"],
            socket=socket,
            opened=self.world.now(),
        )
        self.connections.add(connection)
        helpers = [
            asyncio.create_task(self._write(connection)),
            asyncio.create_task(self._ping(connection)),
        ]
        try:
            while True:
                self._receive(connection, await socket.receive_text())
        except WebSocketDisconnect:
            pass  # how every connection ends
        finally:
            self._gone(connection)
            for helper in helpers:
                helper.cancel()

    async def send(self, delivery: Delivery) -> bool:
        """Deliver to a connection picked at random; False when there is none or it stays silent."""
        able = [
            connection
            for connection in self.connections
            if connection.app_key == delivery.app.app_key and connection.takes_events
        ]
        if not able:
            return False
        connection = secrets.choice(able)
        extra = {
            "eventType": delivery.event_type,
            "eventId": delivery.event_id,
            "eventBornTime": str(delivery.born),
            "eventCorpId": delivery.app.corp_id,
            "eventUnifiedAppId": delivery.app.app_key,
        }
        message_id = connection.frame("EVENT", "*", delivery.data, extra)
        connection.delivered += 1
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        connection.waiting[message_id] = answer
        try:
            async with asyncio.timeout(self.world.settings.scaled(self.world.settings.ack_timeout)):
                return await answer
        except TimeoutError:
            return False
        finally:
            connection.waiting.pop(message_id, None)

    def warn(self, app: App, notice: JsonObject) -> None:
        """Tell every connection of the app something that isn't an event. Its type and topic are ours [?]."""
        for connection in self.connections:
            if connection.app_key == app.app_key and connection.takes_events:
                connection.frame("SYSTEM", "notice", json.dumps(notice, ensure_ascii=False), {})

    def disconnect_all(self, *, abrupt: bool, app_key: str = "") -> int:
        """Send the disconnect frame and close after the draining delay; or cut at once."""
        chosen = [known for known in self.connections if app_key in {"", known.app_key}]
        for connection in chosen:
            connection.draining = True
            if not abrupt:
                data = json.dumps({"reason": DISCONNECT_REASON})
                connection.frame("SYSTEM", "disconnect", data, {})
            delay = 0.0 if abrupt else self.world.settings.scaled(self.world.settings.drain_delay)
            task = asyncio.ensure_future(self._close_later(connection, delay))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(chosen)

    def freeze_all(self) -> int:
        """Leave every open connection half open, pings of its client unanswered; new ones work."""
        chosen = [known for known in self.connections if not known.frozen]
        for connection in chosen:
            connection.frozen = True
            self.deafen(connection.socket.scope)
        return len(chosen)

    async def _close_later(self, connection: Connection, delay: float) -> None:
        await asyncio.sleep(delay)
        if connection in self.connections:
            self._gone(connection)
            await connection.socket.close()

    def _gone(self, connection: Connection) -> None:
        self.connections.discard(connection)
        for answer in connection.waiting.values():
            if not answer.done():
                answer.set_result(False)

    def _receive(self, connection: Connection, text: str) -> None:
        try:
            reply = json.loads(text)
        except ValueError:
            return  # DingTalk says nothing about malformed replies; the message stays unconfirmed
        headers = reply.get("headers") if isinstance(reply, dict) else None
        if not isinstance(headers, dict):
            return
        if connection.frozen:
            return
        connection.replies.append(reply)
        answer = connection.waiting.get(str(headers.get("messageId")))
        if answer is None:
            connection.pongs += 1
        elif not answer.done():
            answer.set_result(confirms(reply))

    async def _write(self, connection: Connection) -> None:
        try:
            while True:
                frame = await connection.outbox.get()
                if not connection.frozen:
                    await connection.socket.send_text(frame)
        except (WebSocketDisconnect, RuntimeError):
            # Closed under our hands; the reading side notices too and cleans up.
            return

    async def _ping(self, connection: Connection) -> None:
        while True:
            settings = self.world.settings
            await asyncio.sleep(settings.lifetime(settings.ping_interval, PING_LEAST))
            data = json.dumps({"opaque": ids.token()})
            connection.frame("SYSTEM", "ping", data, {})
