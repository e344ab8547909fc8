"""The supervisor, with a real PostgreSQL and stand-ins for the service's parts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from sluicegate.project.postgres import PrivatePostgres
from tests.service.conftest import environment, sluicegate, wait_for

Spawn = Callable[..., subprocess.Popen[str]]

SUPERVISE = """
import sys
from sluicegate.core import log
from sluicegate.core.config import config
from sluicegate.project import supervisor
from sluicegate.project.data_dir import locked
log.configure(config(), "up")
with locked(config().data_dir):
    program = [sys.executable, sys.argv[1], sys.argv[2]]
    announce = lambda url: print("ready", url, flush=True)
    supervisor.Supervisor(config(), int(sys.argv[3]), announce, program).run()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"  # orphans of a container whose first process collects none


class Service:
    """A supervisor under test and the log of its parts."""

    def __init__(self, data_dir: Path, spawn: Spawn, workers: int = 1, **more: str) -> None:
        self.data_dir = data_dir
        self.log = data_dir / "stub.log"
        self.log.touch()
        self.port = free_port()
        self.env = environment(
            SLUICEGATE_DATA_DIR=str(data_dir),
            SLUICEGATE_PORT=str(self.port),
            SLUICEGATE_LOG_FORMAT="json",
            **more,
        )
        stub = str(Path(__file__).with_name("stub.py"))
        self.process = spawn([sys.executable, "-c", SUPERVISE, stub, str(self.log), str(workers)], self.env)

    def lines(self, part: str) -> list[str]:
        lines = (line.split() for line in self.log.read_text().splitlines())
        return [words[1] for words in lines if words[0] == part]

    def pids(self, part: str) -> list[int]:
        return [int(word) for word in self.lines(part) if word.isdigit()]

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line == f"ready http://127.0.0.1:{self.port}\n", line + self.errors()

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read() if self.process.poll() is not None else ""

    def all_pids(self) -> list[int]:
        return [pid for part in ("web", "worker", "listener", "helper") for pid in self.pids(part)]

    def postmaster(self) -> int:
        return int((self.data_dir / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def test_its_life(data_dir: Path, spawn: Spawn) -> None:
    service = Service(data_dir, spawn, workers=2)
    service.wait_until_ready()
    wait_for(lambda: len(service.pids("worker")) == 2 and service.pids("listener"), "all parts")

    # The tables were made once, in the private PostgreSQL, and the key for its owner alone.
    assert service.lines("migrate") == [PrivatePostgres.running(data_dir)]
    assert (data_dir / "sealing.key").stat().st_mode & 0o777 == 0o600

    # What dies is started again, with what it had started itself gone.
    (web,), (helper,) = service.pids("web"), service.pids("helper")
    os.kill(web, signal.SIGKILL)
    wait_for(lambda: len(service.pids("web")) == 2, "web again")
    assert is_gone(helper)
    os.kill(service.pids("worker")[0], signal.SIGKILL)
    wait_for(lambda: len(service.pids("worker")) == 3, "a worker again")

    # So is the private PostgreSQL, at the same address.
    before, address = service.postmaster(), PrivatePostgres.running(data_dir)
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: PrivatePostgres.running(data_dir) and service.postmaster() != before, "PostgreSQL again")
    assert PrivatePostgres.running(data_dir) == address

    # Asked to stop, everything ends, each part having been asked too.
    postmaster = service.postmaster()
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(60) == 0
    assert all(is_gone(pid) for pid in [*service.all_pids(), postmaster])
    for part, times in (("web", 1), ("worker", 2), ("listener", 1)):
        assert service.lines(part).count("stopped") == times


def test_killed_itself_it_takes_the_parts_along_and_the_next_one_goes_on(
    data_dir: Path, spawn: Spawn
) -> None:
    first = Service(data_dir, spawn)
    first.wait_until_ready()
    wait_for(lambda: first.pids("worker") and first.pids("listener"), "all parts")
    key, postmaster = (data_dir / "sealing.key").read_bytes(), first.postmaster()
    first.process.kill()
    first.process.wait()
    # They are asked rather than killed: a worker finishes its statement first.
    parts = ("web", "worker", "listener")
    wait_for(lambda: all("stopped" in first.lines(part) for part in parts), "the end of all parts")

    second = Service(data_dir, spawn)
    second.wait_until_ready()
    assert second.postmaster() == postmaster
    assert (data_dir / "sealing.key").read_bytes() == key
    second.process.send_signal(signal.SIGINT)
    assert second.process.wait(60) == 0
    assert is_gone(postmaster)


def test_a_second_one_is_refused(data_dir: Path, spawn: Spawn) -> None:
    first = Service(data_dir, spawn)
    first.wait_until_ready()
    second = subprocess.run(
        sluicegate("up", "--data", data_dir, "--port", str(free_port())),
        env=environment(LANG="zh_CN.UTF-8"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert f"PID {first.process.pid}" in second.stderr


def test_a_part_that_keeps_failing_is_tried_ever_more_rarely(data_dir: Path, spawn: Spawn) -> None:
    service = Service(data_dir, spawn, STUB_FAILS="listener")
    service.wait_until_ready()
    wait_for(lambda: len(service.lines("listener")) >= 4, "four attempts")
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(60) == 0
    delays = [
        line.partition('"after_seconds": ')[2].split(",")[0].rstrip("}\n")
        for line in service.errors().splitlines()
    ]
    assert [delay for delay in delays if delay][:3] == ["0.0", "0.5", "1.0"]


def test_a_second_signal_ends_what_does_not_stop(data_dir: Path, spawn: Spawn) -> None:
    service = Service(data_dir, spawn, STUB_STUBBORN="worker")
    service.wait_until_ready()
    wait_for(lambda: service.pids("worker"), "the worker")
    service.process.send_signal(signal.SIGTERM)
    wait_for(lambda: "ignores" in service.lines("worker"), "the worker's refusal")
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(60) == 0
    assert all(is_gone(pid) for pid in service.all_pids())


def test_a_failed_migration_stops_the_start(data_dir: Path, spawn: Spawn) -> None:
    service = Service(data_dir, spawn, STUB_MIGRATE="3")
    assert service.process.wait(60) == 1
    assert "service_step_failed" in service.errors()
    assert service.all_pids() == []
    assert PrivatePostgres.running(data_dir) is None


def test_with_a_database_elsewhere(postgres: PrivatePostgres, data_dir: Path, spawn: Spawn) -> None:
    """A lost key is noticed rather than replaced: there are tables, so this is not the first start."""
    own = data_dir / "own"
    own.mkdir()
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE django_migrations ()")
    service = Service(own, spawn, DATABASE_URL=postgres.dsn)
    service.wait_until_ready()
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(60) == 0
    assert not (own / "postgres").exists()
    assert not (own / "sealing.key").exists()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"SLUICEGATE_PROT": "8180"}, "SLUICEGATE_PROT"),
        ({"SLUICEGATE_PORT": "80180"}, "SLUICEGATE_PORT"),
        ({"SLUICEGATE_TIME_ZONE": "Shanghai"}, "SLUICEGATE_TIME_ZONE"),
        ({"DATABASE_URL": "mysql://localhost/x"}, "SLUICEGATE_DATABASE_URL"),
        ({"SLUICEGATE_KEY_FILE": "/nonexistent/key"}, "SLUICEGATE_KEY_FILE"),
        ({"SLUICEGATE_HOST": "192.0.2.1"}, "192.0.2.1"),
    ],
)
def test_what_is_configured_wrongly_stops_the_start_and_is_named(
    data_dir: Path, variables: dict[str, str], message: str
) -> None:
    done = subprocess.run(
        sluicegate("up"),
        env=environment(SLUICEGATE_DATA_DIR=str(data_dir), **variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (data_dir / "postgres").exists()


def test_a_port_in_use_is_named(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        done = subprocess.run(
            sluicegate("up", "--data", data_dir, "--port", port),
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert port in done.stderr
