"""The private PostgreSQL, with real servers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from sluicegate.core.errors import ConfigurationError, Conflict, Unavailable
from sluicegate.project import postgres_install
from sluicegate.project.data_dir import locked
from sluicegate.project.postgres import PrivatePostgres
from sluicegate.project.postgres_install import Account, Programs, account_for, find_programs, reachable
from tests.service.conftest import FAST, ROOT, environment, wait_for

Spawn = Callable[..., subprocess.Popen[str]]

STARTS_AND_WAITS = """
import sys
from pathlib import Path
from sluicegate.project.data_dir import locked
from sluicegate.project.postgres import PrivatePostgres
with locked(Path(sys.argv[1])):
    server = PrivatePostgres(Path(sys.argv[1]), {"fsync": "off"})
    server.start()
    print(server.pid, server.dsn, flush=True)
    sys.stdin.read()
    server.stop()
"""


def ask(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_from_nothing_and_again(data_dir: Path) -> None:
    server = PrivatePostgres(data_dir, FAST)
    server.start()
    with psycopg.connect(server.dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '数据'::text AS value")
    server.stop()
    assert not server.alive()

    server.start()
    try:
        assert ask(server.dsn, "SELECT value FROM kept") == "数据"
        assert PrivatePostgres.running(data_dir) == server.dsn
    finally:
        server.stop()
    assert PrivatePostgres.running(data_dir) is None


def test_what_it_is_like(postgres: PrivatePostgres) -> None:
    assert ask(postgres.dsn, "SHOW server_encoding") == "UTF8"
    assert ask(postgres.dsn, "SHOW listen_addresses") == ""
    with psycopg.connect(postgres.dsn) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        found = connection.execute(
            "SELECT similarity('订单表结构变更', '订单表变更') > 0.2, lower('ÄÖ')"
        ).fetchone()
    assert found == (True, "äö")  # neither would work under the C locale


def test_only_its_account_gets_to_the_socket(postgres: PrivatePostgres, data_dir: Path) -> None:
    for name in ("data", "run"):
        assert (data_dir / "postgres" / name).stat().st_mode & 0o077 == 0


def test_a_data_directory_with_awkward_path(data_dir: Path) -> None:
    deep = data_dir / "水闸, data" / ("d" * 100)
    deep.mkdir(parents=True)
    server = PrivatePostgres(deep, FAST)
    server.start()
    try:
        assert ask(server.dsn, "SELECT 1") == 1
        sockets = Path(str(ask(server.dsn, "SHOW unix_socket_directories")))
        assert sockets.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()
    assert not sockets.exists()


def test_a_crashed_first_start_is_begun_again(data_dir: Path) -> None:
    half = data_dir / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    (data_dir / "postgres").chmod(0o711)
    server = PrivatePostgres(data_dir, FAST)
    server.start()
    server.stop()
    assert not half.exists()


def test_one_left_over_by_a_killed_supervisor_is_adopted(data_dir: Path, spawn: Spawn) -> None:
    first = spawn([sys.executable, "-c", STARTS_AND_WAITS, str(data_dir)], environment())
    assert first.stdout is not None
    pid, dsn = first.stdout.readline().split()
    with psycopg.connect(dsn) as connection:  # of a worker that is still at it
        first.kill()
        first.wait()

        second = PrivatePostgres(data_dir, FAST)
        second.start()
        assert second.pid == int(pid)
        assert second.dsn == dsn
        assert second.alive()
        assert connection.execute("SELECT 1").fetchone() == (1,)
    second.stop()
    wait_for(lambda: not Path(f"/proc/{pid}").exists(), "the adopted server's end")


def test_a_stale_lock_file_that_names_another_process(
    postgres: PrivatePostgres, data_dir: Path, ordinary_account: Account
) -> None:
    """After a restart of a container the numbers of processes begin anew."""
    assert postgres.pid is not None
    lock = data_dir / "postgres" / "data" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    os.kill(postgres.pid, signal.SIGKILL)
    wait_for(lambda: not postgres.alive(), "its death")
    # Of the same account: PostgreSQL itself sees through a process that it may not signal.
    drop = postgres_install.as_account(ordinary_account if os.geteuid() == 0 else None)
    with subprocess.Popen(["/bin/sleep", "600"], **drop) as other:
        lock.write_text("\n".join([str(other.pid), *lines[1:]]))
        again = PrivatePostgres(data_dir, FAST)
        again.start()
        assert again.pid not in (postgres.pid, other.pid)
        assert other.poll() is None
        again.stop()
        other.kill()


def test_a_server_that_died_starts_again_at_the_same_address(postgres: PrivatePostgres) -> None:
    before, dsn = postgres.pid, postgres.dsn
    assert before is not None
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: not postgres.alive(), "its death")
    postgres.start()
    assert postgres.dsn == dsn
    assert postgres.pid != before
    assert ask(dsn, "SELECT 1") == 1


def test_data_of_a_version_that_no_program_is_of(data_dir: Path) -> None:
    data = data_dir / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(ConfigurationError) as caught:
        PrivatePostgres(data_dir).start()
    assert caught.value.code == "postgres_version_mismatch"
    assert caught.value.params["data"] == 9


def test_no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres_install, "candidates", lambda: iter([tmp_path]))
    with pytest.raises(ConfigurationError) as caught:
        find_programs(None)
    assert caught.value.code == "postgres_not_found"


def test_a_server_that_cannot_start_says_why(data_dir: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        PrivatePostgres(data_dir, {"shared_buffers": "nonsense"}).start()
    assert caught.value.code == "postgres_start_failed"
    assert "shared_buffers" in str(caught.value.params["problem"])


def test_the_environment_stays_with_us(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEGATE_KEY", "secret")
    monkeypatch.setenv("PGPORT", "1")
    server = PrivatePostgres(data_dir, FAST)
    server.start()
    try:
        variables = Path(f"/proc/{server.pid}/environ").read_bytes()
    finally:
        server.stop()
    assert b"SLUICEGATE" not in variables
    assert b"PGPORT" not in variables


def test_one_service_a_data_directory(data_dir: Path, spawn: Spawn) -> None:
    first = spawn([sys.executable, "-c", STARTS_AND_WAITS, str(data_dir)], environment())
    assert first.stdout is not None
    first.stdout.readline()
    with pytest.raises(Conflict) as caught, locked(data_dir):
        raise AssertionError("took a lock that is held")
    assert caught.value.code == "data_dir_in_use"
    assert caught.value.params["pid"] == str(first.pid)
    first.communicate("")
    with locked(data_dir):
        assert (data_dir / "lock").read_text() == f"{os.getpid()}\n"


@pytest.fixture
def ordinary_account() -> Account:
    """What to become; nothing to do where we are ordinary already."""
    account = account_for(Path("/nonexistent"))
    return account or Account(os.getuid(), os.getgid(), "ourselves")


@pytest.fixture
def own_home(ordinary_account: Account) -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="sg-", dir="/tmp"))
    os.chown(directory, ordinary_account.uid, ordinary_account.gid)
    yield directory
    shutil.rmtree(directory)


def test_as_an_ordinary_user(own_home: Path, ordinary_account: Account) -> None:
    # Imported before, because an ordinary user may not get to root's Python, nor to the programs beside it.
    root = os.geteuid() == 0
    programs = reachable(find_programs(None), ordinary_account if root else None, own_home / "programs")
    drop = f"""
import os, pathlib, encodings.idna, sluicegate.project.data_dir, sluicegate.project.postgres
from sluicegate.project import postgres_install
postgres_install.candidates = lambda: [pathlib.Path({str(programs.directory)!r})]
if os.getuid() == 0:
    os.setgroups([]); os.setgid({ordinary_account.gid}); os.setuid({ordinary_account.uid})
"""
    done = subprocess.run(
        [sys.executable, "-c", drop + STARTS_AND_WAITS, str(own_home / "data")],
        env=environment(HOME=str(own_home)),
        cwd=ROOT,
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (own_home / "data" / "postgres").stat().st_uid == ordinary_account.uid


def test_programs_where_the_account_cannot_go_are_copied(data_dir: Path, ordinary_account: Account) -> None:
    hidden = data_dir / "hidden"
    hidden.mkdir(mode=0o700)
    programs = find_programs(None)
    home = programs.directory.parent
    package = hidden / home.parent.name
    shutil.copytree(home, package / home.name, symlinks=True)
    libraries = home.parent.with_name(f"{home.parent.name}.libs")  # the wheel's; a system's are elsewhere
    if libraries.is_dir():
        shutil.copytree(libraries, hidden / libraries.name, symlinks=True)
    there = Programs(package / home.name / "bin", programs.major)
    if os.geteuid() != 0:  # our own programs: nothing to copy
        assert reachable(there, None, data_dir / "programs") == there
        return
    found = reachable(there, ordinary_account, data_dir / "programs")
    assert found.directory.is_relative_to(data_dir / "programs")
    assert reachable(there, ordinary_account, data_dir / "programs") == found
    # Some of them need the libraries that lie beside: being there isn't enough, they have to run.
    subprocess.run(
        [found.directory / "initdb", "--version"],
        check=True,
        **postgres_install.as_account(ordinary_account),
    )
