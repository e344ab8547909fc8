"""The worker process, on a real queue."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable

import psycopg
import pytest

from sluicegate.project.postgres import PrivatePostgres
from tests.service.conftest import ROOT, environment, sluicegate, wait_for

Spawn = Callable[..., subprocess.Popen[str]]
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


class Queue:
    """Enqueues jobs, and reads what they noted."""

    def __init__(self, dsn: str) -> None:
        self.connection = psycopg.connect(dsn, autocommit=True)
        self.env = environment(
            DATABASE_URL=dsn,
            DJANGO_SETTINGS_MODULE="tests.service.tiny.settings",
            SLUICEGATE_KEY=KEY,
            SLUICEGATE_LEASE_SECONDS="2",
        )
        self.python("from django.core.management import call_command; call_command('migrate', verbosity=0)")
        self.connection.execute("CREATE TABLE trace (text text, at timestamptz)")

    def python(self, code: str) -> None:
        setup = "import sys, django; django.setup(); "
        subprocess.run([*sluicegate()[:1], "-c", setup + code], env=self.env, cwd=ROOT, check=True)

    def enqueue(self, name: str, times: int = 1, arguments: str = "{}") -> None:
        for _ in range(times):
            self.connection.execute(
                "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('default', %s, 0, NULL, NULL, %s, NULL)"
                "::procrastinate_job_to_defer_v1])",
                [f"tests.service.tiny.jobs.{name}", arguments],
            )

    def count(self, text: str) -> int:
        found = self.connection.execute("SELECT count(*) FROM trace WHERE text = %s", [text]).fetchone()
        assert found is not None
        return int(found[0])

    def states(self, name: str) -> list[str]:
        rows = self.connection.execute(
            "SELECT status::text FROM procrastinate_jobs WHERE task_name = %s",
            [f"tests.service.tiny.jobs.{name}"],
        )
        return [row[0] for row in rows]


@pytest.fixture
def queue(postgres: PrivatePostgres) -> Queue:
    return Queue(postgres.dsn)


def test_a_worker(queue: Queue, spawn: Spawn) -> None:
    """One worker and all that is expected of it; starting one is the slow part."""
    worker = spawn(sluicegate("worker"), queue.env)

    # As many jobs at once as configured, though they are synchronous: eight wait for each other.
    queue.enqueue("meet", times=8)
    wait_for(lambda: queue.count("met") == 8, "eight jobs at once")

    # Idle connections of the jobs go back to the pool and are not left open one a thread.
    queue.enqueue("note", times=50, arguments='{"text": "x"}')
    wait_for(lambda: queue.count("x") == 50, "fifty jobs")
    wait_for(
        lambda: (
            queue.connection.execute(
                "SELECT count(*) = 0 FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
            ).fetchone()
            == (True,)
        ),
        "no transaction left open",
    )

    # A job enqueues in its transaction or not at all.
    queue.enqueue("enqueue_and_roll_back")
    wait_for(lambda: queue.count("after the rollback") == 1, "a job that a job enqueued")
    assert queue.count("must not run") == 0

    # Periodic jobs.
    wait_for(lambda: queue.count("tick") >= 2, "periodic jobs")

    # Asked to stop, it lets the job under way reach its boundary, takes no other, and ends well.
    queue.enqueue("until_stopped")
    wait_for(lambda: queue.count("started") == 1, "the long job")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    assert queue.count("boundary") == 1
    assert queue.states("until_stopped") == ["succeeded"]
    queue.enqueue("note", arguments='{"text": "too late"}')
    assert queue.count("too late") == 0


def test_a_worker_that_loses_the_database_stops_its_jobs_and_ends_as_failed(
    queue: Queue, postgres: PrivatePostgres, spawn: Spawn
) -> None:
    worker = spawn(sluicegate("worker"), queue.env)
    queue.enqueue("until_stopped")
    wait_for(lambda: queue.count("started") == 1, "the long job")
    queue.connection.close()
    postgres.stop()
    assert worker.wait(60) != 0
