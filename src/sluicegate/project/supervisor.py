"""`sluicegate up`: a whole installation as one process with its children.

It starts the private PostgreSQL (unless an address of another is configured), brings the tables up to
date, runs web, workers and listener, starts again what dies, and stops everything in order.
"""

from __future__ import annotations

import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

import psycopg

from sluicegate.core.config import Config
from sluicegate.core.crypto import ensure_key_file
from sluicegate.core.errors import ConfigurationError, Unavailable
from sluicegate.core.log import logger, mask
from sluicegate.core.parent import PARENT_VARIABLE
from sluicegate.project.data_dir import locked
from sluicegate.project.postgres import PrivatePostgres

PROGRAM = (sys.executable, "-m", "sluicegate.cli.main")
_TICK_SECONDS = 1.0
_STARTING_TICK_SECONDS = 0.1
_LONGEST_BACKOFF_SECONDS = 30.0
_HEALTHY_SECONDS = 10.0  # a child that lived this long starts again at once
_DATABASE_SECONDS = 30.0  # for a database that is started at the same time as we
_GRACE_SECONDS = 15.0  # for a child that was told to stop
_WORKER_GRACE_SECONDS = 60.0  # for it to finish its statements

_log = logger(__name__)


@dataclass
class _Child:
    """A child process that is to run as long as we do."""

    name: str
    command: Sequence[str]
    grace: float
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0

    def start(self, environment: Mapping[str, str]) -> None:
        self.started = time.monotonic()
        # A process group of its own, so that the terminal's Ctrl-C reaches us alone; and so that a
        # server's own children can be ended with it.
        self.process = subprocess.Popen(self.command, env=environment, process_group=0)  # noqa: S603

    def reap(self) -> bool:
        """Notice its death; when to start it again is set."""
        if self.process is None or not _has_ended(self.process):
            return False
        _end_group(self.process.pid)
        status = self.process.wait()
        now = time.monotonic()
        self.failures = 0 if now - self.started >= _HEALTHY_SECONDS else self.failures + 1
        delay = 0.0 if self.failures <= 1 else min(_LONGEST_BACKOFF_SECONDS, 0.5 * 2 ** (self.failures - 2))
        self.process, self.due = None, now + delay
        _log.warning("a process ended; starting it again", name=self.name, status=status, after_seconds=delay)
        return True


class Supervisor:
    """Runs the children until told to stop.

    Args:
        config: the settings; its data directory is locked by the caller.
        workers: number of worker processes.
        announce: called with the service's address once it answers there.
        program: the command line that runs the parts.
    """

    def __init__(
        self,
        config: Config,
        workers: int,
        announce: Callable[[str], None],
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._config = config
        self._program = program
        self._announce = announce
        self._postgres = PrivatePostgres(config.data_dir) if config.database_url is None else None
        self._children = [
            _Child("web", [*program, "web"], _GRACE_SECONDS),
            *(
                _Child(f"worker-{number}", [*program, "worker"], _WORKER_GRACE_SECONDS)
                for number in range(1, workers + 1)
            ),
            _Child("listener", [*program, "listener"], _GRACE_SECONDS),
        ]
        self._stops = 0  # signals received
        self._ready = False

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; a second one ends workers without waiting for their statements."""
        _check_address(self._config)
        wakeup = _Wakeup()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGCHLD, _ignore)  # for the wakeup alone
        try:
            if self._postgres is not None:
                self._postgres.start()
            environment = self._environment()
            if self._stops == 0:
                self._prepare(environment)
            while self._stops == 0:
                self._tend(environment)
                wakeup.wait(_TICK_SECONDS if self._ready else _STARTING_TICK_SECONDS)
            _log.info("stopping")
            self._stop_children(wakeup)
        finally:
            for child in self._children:
                if child.process is not None:  # only when an error brought us here
                    _end_group(child.process.pid)
            if self._postgres is not None:
                self._postgres.stop()
            wakeup.close()

    def _on_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stops += 1

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, PARENT_VARIABLE: str(os.getpid())}
        if self._postgres is not None:
            environment["DATABASE_URL"] = self._postgres.dsn
        return environment

    def _prepare(self, environment: Mapping[str, str]) -> None:
        url = self._config.database_url.get_secret_value() if self._config.database_url else None
        first = _is_new(url or environment["DATABASE_URL"])
        if first and self._config.key is None:
            ensure_key_file(self._config.data_dir / "sealing.key")
        # Its output is the administrator's first password, once.
        done = subprocess.run(  # noqa: S603
            [*self._program, "migrate"], env=environment, check=False
        )
        if done.returncode != 0 and self._stops == 0:
            raise Unavailable("service_step_failed", step="migrate", status=done.returncode)

    def _tend(self, environment: Mapping[str, str]) -> None:
        if self._postgres is not None and not self._postgres.alive():
            _log.warning("the private PostgreSQL ended; starting it again")
            self._postgres.start()
        now = time.monotonic()
        for child in self._children:
            child.reap()
            if child.process is None and child.due <= now:
                child.start(environment)
        if not self._ready and _answers(self._config):
            self._ready = True
            self._announce(self._config.url)

    def _stop_children(self, wakeup: _Wakeup) -> None:
        for child in self._children:
            if child.process is not None:
                child.process.terminate()
        stopped, asked = time.monotonic(), self._stops
        while running := [child for child in self._children if _running(child)]:
            waited = time.monotonic() - stopped
            for child in running:
                if waited > child.grace or self._stops > asked:
                    _log.warning("does not stop; killing it", name=child.name)
                    _end_group(child.process.pid if child.process else 0)
            wakeup.wait(_STARTING_TICK_SECONDS)


class _Wakeup:
    """Lets a signal end a wait: Python itself would go on waiting after the handler."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        self._ours.setblocking(False)
        theirs.setblocking(False)
        self._theirs = theirs
        signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)

    def wait(self, seconds: float) -> None:
        if select.select([self._ours], [], [], seconds)[0]:
            self._ours.recv(4096)

    def close(self) -> None:
        signal.set_wakeup_fd(-1)
        self._ours.close()
        self._theirs.close()


def up(config: Config, workers: int, announce: Callable[[str], None]) -> None:
    """Run the whole service from ``config.data_dir`` until told to stop.

    Raises:
        Conflict: ``data_dir_in_use``.
        ConfigurationError, Unavailable: what keeps it from starting.
    """
    with locked(config.data_dir):
        Supervisor(config, workers, announce).run()


def _is_new(dsn: str) -> bool:
    """Whether the database has none of our tables yet."""
    deadline = time.monotonic() + _DATABASE_SECONDS
    while True:
        try:
            with psycopg.connect(dsn, connect_timeout=5) as connection:
                found = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
                return found is None or found[0] is None
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise Unavailable("database_unreachable", problem=mask(str(error))) from error
            time.sleep(0.5)


def _check_address(config: Config) -> None:
    """Fail now, with a clear message, rather than have web die again and again."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        problem = error.strerror or str(error)
        raise ConfigurationError(
            "address_in_use", host=config.host, port=config.port, problem=problem
        ) from error


def _answers(config: Config) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(host, config.port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _running(child: _Child) -> bool:
    return child.process is not None and child.process.poll() is None


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has, without collecting it: until then its number, and so its group's, is not reused."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end_group(pid: int) -> None:
    """Kill what is left of a child's process group."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _ignore(_signal: int, _frame: FrameType | None) -> None:
    """A handler, so that the signal ends a wait."""
