"""A small real HTTP server on a free port whose answers a test decides."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.config import Credentials, Hosts

TOKEN_PATH = "/v1.0/oauth2/accessToken"
CREDENTIALS = Credentials(app_key="dingkey", app_secret="top-secret-value", corp_id="dingcorp", agent_id="42")


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    peer: int
    """The client's port: one for each connection."""

    @property
    def token(self) -> str:
        return self.headers.get("x-acs-dingtalk-access-token") or self.query.get("access_token", "")


@dataclass(frozen=True)
class Answer:
    body: Any = field(default_factory=dict)
    status: int = 200
    content_type: str = "application/json;charset=utf-8"
    drop: bool = False
    """Close the connection instead of answering."""
    cut: bool = False
    """Close it in the middle of the body."""
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


Respond = Callable[[Request], Answer]


class ScriptedServer:
    """Issues tokens ``token-1``, ``token-2``, … by itself; everything else is the script's."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.tokens_issued = 0
        self.respond: Respond = lambda _: Answer()
        self.token_refusal: Answer | None = None
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                parts = urlsplit(self.path)
                request = Request(
                    method=self.command,
                    path=parts.path,
                    query={k: v[0] for k, v in parse_qs(parts.query, keep_blank_values=True).items()},
                    headers={k.lower(): v for k, v in self.headers.items()},
                    body=json.loads(raw) if raw else None,
                    peer=self.client_address[1],
                )
                answer = server.answer(request)
                if answer.drop:
                    self.close_connection = True
                    return
                content = answer.encoded()
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(content)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(ConnectionError):  # The client may have given up, which some tests want.
                    self.wfile.write(content[: len(content) // 2] if answer.cut else content)
                self.close_connection = self.close_connection or answer.cut

            do_GET = do_POST = _serve  # noqa: N815 - the base class's names

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def hosts(self) -> Hosts:
        return Hosts(api_base=self.url, oapi_base=self.url)

    @property
    def calls(self) -> list[Request]:
        """Everything but the requests for tokens."""
        return [r for r in self.requests if r.path != TOKEN_PATH]

    def answer(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            if request.path == TOKEN_PATH and self.token_refusal is not None:
                return self.token_refusal
            if request.path == TOKEN_PATH:
                self.tokens_issued += 1
                return Answer({"accessToken": f"token-{self.tokens_issued}", "expireIn": 7200})
        return self.respond(request)

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    try:
        yield server
    finally:
        server.close()


def in_turn(*answers: Answer) -> Respond:
    """These answers one after another; the last one for good."""
    rest = list(answers)
    lock = threading.Lock()

    def respond(_: Request) -> Answer:
        with lock:
            return rest.pop(0) if len(rest) > 1 else rest[0]

    return respond


def refusal(code: str, message: str = "", *, status: int = 400, **more: Any) -> Answer:
    """The new host's error."""
    return Answer({"code": code, "requestid": "REQ-1", "message": message, **more}, status=status)


def old_refusal(errcode: int, errmsg: str = "", **more: Any) -> Answer:
    """The old host's error, with status 200."""
    return Answer({"errcode": errcode, "errmsg": errmsg, "request_id": "req-2", **more})


def client_for(server: ScriptedServer, **options: Any) -> DingTalkClient:
    return DingTalkClient(CREDENTIALS, server.hosts, **options)
