"""From review to approval: asking for it, taking in what the provider says, and what approval leads to."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from django.utils import timezone

from sluicegate.accounts.access import Place
from sluicegate.accounts.grants import GrantScope, create_grant
from sluicegate.accounts.models import User
from sluicegate.approvals import services as approvals
from sluicegate.approvals.flows import Flow, flow_for
from sluicegate.approvals.models import Approval, ApprovalState, Decision
from sluicegate.approvals.port import Choice, Outcome, Reading
from sluicegate.approvals.providers import builtin
from sluicegate.audit.log import SYSTEM, Actor, record, unit_of_work
from sluicegate.core.config import config
from sluicegate.core.errors import Conflict, Forbidden, InvalidInput
from sluicegate.datasources.services import place
from sluicegate.executions import services as executions
from sluicegate.executions.models import Script
from sluicegate.executions.services import GrantTarget, PlannedStatement
from sluicegate.reviews.models import Review
from sluicegate.sql.model import TicketKind
from sluicegate.tickets import enqueue, telling, transitions
from sluicegate.tickets.content import AccessScope, check_approvers
from sluicegate.tickets.form import approval_request
from sluicegate.tickets.models import Target, Ticket
from sluicegate.tickets.selectors import targets_of, visible_ticket
from sluicegate.tickets.states import Event, State

MAX_REMARK = 1000


def request_approval(ticket: Ticket) -> Approval:
    """Ask for approval of the current revision. The caller holds the ticket and takes it to awaiting approval.

    Raises:
        Conflict: ``approvers_missing``.
    """
    targets = list(targets_of(ticket))
    flow = flow_for(targets[0].datasource.environment_id, ticket.kind)
    approval = approvals.open_approval(
        request=approval_request(ticket, targets),
        flow=flow,
        submitter=ticket.submitter,
        places=_places(targets),
        choices=ticket.approvers,
        department=ticket.dept_id,
    )
    Ticket.objects.filter(pk=ticket.pk).update(
        approval=approval, expires_at=timezone.now() + timedelta(days=config().approval_days)
    )
    ticket.approval = approval
    if approvals.remote(approval) is not None:
        enqueue.start_approval(approval.pk)
    return approval


def approver_choices(*, by: User, number: str) -> tuple[Choice, ...]:
    """Whom the submitter has to name, and who may be named, as the provider says now."""
    ticket = visible_ticket(by, number)
    approval = Approval.objects.select_related("submitter").filter(pk=ticket.approval_id or 0).first()
    provider = approvals.remote(approval) if approval is not None else None
    if approval is None or provider is None:
        return ()
    return provider.choices(approval)


def choose_approvers(*, by: User, number: str, choices: Mapping[str, Sequence[str]]) -> Ticket:
    """Name the approvers that the flow leaves to the submitter (发起人自选); the provider is asked again.

    Raises:
        Forbidden: ``not_your_ticket``.
        Conflict: ``approval_closed``, ``choice_too_late``.
    """
    checked = check_approvers(choices)
    with unit_of_work():
        ticket = transitions.lock(visible_ticket(by, number).pk)
        if ticket.submitter_id != by.pk:
            raise Forbidden("not_your_ticket", number=number)
        if ticket.approval_id is None or ticket.state != State.AWAITING_APPROVAL:
            raise Conflict("approval_closed")
        approval = Approval.objects.select_for_update().get(pk=ticket.approval_id)
        approvals.choose(approval, checked)
        chosen = {node: list(people) for node, people in checked.items()}
        Ticket.objects.filter(pk=ticket.pk).update(approvers=chosen)
        ticket.approvers = chosen
        transitions.note(ticket, "approvers_chosen", by.actor, {"approvers": chosen})
        record(by.actor, "ticket.approvers_chosen", "ticket", ticket.number, approvers=chosen)
        if approvals.remote(approval) is not None:
            enqueue.start_approval(approval.pk)
    return ticket


def _places(targets: Iterable[Target]) -> list[Place]:
    return [place(target.datasource, target.database or None, target.schema or None) for target in targets]


def void_approval(ticket: Ticket) -> None:
    """The ticket's current approval counts no more; a remote instance is terminated by a job. The caller
    holds the ticket."""
    if ticket.approval_id is None:
        return
    approval = Approval.objects.select_for_update().get(pk=ticket.approval_id)
    Ticket.objects.filter(pk=ticket.pk).update(approval=None)
    ticket.approval = None
    open_states = (ApprovalState.STARTING, ApprovalState.IN_DOUBT, ApprovalState.WAITING)
    if approval.state in open_states:
        approvals.close(approval, ApprovalState.VOIDED)
        if approvals.remote(approval) is not None:
            enqueue.end_approval(approval.pk)


# ---------------------------------------------------------------- what the approvers say


def decide_ticket(
    *, by: User, number: str, agree: bool, remark: str = "", sha256: str | None = None
) -> Ticket:
    """Approve or reject within built-in approval.

    Raises:
        Forbidden: ``own_ticket``, ``not_an_approver``.
        Conflict: ``decide_at_provider`` when the approval is another system's.
    """
    if len(remark) > MAX_REMARK:
        raise InvalidInput("remark_too_long", max=MAX_REMARK)
    with unit_of_work():
        ticket = transitions.lock(visible_ticket(by, number).pk)
        if ticket.approval_id is None or ticket.state != State.AWAITING_APPROVAL:
            raise Conflict("approval_closed")
        approval = Approval.objects.select_for_update().get(pk=ticket.approval_id)
        if sha256 is not None and sha256 != approval.sha256:
            raise Conflict("ticket_changed", number=number)
        if approvals.remote(approval) is not None:
            raise Conflict("decide_at_provider", provider=approval.provider)
        if by.pk != ticket.submitter_id and not builtin.may_approve(by, _places(targets_of(ticket))):
            raise Forbidden("not_an_approver")  # the right may have ended since the approval was asked for
        decision = Decision.AGREE if agree else Decision.REFUSE
        outcome = approvals.decide(approval=approval, by=by, decision=decision, remark=remark)
        transitions.note(ticket, f"approval_{decision.value}", by.actor, {"remark": remark})
        record(by.actor, f"approval.{decision.value}", "ticket", ticket.number, remark=remark)
        approvers = [step.name for step in approval.steps.filter(decision=Decision.AGREE)]
        _conclude(ticket, approval, outcome, by.actor, approvers)
        if outcome is Outcome.WAITING:
            telling.approval_needed(ticket, approval)  # the next level's turn
    return ticket


def apply_reading(approval_id: int, reading: Reading) -> None:
    """Take in what the provider's instance is now. Whatever order, number or loss of events led here, the
    result is applied once: the ticket's state and the approval's decide, under their rows' locks."""
    with unit_of_work():
        number = Approval.objects.values_list("ticket_number", flat=True).get(pk=approval_id)
        ticket = transitions.lock(Ticket.objects.values_list("pk", flat=True).get(number=number))
        approval = Approval.objects.select_for_update().get(pk=approval_id)
        if approval.state != ApprovalState.WAITING or ticket.approval_id != approval.pk:
            return
        before = _shown(approval)
        approvals.keep_reading(approval, reading)
        if _shown(approval) != before:
            transitions.announce(ticket.number)
        if reading.outcome is Outcome.AGREED:
            reason = approvals.hold_reason(approval, reading)
            if reason:
                _hold(ticket, approval, reason)
                return
        approvers = [step.name for step in reading.steps if step.decision == Decision.AGREE]
        _conclude(ticket, approval, reading.outcome, Actor(None, approval.provider), approvers)


def _shown(approval: Approval) -> list[tuple[str, str, str]]:
    return list(approval.steps.order_by("position").values_list("name", "decision", "remark"))


def _hold(ticket: Ticket, approval: Approval, reason: str) -> None:
    if approval.held_reason == reason:
        return
    approval.held_reason = reason
    approval.save(update_fields=["held_reason"])
    transitions.note(ticket, "approval_held", SYSTEM, {"reason": reason})
    record(SYSTEM, "approval.held", "ticket", ticket.number, reason=reason)
    telling.approval_held(ticket, approval, reason)


def _conclude(
    ticket: Ticket, approval: Approval, outcome: Outcome, actor: Actor, approvers: list[str]
) -> None:
    if outcome is Outcome.WAITING:
        return
    if ticket.state != State.AWAITING_APPROVAL:
        return
    if outcome is Outcome.AGREED:
        approvals.close(approval, ApprovalState.AGREED)
        transitions.apply(ticket, Event.APPROVE, actor, params={"approvers": approvers})
        _approved(ticket, approval, approvers)
    elif outcome is Outcome.REFUSED:
        approvals.close(approval, ApprovalState.REFUSED)
        refusal = approval.steps.filter(decision=Decision.REFUSE).order_by("-at").first()
        transitions.apply(
            ticket,
            Event.REJECT,
            actor,
            reason="rejected_by",
            params={
                "name": refusal.name if refusal else "-",
                "remark": refusal.remark if refusal else "",
            },
        )
    else:
        approvals.close(approval, ApprovalState.TERMINATED)
        transitions.apply(ticket, Event.WITHDRAW, actor, reason="terminated_at_provider")


def _approved(ticket: Ticket, approval: Approval, approvers: list[str]) -> None:
    """In the transaction of the approval: the leave to execute, or the access asked for."""
    if ticket.kind == TicketKind.ACCESS_REQUEST:
        _grant_access(ticket)
        return
    expires_at = timezone.now() + timedelta(days=config().approval_days)
    Ticket.objects.filter(pk=ticket.pk).update(expires_at=expires_at)
    revision = ticket.revisions.select_related("script").get(number=ticket.revision_number)
    assert isinstance(revision.script, Script)
    if revision.sha256 != approval.sha256 or revision.script.sha256 != approval.sha256:
        raise Conflict("approval_other_content")
    for target in targets_of(ticket):
        assert target.review is not None
        target.execution = executions.grant_execution(
            script=revision.script,
            ticket_kind=ticket.kind,
            target=GrantTarget(
                # The number alone would come again after a restore of our data; a marker of then must not count.
                key=f"{ticket.number}/{revision.number}/{target.position}/{secrets.token_hex(8)}",
                datasource=target.datasource,
                datasource_revision=target.datasource_revision,
                database=target.database,
                schema=target.schema,
            ),
            approvers=approvers,
            expires_at=expires_at,
            one_row_each=ticket.undo_of_id is not None,
            one_session=target.review.statements_total > 1
            and target.review.statements.filter(needs_session=True).exists(),
            statements=_planned(target.review),
        )
        target.save(update_fields=["execution"])
    if Flow.from_json(approval.flow).execute_automatically:
        transitions.apply(ticket, Event.START, SYSTEM)
        enqueue.execute(ticket.pk)


def _planned(review: Review) -> Iterator[PlannedStatement]:
    for statement in review.statements.order_by("ordinal").iterator(chunk_size=5000):
        yield PlannedStatement(
            ordinal=statement.ordinal,
            byte_start=statement.byte_start,
            byte_end=statement.byte_end,
            kind=statement.kind,
            operation=statement.operation,
            transactional=statement.transactional,
            estimated_rows=statement.estimated_rows,
            undo_reason=statement.undo_reason,
            partial_possible=statement.partial_possible,
        )


def _grant_access(ticket: Ticket) -> None:
    """What was asked for becomes grants, exactly as it was frozen."""
    revision = ticket.revisions.get(number=ticket.revision_number)
    assert revision.access_scope is not None
    scope = AccessScope.from_json(revision.access_scope)
    now = timezone.now()
    until = scope.ends_at(now)
    if until <= now:
        transitions.apply(ticket, Event.EXPIRE, SYSTEM, reason="access_until_past")
        return
    moved = [t for t in targets_of(ticket) if t.datasource.revision != t.datasource_revision]
    if moved:
        params = {"name": moved[0].datasource.name}
        transitions.apply(ticket, Event.CANCEL, SYSTEM, reason="datasource_changed", params=params)
        return
    for item in scope.objects:
        create_grant(
            actor=SYSTEM,
            user=ticket.submitter,
            group=None,
            actions=scope.actions,
            scope=GrantScope(
                datasource_id=item.datasource_id,
                database=item.database,
                schema=item.schema,
                table=item.table,
            ),
            valid_from=now,
            valid_until=until,
            reason=ticket.title,
            ticket_number=ticket.number,
        )
    transitions.apply(ticket, Event.SUCCEED, SYSTEM, params={"until": until.isoformat(timespec="minutes")})
