"""Who may work on an execution, and that whoever lost it writes nothing more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from sluicegate.core.config import config
from sluicegate.dialects.base import StatementResult
from sluicegate.executions import services
from sluicegate.executions.claims import Busy, Fenced, Heartbeat, abandoned, claim, write
from sluicegate.executions.models import Execution, ExecutionState, Verdict
from sluicegate.executions.progress import Progress
from tests.integration.world import World, at_once, raised

WAIT_SECONDS = 30


def silent(execution: Execution) -> None:
    """As if its worker had said nothing for longer than a lease."""
    ago = timedelta(seconds=config().lease_seconds + 1)
    Execution.objects.filter(pk=execution.pk).update(beat_at=Now() - ago)


def verdicts(execution: Execution) -> list[str]:
    return list(execution.statements.order_by("ordinal").values_list("verdict", flat=True))


def test_two_claim_one_gets_it(world: World) -> None:
    execution = world.execution()
    outcomes = at_once(*[lambda n=n: claim(execution.pk, f"worker-{n}") for n in range(4)])
    assert [type(error) for error in raised(outcomes)] == [Busy] * 3
    fresh = Execution.objects.get(pk=execution.pk)
    assert (fresh.state, fresh.attempt) == (ExecutionState.RUNNING, 1)


def test_one_run_per_target(world: World) -> None:
    datasource = world.datasource()
    first, second = world.execution(datasource), world.execution(datasource)
    claim(first.pk, "a")
    with pytest.raises(Busy):
        claim(second.pk, "b")
    Execution.objects.filter(pk=first.pk).update(state=ExecutionState.SUCCEEDED)
    assert claim(second.pk, "b").attempt == 1


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled", "unknown"])
def test_what_is_over_is_not_claimed(world: World, state: str) -> None:
    execution = world.execution()
    Execution.objects.filter(pk=execution.pk).update(state=state)
    with pytest.raises(Busy):
        claim(execution.pk, "a")


def test_live_worker_is_left_alone(world: World) -> None:
    execution = world.execution()
    claim(execution.pk, "a")
    assert execution.pk not in abandoned()
    with pytest.raises(Busy):
        claim(execution.pk, "b")


def test_silent_worker_is_taken_over_and_fenced(world: World) -> None:
    execution = world.execution()
    old = claim(execution.pk, "a")
    silent(old)
    assert execution.pk in abandoned()
    new = claim(execution.pk, "b")
    assert new.attempt == old.attempt + 1
    with pytest.raises(Fenced):
        write(old, state=ExecutionState.SUCCEEDED)
    write(new, error_code="x")
    fresh = Execution.objects.get(pk=execution.pk)
    assert (fresh.state, fresh.worker, fresh.error_code) == (ExecutionState.RUNNING, "b", "x")


def test_released_at_a_boundary(world: World) -> None:
    execution = world.execution()
    write(claim(execution.pk, "a"), worker="")
    assert execution.pk in abandoned()
    assert claim(execution.pk, "b").attempt == 2


# ---------------------------------------------------------------- progress


def test_progress(world: World) -> None:
    told = threading.Event()
    execution = claim(world.execution().pk, "a")
    progress = Progress(execution, told.set)
    first, second = execution.statements.order_by("ordinal")
    progress.begun(first, durable=True)
    assert verdicts(execution) == [Verdict.RUNNING, Verdict.PENDING]
    progress.applied(first, StatementResult(3), "server")
    progress.not_applied(second, "statement_failed", "1062", "duplicate")
    progress.flush()
    assert verdicts(execution) == [Verdict.APPLIED, Verdict.NOT_APPLIED]
    assert told.is_set()


def test_progress_of_a_fenced_worker_is_not_written(world: World) -> None:
    execution = world.execution()
    old = claim(execution.pk, "a")
    progress = Progress(old, lambda: None)
    first, second = old.statements.order_by("ordinal")
    progress.begun(first, durable=False)
    silent(old)
    claim(execution.pk, "b")
    with pytest.raises(Fenced):
        progress.begun(second, durable=True)
    progress.applied(first, StatementResult(1), "server")
    with pytest.raises(Fenced):
        progress.flush()
    assert verdicts(execution) == [Verdict.PENDING, Verdict.PENDING]


# ---------------------------------------------------------------- the heart


@contextmanager
def beating(execution: Execution) -> Iterator[tuple[Heartbeat, threading.Event]]:
    cancelled = threading.Event()
    with Heartbeat(execution, cancelled.set, lambda: None) as heartbeat:
        yield heartbeat, cancelled


def test_heart_learns_of_cancellation(world: World) -> None:
    execution = claim(world.execution().pk, "a")
    with beating(execution) as (heartbeat, told):
        services.request_cancel([execution.pk])
        assert told.wait(WAIT_SECONDS)
        assert heartbeat.cancelled.is_set()
        heartbeat.check()


def test_heart_learns_of_being_fenced(world: World) -> None:
    execution = claim(world.execution().pk, "a")
    Execution.objects.filter(pk=execution.pk).update(attempt=7)
    with beating(execution) as (heartbeat, told):
        assert told.wait(WAIT_SECONDS), "what runs on the server is ended"
        with pytest.raises(Fenced):
            heartbeat.check()


def test_heart_keeps_the_claim(world: World) -> None:
    execution = claim(world.execution().pk, "a")
    silent(execution)
    with beating(execution):
        deadline = threading.Event()
        while execution.pk in abandoned():
            assert not deadline.wait(0.05)
    with pytest.raises(Busy):
        claim(execution.pk, "b")


def test_cancelling_what_waits(world: World) -> None:
    execution = world.execution()
    services.request_cancel([execution.pk])
    assert Execution.objects.get(pk=execution.pk).state == ExecutionState.CANCELLED
    with pytest.raises(Busy):
        claim(execution.pk, "a")
