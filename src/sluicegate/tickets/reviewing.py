"""Reviewing the current revision of a ticket, and what the result leads to."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from sluicegate.accounts.access import Access, access_of
from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Action
from sluicegate.audit.log import SYSTEM, unit_of_work
from sluicegate.core.errors import Conflict, SluicegateError
from sluicegate.core.log import logger
from sluicegate.datasources.models import DataSource
from sluicegate.datasources.services import place
from sluicegate.reviews.models import Review
from sluicegate.reviews.services import ReviewTarget, review_script
from sluicegate.reviews.waivers import Waived, waivers_of
from sluicegate.sql.model import Access as ObjectAccess
from sluicegate.sql.model import Finding, ObjectRef, Severity, Statement, TicketKind, Verdict
from sluicegate.tickets import approving, enqueue, transitions
from sluicegate.tickets.models import Revision, Target, Ticket
from sluicegate.tickets.states import Event, State

# How long a target may be busy or away before the ticket goes back.
_PATIENCE = timedelta(seconds=30)

_log = logger(__name__)


def review(ticket_id: int, revision_number: int) -> None:
    """Review the revision for each target, then send the ticket on, or back with the reason.

    Safe to repeat: a target that has its review keeps it, and the state moves once.
    """
    ticket = Ticket.objects.select_related("submitter").get(pk=ticket_id)
    if ticket.state != State.REVIEWING or ticket.revision_number != revision_number:
        return
    revision = ticket.revisions.select_related("script").get(number=revision_number)
    problem: SluicegateError | None = None
    denied = 0
    if revision.script is not None:
        try:
            denied = sum(
                _review_target(ticket, revision, target).statements_denied
                for target in revision.targets.select_related("datasource").order_by("position")
            )
        except SluicegateError as error:
            if error.retryable and timezone.now() - ticket.updated_at < _PATIENCE:
                enqueue.review(ticket, delay_seconds=5)
                return
            problem = error
        except Exception:  # noqa: BLE001
            # The boundary: whatever it is, it would come again, and the ticket must not wait for ever.
            _log.exception("review_failed_unexpectedly", ticket=ticket.number)
            problem = SluicegateError("review_crashed")
    with unit_of_work():
        ticket = transitions.lock(ticket_id)
        if ticket.state != State.REVIEWING or ticket.revision_number != revision_number:
            return
        if problem is not None:
            transitions.apply(ticket, Event.REVIEW_DENIED, SYSTEM, reason=problem.code, params=problem.params)
        elif denied:
            transitions.apply(
                ticket, Event.REVIEW_DENIED, SYSTEM, reason="review_denied", params={"denied": denied}
            )
        else:
            _pass(ticket)


def _pass(ticket: Ticket) -> None:
    """Await approval, unless nobody could give it: then the ticket goes back and says so."""
    try:
        with transaction.atomic():
            approval = approving.request_approval(ticket)
    except Conflict as error:
        transitions.apply(ticket, Event.REVIEW_DENIED, SYSTEM, reason=error.code, params=error.params)
        return
    transitions.apply(ticket, Event.REVIEW_PASSED, SYSTEM)
    transitions.note(ticket, "approval_requested", SYSTEM, {"provider": approval.provider})


def waived_place(ticket: Ticket, revision: Revision, target: Target) -> Waived:
    return Waived(ticket.number, revision.number, target.position, revision.sha256)


def _review_target(ticket: Ticket, revision: Revision, target: Target) -> Review:
    if target.review is not None:
        return target.review
    assert revision.script is not None
    result = review_script(
        sha256=revision.sha256,
        content=bytes(revision.script.content),
        target=ReviewTarget(target.datasource, target.database, target.schema),
        kind=TicketKind(ticket.kind),
        check_objects=ObjectRights(revision.created_by, ticket.kind, target),
        waivers=waivers_of(waived_place(ticket, revision, target)),
        count_exactly=revision.count_exactly,
    )
    target.review = result
    target.save(update_fields=["review"])
    return result


class ObjectRights:
    """Finds statements that touch what the submitter has no right to."""

    def __init__(self, submitter: User, kind: str, target: Target) -> None:
        self._access: Access = access_of(submitter)
        self._action = Action(kind)
        self._datasource: DataSource = target.datasource
        self._database = target.database or None
        self._schema = target.schema or None

    def __call__(self, statement: Statement) -> Finding | None:
        if statement.verdict is Verdict.DENY:
            return None
        for ref in statement.objects:
            if ref.access is ObjectAccess.WRITE and self._is_marker(ref):
                return self._finding(statement, ref, "MARKER_TABLE", "finding_marker_table")
            if not self._allowed(ref):
                return self._finding(statement, ref, "ACCESS_MISSING", "finding_access_missing")
        return None

    def _finding(self, statement: Statement, ref: ObjectRef, code: str, message_code: str) -> Finding:
        return Finding(
            rule="ACCESS001",
            code=code,
            severity=Severity.BLOCK,
            message_code=message_code,
            line=statement.line,
            column=statement.column,
            params={"object": ref.name, "action": self._needed(ref).value},
        )

    def _is_marker(self, ref: ObjectRef) -> bool:
        """Our own proof of what was applied is nobody's to change, administrators' neither."""
        marker_place = self._datasource.marker_place.casefold()
        if not marker_place:
            return False
        named = {part.casefold() for part in (ref.database, ref.schema) if part}
        own = {"sluicegate_marker", f"{marker_place}_marker"}
        container = ref.type in ("schema", "database") and ref.name.casefold() == marker_place
        return marker_place in named or container or ref.name.casefold() in own

    def _needed(self, ref: ObjectRef) -> Action:
        return self._action if ref.access is ObjectAccess.WRITE else Action.SEE

    def _allowed(self, ref: ObjectRef) -> bool:
        where = place(self._datasource, ref.database or self._database, ref.schema or self._schema, ref.name)
        if ref.access is ObjectAccess.WRITE:
            return self._access.allows(self._action, where)
        # Reading another table for a change still needs some right on that very table.
        return any(self._access.allows(action, where) for action in Action if action is not Action.SEE)
