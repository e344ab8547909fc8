"""One ticket's way as its people go it: filing, deciding in DingTalk, confirming, watching."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TypeVar

from sluicegate.cli.client import Client
from sluicegate.cli.demo.cast import Cast
from sluicegate.cli.demo.failing import StepFailed
from sluicegate.cli.demo.targets import Target
from sluicegate.cli.language import say
from sluicegate.cli.shapes import Approval, Snapshot, Statement, StatementPage, Ticket, TicketPage

T = TypeVar("T")
Watcher = Callable[[Snapshot], None]

_PATIENCE_SECONDS = 60.0
_SILENCE_SECONDS = 40.0  # the service says something every 15
_DATA = "data: "


class FiledApproval(Approval):
    """``external_id`` is the DingTalk instance's, once it was started."""

    external_id: str | None


class FiledTicket(Ticket):
    approval: FiledApproval | None


def file(cast: Cast, target: Target, sql: str, title: str) -> str:
    """File a data change as the developer; the ticket's number."""
    place = {"datasource_id": cast.sources[target.name].id, "database": target.database}
    content = {"title": say(title), "remark": say("demo_ticket_remark"), "targets": [place], "sql": sql}
    return cast.developer.create("/tickets", FiledTicket, {"kind": "data_change", **content}).number


def file_undo(cast: Cast, number: str) -> str:
    """File the inverse of what a ticket did; the new ticket's number."""
    (undo,) = cast.developer.create(f"/tickets/{number}/undo", TicketPage).tickets
    return undo.number


def show(client: Client, number: str) -> FiledTicket:
    return client.get(f"/tickets/{number}", FiledTicket)


def statements(client: Client, number: str) -> list[Statement]:
    return client.get(f"/tickets/{number}/statements", StatementPage, {"size": 500}).statements


def reviewed(cast: Cast, number: str) -> FiledTicket:
    """Wait until the review has let it pass."""
    return _in_state(cast.developer, number, "awaiting_approval", ("reviewing",))


def instance_of(cast: Cast, number: str) -> str:
    """Wait until the ticket waits in DingTalk; the instance's id."""

    def started(ticket: FiledTicket) -> str | None:
        return ticket.approval.external_id if ticket.approval else None

    return watch(cast.developer, number, say("demo_instance_expected", number=number), started)


def decided(cast: Cast, number: str, *, agree: bool, remark: str) -> FiledTicket:
    """Agree or refuse as the team lead, in DingTalk, and wait until the ticket knows."""
    result, state = ("agree", "approved") if agree else ("refuse", "rejected")
    cast.company.decide(instance_of(cast, number), cast.lead.employee, result, remark)
    return _in_state(cast.developer, number, state, ("awaiting_approval",))


def executed(cast: Cast, number: str, progress: Watcher | None = None) -> FiledTicket:
    """Confirm as the DBA and wait until it is done."""
    cast.dba.post(f"/tickets/{number}/confirm", FiledTicket, {})
    return _in_state(cast.dba, number, "succeeded", ("executing",), progress)


def succeeded(cast: Cast, number: str) -> FiledTicket:
    """Wait for an access request, which nobody has to confirm."""
    return _in_state(cast.developer, number, "succeeded", ("awaiting_approval", "approved"))


def _in_state(
    client: Client, number: str, wanted: str, on_the_way: tuple[str, ...], progress: Watcher | None = None
) -> FiledTicket:
    expected = say("demo_state_expected", number=number, state=wanted)

    def arrived(ticket: FiledTicket) -> FiledTicket | None:
        if ticket.state == wanted:
            return ticket
        if ticket.state not in on_the_way:
            raise StepFailed(expected, _standing(ticket))
        return None

    return watch(client, number, expected, arrived, progress)


def watch(
    client: Client,
    number: str,
    expected: str,
    arrived: Callable[[FiledTicket], T | None],
    progress: Watcher | None = None,
) -> T:
    """Follow the ticket's event stream until ``arrived`` gives something.

    Raises:
        StepFailed: it took too long, or the ticket ended before.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    ticket = show(client, number)
    if progress is None and (found := arrived(ticket)) is not None:
        return found
    with client.stream(f"/tickets/{number}/events", _SILENCE_SECONDS) as lines:
        for line in lines:
            if line.startswith(_DATA):
                if progress is not None:
                    progress(Snapshot.model_validate(json.loads(line.removeprefix(_DATA))))
                ticket = show(client, number)
                if (found := arrived(ticket)) is not None:
                    return found
            if time.monotonic() > deadline:
                break
    raise StepFailed(expected, _standing(ticket))


def _standing(ticket: FiledTicket) -> str:
    """Where a ticket stands, with every reason that it gives."""
    approval = ticket.approval
    reasons = [ticket.reason, *((approval.problem, approval.held) if approval else ())]
    reasons += [target.execution.error for target in ticket.targets if target.execution]
    return "\n".join([f"{ticket.number}: {ticket.state}", *(reason.text for reason in reasons if reason)])
