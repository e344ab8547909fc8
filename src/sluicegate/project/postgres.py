"""The private PostgreSQL that `up` runs when no database address is given.

It listens on a Unix socket only, inside a directory that nobody but its own account (and root) can enter.
Everybody who can reach that socket can read the data files too, so the server asks for no password
(``trust``): a password would protect nothing, and peer authentication fails for the accounts without a
passwd entry that containers like to use.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psycopg

from sluicegate.core.errors import ConfigurationError, Unavailable
from sluicegate.core.log import logger
from sluicegate.project.postgres_install import (
    Account,
    Programs,
    account_for,
    as_account,
    can,
    find_programs,
    reachable,
)

DATABASE = ROLE = "sluicegate"
_PORT = 5432  # only part of the socket's name
_SOCKET_PATH_BYTES = 100  # sun_path holds 108 on Linux, 104 on macOS
_FIRST_WITH_BUILTIN_LOCALE = 17
_START_SECONDS = 600.0  # recovery after a crash replays the log first
_ADOPT_SECONDS = 30.0
_STOP_SECONDS = 60.0
_POLL_SECONDS = 0.02
_SOCKETS_LINE, _STATUS_LINE = 4, 7  # of postmaster.pid, counted from 0

_log = logger(__name__)


class PrivatePostgres:
    """One cluster in ``<data_dir>/postgres``. The caller holds the data directory's lock.

    Args:
        data_dir: the data directory.
        settings: further server settings, such as ``{"fsync": "off"}`` for tests.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        self._data_dir = data_dir.resolve()
        self._home = self._data_dir / "postgres"
        self._data = self._home / "data"
        self._settings = dict(settings)
        self._account: Account | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self._sockets: Path | None = None
        self._own_sockets = False

    @classmethod
    def running(cls, data_dir: Path) -> str | None:
        """Address of the database of the server that runs on this data directory; none when none does."""
        server = cls(data_dir)
        lock = _PostmasterLock.read(server._data)
        if lock is None or lock.sockets is None or not server._is_postmaster(lock.pid):
            return None
        server._sockets = lock.sockets
        return server.dsn

    @property
    def dsn(self) -> str:
        """Address of the service's database; known once started."""
        return self._dsn(DATABASE)

    @property
    def pid(self) -> int | None:
        """The postmaster, ours or adopted."""
        return self._pid

    def start(self) -> None:
        """Make the cluster if there is none, start it or adopt one left over, and wait until it answers.

        Raises:
            ConfigurationError: no usable programs, account, directory, or data of another version.
            Unavailable: ``postgres_start_failed``.
        """
        try:
            programs = self._prepare()
            if not self._data.exists():
                self._initialise(programs)
            if not self._adopt():
                self._spawn(programs)
        except OSError as error:
            raise ConfigurationError(
                "data_dir_unusable", path=str(self._data_dir), problem=error.strerror or str(error)
            ) from error
        _create_database(self._dsn("postgres"))

    def alive(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return self._pid is not None and self._is_postmaster(self._pid)

    def stop(self) -> None:
        """End it after its clients' transactions were rolled back (fast shutdown), at worst at once."""
        if self._pid is not None and self.alive():
            for wish in (signal.SIGINT, signal.SIGQUIT):
                _signal(self._pid, wish)
                if self._wait_gone(_STOP_SECONDS):
                    break
            else:
                _log.error("private PostgreSQL does not stop", pid=self._pid)
        self._child = self._pid = None
        if self._own_sockets and self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._own_sockets, self._sockets = False, None

    def _prepare(self) -> Programs:
        self._account = account_for(self._data)
        # As root this directory stays root's: were it the account's, it could put a link where root writes.
        self._home.mkdir(exist_ok=True, mode=0o711 if self._account else 0o700)
        if self._account is not None and not can(self._account, "-x", self._home):
            raise ConfigurationError(
                "data_dir_unreachable", path=str(self._data_dir), account=self._account.name
            )
        programs = find_programs(_major(self._data))
        return reachable(programs, self._account, self._data_dir / "postgres-programs")

    def _initialise(self, programs: Programs) -> None:
        unfinished = self._home / "data.new"  # renamed when whole: a crash in here leaves no half cluster
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        self._give(unfinished)
        # Not plain C: it would keep trigram search and case folding from seeing anything but ASCII.
        locale = ["--locale=C.UTF-8"]
        if programs.major >= _FIRST_WITH_BUILTIN_LOCALE:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options = [f"--username={ROLE}", "--encoding=UTF8", "--auth-local=trust", "--auth-host=reject"]
        answer = subprocess.run(  # noqa: S603
            [programs.directory / "initdb", "-D", unfinished, *options, *locale, "--no-instructions"],
            env=self._environment(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **as_account(self._account),
        )
        if answer.returncode != 0:
            raise Unavailable("postgres_start_failed", problem=_last_lines(answer.stderr))
        unfinished.rename(self._data)

    def _adopt(self) -> bool:
        """Take over a server that outlived the supervisor that started it."""
        lock = _PostmasterLock.read(self._data)
        if lock is None:
            return False
        if not self._is_postmaster(lock.pid):
            # The number may belong to another process by now, and PostgreSQL would take that one for a
            # running server. We hold the data directory, so nobody is starting one at the moment.
            (self._data / "postmaster.pid").unlink()
            return False
        self._child, self._pid = None, lock.pid
        if self._has_sockets(_ADOPT_SECONDS) and self._answers(_ADOPT_SECONDS):
            _log.info("took over the private PostgreSQL of an earlier run", pid=lock.pid)
            return True
        _log.warning("the private PostgreSQL of an earlier run does not answer; restarting it", pid=lock.pid)
        self._sockets = None
        self.stop()
        return False

    def _has_sockets(self, seconds: float) -> bool:
        """Wait until an adopted server says where it listens; false when it died or the time is over."""
        deadline = time.monotonic() + seconds
        while self.alive() and time.monotonic() < deadline:
            lock = _PostmasterLock.read(self._data)
            if lock is not None and lock.sockets is not None:
                self._sockets = lock.sockets
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _spawn(self, programs: Programs) -> None:
        if self._sockets is None or not self._sockets.is_dir():
            self._sockets = self._socket_directory()
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "logging_collector": "on",
            "log_filename": "postgresql-%a.log",  # a week of logs, then over the oldest
            "log_rotation_age": "1d",
            "log_truncate_on_rotation": "on",
            **self._settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        startup_log = self._home / "startup.log"
        with startup_log.open("wb") as output:
            # A process group of its own: the terminal's Ctrl-C is for the supervisor, which stops us last.
            self._child = subprocess.Popen(  # noqa: S603
                [programs.directory / "postgres", "-D", self._data, "-p", str(_PORT), *options],
                env=self._environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
                **as_account(self._account),
            )
        self._pid = self._child.pid
        if not self._answers(_START_SECONDS):
            problem = _last_lines(startup_log.read_text(encoding="utf-8", errors="replace"))
            self.stop()
            raise Unavailable("postgres_start_failed", problem=problem)

    def _environment(self) -> dict[str, str]:
        # Not ours: the sealing key may be in it, and PGPORT and the like would steer the server.
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(self._home)}

    def _socket_directory(self) -> Path:
        """Within the cluster's directory, unless libpq could not be told that path."""
        sockets = self._home / "run"
        name = str(sockets)
        if len(os.fsencode(name)) + len("/.s.PGSQL.5432") <= _SOCKET_PATH_BYTES and "," not in name:
            sockets.mkdir(exist_ok=True, mode=0o700)
        else:
            base = None if self._account else os.environ.get("XDG_RUNTIME_DIR")
            sockets = Path(tempfile.mkdtemp(prefix="sluicegate-", dir=base or "/tmp"))  # noqa: S108 - 0700, short
            self._own_sockets = True
        self._give(sockets)
        return sockets

    def _give(self, directory: Path) -> None:
        if self._account is not None:
            os.chown(directory, self._account.uid, self._account.gid)

    def _dsn(self, database: str) -> str:
        if self._sockets is None:
            raise RuntimeError("the private PostgreSQL was not started")
        return f"postgresql://{ROLE}@/{database}?host={quote(str(self._sockets), safe='')}&port={_PORT}"

    def _answers(self, seconds: float) -> bool:
        """Wait for it; false when it died or the time is over."""
        deadline = time.monotonic() + seconds
        while self.alive() and time.monotonic() < deadline:
            try:
                psycopg.connect(self._dsn("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(_POLL_SECONDS)
            else:
                return True
        return False

    def _is_postmaster(self, pid: int) -> bool:
        """Whether the process is a server of this cluster: a postmaster works in its data directory."""
        try:
            directory = Path(f"/proc/{pid}/cwd").readlink()
        except OSError:  # gone, or somebody else's process; without /proc nothing is adopted
            return False
        return directory == self._data

    def _wait_gone(self, seconds: float) -> bool:
        if self._child is not None:
            try:
                self._child.wait(seconds)
            except subprocess.TimeoutExpired:
                return False
            return True
        return self._pid is None or _wait_not_child(self._pid, seconds)


@dataclass(frozen=True)
class _PostmasterLock:
    """What ``postmaster.pid`` says (PostgreSQL's src/include/utils/pidfile.h: one value a line)."""

    pid: int
    sockets: Path | None
    """Where it listens; None until it is ready."""

    @classmethod
    def read(cls, data: Path) -> _PostmasterLock | None:
        try:
            lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return None
        number = lines[0].strip() if lines else ""  # empty: it died while writing it
        ready = len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready"
        return cls(int(number) if number.isdigit() else 0, Path(lines[_SOCKETS_LINE]) if ready else None)


def _major(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ConfigurationError("data_dir_unusable", path=str(data), problem="PG_VERSION") from error


def _create_database(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8'")


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        _log.debug("already gone", pid=pid)


def _wait_not_child(pid: int, seconds: float) -> bool:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        return bool(poller.poll(seconds * 1000))
    finally:
        os.close(descriptor)


def _last_lines(text: str) -> str:
    return " | ".join(line.strip() for line in text.splitlines()[-5:])
