"""Database servers of the demo's own, on 127.0.0.1 with random passwords."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pymysql

import sluicegate
from sluicegate.cli.demo.children import finish, free_port, running
from sluicegate.cli.demo.targets import DATABASE, Address, MariadbTarget, PostgresTarget
from sluicegate.project.postgres_install import account_for, find_programs, reachable

_BARE = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


@contextmanager
def postgres(directory: Path) -> Iterator[PostgresTarget]:
    """A fresh PostgreSQL with an empty database, for the time of the block."""
    directory.mkdir()
    data = directory / "data"
    account = account_for(data)
    directory.chmod(0o711 if account else 0o700)
    programs = reachable(find_programs(None), account, directory / "programs")
    address = Address(free_port(), "shop", secrets.token_urlsafe(18))
    secret = directory / "password"
    secret.touch(mode=0o600)
    secret.write_text(address.password, "ascii")
    data.mkdir(mode=0o700)
    if account is not None:
        os.chown(data, account.uid, account.gid)
        os.chown(secret, account.uid, account.gid)
    options = [f"--username={address.user}", f"--pwfile={secret}", "--auth=scram-sha-256"]
    initdb: list[str | Path] = [programs.directory / "initdb", "-D", data, *options]
    finish(
        "initdb",
        [*initdb, "--encoding=UTF8", "--locale=C", "--no-sync", "--wal-segsize=1"],
        directory,
        _BARE,
        account,
    )
    settings = {
        "listen_addresses": address.host,
        "port": str(address.port),
        "unix_socket_directories": "",
        "fsync": "off",  # it is thrown away
        "shared_buffers": "32MB",
    }
    command: list[str | Path] = [programs.directory / "postgres", "-D", data]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    target = PostgresTarget(address)
    with running("postgres", command, directory, _BARE, account=account, how=signal.SIGQUIT) as server:
        server.until(lambda: True if _postgres_answers(target) else None)
        with target.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
        yield target


def _postgres_answers(target: PostgresTarget) -> bool:
    try:
        target.connect("postgres").close()
    except psycopg.OperationalError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Mariadb:
    """A MariaDB installation; ``base`` is where it was unpacked to, if it isn't installed."""

    server: Path
    install: Path
    base: Path | None = None

    @property
    def options(self) -> list[str]:
        # As root it wants to hear that this is meant.
        user = ["--user=root"] if os.geteuid() == 0 else []
        return [*([f"--basedir={self.base}"] if self.base else []), *user]

    @property
    def environment(self) -> dict[str, str]:
        if self.base is None:
            return _BARE
        root = self.base.parent
        libraries = [folder for top in ("usr/lib", "lib") for folder in (root / top).glob("*-linux-gnu*")]
        return {**_BARE, "LD_LIBRARY_PATH": ":".join(map(str, libraries))}


def find_mariadb() -> Mariadb | None:
    """An installed MariaDB, or the one that scripts/install-servers unpacked into this checkout."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    server, install = shutil.which("mariadbd", path=path), shutil.which("mariadb-install-db", path=path)
    if server and install:
        return Mariadb(Path(server), Path(install))
    base = Path(sluicegate.__file__).parents[2] / ".servers" / "root" / "usr"
    if (base / "sbin" / "mariadbd").exists():
        return Mariadb(base / "sbin" / "mariadbd", base / "bin" / "mariadb-install-db", base)
    return None


@contextmanager
def mariadb(found: Mariadb, directory: Path) -> Iterator[MariadbTarget]:
    """A fresh MariaDB with an empty database, for the time of the block."""
    directory.mkdir(mode=0o700)
    data, first, temporary = directory / "data", directory / "first.sql", directory / "tmp"
    temporary.mkdir()  # a server that starts removes other servers' tables from a shared one
    address = Address(free_port(), "shop", secrets.token_urlsafe(18))
    first.touch(mode=0o600)
    first.write_text(
        f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4;\n"
        f"CREATE USER '{address.user}'@'%' IDENTIFIED BY '{address.password}';\n"
        f"GRANT ALL ON *.* TO '{address.user}'@'%';\n"
        "DROP USER IF EXISTS 'root'@'localhost', ''@'localhost';\n",
        "ascii",
    )
    common = ["--no-defaults", *found.options, f"--datadir={data}", f"--tmpdir={temporary}"]
    # It is thrown away: nothing has to reach the disk.
    common += [
        "--innodb-log-file-size=8M",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-flush-method=nosync",
        "--sync-frm=0",
    ]
    installing = ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
    finish("install", [found.install, *common, *installing], directory, found.environment)
    options = [
        f"--socket={directory}/s",
        f"--pid-file={directory}/pid",
        f"--bind-address={address.host}",
        f"--port={address.port}",
        f"--init-file={first}",
        "--skip-name-resolve",
        "--skip-log-bin",
    ]
    target = MariadbTarget(address)
    command: list[str | Path] = [found.server, *common, *options]
    with running("mariadbd", command, directory, found.environment, how=signal.SIGKILL) as server:
        server.until(lambda: True if _mariadb_answers(target) else None)
        yield target


def _mariadb_answers(target: MariadbTarget) -> bool:
    try:
        target.query("SELECT 1")
    except pymysql.err.OperationalError:
        return False
    return True
