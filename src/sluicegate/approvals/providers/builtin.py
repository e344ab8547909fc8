"""Approval within Sluicegate itself: levels one after another, each any-of or all-of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models.functions import Now

from sluicegate.accounts.access import Place, access_of
from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Action, Permission
from sluicegate.approvals.flows import Flow, Level
from sluicegate.approvals.models import Approval, ApprovalState, ApprovalStep, Decision
from sluicegate.approvals.port import Outcome
from sluicegate.core.errors import Conflict, Forbidden

CODE = "builtin"


def open_levels(approval: Approval, flow: Flow, places: Sequence[Place]) -> None:
    """Write the steps of all levels; the first level's people can act at once.

    Raises:
        Conflict: ``approvers_missing`` naming the level that nobody but the submitter could decide.
    """
    position = 0
    for number, level in enumerate(flow.levels):
        people = list(_eligible(level, places, approval.submitter_id))
        if not people:
            raise Conflict("approvers_missing", level=level.name or str(number + 1))
        for user in people:
            ApprovalStep.objects.create(
                approval=approval,
                position=position,
                level=number,
                node=level.name or str(number + 1),
                mode=level.mode,
                user=user,
                name=user.name,
                decision=Decision.WAITING if number == 0 else Decision.LATER,
            )
            position += 1


def _eligible(level: Level, places: Sequence[Place], submitter_id: int) -> Iterable[User]:
    people = User.objects.filter(is_active=True).exclude(pk=submitter_id).order_by("pk")
    if level.users or level.roles:
        named = people.filter(username__in=level.users) | people.filter(roles__code__in=level.roles)
        candidates = named.distinct()
    else:
        candidates = people
    yield from (user for user in candidates if may_approve(user, places))


def may_approve(user: User, places: Sequence[Place]) -> bool:
    """Whether this person has, now, the right to approve on all of these places, each as a whole."""
    if not user.is_active or not user.has(Permission.APPROVAL_DECIDE):
        return False
    access = access_of(user)
    return all(access.allows(Action.APPROVE, place) for place in places)


def decide(approval: Approval, by: User, decision: Decision, remark: str) -> Outcome:
    """Record one person's decision. The caller holds the approval's row.

    Raises:
        Forbidden: ``own_ticket`` or ``not_an_approver``.
        Conflict: ``approval_closed``, or ``remark_needed`` for a refusal without a reason.
    """
    if by.pk == approval.submitter_id:
        raise Forbidden("own_ticket")
    if approval.state != ApprovalState.WAITING:
        raise Conflict("approval_closed")
    if decision is Decision.REFUSE and not remark.strip():
        raise Conflict("remark_needed")
    step = approval.steps.filter(user=by, decision=Decision.WAITING).first()
    if step is None:
        raise Forbidden("not_an_approver")
    step.decision = decision
    step.remark = remark
    step.save(update_fields=["decision", "remark"])
    ApprovalStep.objects.filter(pk=step.pk).update(at=Now())
    return _advance(approval, step)


def _advance(approval: Approval, step: ApprovalStep) -> Outcome:
    level = approval.steps.filter(level=step.level)
    if step.decision == Decision.REFUSE:
        close(approval)
        return Outcome.REFUSED
    if step.mode == "any":
        level.filter(decision=Decision.WAITING).update(decision=Decision.CANCELLED)
    elif level.filter(decision=Decision.WAITING).exists():
        return Outcome.WAITING
    following = approval.steps.filter(level=step.level + 1)
    if following.exists():
        following.update(decision=Decision.WAITING)
        return Outcome.WAITING
    return Outcome.AGREED


def close(approval: Approval) -> None:
    """Nobody can act on this approval any more."""
    approval.steps.filter(decision__in=[Decision.WAITING, Decision.LATER]).update(decision=Decision.CANCELLED)
