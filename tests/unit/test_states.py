"""The table of a ticket's states, against the way of a ticket as the design draws it."""

from __future__ import annotations

import pytest

from sluicegate.core.errors import Conflict
from sluicegate.core.messages import catalogue
from sluicegate.tickets.states import EDITABLE, TERMINAL, TRANSITIONS, Event, State, target

# By hand, not from the table: from each state, what may happen and where it leads.
WAY: dict[str, dict[str, str]] = {
    "draft": {"submit": "reviewing", "withdraw": "withdrawn"},
    "reviewing": {
        "review_passed": "awaiting_approval",
        "review_denied": "review_failed",
        "withdraw": "withdrawn",
        "cancel": "cancelled",
    },
    "review_failed": {
        "revise": "reviewing",
        "waive": "reviewing",
        "withdraw": "withdrawn",
        "cancel": "cancelled",
    },
    "awaiting_approval": {
        "revise": "reviewing",
        "approve": "approved",
        "reject": "rejected",
        "withdraw": "withdrawn",
        "cancel": "cancelled",
        "expire": "expired",
    },
    "approved": {
        "revise": "reviewing",
        "schedule": "scheduled",
        "start": "executing",
        "succeed": "succeeded",
        "withdraw": "withdrawn",
        "cancel": "cancelled",
        "expire": "expired",
    },
    "scheduled": {
        "schedule": "scheduled",
        "unschedule": "approved",
        "start": "executing",
        "withdraw": "withdrawn",
        "cancel": "cancelled",
        "expire": "expired",
    },
    "executing": {
        "succeed": "succeeded",
        "fail": "failed",
        "fail_partly": "partially_succeeded",
        "cancel": "cancelled",
        "doubt": "needs_attention",
    },
    "needs_attention": {
        "resume": "executing",
        "succeed": "succeeded",
        "fail": "failed",
        "fail_partly": "partially_succeeded",
        "cancel": "cancelled",
    },
}
ENDS = {"succeeded", "failed", "partially_succeeded", "rejected", "withdrawn", "expired", "cancelled"}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", State)
def test_every_pair(state: State, event: Event) -> None:
    expected = WAY.get(state.value, {}).get(event.value)
    if expected is not None:
        assert target(state, event) is State(expected)
        return
    with pytest.raises(Conflict) as refusal:
        target(state, event)
    assert refusal.value.code == "transition_impossible"
    assert refusal.value.params == {"state": state.value, "event": event.value}


def test_ends() -> None:
    assert {state.value for state in TERMINAL} == ENDS


def _reached(start: State) -> set[State]:
    found, fresh = {start}, [start]
    while fresh:
        state = fresh.pop()
        for (origin, _), after in TRANSITIONS.items():
            if origin is state and after not in found:
                found.add(after)
                fresh.append(after)
    return found


def test_every_state_is_reached_from_a_draft() -> None:
    assert _reached(State.DRAFT) == set(State)


@pytest.mark.parametrize("state", State)
def test_every_state_can_end(state: State) -> None:
    assert _reached(state) & TERMINAL


def test_nothing_runs_that_was_not_approved() -> None:
    """Take approval out of the table, and execution can't be reached."""
    without = {key: after for key, after in TRANSITIONS.items() if key[1] is not Event.APPROVE}
    found, size = {State.DRAFT}, 0
    while len(found) != size:
        size = len(found)
        found |= {after for (origin, _), after in without.items() if origin in found}
    assert not found & {State.APPROVED, State.SCHEDULED, State.EXECUTING, State.SUCCEEDED}


def test_editing_leads_back_to_review() -> None:
    assert {state.value for state in EDITABLE} == {"review_failed", "awaiting_approval", "approved"}
    assert {target(state, Event.REVISE) for state in EDITABLE} == {State.REVIEWING}


def test_every_state_and_event_has_a_text() -> None:
    wanted = {f"state_{state.value}" for state in State} | {f"event_{event.value}" for event in Event}
    assert wanted <= set(catalogue())
