"""From approval to the result: confirming, running, cancelling, and settling what isn't known."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db.models.functions import Now
from django.utils import timezone

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.approvals import services as approvals
from sluicegate.approvals.models import ApprovalState
from sluicegate.approvals.port import Outcome
from sluicegate.audit.log import SYSTEM, Actor, record, unit_of_work
from sluicegate.core import stopping
from sluicegate.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from sluicegate.executions import runner
from sluicegate.executions import services as executions
from sluicegate.executions.claims import Busy
from sluicegate.executions.models import Execution, ExecutionState, Verdict
from sluicegate.executions.runner import End, Hooks
from sluicegate.sql.model import TicketKind
from sluicegate.tickets import approving, enqueue, telling, transitions
from sluicegate.tickets.models import Ticket
from sluicegate.tickets.selectors import may_execute, targets_of, visible_ticket
from sluicegate.tickets.states import Event, State

MAX_SCHEDULE = timedelta(days=365)


# ---------------------------------------------------------------- people


def confirm_ticket(*, by: User, number: str, run_at: datetime | None = None) -> Ticket:
    """The explicit go (执行确认): now, or at a time.

    Raises:
        Forbidden: ``execute_right_missing``.
        Conflict: the ticket isn't approved, or its approval has expired.
    """
    with unit_of_work():
        ticket = transitions.lock(visible_ticket(by, number).pk)
        _require_execute(by, ticket)
        if run_at is not None and run_at.tzinfo is None:
            raise InvalidInput("run_at_invalid", days=MAX_SCHEDULE.days)
        _check_expiry(ticket, run_at or timezone.now())
        Ticket.objects.filter(pk=ticket.pk).update(confirmed_by=by, confirmed_at=Now(), run_at=run_at)
        if run_at is None:
            transitions.apply(ticket, Event.START, by.actor)
            enqueue.execute(ticket.pk)
        else:
            if not timezone.now() < run_at < timezone.now() + MAX_SCHEDULE:
                raise InvalidInput("run_at_invalid", days=MAX_SCHEDULE.days)
            transitions.apply(ticket, Event.SCHEDULE, by.actor, params={"run_at": run_at.isoformat()})
    return ticket


def unschedule_ticket(*, by: User, number: str) -> Ticket:
    """Take back a confirmation for later; the approval stays."""
    with unit_of_work():
        ticket = transitions.lock(visible_ticket(by, number).pk)
        _require_execute(by, ticket)
        transitions.apply(ticket, Event.UNSCHEDULE, by.actor)
        Ticket.objects.filter(pk=ticket.pk).update(confirmed_by=None, confirmed_at=None, run_at=None)
    return ticket


def _require_execute(by: User, ticket: Ticket) -> None:
    if ticket.kind == TicketKind.ACCESS_REQUEST:
        raise Conflict("access_request_not_executed")
    if not may_execute(by, ticket):
        raise Forbidden("execute_right_missing", number=ticket.number)


def _check_expiry(ticket: Ticket, at: datetime) -> None:
    if (
        ticket.expires_at is not None
        and ticket.state in (State.APPROVED, State.SCHEDULED)
        and at > ticket.expires_at
    ):
        raise Conflict("approval_expired", at=ticket.expires_at.isoformat(timespec="minutes"))


def cancel_ticket(*, by: User, number: str, reason: str) -> Ticket:
    """An operator ends the ticket (终止). What runs is ended on the server at once, or at the next boundary."""
    if not reason.strip():
        raise InvalidInput("reason_needed")
    with unit_of_work():
        ticket = transitions.lock(visible_ticket(by, number).pk)
        if not by.has(Permission.TICKET_CANCEL_ANY) and not may_execute(by, ticket):
            raise Forbidden("permission_missing", permission=Permission.TICKET_CANCEL_ANY.value)
        if ticket.state == State.EXECUTING:
            ids = [target.execution_id for target in targets_of(ticket) if target.execution_id is not None]
            executions.request_cancel(ids)
            transitions.note(ticket, "cancel_requested", by.actor, {"remark": reason})
            record(by.actor, "ticket.cancel_requested", "ticket", ticket.number, remark=reason)
            enqueue.execute(ticket.pk)
            return ticket
        transitions.apply(
            ticket, Event.CANCEL, by.actor, reason="cancelled_by", params={"name": by.name, "remark": reason}
        )
        approving.void_approval(ticket)
    return ticket


def resolve_statement(
    *, by: User, number: str, target: int, ordinal: int, applied: bool, reason: str, resume: bool
) -> Ticket:
    """Say what became of a statement whose outcome is unknown, after looking at the server."""
    require(by, Permission.EXECUTION_RESOLVE)
    if not reason.strip():
        raise InvalidInput("reason_needed")
    with unit_of_work():
        ticket = transitions.lock(visible_ticket(by, number).pk)
        _require_execute(by, ticket)
        found = targets_of(ticket).filter(position=target).first()
        if found is None or found.execution is None:
            raise NotFound("target_missing", position=target)
        if ticket.state != State.NEEDS_ATTENTION:
            raise Conflict("nothing_to_resolve")
        executions.resolve(
            execution=found.execution,
            ordinal=ordinal,
            applied=applied,
            by=by.username,
            reason=reason,
            resume=resume,
        )
        transitions.note(
            ticket,
            "resolved",
            by.actor,
            {"target": target, "ordinal": ordinal, "applied": applied, "remark": reason},
        )
        record(
            by.actor,
            "ticket.statement_resolved",
            "ticket",
            ticket.number,
            target=target,
            ordinal=ordinal,
            applied=applied,
            remark=reason,
        )
        if resume:
            transitions.apply(ticket, Event.RESUME, by.actor)
            enqueue.execute(ticket.pk)
        else:
            _settle(ticket, by.actor)
    return ticket


# ---------------------------------------------------------------- the worker


def start_due(ticket_id: int) -> None:
    """Start a scheduled ticket whose time has come."""
    with unit_of_work():
        ticket = transitions.lock(ticket_id)
        if ticket.state != State.SCHEDULED or ticket.run_at is None or ticket.run_at > timezone.now():
            return
        transitions.apply(ticket, Event.START, SYSTEM)
        enqueue.execute(ticket.pk)


def expire(ticket_id: int) -> None:
    """End a ticket whose approval was not used, or not given, in time."""
    with unit_of_work():
        ticket = transitions.lock(ticket_id)
        if ticket.expires_at is None or ticket.expires_at > timezone.now():
            return
        if ticket.state in (State.AWAITING_APPROVAL, State.APPROVED, State.SCHEDULED):
            transitions.apply(ticket, Event.EXPIRE, SYSTEM, reason="approval_unused")
            approving.void_approval(ticket)


def execute(ticket_id: int, worker: str) -> None:
    """Carry an executing ticket on: its targets one after another, the next only when the one before has
    succeeded. Safe to be called at any time, by any number of workers."""
    while True:
        ticket = Ticket.objects.get(pk=ticket_id)
        if ticket.state != State.EXECUTING:
            return
        execution = _next(ticket)
        if execution is None:
            with unit_of_work():
                _settle(transitions.lock(ticket_id), SYSTEM)
            return
        hooks = Hooks(
            stopping=stopping.stopping,
            notify=partial(transitions.announce, ticket.number),
            gate=partial(_gate, ticket.pk),
        )
        try:
            end = runner.run(execution.pk, worker, hooks)
        except Busy:
            # Its worker, or the run that has its target, will carry on; the sweep sees to it if it doesn't.
            return
        if end is End.LOCKED:
            enqueue.execute(ticket_id, delay_seconds=5)
            return
        if end is End.RELEASED:
            enqueue.execute(ticket_id)
            return
        _wake_waiting(execution.target_key)


def _next(ticket: Ticket) -> Execution | None:
    """The first execution that isn't over, if all before it succeeded."""
    for target in targets_of(ticket):
        execution = target.execution
        assert execution is not None
        if execution.state in (ExecutionState.WAITING, ExecutionState.RUNNING):
            return execution
        if execution.state != ExecutionState.SUCCEEDED:
            return None
    return None


def _wake_waiting(target_key: str) -> None:
    """Another ticket may have found this target taken."""
    waiting = Ticket.objects.filter(
        state=State.EXECUTING.value,
        revisions__targets__execution__target_key=target_key,
        revisions__targets__execution__state=ExecutionState.WAITING,
    )
    for ticket_id in waiting.values_list("pk", flat=True).distinct():
        enqueue.execute(ticket_id)


def _gate(ticket_id: int) -> None:
    """Right before the first statement: the provider must still say that this was agreed to.

    Raises:
        Conflict: ``approval_revoked``.
    """
    ticket = Ticket.objects.select_related("approval", "approval__submitter").get(pk=ticket_id)
    approval = ticket.approval
    if approval is None or approval.state != ApprovalState.AGREED:
        raise Conflict("approval_revoked", number=ticket.number)
    reading = approvals.read(approval)
    if reading is not None and (
        reading.outcome is not Outcome.AGREED or approvals.hold_reason(approval, reading)
    ):
        raise Conflict("approval_revoked", number=ticket.number)


def _settle(ticket: Ticket, actor: Actor) -> None:
    """Write what the executions add up to. The caller holds the ticket."""
    if ticket.state not in (State.EXECUTING, State.NEEDS_ATTENTION):
        return
    runs = [target.execution for target in targets_of(ticket) if target.execution is not None]
    if any(run.state == ExecutionState.RUNNING for run in runs):
        return
    doubtful = next((run for run in runs if run.state == ExecutionState.UNKNOWN), None)
    if doubtful is not None:
        if ticket.state == State.EXECUTING:
            transitions.apply(
                ticket, Event.DOUBT, actor, reason=doubtful.error_code, params=doubtful.error_params
            )
        return
    if all(run.state == ExecutionState.SUCCEEDED for run in runs):
        transitions.apply(ticket, Event.SUCCEED, actor)
    else:
        _fail(ticket, actor, runs)
    telling.report(ticket)


def _fail(ticket: Ticket, actor: Actor, runs: list[Execution]) -> None:
    ended = next(
        (run for run in runs if run.state in (ExecutionState.FAILED, ExecutionState.CANCELLED)), runs[0]
    )
    applied = any(run.statements.filter(verdict=Verdict.APPLIED).exists() for run in runs)
    if applied:
        event = Event.FAIL_PARTLY
    elif ended.state == ExecutionState.CANCELLED or ended.error_code == "approval_revoked":
        event = Event.CANCEL
    else:
        event = Event.FAIL
    reason = ended.error_code or "cancelled_by_person"
    executions.request_cancel([run.pk for run in runs])  # those that never began never will
    transitions.apply(ticket, event, actor, reason=reason, params=ended.error_params)
