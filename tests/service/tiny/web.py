"""A small application behind the real router and server."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sluicegate.core import parent, stopping
from sluicegate.project.router import Receive, Router, Scope, Send

NOTES = Path(os.environ["TINY_NOTES"])
CHUNK = b"x" * 65536
CHUNKS = 400


def note(text: str) -> None:
    with NOTES.open("a") as file:
        file.write(text + "\n")


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/large":
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return large()
    try:
        body = environ["wsgi.input"].read()
    except OSError:
        note("cut off")
        raise
    answer = json.dumps(
        {
            "method": environ["REQUEST_METHOD"],
            "path": path.encode("latin-1").decode(),
            "query": environ["QUERY_STRING"],
            "length": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "headers": {name: value for name, value in environ.items() if name.startswith("HTTP_X_")},
        }
    ).encode()
    status = "404 Not Found" if path == "/missing" else "200 OK"
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


def large() -> Iterable[bytes]:
    for _ in range(CHUNKS):
        yield CHUNK
    note("large done")


async def live(_scope: Scope, receive: Receive, send: Send) -> None:
    """Says "data: on" until the client leaves or the server stops."""
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}
    )
    await receive()  # the request's empty body
    gone = asyncio.ensure_future(receive())
    while not stopping.stopping() and not gone.done():
        await send({"type": "http.response.body", "body": b"data: on\n\n", "more_body": True})
        await asyncio.wait([gone], timeout=0.05)
    if gone.done():
        note("live client left")
        return
    gone.cancel()
    await send({"type": "http.response.body", "body": b"data: end\n\n", "more_body": False})


parent.die_with_forker(signal.SIGKILL)
application = Router(live, wsgi, threads=4)
