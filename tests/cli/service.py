"""A running service, and the command line as somebody uses it."""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sluicegate.cli.main import main
from tests.servers.process import free_port, start

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
PASSWORDS = {"dev": "dev-Tulip-4471", "boss": "boss-Tulip-4471"}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "sluicegate.cli.main", *map(str, arguments)]


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    status: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


@dataclass(frozen=True)
class Cli:
    """The command line of one person, with a configuration directory of their own."""

    home: Path
    url: str
    more: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
        kept |= {"LANG": "C.UTF-8", "XDG_CONFIG_HOME": str(self.home), "SLUICEGATE_URL": self.url}
        return {**kept, **self.more}

    def at(self, url: str, **more: str) -> Cli:
        return Cli(self.home, url, {**self.more, **more})

    def __call__(self, *arguments: str | Path, stdin: bytes = b"", language: str = "en") -> Done:
        """Run it within this process, as quick as that is; nothing else differs from a process of its own."""
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        given = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
        words = ["sluicegate", "--language", language, *map(str, arguments)]
        with (
            patch.dict(os.environ, self.environment(), clear=True),
            patch.object(sys, "argv", words),
            patch.object(sys, "stdin", given),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as exit_:
                status = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
        out.flush()
        err.flush()
        return Done(status, _bytes(out), _bytes(err).decode())

    def ok(self, *arguments: str | Path, stdin: bytes = b"", language: str = "en") -> Done:
        done = self(*arguments, stdin=stdin, language=language)
        assert done.status == 0, done.out + done.err
        return done

    def json(self, *arguments: str | Path, stdin: bytes = b"") -> Any:
        return self.ok(*arguments, "--json", stdin=stdin).json

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """The same as a process that goes on meanwhile."""
        with subprocess.Popen(
            command(*arguments),
            env=self.environment(),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()


def _bytes(stream: io.TextIOWrapper) -> bytes:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


@dataclass(frozen=True)
class Service:
    """A whole installation with a SQLite target, and three people who are logged in to it."""

    directory: Path
    url: str
    admin_password: str

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def database(self) -> Path:
        return self.directory / "targets" / "shop.db"

    def cli(self, who: str) -> Cli:
        return Cli(self.directory / who, self.url)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.database)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def script(self, sql: str) -> None:
        connection = sqlite3.connect(self.database)
        try:
            connection.executescript(sql)
        finally:
            connection.close()

    def set_up(self) -> None:
        """Everything through the command line itself."""
        self.database.parent.mkdir()
        self.script("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, score INTEGER);")
        admin = self.cli("admin")
        admin.ok("login", "--username", "admin", stdin=self.admin_password.encode())
        place = ("--dialect", "sqlite", "--environment", "prod", "--database", self.database)
        admin.ok("datasource", "add", "shop", *place, "--remark", "商城")
        for name, password in PASSWORDS.items():
            profile = ("--role", "developer", "--name", name.title(), "--password-stdin")
            admin.ok("user", "add", name, *profile, stdin=password.encode() + b"\n")
            self.cli(name).at(self.url, SLUICEGATE_PASSWORD=password).ok("login", "-u", name)
        grant = ("access", "grant", "--datasource", "shop")
        admin.ok(*grant, "--user", "dev", "-a", "data_change", "-a", "execute")
        admin.ok(*grant, "--user", "boss", "-a", "approve")


@contextmanager
def running(directory: Path) -> Iterator[Service]:
    """`sluicegate up` on a free port."""
    (directory / "data").mkdir()
    port, log = free_port(), directory / "up.log"
    settings = {
        "SLUICEGATE_SQLITE_ROOTS": str(directory / "targets"),
        "SLUICEGATE_LANGUAGE": "en",
        "SLUICEGATE_DINGTALK_API_BASE": "http://127.0.0.1:9",  # nothing outside is to be called
        "SLUICEGATE_DINGTALK_OAPI_BASE": "http://127.0.0.1:9",
        "PYTHONUNBUFFERED": "1",
    }
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    process = start(
        command("up", "--data", directory / "data", "--port", str(port)),
        log=log,
        death_signal=signal.SIGTERM,
        env={**kept, **settings},
    )
    try:
        yield Service(directory, f"http://127.0.0.1:{port}", _password(process, log))
    finally:
        process.terminate()
        process.wait(60)


def _password(process: subprocess.Popen[bytes], log: Path) -> str:
    """The first administrator's, once the service is ready; it says so after that."""
    from tests.service.conftest import wait_for

    def ready() -> bool:
        assert process.poll() is None, log.read_text()
        return "is ready" in log.read_text()

    wait_for(ready, "the service")
    lines = (line.split() for line in log.read_text().splitlines())
    return next(words[1] for words in lines if len(words) == 2 and words[0] == "password")
