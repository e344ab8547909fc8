"""The background jobs of tickets. Each begins by looking at the state, so that any may run twice, late, or
not at all: the tick finds what is due and enqueues it again."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from django.db.models.functions import Now
from procrastinate import JobContext
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from sluicegate.accounts.services import forget_old_answers
from sluicegate.approvals import inbox, quota
from sluicegate.approvals import services as approvals
from sluicegate.approvals.models import Approval, ApprovalState
from sluicegate.core.config import config
from sluicegate.core.errors import SluicegateError
from sluicegate.core.log import logger
from sluicegate.core.messages import text as message
from sluicegate.core.queue import app
from sluicegate.executions import claims
from sluicegate.tickets import approving, enqueue, executing, reviewing, transitions
from sluicegate.tickets.models import Ticket
from sluicegate.tickets.states import State

_log = logger(__name__)

_REVIEW_SECONDS = 300


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"[:80]


@app.task(name=enqueue.REVIEW)
def review(ticket_id: int, revision: int) -> None:
    reviewing.review(ticket_id, revision)


@app.task(name=enqueue.START_APPROVAL)
def start_approval(approval_id: int) -> None:
    approvals.start(approval_id)
    approval = Approval.objects.get(pk=approval_id)
    transitions.announce(approval.ticket_number)
    if approval.state == ApprovalState.WAITING:
        # Events that came before we knew the instance's id rang for nothing; and it may be decided already.
        _refresh(approval_id)


@app.task(name=enqueue.REFRESH_APPROVAL)
def refresh_approval(approval_id: int) -> None:
    _refresh(approval_id)


@app.task(name=inbox.REFRESH_TASK)
def refresh_instance(instance_id: str) -> None:
    """A provider's event rang for this instance."""
    approval = Approval.objects.filter(external_id=instance_id).first()
    if approval is not None:
        _refresh(approval.pk)
    inbox.mark_processed(instance_id)


def _refresh(approval_id: int) -> None:
    approval = Approval.objects.select_related("submitter").get(pk=approval_id)
    if approval.state != ApprovalState.WAITING:
        return
    try:
        reading = approvals.read(approval)
    except SluicegateError as error:
        # The tick comes back to it; until then the ticket shows what is wrong.
        _log.warning("approval_not_read", reference=approval.reference, code=error.code)
        Approval.objects.filter(pk=approval_id).update(
            problem_code=error.code, problem_params=error.params, last_read_at=Now()
        )
        return
    if reading is not None:
        if approval.problem_code:
            Approval.objects.filter(pk=approval_id).update(problem_code="", problem_params={})
        approving.apply_reading(approval_id, reading)


@app.task(name=enqueue.END_APPROVAL)
def end_approval(approval_id: int) -> None:
    approval = Approval.objects.get(pk=approval_id)
    remark = message("approval_ended_remark", config().language, number=approval.ticket_number)
    try:
        approvals.terminate(approval_id, remark)
    except SluicegateError as error:
        # Too early, or the provider is away: the tick comes back until it is done.
        _log.info("approval_not_ended", reference=approval.reference, code=error.code)
        approvals.postpone(approval, error)


@app.task(name=enqueue.EXECUTE)
def execute(ticket_id: int) -> None:
    executing.execute(ticket_id, _worker())


# ---------------------------------------------------------------- what is due


@app.periodic(cron="* * * * * */2")
@app.task(name="tickets.tick", queueing_lock="tick")
def tick(timestamp: int) -> None:
    """Every two seconds: whatever should have happened by now, is asked for again."""
    del timestamp
    quota.flush()
    _defer_reviews()
    _defer("start", enqueue.START_APPROVAL, "approval_id", approvals.due_starts())
    interval = timedelta(seconds=config().reconcile_seconds)
    _defer("refresh-approval", enqueue.REFRESH_APPROVAL, "approval_id", approvals.due_readings(interval))
    _defer("end", enqueue.END_APPROVAL, "approval_id", approvals.due_terminations())
    _defer("execute", enqueue.EXECUTE, "ticket_id", _abandoned())
    for ticket_id in _due():
        executing.start_due(ticket_id)
    for ticket_id in _expired():
        executing.expire(ticket_id)


def _defer(lock: str, task: str, argument: str, ids: Iterable[int]) -> None:
    """Enqueue the job for each, unless one is waiting already."""
    for pk in ids:
        try:
            app.configure_task(task, queueing_lock=f"{lock}:{pk}").defer(**{argument: pk})
        except AlreadyEnqueued:
            continue


def _defer_reviews() -> None:
    """Reviews whose job was lost."""
    stale = Ticket.objects.filter(
        state=State.REVIEWING.value, updated_at__lt=Now() - timedelta(seconds=_REVIEW_SECONDS)
    )
    for ticket in stale:
        with suppress(AlreadyEnqueued):
            app.configure_task(enqueue.REVIEW, queueing_lock=f"review:{ticket.pk}").defer(
                ticket_id=ticket.pk, revision=ticket.revision_number
            )


def _abandoned() -> set[int]:
    """Tickets with a run whose worker has gone silent, or that wait for a target that is free again."""
    executions = set(claims.abandoned())
    tickets = Ticket.objects.filter(
        state=State.EXECUTING.value, revisions__targets__execution_id__in=executions
    ).values_list("pk", flat=True)
    idle = Ticket.objects.filter(
        state=State.EXECUTING.value, updated_at__lt=Now() - timedelta(seconds=2 * config().lease_seconds)
    ).exclude(revisions__targets__execution__state="running")
    return {*tickets, *idle.values_list("pk", flat=True)}


def _due() -> list[int]:
    return list(
        Ticket.objects.filter(state=State.SCHEDULED.value, run_at__lte=Now()).values_list("pk", flat=True)
    )


def _expired() -> list[int]:
    waiting = [State.AWAITING_APPROVAL.value, State.APPROVED.value, State.SCHEDULED.value]
    return list(Ticket.objects.filter(state__in=waiting, expires_at__lte=Now()).values_list("pk", flat=True))


@app.periodic(cron="17 * * * *")
@app.task(name="tickets.clean", queueing_lock="clean")
def clean(timestamp: int) -> None:
    """Every hour: remove what was kept for a while only."""
    del timestamp
    forget_old_answers()
    inbox.forget_processed()


@app.periodic(cron="* * * * * */2")
@app.task(name="queue.sweep", queueing_lock="sweep", pass_context=True)
async def sweep(context: JobContext, timestamp: int) -> None:
    """Give jobs of dead workers back to the queue. Every job looks at the state first, so repeating one is no
    risk; an execution is taken over only once its own claim has run out. (Async because Procrastinate's
    manager is.)"""
    del timestamp
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=config().lease_seconds):
        _log.warning("job_taken_back", job=job.id, task=job.task_name)
        try:
            await manager.retry_job(job)
        except ConnectorException:
            # Its like is waiting already, which does as well; the others must not suffer for it.
            _log.info("job_not_taken_back", job=job.id, exc_info=True)
    await manager.delete_old_jobs(nb_hours=72, include_failed=False)
