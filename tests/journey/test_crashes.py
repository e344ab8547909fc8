"""Processes that are killed: nothing runs twice, and what can't be known waits for a person."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.journey.installation import Company, until
from tests.journey.target import MariadbTarget, PostgresTarget, Target


@pytest.fixture
def workers(company: Company) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Further workers of the test's own, ended with it."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        if process.poll() is None:
            company.installation.kill(process)


def approved(company: Company, target: Target, sql: str, kind: str = "data_change") -> str:
    number = company.developer.submit(target.datasource, sql, kind)
    company.developer.wait(number, "awaiting_approval")
    company.sandbox.decide(company.developer.instance(number))
    company.developer.wait(number, "approved")
    return number


def confirm(company: Company, number: str) -> None:
    company.dba.post(f"/tickets/{number}/confirm")


def outcomes(company: Company, number: str) -> list[str]:
    return [statement["outcome"] for statement in company.developer.statements(number)]


@pytest.fixture(params=["mariadb_target", "postgres_target"])
def server(request: pytest.FixtureRequest) -> Target:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, MariadbTarget | PostgresTarget)
    return found


# Each row is changed twice; the third statement can be held up by a lock on its row.
SQL = ";\n".join(f"UPDATE orders SET total = total + 1 WHERE id = {1 + i % 4}" for i in range(8))


class RowLock:
    """Holds a row so that the run stops at it, until let go."""

    def __init__(self, target: Target, row: int) -> None:
        self._target, self._row = target, row
        self._held, self._free = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold, daemon=True)

    def __enter__(self) -> RowLock:
        self._thread.start()
        assert self._held.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        self._free.set()
        self._thread.join(30)

    def _hold(self) -> None:
        with self._target.connection() as connection:
            cursor = connection.cursor()
            cursor.execute("BEGIN")
            cursor.execute(f"SELECT * FROM orders WHERE id = {self._row} FOR UPDATE")
            self._held.set()
            self._free.wait(60)
            cursor.execute("ROLLBACK")


def test_worker_killed_in_the_middle(company: Company, server: Target) -> None:
    """kill -9 while statement 3 waits for a lock: the next worker goes on, and each ran once."""
    installation = company.installation
    number = approved(company, server, SQL)
    with RowLock(server, 3) as lock:
        confirm(company, number)
        until(lambda: outcomes(company, number)[:2] == ["applied", "applied"], "two statements")
        installation.kill(installation.worker)
        installation.worker = installation.start_worker()
        lock.release()
    company.developer.wait(number, "succeeded")
    assert [row[2] for row in server.rows()] == [12, 22, 32, 42]
    assert set(outcomes(company, number)) == {"applied"}
    attempt = company.developer.ticket(number)["targets"][0]["execution"]["attempt"]
    assert attempt >= 2, "another claim finished it"


def test_worker_stopped_politely(company: Company, server: Target) -> None:
    """SIGTERM: the worker finishes its statement, and another one goes on from the boundary."""
    installation = company.installation
    number = approved(company, server, SQL)
    with RowLock(server, 3) as lock:
        confirm(company, number)
        until(lambda: outcomes(company, number)[:2] == ["applied", "applied"], "two statements")
        installation.worker.send_signal(signal.SIGTERM)
        lock.release()
        assert installation.worker.wait(60) == 0
    installation.worker = installation.start_worker()
    company.developer.wait(number, "succeeded")
    assert [row[2] for row in server.rows()] == [12, 22, 32, 42]


def test_paused_worker_does_no_harm(
    company: Company, server: Target, workers: list[subprocess.Popen[bytes]]
) -> None:
    """A worker frozen past its lease wakes up when another one has taken over."""
    installation = company.installation
    number = approved(company, server, SQL)
    with RowLock(server, 3) as lock:
        confirm(company, number)
        until(lambda: outcomes(company, number)[:2] == ["applied", "applied"], "two statements")
        frozen = installation.worker
        installation.kill(frozen, signal.SIGSTOP)
        workers.append(frozen)
        installation.worker = installation.start_worker()
        until(
            lambda: company.developer.ticket(number)["targets"][0]["execution"]["attempt"] >= 2,
            "another worker to take over",
        )
        lock.release()
        frozen.send_signal(signal.SIGCONT)
    company.developer.wait(number, "succeeded")
    assert [row[2] for row in server.rows()] == [12, 22, 32, 42]


def test_ddl_cut_by_a_crash_waits_for_a_person(company: Company, mariadb_target: Target) -> None:
    """MariaDB commits DDL by itself: after a crash nothing proves whether it happened."""
    installation = company.installation
    number = approved(
        company, mariadb_target, "ALTER TABLE orders ADD COLUMN note VARCHAR(10)", "schema_change"
    )
    with RowLock(mariadb_target, 1) as lock:  # its metadata lock holds the ALTER up
        confirm(company, number)
        until(
            lambda: mariadb_target.run(
                "SELECT 1 FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata%'"
            ),
            "the ALTER to wait",
        )
        installation.kill(installation.worker)
        installation.worker = installation.start_worker()
        lock.release()
    ticket = company.developer.wait(number, "needs_attention")
    assert outcomes(company, number) == ["unknown"]
    assert ticket["reason"]["code"] == "execution_outcome_unknown"
    resolution = {"target": 0, "ordinal": 1, "applied": True, "reason": "SHOW CREATE TABLE has it"}
    assert company.developer.refused("POST", f"/tickets/{number}/resolve", resolution)[0] == 403
    company.dba.post(f"/tickets/{number}/resolve", resolution)
    company.developer.wait(number, "succeeded")
    assert company.developer.statements(number)[0]["evidence"] == "person"


def test_two_workers_race_for_one_ticket(
    company: Company, server: Target, workers: list[subprocess.Popen[bytes]]
) -> None:
    workers += [company.installation.start_worker() for _ in range(2)]
    tickets = [
        approved(company, server, f"UPDATE orders SET total = total + 1 WHERE id = {1 + i % 4}")
        for i in range(8)
    ]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: confirm(company, number), tickets))
    for number in tickets:
        company.developer.wait(number, "succeeded")
    assert [row[2] for row in server.rows()] == [12, 22, 32, 42]
