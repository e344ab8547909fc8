"""Whom each transition tells, and what never gets into a message."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sluicegate.accounts.grants import GrantScope, grant_access
from sluicegate.accounts.models import User
from sluicegate.approvals.models import DingTalkConnection
from sluicegate.audit.log import SYSTEM, unit_of_work
from sluicegate.core.errors import Conflict
from sluicegate.notifications.models import Kind, Message
from sluicegate.tickets import telling, transitions
from sluicegate.tickets.models import Ticket
from sluicegate.tickets.states import Event, State
from tests.integration.world import World

SERVER_SAID = {"message": "Duplicate entry 'jane@example.com' for key 'email'", "server_code": "1062"}


@pytest.fixture(autouse=True)
def connected(world: World) -> Iterator[None]:
    assert world
    DingTalkConnection.objects.all().delete()
    DingTalkConnection.objects.create(app_key="telling", sealed_secret=b"", corp_id="c", agent_id="1")
    yield
    Message.objects.all().delete()
    DingTalkConnection.objects.all().delete()


def moved(world: World, by: User, state: State, event: Event, reason: str = "", **params: str) -> Ticket:
    """A ticket of this person's that has just gone along one transition."""
    datasource = world.datasource()
    for person in {by, world.admin} - {world.admin}:
        scope = GrantScope(datasource_id=datasource.pk)
        grant_access(by=world.admin, username=person.username, actions=["see", "data_change"], scope=scope)
    ticket = world.ticket(by, datasource)
    Ticket.objects.filter(pk=ticket.pk).update(state=state.value)
    with unit_of_work():
        held = transitions.lock(ticket.pk)
        transitions.apply(held, event, SYSTEM, reason=reason, params=params)
    return held


def told(ticket: Ticket) -> dict[str, Message]:
    found = Message.objects.filter(ticket_number=ticket.number).select_related("user")
    return {message.user.username: message for message in found if message.user is not None}


@pytest.mark.parametrize(
    ("state", "event", "kind"),
    [
        (State.EXECUTING, Event.SUCCEED, Kind.EXECUTED),
        (State.EXECUTING, Event.FAIL, Kind.FAILED),
        (State.EXECUTING, Event.FAIL_PARTLY, Kind.FAILED),
        (State.APPROVED, Event.CANCEL, Kind.FAILED),
        (State.APPROVED, Event.EXPIRE, Kind.FAILED),
        (State.AWAITING_APPROVAL, Event.REJECT, Kind.REJECTED),
        (State.EXECUTING, Event.DOUBT, Kind.NEEDS_ATTENTION),
    ],
)
def test_the_submitter_is_told_once(world: World, state: State, event: Event, kind: Kind) -> None:
    submitter = world.person("developer")
    ticket = moved(world, submitter, state, event, "statement_failed", **SERVER_SAID)
    message = told(ticket)[submitter.username]
    assert message.kind == kind
    assert ticket.number in message.title
    assert "jane@example.com" not in message.title + message.body
    assert "1062" not in message.body
    with unit_of_work():
        telling.tell(ticket, event)
    assert Message.objects.filter(ticket_number=ticket.number, user=submitter).count() == 1


def test_what_is_unknown_is_told_to_those_who_can_settle_it(world: World) -> None:
    submitter, dba, developer = world.person("developer"), world.person("dba"), world.person("developer")
    ticket = moved(world, submitter, State.EXECUTING, Event.DOUBT, "statement_failed", **SERVER_SAID)
    people = told(ticket)
    assert {submitter.username, dba.username} <= set(people)
    assert developer.username not in people
    assert "人工确认" in people[dba.username].body


def test_a_second_doubt_is_told_too(world: World) -> None:
    submitter = world.person("developer")
    ticket = moved(world, submitter, State.EXECUTING, Event.DOUBT)
    with unit_of_work():
        transitions.apply(ticket, Event.RESUME, SYSTEM)
        transitions.apply(ticket, Event.DOUBT, SYSTEM)
    assert Message.objects.filter(ticket_number=ticket.number, user=submitter).count() == 2


def test_who_cancelled_and_why_is_told(world: World) -> None:
    submitter = world.person("developer")
    reason = {"name": "李四", "remark": "on holiday"}
    ticket = moved(world, submitter, State.APPROVED, Event.CANCEL, "cancelled_by", **reason)
    body = told(ticket)[submitter.username].body
    assert "李四" in body
    assert "on holiday" in body


def test_quiet_transitions(world: World) -> None:
    submitter = world.person("developer")
    for state, event in ((State.AWAITING_APPROVAL, Event.WITHDRAW), (State.APPROVED, Event.START)):
        assert told(moved(world, submitter, state, event)) == {}


def test_nothing_of_a_transition_that_failed(world: World) -> None:
    submitter = world.person("developer")
    ticket = moved(world, submitter, State.APPROVED, Event.START)
    stale = Ticket.objects.get(pk=ticket.pk)
    with unit_of_work():
        transitions.apply(ticket, Event.SUCCEED, SYSTEM)
    with pytest.raises(Conflict), unit_of_work():
        transitions.apply(stale, Event.FAIL, SYSTEM)
    assert [message.kind for message in told(ticket).values()] == [Kind.EXECUTED]
