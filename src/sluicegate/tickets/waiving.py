"""Waiving what a policy blocks, so that a ticket whose review failed can go on."""

from __future__ import annotations

from sluicegate.accounts.access import access_of
from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Action, Permission
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core.errors import Conflict, Forbidden, NotFound
from sluicegate.datasources.services import place
from sluicegate.reviews.waivers import add_waiver, blocks_left, waivers_of
from sluicegate.tickets import enqueue, transitions
from sluicegate.tickets.models import Revision, Target, Ticket
from sluicegate.tickets.reviewing import waived_place
from sluicegate.tickets.selectors import targets_of, visible_ticket
from sluicegate.tickets.states import Event, State


def may_waive(user: User, ticket: Ticket, target: Target) -> bool:
    """Whether this person may answer for findings there: never for a ticket of their own."""
    if user.pk == ticket.submitter_id or not user.has(Permission.FINDING_WAIVE):
        return False
    where = place(target.datasource, target.database or None, target.schema or None)
    return access_of(user).allows(Action.APPROVE, where)


def waive_finding(
    *, by: User, number: str, target: int, ordinal: int, code: str, reason: str, sha256: str | None = None
) -> Ticket:
    """Answer for what a policy blocks in one statement. With the last block gone, the ticket is reviewed anew,
    as the target and the policies are then; nobody needs to submit it again.

    Args:
        target: position of the target.
        sha256: of what the person has read; a ticket revised meanwhile is refused.

    Raises:
        Forbidden: ``own_finding``, ``waive_right_missing``.
        Conflict: ``ticket_not_waivable`` unless its review failed; ``ticket_changed``; see ``add_waiver``.
        NotFound: ``target_missing``.
    """
    with unit_of_work():
        ticket = transitions.lock(visible_ticket(by, number).pk)
        revision = ticket.revisions.get(number=ticket.revision_number)
        if by.pk in (ticket.submitter_id, revision.created_by_id):
            raise Forbidden("own_finding", number=number)
        targets = list(targets_of(ticket))
        chosen = next((item for item in targets if item.position == target), None)
        if chosen is None:
            raise NotFound("target_missing", position=target)
        if not may_waive(by, ticket, chosen):
            raise Forbidden("waive_right_missing", name=chosen.datasource.name)
        if ticket.state != State.REVIEW_FAILED:
            raise Conflict("ticket_not_waivable", number=number)
        if sha256 is not None and sha256 != revision.sha256:
            raise Conflict("ticket_changed", number=number)
        if chosen.review is None:
            raise NotFound("target_missing", position=target)
        add_waiver(
            by=by,
            place=waived_place(ticket, revision, chosen),
            review=chosen.review,
            ordinal=ordinal,
            code=code,
            reason=reason,
        )
        facts = {"target": target, "ordinal": ordinal, "code": code, "reason": reason.strip()}
        transitions.note(ticket, "finding_waived", by.actor, facts)
        record(by.actor, "finding.waived", "ticket", ticket.number, sha256=revision.sha256, **facts)
        _go_on(ticket, revision, targets, by)
    return ticket


def _go_on(ticket: Ticket, revision: Revision, targets: list[Target], by: User) -> None:
    """Review anew once nothing that can be waived is left. Targets that failed for another reason than their
    statements have no review; they get one then."""
    reviews = [(item, item.review) for item in targets if item.review is not None]
    left = sum(
        blocks_left(review, waivers_of(waived_place(ticket, revision, item))) for item, review in reviews
    )
    if left:
        return
    Target.objects.filter(pk__in=[item.pk for item in targets]).update(review=None)
    transitions.apply(ticket, Event.WAIVE, by.actor)
    enqueue.review(ticket)
