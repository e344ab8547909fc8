"""The states of a ticket and every transition there is. Pure: read it aloud."""

from __future__ import annotations

from enum import StrEnum

from sluicegate.core.errors import Conflict


class State(StrEnum):
    DRAFT = "draft"
    REVIEWING = "reviewing"
    REVIEW_FAILED = "review_failed"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    EXECUTING = "executing"
    NEEDS_ATTENTION = "needs_attention"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PARTIALLY_SUCCEEDED = "partially_succeeded"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What happens to a ticket."""

    SUBMIT = "submit"
    REVIEW_PASSED = "review_passed"
    REVIEW_DENIED = "review_denied"
    REVISE = "revise"
    WAIVE = "waive"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    CANCEL = "cancel"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    START = "start"
    SUCCEED = "succeed"
    FAIL = "fail"
    FAIL_PARTLY = "fail_partly"
    DOUBT = "doubt"
    RESUME = "resume"


S, E = State, Event

TRANSITIONS: dict[tuple[State, Event], State] = {
    (S.DRAFT, E.SUBMIT): S.REVIEWING,
    (S.DRAFT, E.WITHDRAW): S.WITHDRAWN,
    (S.REVIEWING, E.REVIEW_PASSED): S.AWAITING_APPROVAL,
    (S.REVIEWING, E.REVIEW_DENIED): S.REVIEW_FAILED,
    (S.REVIEWING, E.WITHDRAW): S.WITHDRAWN,
    (S.REVIEWING, E.CANCEL): S.CANCELLED,
    (S.REVIEW_FAILED, E.REVISE): S.REVIEWING,
    (S.REVIEW_FAILED, E.WAIVE): S.REVIEWING,  # somebody answers for all that blocked: it is reviewed anew
    (S.REVIEW_FAILED, E.WITHDRAW): S.WITHDRAWN,
    (S.REVIEW_FAILED, E.CANCEL): S.CANCELLED,
    (S.AWAITING_APPROVAL, E.REVISE): S.REVIEWING,
    (S.AWAITING_APPROVAL, E.APPROVE): S.APPROVED,
    (S.AWAITING_APPROVAL, E.REJECT): S.REJECTED,
    (S.AWAITING_APPROVAL, E.WITHDRAW): S.WITHDRAWN,
    (S.AWAITING_APPROVAL, E.CANCEL): S.CANCELLED,
    (S.AWAITING_APPROVAL, E.EXPIRE): S.EXPIRED,
    (S.APPROVED, E.REVISE): S.REVIEWING,
    (S.APPROVED, E.SCHEDULE): S.SCHEDULED,
    (S.APPROVED, E.START): S.EXECUTING,
    (S.APPROVED, E.SUCCEED): S.SUCCEEDED,  # an access request: granting it is all there is to do
    (S.APPROVED, E.WITHDRAW): S.WITHDRAWN,
    (S.APPROVED, E.CANCEL): S.CANCELLED,
    (S.APPROVED, E.EXPIRE): S.EXPIRED,
    (S.SCHEDULED, E.SCHEDULE): S.SCHEDULED,
    (S.SCHEDULED, E.UNSCHEDULE): S.APPROVED,
    (S.SCHEDULED, E.START): S.EXECUTING,
    (S.SCHEDULED, E.WITHDRAW): S.WITHDRAWN,
    (S.SCHEDULED, E.CANCEL): S.CANCELLED,
    (S.SCHEDULED, E.EXPIRE): S.EXPIRED,
    (S.EXECUTING, E.SUCCEED): S.SUCCEEDED,
    (S.EXECUTING, E.FAIL): S.FAILED,
    (S.EXECUTING, E.FAIL_PARTLY): S.PARTIALLY_SUCCEEDED,
    (S.EXECUTING, E.CANCEL): S.CANCELLED,
    (S.EXECUTING, E.DOUBT): S.NEEDS_ATTENTION,
    (S.NEEDS_ATTENTION, E.RESUME): S.EXECUTING,
    (S.NEEDS_ATTENTION, E.SUCCEED): S.SUCCEEDED,
    (S.NEEDS_ATTENTION, E.FAIL): S.FAILED,
    (S.NEEDS_ATTENTION, E.FAIL_PARTLY): S.PARTIALLY_SUCCEEDED,
    (S.NEEDS_ATTENTION, E.CANCEL): S.CANCELLED,
}

TERMINAL = frozenset(state for state in State if not any(origin is state for origin, _ in TRANSITIONS))
# Waiting for somebody, so listed under 待我处理 of whoever can act.
EDITABLE = frozenset(origin for origin, event in TRANSITIONS if event is Event.REVISE)


def target(state: State, event: Event) -> State:
    """Where ``event`` leads from ``state``.

    Raises:
        Conflict: ``transition_impossible``.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError as error:
        raise Conflict("transition_impossible", state=state.value, event=event.value) from error
