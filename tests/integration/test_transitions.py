"""A ticket's state: compare-and-set, with its event and its audit entry or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from sluicegate.audit.log import SYSTEM, unit_of_work
from sluicegate.audit.models import AuditEntry
from sluicegate.core.errors import Conflict
from sluicegate.tickets import transitions
from sluicegate.tickets.models import Ticket
from sluicegate.tickets.states import Event
from tests.integration.world import World, at_once, raised


def traces(ticket: Ticket) -> tuple[str, int, list[str], list[str]]:
    fresh = Ticket.objects.get(pk=ticket.pk)
    entries = AuditEntry.objects.filter(object_type="ticket", object_id=ticket.number).order_by("sequence")
    return (
        fresh.state,
        fresh.version,
        list(ticket.events.order_by("pk").values_list("type", flat=True)),
        list(entries.values_list("action", flat=True)),
    )


def test_event_and_audit_entry(world: World) -> None:
    ticket = world.ticket()
    with unit_of_work():
        transitions.apply(
            transitions.lock(ticket.pk), Event.WITHDRAW, SYSTEM, reason="x", params={"name": "y"}
        )
    assert traces(ticket) == ("withdrawn", 1, ["created", "withdraw"], ["ticket.created", "ticket.withdraw"])
    fresh = Ticket.objects.get(pk=ticket.pk)
    assert (fresh.reason_code, fresh.reason_params) == ("x", {"name": "y"})


def test_all_or_nothing(world: World) -> None:
    ticket = world.ticket()
    before = traces(ticket)

    def fails() -> None:
        with unit_of_work():
            transitions.apply(transitions.lock(ticket.pk), Event.WITHDRAW, SYSTEM)
            raise LookupError

    with pytest.raises(LookupError):
        fails()
    assert traces(ticket) == before


def test_stale_ticket(world: World) -> None:
    """One that was read without its lock, and has changed since."""
    stale = world.ticket()
    with unit_of_work():
        transitions.apply(transitions.lock(stale.pk), Event.SUBMIT, SYSTEM)
    with pytest.raises(Conflict) as refusal, unit_of_work():
        transitions.apply(stale, Event.WITHDRAW, SYSTEM)
    assert refusal.value.code == "ticket_changed"


def _both_read_first(ticket: Ticket) -> Callable[[Event], None]:
    read = threading.Barrier(2)

    def go(event: Event) -> None:
        with unit_of_work():
            mine = Ticket.objects.get(pk=ticket.pk)
            read.wait(30)
            transitions.apply(mine, event, SYSTEM)

    return go


def _one_waits_for_the_other(ticket: Ticket) -> Callable[[Event], None]:
    def go(event: Event) -> None:
        with unit_of_work():
            transitions.apply(transitions.lock(ticket.pk), event, SYSTEM)

    return go


@pytest.mark.parametrize(
    ("way", "code"),
    [(_both_read_first, "ticket_changed"), (_one_waits_for_the_other, "transition_impossible")],
)
def test_one_wins(world: World, way: Callable[[Ticket], Callable[[Event], None]], code: str) -> None:
    ticket = world.ticket()
    go = way(ticket)
    outcomes = at_once(lambda: go(Event.SUBMIT), lambda: go(Event.SUBMIT))
    (lost,) = raised(outcomes)
    assert isinstance(lost, Conflict)
    assert lost.code == code
    assert traces(ticket) == ("reviewing", 1, ["created", "submit"], ["ticket.created", "ticket.submit"])
