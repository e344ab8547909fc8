"""Estimates per second of a data source, by all processes together: each instance here stands for a process."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.db import transaction

from sluicegate.reviews.limits import SharedRate, rate_of
from sluicegate.reviews.models import AskingPace
from tests.integration.world import World, at_once, raised


class Process(SharedRate):
    """Keeps what it booked, and how long it would have waited."""

    def __init__(self, datasource_id: int, per_second: int) -> None:
        self.waited: list[float] = []
        self.turns: list[tuple[float, float]] = []
        super().__init__(datasource_id, per_second, wait=self.waited.append)

    def _book(self) -> tuple[float, float]:
        self.turns.append(super()._book())
        return self.turns[-1]


def test_processes_share_the_seconds(world: World) -> None:
    number = world.datasource().pk
    one, other = Process(number, 2), Process(number, 2)
    for _ in range(20):
        one.take()
        other.take()
    turns = sorted(booked for booked, _ in one.turns + other.turns)
    # However slowly this runs: nobody's turn is nearer to the one before than half a second.
    assert len(turns) == 40
    assert min(after - before for before, after in pairwise(turns)) >= 0.49
    for process in (one, other):
        due = [booked - now for booked, now in process.turns]
        assert process.waited == pytest.approx([pause for pause in due if pause > 0])


def test_turns_are_booked_some_at_once(world: World) -> None:
    process = Process(world.datasource().pk, 100)
    for _ in range(25):
        process.take()
    assert len(process.turns) == 3


def test_many_threads_book_no_turn_twice(world: World) -> None:
    number = world.datasource().pk
    processes = [Process(number, 5) for _ in range(8)]
    assert raised(at_once(*[process.take for process in processes])) == []
    turns = sorted(booked for process in processes for booked, _ in process.turns)
    assert min(after - before for before, after in pairwise(turns)) >= 0.19


def test_data_sources_have_their_own(world: World) -> None:
    first, second = world.datasource(), world.datasource()
    Process(first.pk, 1).take()
    assert not AskingPace.objects.filter(datasource=second).exists()
    assert rate_of(first.pk, 5) is rate_of(first.pk, 5)
    assert rate_of(first.pk, 5) is not rate_of(second.pk, 5)


def test_a_clock_set_back_stops_nobody_for_long(world: World) -> None:
    number = world.datasource().pk
    process = Process(number, 1)
    process.take()
    AskingPace.objects.filter(datasource_id=number).update(booked=process.turns[0][1] + 100_000)
    process.take()
    assert process.waited[-1] <= 61.0


def test_within_a_transaction_nothing_is_booked(world: World) -> None:
    number = world.datasource().pk
    process = Process(number, 1)
    with transaction.atomic():
        process.take()
        process.take()
    assert process.turns == []
    assert not AskingPace.objects.filter(datasource_id=number).exists()
