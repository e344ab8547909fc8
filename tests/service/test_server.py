"""The HTTP server and the router before Django, with a small application."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.service.conftest import environment, wait_for
from tests.service.test_supervisor import free_port, is_gone

Spawn = Callable[..., subprocess.Popen[str]]

SERVE = """
from sluicegate.core.config import config
from sluicegate.project.server import serve
serve(config(), "tests.service.tiny.web:application")
"""


class Server:
    def __init__(self, notes: Path, spawn: Spawn) -> None:
        self.notes = notes
        self.notes.touch()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        env = environment(SLUICEGATE_PORT=str(self.port), TINY_NOTES=str(notes))
        self.process = spawn([sys.executable, "-c", SERVE], env)
        wait_for(self.listens, "the server")

    def listens(self) -> bool:
        assert self.process.poll() is None, "the server ended"
        try:
            return httpx.get(self.url).status_code == 200
        except httpx.TransportError:
            return False

    def raw(self, request: bytes) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(request)
        return connection

    def noted(self, text: str) -> int:
        return self.notes.read_text().splitlines().count(text)


@pytest.fixture(scope="module")
def module_spawn() -> Iterator[Spawn]:
    started: list[subprocess.Popen[str]] = []

    def start(command: list[str], env: dict[str, str]) -> subprocess.Popen[str]:
        started.append(subprocess.Popen(command, env=env, text=True))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, module_spawn: Spawn) -> Server:
    return Server(tmp_path_factory.mktemp("server") / "notes", module_spawn)


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_a_body_arrives_whole(server: Server, size: int) -> None:
    body = os.urandom(size)
    answer = httpx.post(f"{server.url}/工单?q=1", content=body).json()
    assert (answer["length"], answer["sha256"]) == (size, hashlib.sha256(body).hexdigest())
    assert (answer["path"], answer["query"]) == ("/工单", "q=1")


def test_head_and_missing(server: Server) -> None:
    head = httpx.head(f"{server.url}/x")
    assert head.status_code == 200
    assert head.content == b""
    assert httpx.get(f"{server.url}/missing").status_code == 404


def test_a_large_answer(server: Server) -> None:
    assert len(httpx.get(f"{server.url}/large", timeout=60).content) == 400 * 65536


def test_a_query_typed_by_hand(server: Server) -> None:
    with server.raw("GET /?q=中 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()) as connection:
        answer = connection.makefile("rb").read()
    assert b'"q=%E4%B8%AD"' in answer


def test_a_header_that_only_looks_like_another_does_not_count(server: Server) -> None:
    request = b"GET / HTTP/1.1\r\nHost: x\r\nX_Forwarded_For: 6.6.6.6\r\nX-Forwarded-For: 1.1.1.1\r\nConnection: close\r\n\r\n"
    with server.raw(request) as connection:
        answer = connection.makefile("rb").read()
    assert b'"HTTP_X_FORWARDED_FOR": "1.1.1.1"' in answer


def test_a_body_of_unknown_length_is_refused_rather_than_lost(server: Server) -> None:
    answer = httpx.post(server.url, content=iter([b"SELECT", b" 1"]))
    assert answer.status_code == 411
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "length_required"


def test_a_body_cut_off_is_an_error_not_a_shorter_body(server: Server) -> None:
    server.raw(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nDELETE FROM t").close()
    wait_for(lambda: server.noted("cut off"), "the reader's error")


def test_clients_that_leave_early_take_no_thread_along(server: Server) -> None:
    before = server.noted("large done")
    for _ in range(8):  # twice as many as there are threads
        connection = server.raw(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.recv(100)
        connection.close()
    wait_for(lambda: server.noted("large done") == before + 8, "the threads")
    assert httpx.get(server.url).status_code == 200


def test_server_sent_events_do_not_go_through_threads(server: Server) -> None:
    streams = [server.raw(b"GET /api/v1/tickets/1/events HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(10)]
    for stream in streams:
        while b"data: on" not in stream.recv(4096):
            pass
    assert httpx.get(server.url).status_code == 200
    for stream in streams:
        stream.close()
    wait_for(lambda: server.noted("live client left") == 10, "the streams' ends")


def test_stopping_ends_open_streams_properly(tmp_path: Path, spawn: Spawn) -> None:
    server = Server(tmp_path / "notes", spawn)
    with httpx.stream("GET", f"{server.url}/api/v1/tickets/1/events", timeout=30) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "data: on"
        server.process.send_signal(signal.SIGTERM)
        assert [line for line in lines if line][-1] == "data: end"
    assert server.process.wait(30) == 0


def test_the_serving_process_does_not_outlive_its_parent(tmp_path: Path, spawn: Spawn) -> None:
    server = Server(tmp_path / "notes", spawn)
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    assert children
    server.process.kill()
    server.process.wait()
    wait_for(lambda: all(is_gone(int(child)) for child in children), "the children's end")
