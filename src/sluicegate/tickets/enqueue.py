"""Putting jobs of tickets into the queue, in the transaction of the change that needs them."""

from __future__ import annotations

from sluicegate.core.queue import app
from sluicegate.tickets.models import Ticket

REVIEW = "tickets.review"
START_APPROVAL = "tickets.start_approval"
REFRESH_APPROVAL = "tickets.refresh_approval"
END_APPROVAL = "tickets.end_approval"
EXECUTE = "tickets.execute"


def review(ticket: Ticket, *, delay_seconds: int = 0) -> None:
    schedule = {"seconds": delay_seconds} if delay_seconds else None
    app.configure_task(REVIEW, schedule_in=schedule).defer(
        ticket_id=ticket.pk, revision=ticket.revision_number
    )


def start_approval(approval_id: int) -> None:
    app.configure_task(START_APPROVAL).defer(approval_id=approval_id)


def refresh_approval(approval_id: int) -> None:
    app.configure_task(REFRESH_APPROVAL).defer(approval_id=approval_id)


def end_approval(approval_id: int) -> None:
    app.configure_task(END_APPROVAL).defer(approval_id=approval_id)


def execute(ticket_id: int, *, delay_seconds: int = 0) -> None:
    schedule = {"seconds": delay_seconds} if delay_seconds else None
    app.configure_task(EXECUTE, schedule_in=schedule).defer(ticket_id=ticket_id)
