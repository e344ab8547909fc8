"""The sandbox on a real socket: in this process's main thread, or in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from dingtalk_sandbox import app as application
from dingtalk_sandbox import company, dump
from dingtalk_sandbox.control_base import Sandbox
from dingtalk_sandbox.store import World
from dingtalk_sandbox.wire import JsonObject

START_SECONDS = 10.0


class _Connections:
    """TCP connections by the caller's address, so that one can be cut without an answer."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        known = self.open

        class Tracked(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                if self.client is not None:
                    known[self.client] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                if self.client is not None:
                    known.pop(self.client, None)
                super().connection_lost(exc)

        return Tracked

    def drop(self, scope: Scope) -> None:
        transport = self.open.get(tuple(scope["client"]))
        if transport is not None:
            transport.abort()

    def deafen(self, scope: Scope) -> None:
        transport = self.open.get(tuple(scope["client"]))
        if transport is not None:
            transport.pause_reading()


class _Server(uvicorn.Server):
    """Says when it has started and when it has stopped, and stops without waiting for its callers.

    After ``run`` it would be too late to say so: uvicorn ends the process with the signal that stopped it.
    """

    def __init__(
        self, config: uvicorn.Config, started: Callable[[], None], stopped: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._say_started = started
        self._say_stopped = stopped

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._say_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self._say_stopped()


def filler(seed: Path | None, speed: float | None) -> Callable[[World], None]:
    """What makes the company: the built-in one, changed by the seed file if there is one.

    The file may hold settings too; the speed given here counts for more.
    """

    def fill(world: World) -> None:
        company.fill(world)
        if seed is not None:
            company.load_seed(world, seed)
        if speed is not None:
            world.settings.speed = speed

    return fill


def _nothing() -> None:
    pass


def _prepare(
    box: Sandbox,
    connections: _Connections,
    started: Callable[[], None],
    stopped: Callable[[], None] = _nothing,
) -> _Server:
    config = uvicorn.Config(
        application.build(box, connections.drop),
        http=connections.protocol(),
        ws="websockets-sansio",
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="off",
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=0,
        timeout_keep_alive=60,
    )
    return _Server(config, started, stopped)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, or asyncio leaves Nagle's algorithm on: 40 ms for every answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def serve(
    host: str,
    port: int,
    fill: Callable[[World], None],
    announce: Callable[[str], None],
    dump_to: Path | None = None,
) -> None:
    """Run until SIGTERM or SIGINT, then write the state to ``dump_to``. ``announce`` gets the URL once it
    answers. Raises OSError."""
    listener = _listen(host, port)
    url = _url(listener)
    connections = _Connections()
    box = application.assemble(fill, connections.deafen)

    def write_dump() -> None:
        if dump_to is not None:
            dump.write(box.world, dump_to)

    _prepare(box, connections, lambda: announce(url), write_dump).run(sockets=[listener])


class SandboxServer:
    """A sandbox in a thread, on a free port of 127.0.0.1: ``with SandboxServer() as sandbox: …``.

    What it holds is reached through HTTP only (``/_sandbox/…``, for which there is ``control``), so nothing is
    shared between threads. Attributes: ``url``, the base of both hosts, and ``port``.
    """

    def __init__(self, *, speed: float | None = None, seed: Path | None = None, port: int = 0) -> None:
        self._started = threading.Event()
        self._listener = _listen("127.0.0.1", port)
        self.url = _url(self._listener)
        self.port = int(self._listener.getsockname()[1])
        connections = _Connections()
        box = application.assemble(filler(seed, speed), connections.deafen)
        self._server = _prepare(box, connections, self._started.set)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._listener],), name="dingtalk-sandbox", daemon=True
        )

    def start(self) -> None:
        """Returns once it answers. Raises RuntimeError when it does not start."""
        self._thread.start()
        if not self._started.wait(START_SECONDS):
            raise RuntimeError("the sandbox did not start")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()

    def control(self, method: str, path: str, body: JsonObject | None = None) -> Any:
        """One call to ``/_sandbox`` + ``path``, and the JSON it answers. Raises httpx.HTTPStatusError."""
        with httpx.Client(trust_env=False, timeout=START_SECONDS) as client:
            response = client.request(method, f"{self.url}/_sandbox{path}", json=body)
            return response.raise_for_status().json()

    def state(self) -> JsonObject:
        """All it holds: the company, its app with the credentials, templates, approvals, settings."""
        found: JsonObject = self.control("GET", "/state")
        return found

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
