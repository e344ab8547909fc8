"""The only writer of a ticket's state: compare-and-set, with its event and audit entry, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection
from django.db.models import F
from django.utils import timezone

from sluicegate.audit.log import Actor, record
from sluicegate.core.errors import Conflict, NotFound
from sluicegate.tickets import states, telling
from sluicegate.tickets.models import Ticket, TicketEvent
from sluicegate.tickets.states import Event, State

CHANNEL = "sluicegate_ticket"


def lock(ticket_id: int) -> Ticket:
    """The ticket, its row held until the unit of work ends."""
    ticket = (
        Ticket.objects.select_for_update(of=("self",))
        .select_related("submitter")
        .filter(pk=ticket_id)
        .first()
    )
    if ticket is None:
        raise NotFound("ticket_missing", number=str(ticket_id))
    return ticket


def apply(
    ticket: Ticket,
    event: Event,
    actor: Actor,
    *,
    reason: str = "",
    params: Mapping[str, object] | None = None,
) -> None:
    """Take the ticket along one transition.

    Args:
        reason: catalogue code that tells a person why, kept on the ticket with ``params``.
        params: facts of the transition, JSON-serialisable.

    Raises:
        Conflict: ``transition_impossible``, or ``ticket_changed`` when somebody else was faster.
    """
    data = dict(params or {})
    before = State(ticket.state)
    after = states.target(before, event)
    changed = Ticket.objects.filter(pk=ticket.pk, state=before.value, version=ticket.version).update(
        state=after.value,
        version=F("version") + 1,
        reason_code=reason,
        reason_params=data if reason else {},
        updated_at=timezone.now(),
    )
    if not changed:
        raise Conflict("ticket_changed", number=ticket.number)
    ticket.state, ticket.version = after.value, ticket.version + 1
    ticket.reason_code, ticket.reason_params = reason, data if reason else {}
    note(ticket, event.value, actor, {**data, "reason": reason} if reason else data)
    record(
        actor,
        f"ticket.{event.value}",
        "ticket",
        ticket.number,
        before=before.value,
        after=after.value,
        facts=data,
    )
    telling.tell(ticket, event)


def note(ticket: Ticket, type_: str, actor: Actor, params: Mapping[str, object] | None = None) -> None:
    """Something happened that changes no state: it goes on the timeline, and watchers are told."""
    TicketEvent.objects.create(
        ticket=ticket, type=type_, state=ticket.state, actor=actor.name, data=dict(params or {})
    )
    announce(ticket.number)


def announce(number: str) -> None:
    """Tell whoever watches this ticket that there is something new. Delivered when the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, number])
