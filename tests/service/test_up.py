"""The whole service as `sluicegate up` runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg

from sluicegate.project.postgres import PrivatePostgres
from tests.service.conftest import environment, sluicegate, wait_for
from tests.service.test_supervisor import free_port, is_gone

Spawn = Callable[..., subprocess.Popen[str]]


class Up:
    def __init__(self, data_dir: Path, spawn: Spawn, **more: str) -> None:
        self.data_dir = data_dir
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.env = environment(LANG="C.UTF-8", SLUICEGATE_DATA_DIR=str(data_dir), **more)
        self.process = spawn(sluicegate("up", "--port", str(port)), self.env)
        self.output = self._until_ready()

    def _until_ready(self) -> str:
        assert self.process.stdout is not None
        output = ""
        for line in self.process.stdout:
            output += line
            if self.url in line:
                return output
        assert self.process.stderr is not None
        raise AssertionError(f"it ended: {output}{self.process.stderr.read()}")

    def stop(self) -> str:
        """What it wrote on standard error."""
        self.process.send_signal(signal.SIGTERM)
        output, errors = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, output + errors
        return errors

    def ask(self, query: str) -> object:
        address = PrivatePostgres.running(self.data_dir)
        assert address is not None
        with psycopg.connect(address) as connection:
            row = connection.execute(query).fetchone()
        return row[0] if row else None

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            sluicegate(*arguments), env=self.env, capture_output=True, text=True, check=False
        )


def descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []  # it ended while we were looking
    return [found for child in map(int, children) for found in (child, *descendants(child))]


def command_line(pid: int) -> bytes:
    """Empty for a process that has ended, as PostgreSQL's for each connection do at any time."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def test_up(data_dir: Path, spawn: Spawn) -> None:
    up = Up(data_dir, spawn)
    password = re.search(r"^ *password +(\S+)$", up.output, re.MULTILINE)
    assert password is not None
    assert httpx.get(f"{up.url}/healthz").status_code == 200
    assert httpx.get(f"{up.url}/readyz").status_code == 200
    assert httpx.get(f"{up.url}/api/v1/openapi.json").json()["openapi"].startswith("3.")
    assert httpx.get(f"{up.url}/api/v1/tickets").status_code == 401
    # Through the native half of the router.
    assert httpx.get(f"{up.url}/api/v1/tickets/SG-1/events").status_code in (401, 404)

    # A worker that dies is replaced, and the queue knows of the new one.
    wait_for(lambda: up.ask("SELECT count(*) FROM procrastinate_workers") == 1, "the worker")
    before = up.ask("SELECT max(id) FROM procrastinate_workers")
    (worker,) = (pid for pid in descendants(up.process.pid) if b"\0worker\0" in command_line(pid))
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: up.ask("SELECT max(id) FROM procrastinate_workers") != before, "another worker")

    # A command on the same machine finds the private PostgreSQL by itself.
    again = up.run("migrate")
    assert (again.returncode, again.stdout) == (0, "")

    everybody = descendants(up.process.pid)
    errors = up.stop()
    assert all(is_gone(pid) for pid in everybody)
    assert "Traceback" not in errors
    assert password[1] not in errors

    # The second time it has an administrator already.
    second = Up(data_dir, spawn)
    assert "password" not in second.output
    second.stop()


def test_with_a_lost_key_it_does_not_start(data_dir: Path, spawn: Spawn) -> None:
    Up(data_dir, spawn).stop()
    key = data_dir / "sealing.key"
    key.unlink()
    done = subprocess.run(
        sluicegate("up", "--data", data_dir, "--port", str(free_port())),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert str(key) in done.stderr
    assert not key.exists()
    assert PrivatePostgres.running(data_dir) is None


def test_a_part_alone_without_a_database_says_so(data_dir: Path) -> None:
    done = subprocess.run(
        sluicegate("worker"),
        env=environment(SLUICEGATE_DATA_DIR=str(data_dir)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
    assert len(done.stderr.splitlines()) == 1
