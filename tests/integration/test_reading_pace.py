"""How often a waiting approval is read again from its provider."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from sluicegate.accounts.models import User
from sluicegate.approvals import services
from sluicegate.approvals.models import Approval, ApprovalState, DingTalkConnection
from tests.integration.world import World

BASE = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def swept(world: World) -> Iterator[None]:
    """Nothing of this stays for other tests."""
    assert world.admin
    yield
    Approval.objects.filter(reference__startswith="PACE-").delete()
    DingTalkConnection.objects.filter(app_key="pace").delete()


def waiting(user: User, *, age: timedelta, unread: timedelta) -> Approval:
    now = timezone.now()
    number = Approval.objects.count()
    approval = Approval.objects.create(
        reference=f"PACE-{number}/1",
        ticket_number=f"PACE-{number}",
        revision=1,
        ticket_kind="data_change",
        sha256="0" * 64,
        submitter=user,
        provider="dingtalk",
        state=ApprovalState.WAITING,
        request={},
        flow={},
        external_id=f"pace-{number}",
    )
    Approval.objects.filter(pk=approval.pk).update(created_at=now - age, last_read_at=now - unread)
    return approval


def connect(state: str, since: timedelta) -> None:
    DingTalkConnection.objects.all().delete()
    DingTalkConnection.objects.create(
        app_key="pace",
        sealed_secret=b"",
        corp_id="corp",
        agent_id="1",
        stream_state=state,
        stream_state_at=timezone.now() - since,
    )


@pytest.mark.parametrize(
    ("age", "interval"),
    [
        (timedelta(minutes=1), timedelta(seconds=30)),
        (timedelta(minutes=30), timedelta(minutes=5)),
        (timedelta(hours=5), timedelta(minutes=30)),
        (timedelta(days=3), timedelta(hours=2)),
    ],
)
def test_older_ones_are_read_more_rarely(age: timedelta, interval: timedelta) -> None:
    assert services.reading_interval(age, BASE, events=True) == interval
    assert services.reading_interval(age, BASE, events=False) == min(interval, timedelta(minutes=5))


def test_due_by_age_and_by_events(world: World) -> None:
    user = world.admin
    connect("connected", timedelta(days=30))
    recent = waiting(user, age=timedelta(minutes=5), unread=timedelta(minutes=2))
    old = waiting(user, age=timedelta(hours=5), unread=timedelta(minutes=20))
    older = waiting(user, age=timedelta(hours=5), unread=timedelta(minutes=40))
    due = set(services.due_readings(BASE))
    assert {recent.pk, older.pk} <= due
    assert old.pk not in due
    connect("waiting", timedelta(days=30))
    assert old.pk in services.due_readings(BASE)


def test_all_are_read_once_after_the_stream_came_back(world: World) -> None:
    connect("connected", timedelta(minutes=10))
    before = waiting(world.admin, age=timedelta(days=3), unread=timedelta(minutes=20))
    after = waiting(world.admin, age=timedelta(days=3), unread=timedelta(minutes=5))
    due = services.due_readings(BASE)
    assert before.pk in due
    assert after.pk not in due
