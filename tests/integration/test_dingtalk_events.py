"""The inbox and the reconciler against a real local DingTalk: whatever arrives, in whatever order, however often or
never, a ticket ends in the state its instance has."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import RequestFactory

from sluicegate.approvals import callbacks, inbox, jobs, selectors
from sluicegate.approvals.models import DingTalkConnection, ProviderEvent
from sluicegate.dingtalk.events import StreamEvent, event_of_callback
from sluicegate.tickets.models import Ticket
from sluicegate.web import site
from tests.integration.dingtalk_company import (
    Company,
    dingtalk_company,
    sandbox_server,
    silent_after_check,
    wait_until,
)
from tests.integration.world import World

MINUTE = timedelta(minutes=1)
EVERY_ORDER = "EVERY_ORDER" in os.environ


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with sandbox_server() as running:
        yield running


@pytest.fixture
def company(world: World, database: dict[str, str], url: str) -> Iterator[Company]:
    with dingtalk_company(world, database, url) as ready:
        yield ready


# --- every order ------------------------------------------------------------------------------------------


def agree(company: Company, ticket: Ticket) -> None:
    company.decide(ticket, "李四", "agree", "可以")


def refuse(company: Company, ticket: Ticket) -> None:
    company.decide(ticket, "王五", "refuse", "不行")


def terminate(company: Company, ticket: Ticket) -> None:
    company.terminate(ticket)


def nothing(_company: Company, _ticket: Ticket) -> None:
    """It goes on waiting."""


TRUTHS: dict[str, tuple[Callable[[Company, Ticket], None], str, list[str]]] = {
    "agree": (agree, "approved", ["ticket.approve"]),
    "refuse": (refuse, "rejected", ["ticket.reject"]),
    "terminate": (terminate, "withdrawn", ["ticket.withdraw"]),
    "nothing": (nothing, "awaiting_approval", []),
}
CLAIMS = ("start", "task", "agree", "refuse", "terminate")


def claim(company: Company, ticket: Ticket, what: str) -> StreamEvent:
    """An event that says this of the ticket's instance, be it true or not."""
    kind = "bpms_task_change" if what == "task" else "bpms_instance_change"
    body = {
        "processInstanceId": company.external_id(ticket),
        "type": {"task": "start", "agree": "finish", "refuse": "finish"}.get(what, what),
        "result": what if what in ("agree", "refuse") else "",
    }
    event_id = f"{body['processInstanceId']}-{what}"
    return StreamEvent(
        event_id=event_id,
        event_type=kind,
        corp_id="",
        born_at=0,
        process_instance_id=str(body["processInstanceId"]),
        process_code="",
        type=str(body["type"]),
        result=str(body["result"]),
        data=json.dumps(body),
    )


@pytest.mark.parametrize("truth", TRUTHS)
def test_all_orders_of_true_and_false_events_end_as_the_instance_says(company: Company, truth: str) -> None:
    """Orders of {start, task, finish agree, finish refuse, terminate}; one event comes twice, one is lost, and what is
    true happens in between, all at places that go round. Nothing that an event claims is believed. With EVERY_ORDER
    set (`make soak`) all 120 orders with each truth, otherwise every twentieth."""
    happen, state, decisions = TRUTHS[truth]
    for number, order in enumerate(itertools.permutations(CLAIMS)):
        if not EVERY_ORDER and number % 20 != 5 * list(TRUTHS).index(truth):
            continue
        lost, doubled, at = number % 5, (number // 5) % 5, (number // 25) % 6
        ticket = company.awaiting()
        for place, what in enumerate(order):
            if place == at:
                happen(company, ticket)
            if place == lost:
                continue
            event = claim(company, ticket, what)
            company.deliver(*[event] * (2 if place == doubled else 1))
        if at == len(order):
            happen(company, ticket)
        company.read(ticket)
        company.read(ticket)
        assert (company.state_of(ticket), company.decisions(ticket)) == (state, decisions), (order, number)
        assert company.kept(ticket) == len(order) - 1


@pytest.mark.parametrize("truth", ["agree", "refuse", "terminate"])
def test_the_true_events_in_every_order_with_any_of_them_lost(company: Company, truth: str) -> None:
    happen, state, decisions = TRUTHS[truth]
    for order in itertools.permutations(range(3)):
        ticket = company.awaiting()
        happen(company, ticket)
        sent = company.events(ticket)
        assert len(sent) >= 3
        chosen = [sent[-1 - place] for place in order]
        company.deliver(*chosen[1:], *chosen[:1], *chosen)
        assert (company.state_of(ticket), company.decisions(ticket)) == (state, decisions), order


def test_all_events_lost(company: Company) -> None:
    """The reconciler alone brings every outcome."""
    for happen, state, decisions in TRUTHS.values():
        ticket = company.awaiting()
        happen(company, ticket)
        company.read(ticket)
        assert (company.state_of(ticket), company.decisions(ticket)) == (state, decisions)


def test_a_deleted_instance_is_never_agreed_to(company: Company) -> None:
    ticket = company.awaiting()
    company.delete(ticket)
    company.deliver(*company.events(ticket))
    assert company.state_of(ticket) == "withdrawn"


# --- before the answer to the start -----------------------------------------------------------------------


def test_events_that_come_before_the_start_is_answered_are_not_lost_on_us(company: Company) -> None:
    """The answer to the start is lost, everything happens in DingTalk meanwhile, and all events arrive while no ticket
    of ours has that instance: they are kept, and what they tell is seen as soon as the instance is known."""
    ticket = company.submitted()
    company.fault("timeout_after", match="/processInstances", method="POST", seconds=0, times=1)
    company.start(ticket)
    assert company.approval(ticket).state == "in_doubt"
    (instance_id,) = company.instances_of(ticket)
    task = company.control("GET", f"/instances/{instance_id}")["tasks"][0]["taskId"]
    company.control("POST", f"/instances/{instance_id}/tasks/{task}", {"result": "agree"})
    for one in company.control("GET", "/events")["events"]:
        if one["body"]["processInstanceId"] == instance_id:
            company.deliver(event_of_callback(json.dumps({"EventType": one["event_type"], **one["body"]})))
    kept = ProviderEvent.objects.filter(instance_id=instance_id)
    assert kept.filter(event_type="bpms_instance_change").count() == 2
    assert company.state_of(ticket) == "awaiting_approval"
    company.start(ticket)  # looks for it, and finds it
    assert company.external_id(ticket) == instance_id
    assert (company.state_of(ticket), company.decisions(ticket)) == ("approved", ["ticket.approve"])
    assert company.instances_of(ticket) == [instance_id]


# --- the same event by two ways, and events of other kinds ------------------------------------------------


def test_one_event_by_stream_and_by_http_is_one(company: Company) -> None:
    ticket = company.awaiting()
    streamed = company.events(ticket)[0]
    called = event_of_callback(json.dumps({"EventType": streamed.event_type, **json.loads(streamed.data)}))
    assert called.event_id == streamed.event_id
    assert inbox.store(streamed)
    assert not inbox.store(called)
    assert company.kept(ticket) == 1


def test_events_of_unknown_kinds_are_kept_counted_and_shown(company: Company) -> None:
    name = company.world.unique("holo_change")
    for number in range(3):
        known = company.events(company.awaiting())[0]
        event = replace(known, event_id=f"{name}-{number}", event_type=name, process_instance_id="")
        assert inbox.store(event)
        assert not inbox.store(event)
    count = next(found for found in selectors.event_counts() if found.type == name)
    assert (count.count, count.known) == (3, False)
    assert not ProviderEvent.objects.filter(event_type=name, processed_at=None).exists()
    assert next(found for found in selectors.event_counts() if found.type.startswith("bpms_")).known
    shown = site.metrics(RequestFactory().get("/metrics")).content.decode()
    assert f'sluicegate_dingtalk_events{{known="no",type="{name}"}} 3.0' in shown


# --- callbacks that failed --------------------------------------------------------------------------------


@pytest.fixture
def deaf(company: Company) -> Iterator[Company]:
    """Events go over HTTP to an address at which nobody answers any more."""
    keys = callbacks.subscribe(by=company.world.admin)
    app = company.state["apps"][0]["app_key"]
    company.control("POST", "/settings", {"retry_delays": [0, 0]})
    with silent_after_check(keys.token, keys.aes_key, app) as address:
        given = {"url": address, "token": keys.token, "aes_key": keys.aes_key}
        company.control("POST", f"/apps/{app}/callback", given)
    yield company
    company.control("POST", f"/apps/{app}/callback", {})


def failed(company: Company) -> bool:
    return {one["state"] for one in company.control("GET", "/events")["events"]} == {"failed"}


def test_callbacks_that_failed_are_fetched_and_forgotten_there(deaf: Company) -> None:
    ticket = deaf.awaiting()
    deaf.decide(ticket, "李四")
    wait_until(lambda: failed(deaf))
    fetched = callbacks.fetch_failed()
    sent = deaf.events(ticket)
    assert fetched == len(sent) >= 4
    assert deaf.kept(ticket) == len(sent)
    kept = ProviderEvent.objects.filter(instance_id=deaf.external_id(ticket))
    assert set(kept.values_list("event_id", flat=True)) == {event.event_id for event in sent}
    assert callbacks.fetch_failed() == 0, "DingTalk forgets what it has shown"
    assert not inbox.store(sent[0]), "the same event by another way is known"
    deaf.deliver(sent[0])
    assert deaf.state_of(ticket) == "approved"


def test_they_are_asked_for_rarely_and_only_while_somebody_waits(deaf: Company) -> None:
    waiting = deaf.awaiting()
    assert callbacks.failed_due(MINUTE)
    jobs.failed_callbacks(timestamp=0)
    assert not callbacks.failed_due(MINUTE)
    assert callbacks.failed_due(timedelta(0)), "the interval is over"
    deaf.decide(waiting, "李四")
    deaf.read(waiting)
    others = deaf.approval(waiting).__class__.objects.filter(state="waiting", provider="dingtalk")
    others.update(state="voided", terminate_done=True)
    assert not callbacks.failed_due(timedelta(0)), "nobody waits"


def test_a_list_that_cannot_be_read_stops_nothing(deaf: Company) -> None:
    deaf.awaiting()
    deaf.fault("error_before", match="/call_back/")
    jobs.failed_callbacks(timestamp=0)
    assert not callbacks.failed_due(MINUTE)


def test_without_a_subscription_over_http_nothing_is_asked_for(company: Company) -> None:
    company.awaiting()
    assert DingTalkConnection.objects.get().sealed_callback is None
    assert not callbacks.failed_due(timedelta(0))
    assert callbacks.fetch_failed() == 0
