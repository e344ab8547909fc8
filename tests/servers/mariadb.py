"""A private MariaDB server. ``scripts/install-servers`` makes its programs available."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pymysql

from sluicegate.dialects.base import Endpoint, TlsOptions
from tests.servers import process
from tests.servers.certificates import Certificate

ROOT = Path(__file__).resolve().parents[2]
UNPACKED = ROOT / ".servers" / "root"
TLS_FILES = (("cert", "crt"), ("key", "key"), ("ca", "crt"))


@dataclass(frozen=True, slots=True)
class Programs:
    """Where MariaDB is; ``basedir`` and ``libraries`` only where it was unpacked, not installed."""

    server: Path
    install: Path
    basedir: Path | None = None
    libraries: str = ""

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "LD_LIBRARY_PATH": self.libraries} if self.libraries else dict(os.environ)

    @property
    def base_options(self) -> list[str]:
        return [f"--basedir={self.basedir}"] if self.basedir else []


def find() -> Programs | None:
    """An installed MariaDB first, then the one that scripts/install-servers unpacked."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    server, install = shutil.which("mariadbd", path=path), shutil.which("mariadb-install-db", path=path)
    if server and install:
        return Programs(Path(server), Path(install))
    if (UNPACKED / "usr/sbin/mariadbd").exists():
        folders = [folder for top in ("usr/lib", "lib") for folder in (UNPACKED / top).glob("*-linux-gnu*")]
        return Programs(
            UNPACKED / "usr/sbin/mariadbd",
            UNPACKED / "usr/bin/mariadb-install-db",
            UNPACKED / "usr",
            ":".join(map(str, folders)),
        )
    return None


@cache
def programs() -> Programs:
    """Raises ServerUnavailable (a failing test, never a skipped one) when there is no MariaDB."""
    found = find()
    if found is None:
        raise process.ServerUnavailable(
            "These tests need a MariaDB server and there is none: run scripts/install-servers first."
        )
    return found


@dataclass(frozen=True, slots=True)
class MariadbServer:
    """A running server and its administrator."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    directory: Path

    def connect(self, database: str | None = None, user: str = "", password: str = "") -> pymysql.Connection:
        """A connection of the test's own, autocommitting, as the administrator unless told otherwise."""
        return pymysql.connect(
            host=self.host,
            port=self.port,
            user=user or self.user,
            password=password if user else self.password,
            database=database,
            autocommit=True,
            charset="utf8mb4",
            ssl_disabled=True,
        )

    def run(self, *statements: str, database: str | None = None) -> tuple[tuple[object, ...], ...]:
        """Run the statements as the administrator; the rows of the last one."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return tuple(tuple(row) for row in cursor.fetchall()) if statements else ()
        finally:
            connection.close()

    def create_database(self, name: str | None = None) -> str:
        name = name or f"t_{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return name

    def drop_database(self, name: str) -> None:
        """Ends the sessions that still use it first: their locks would make the drop wait."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT id FROM information_schema.processlist WHERE db = %s", (name,))
                for (session_id,) in cursor.fetchall():
                    try:
                        cursor.execute(f"KILL {session_id}")
                    except pymysql.err.OperationalError as error:
                        if error.args[0] != 1094:  # it ended by itself
                            raise
                cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
        finally:
            connection.close()

    def create_user(self, *grants: str) -> tuple[str, str]:
        """A user with exactly these grants, e.g. ``SELECT ON shop.*``; (name, password)."""
        name, password = f"u_{uuid.uuid4().hex[:12]}", uuid.uuid4().hex
        self.run(
            f"CREATE USER '{name}'@'%' IDENTIFIED BY '{password}'",
            *(f"GRANT {grant} TO '{name}'@'%'" for grant in grants),
        )
        return name, password

    def endpoint(self, database: str = "", tls: TlsOptions | None = None) -> Endpoint:
        return Endpoint(self.host, self.port, database, self.user, self.password, tls or TlsOptions())

    def use_certificate(self, certificate: Certificate) -> None:
        """Swap the server's certificate for connections from now on."""
        certificate.write(self.directory / "tls")
        self.run("FLUSH SSL")


def _install(found: Programs, data: Path, temporary: Path, log: Path) -> None:
    command = [
        found.install,
        "--no-defaults",
        *found.base_options,
        f"--datadir={data}",
        f"--tmpdir={temporary}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--skip-name-resolve",
        "--innodb-log-file-size=8M",
        *(["--user=root"] if os.geteuid() == 0 else []),
    ]
    with log.open("ab") as output:
        done = subprocess.run(
            [str(part) for part in command], env=found.env, stdout=output, stderr=output, check=False
        )
    if done.returncode:
        raise process.ServerUnavailable(
            f"mariadb-install-db failed:\n{log.read_text(errors='replace')[-4000:]}"
        )


@contextmanager
def running(certificate: Certificate | None = None, *options: str) -> Iterator[MariadbServer]:
    """A fresh server for the time of the block; with TLS when given a certificate."""
    found = programs()
    with tempfile.TemporaryDirectory(prefix="sluicegate-mariadb-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        data, temporary, log = directory / "data", directory / "tmp", directory / "server.log"
        data.mkdir()
        # A server that starts removes the temporary tables it finds there: none may share one.
        temporary.mkdir()
        _install(found, data, temporary, log)
        port, password = process.free_port(), uuid.uuid4().hex
        (directory / "init.sql").write_text(
            f"CREATE USER 'admin'@'%' IDENTIFIED BY '{password}';\n"
            "GRANT ALL ON *.* TO 'admin'@'%' WITH GRANT OPTION;\n"
            "DROP USER IF EXISTS 'root'@'localhost', ''@'localhost';\n"
        )
        tls: list[str] = []
        if certificate is not None:
            (directory / "tls").mkdir()
            certificate.write(directory / "tls")
            # Its own authority, so that clients may show the same certificate.
            tls = [f"--ssl-{name}={directory}/tls/server.{end}" for name, end in TLS_FILES]
        server = MariadbServer("127.0.0.1", port, "admin", password, directory)
        child = process.start(
            [
                found.server,
                "--no-defaults",
                *found.base_options,
                f"--datadir={data}",
                f"--tmpdir={temporary}",
                f"--socket={directory}/s",
                f"--pid-file={directory}/pid",
                "--bind-address=127.0.0.1",
                f"--port={port}",
                f"--init-file={directory}/init.sql",
                "--skip-name-resolve",
                "--skip-log-bin",
                "--innodb-log-file-size=8M",
                "--innodb-flush-log-at-trx-commit=0",  # the tests crash clients, not this server
                "--innodb-flush-method=nosync",
                "--sync-frm=0",
                "--performance-schema=ON",
                *(["--user=root"] if os.geteuid() == 0 else []),
                *tls,
                *options,
            ],
            log=log,
            death_signal=signal.SIGKILL,
            env=found.env,
        )
        try:
            process.wait_until_ready(child, lambda: _answers(server), log)
            yield server
        finally:
            process.stop(child, signal.SIGKILL)  # nothing of its data is wanted


def _answers(server: MariadbServer) -> bool:
    try:
        server.run("SELECT 1")
    except pymysql.err.OperationalError:
        return False
    return True
