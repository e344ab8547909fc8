"""The month's DingTalk calls and events: counted, shown, and spared."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest
from django.db import transaction
from django.utils import timezone

from sluicegate.accounts.models import User
from sluicegate.approvals import doctor, inbox, quota, selectors, services
from sluicegate.approvals.models import Approval, ApprovalState, DingTalkConnection, ProviderEvent, QuotaMonth
from sluicegate.core.errors import InvalidInput
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.config import Credentials, Hosts
from sluicegate.dingtalk.errors import InstanceNotFound, QuotaExhausted
from sluicegate.dingtalk.events import StreamEvent
from tests.integration.world import World

CORP = "quota-corp"
BASE = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def connected(world: World) -> Iterator[DingTalkConnection]:
    assert world.admin
    DingTalkConnection.objects.all().delete()
    yield DingTalkConnection.objects.create(
        app_key="quota", sealed_secret=b"", corp_id=CORP, agent_id="1", stream_state="connected"
    )
    quota.flush()
    QuotaMonth.objects.all().delete()
    Approval.objects.filter(reference__startswith="QUOTA-").delete()
    ProviderEvent.objects.filter(event_id__startswith="quota-").delete()
    DingTalkConnection.objects.all().delete()


def used(connected: DingTalkConnection) -> quota.Usage:
    connected.refresh_from_db()
    return quota.usage(connected)


def use(calls: int, events: int = 0) -> None:
    QuotaMonth.objects.update_or_create(
        corp_id=CORP,
        month=quota.month_of(timezone.now()),
        defaults={"calls": calls, "events": events, "exhausted_at": None},
    )


def waiting(user: User, *, unread: timedelta) -> Approval:
    now = timezone.now()
    number = Approval.objects.count()
    approval = Approval.objects.create(
        reference=f"QUOTA-{number}/1",
        ticket_number=f"QUOTA-{number}",
        revision=1,
        ticket_kind="data_change",
        sha256="0" * 64,
        submitter=user,
        provider="dingtalk",
        state=ApprovalState.WAITING,
        request={},
        flow={},
        external_id=f"quota-{number}",
    )
    Approval.objects.filter(pk=approval.pk).update(
        created_at=now - timedelta(hours=5), last_read_at=now - unread
    )
    return approval


def test_the_month_is_that_of_shanghai() -> None:
    assert quota.month_of(datetime(2026, 11, 30, 15, 59, tzinfo=UTC)) == "2026-11"
    assert quota.month_of(datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) == "2026-12"


def test_what_counts(connected: DingTalkConnection) -> None:
    for name, outcome in [
        ("instance", "ok"),
        ("start_instance", "dingtalk_form_mismatch"),
        ("instance", "dingtalk_qps_limited"),
        ("instance", "dingtalk_not_connected"),
        ("app_token", "ok"),
        ("user", "ok"),
    ]:
        quota.observed(CORP, name, outcome)
    assert used(connected).calls == 2


def test_a_call_counts_though_the_transaction_rolled_back(connected: DingTalkConnection) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        quota.observed(CORP, "instance", "ok")
        raise ZeroDivisionError
    assert used(connected).calls == 0
    quota.observed(CORP, "instance", "ok")
    assert used(connected).calls == 2
    with transaction.atomic():
        quota.observed(CORP, "instance", "ok")
    assert used(connected).calls == 3


def test_events_count_once(connected: DingTalkConnection) -> None:
    for event_id, event_type in [
        ("quota-1", "bpms_instance_change"),
        ("quota-1", "bpms_instance_change"),
        ("quota-2", "user_leave_org"),
    ]:
        inbox.store(
            StreamEvent(
                event_id=event_id,
                event_type=event_type,
                corp_id=CORP,
                born_at=0,
                process_instance_id="",
                process_code="",
                type="",
                result="",
                data="{}",
            )
        )
    assert used(connected).events == 1


@pytest.mark.parametrize(
    ("calls", "events", "status"),
    [(3_999, 0, "pass"), (4_000, 0, "warn"), (0, 2_400, "warn"), (4_750, 0, "fail"), (0, 2_850, "fail")],
)
def test_the_doctor_says_how_much_is_used(
    connected: DingTalkConnection, calls: int, events: int, status: str
) -> None:
    use(calls, events)
    line = doctor.events.quota_line(connected)
    assert line.status == status
    assert str(calls) in line.text("en")
    assert bool(line.advice("en")) == (status != "pass")


def test_plans(world: World, connected: DingTalkConnection) -> None:
    assert (used(connected).call_limit, used(connected).event_limit) == (5_000, 3_000)
    assert quota.set_plan(by=world.admin, plan="pro").call_limit == 200_000
    own = quota.set_plan(by=world.admin, plan="own", calls=7, events=9)
    assert (own.call_limit, own.event_limit) == (7, 9)
    for wrong in (
        partial(quota.set_plan, plan="gold"),
        partial(quota.set_plan, plan="own", calls=7),
        partial(quota.set_plan, plan="pro", calls=7, events=1),
    ):
        with pytest.raises(InvalidInput) as caught:
            wrong(by=world.admin)
        assert caught.value.code == "dingtalk_plan_invalid"
    assert used(connected).call_limit == 7


def test_reading_spares_what_is_left(world: World) -> None:
    half_hour = waiting(world.admin, unread=timedelta(minutes=40)).pk
    hour = waiting(world.admin, unread=timedelta(minutes=70)).pk
    long = waiting(world.admin, unread=timedelta(minutes=130)).pk
    mine = {half_hour, hour, long}
    use(3_999)
    assert mine & set(services.due_readings(BASE)) == mine
    use(4_000)
    assert mine & set(services.due_readings(BASE)) == {hour, long}
    use(4_750)
    assert mine & set(services.due_readings(BASE)) == {long}


def test_nothing_is_polled_once_dingtalk_says_it_is_used_up(
    world: World, connected: DingTalkConnection
) -> None:
    approval = waiting(world.admin, unread=timedelta(days=1))
    quota.observed(CORP, "instance", QuotaExhausted.default_code)
    assert used(connected).exhausted
    assert used(connected).calls == 0
    assert doctor.events.quota_line(connected).status == "fail"
    assert services.due_readings(BASE) == []
    quota.set_plan(by=world.admin, plan="pro")
    assert approval.pk in services.due_readings(BASE)
    quota.observed(CORP, "instance", QuotaExhausted.default_code)
    assert services.due_readings(BASE) == []
    QuotaMonth.objects.update(month="2026-01")  # another month than the present one
    assert approval.pk in services.due_readings(BASE)


def test_nothing_is_started_or_ended_meanwhile_and_the_ticket_says_why(world: World) -> None:
    approval = waiting(world.admin, unread=timedelta(minutes=1))
    starting = waiting(world.admin, unread=timedelta(minutes=1))
    ending = waiting(world.admin, unread=timedelta(minutes=1))
    rows = Approval.objects
    rows.filter(pk=starting.pk).update(state=ApprovalState.STARTING, external_id=None)
    rows.filter(pk=ending.pk).update(state=ApprovalState.VOIDED)
    assert starting.pk in services.due_starts()
    assert ending.pk in services.due_terminations()
    quota.observed(CORP, "instance", QuotaExhausted.default_code)
    assert services.due_starts() == []
    assert services.due_terminations() == []
    assert not services.start(starting.pk)  # the first attempt comes with the submission itself
    for pk in (approval.pk, starting.pk):
        assert selectors.problem_of(rows.get(pk=pk))[0] == "dingtalk_quota_exhausted"
    assert rows.get(pk=starting.pk).submit_started_at is None
    quota.set_plan(by=world.admin, plan="pro")
    assert selectors.problem_of(rows.get(pk=approval.pk))[0] == ""
    rows.filter(pk=starting.pk).update(next_attempt_at=timezone.now())
    assert starting.pk in services.due_starts()


def test_a_call_that_succeeds_ends_it(world: World, connected: DingTalkConnection) -> None:
    approval = waiting(world.admin, unread=timedelta(days=1))
    quota.observed(CORP, "instance", QuotaExhausted.default_code)
    quota.observed(CORP, "user", "ok")  # free of charge: says nothing
    assert services.due_readings(BASE) == []
    quota.observed(CORP, "instance", "ok")
    assert approval.pk in services.due_readings(BASE)


@pytest.fixture
def sandbox() -> Iterator[str]:
    """A DingTalk of two calls a month; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dingtalk_sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        httpx.post(f"{url}/_sandbox/settings", json={"api_quota": 2}).raise_for_status()
        yield url
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def test_calls_over_the_wire(connected: DingTalkConnection, sandbox: str) -> None:
    state = httpx.get(f"{sandbox}/_sandbox/state").json()
    app = state["apps"][0]
    given = Credentials(app["app_key"], app["app_secret"], CORP, str(app["agent_id"]))
    with DingTalkClient(given, Hosts(sandbox, sandbox), observe=partial(quota.observed, CORP)) as client:
        client.check_credentials()
        client.auth_scopes()
        assert used(connected).calls == 0
        for _ in range(2):
            with pytest.raises(InstanceNotFound):
                client.instance("none")
        assert (used(connected).calls, used(connected).exhausted) == (2, False)
        with pytest.raises(QuotaExhausted):
            client.instance("none")
    assert (used(connected).calls, used(connected).exhausted) == (2, True)
