"""Data directories and child processes for the service's tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sluicegate.project.postgres import PrivatePostgres

ROOT = Path(__file__).resolve().parents[2]
FAST = {"fsync": "off"}
WAIT_SECONDS = 60.0


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def environment(**more: str) -> dict[str, str]:
    """An environment without settings of the machine's, as a service would be started with."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **more}


def sluicegate(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "sluicegate.cli.main", *map(str, arguments)]


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory that every account can get to, which pytest's own temporary ones forbid."""
    directory = Path(tempfile.mkdtemp(prefix="sg-", dir="/tmp"))
    directory.chmod(0o711)
    yield directory
    if PrivatePostgres.running(directory) is not None:  # of a supervisor that a test killed
        left = PrivatePostgres(directory)
        left.start()
        left.stop()
    shutil.rmtree(directory)


@pytest.fixture
def postgres(data_dir: Path) -> Iterator[PrivatePostgres]:
    server = PrivatePostgres(data_dir, FAST)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def spawn() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts processes and ends what is left of their groups afterwards."""
    started: list[subprocess.Popen[str]] = []

    def start(command: list[str], env: dict[str, str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command,
            env=env,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
