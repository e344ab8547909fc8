"""What the processes of an installation share when they call DingTalk: each instance here stands for a process."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from django.db import transaction
from django.test import RequestFactory

from sluicegate.approvals import doctor, pacing
from sluicegate.approvals.models import CallPace, DingTalkConnection, HostCircuit
from sluicegate.approvals.pacing import SharedPace
from sluicegate.core import crypto
from sluicegate.core.messages import LANGUAGES
from sluicegate.dingtalk.circuit import CircuitPolicy, Phase
from sluicegate.dingtalk.config import Credentials
from sluicegate.web import site
from tests.integration.world import World, at_once, raised

APP = "pacing"
# Long enough that no slow machine sees its pause end by itself.
POLICY = CircuitPolicy(threshold=3, first_pause=600, longest_pause=3600, probe_lease=600, jitter=lambda: 0.0)


class Process(SharedPace):
    """Keeps what it was told instead of sleeping."""

    def __init__(self, rate: int = 20) -> None:
        super().__init__(APP, rate, policy=POLICY, sleep=lambda _: None)
        self.starts: list[float] = []

    def _book(self, call: str) -> tuple[float, float]:
        booked = super()._book(call)
        self.starts.append(booked[0])
        return booked


@pytest.fixture(autouse=True)
def connected(world: World) -> Iterator[None]:
    assert world.admin
    DingTalkConnection.objects.all().delete()
    DingTalkConnection.objects.create(app_key=APP, sealed_secret=b"", corp_id="c", agent_id="1")
    yield
    for model in (CallPace, HostCircuit):
        model.objects.filter(app_key=APP).delete()
    DingTalkConnection.objects.all().delete()


def open_circuit(process: SharedPace, host: str = "api") -> None:
    for _ in range(POLICY.threshold):
        assert process.admit(host) is None
        process.failed(host, "http_503")


def end_pause(host: str = "api") -> None:
    HostCircuit.objects.filter(app_key=APP, host=host).update(retry_at=0)


@pytest.mark.parametrize("rate", [1, 7, 20])
def test_all_processes_together_keep_below_the_limit(rate: int) -> None:
    processes = [Process(rate) for _ in range(4)]

    def work(process: Process) -> None:
        for _ in range(15):
            process.wait("start_instance")

    assert raised(at_once(*(partial(work, process) for process in processes))) == []
    starts = sorted(start for process in processes for start in process.starts)
    assert len(starts) == 60
    assert all(later - earlier > 0.999 for earlier, later in zip(starts, starts[rate:], strict=False))
    assert CallPace.objects.get(app_key=APP, call="start_instance").starts == starts[-rate:]


def test_each_api_and_each_app_has_a_pace_of_its_own() -> None:
    process = Process(1)
    for call in ("instance", "comment", "forecast"):
        process.wait(call)
    assert process.starts[-1] - process.starts[0] < 60
    assert CallPace.objects.filter(app_key=APP).count() == 3


def test_a_lower_limit_holds_from_then_on() -> None:
    for _ in range(20):
        Process(20).wait("instance")
    slow = Process(2)
    for _ in range(3):
        slow.wait("instance")
    assert slow.starts[2] - slow.starts[0] > 0.999
    assert len(CallPace.objects.get(app_key=APP).starts) == 2


def test_a_clock_that_was_set_back_stops_nothing_for_long() -> None:
    process = Process(2)
    process.wait("instance")
    CallPace.objects.filter(app_key=APP).update(starts=[process.starts[0] + 86_400.0] * 2)
    process.wait("instance")
    assert process.starts[-1] - process.starts[0] < 3600


def test_within_a_transaction_a_process_keeps_its_own_pace() -> None:
    process = Process(1)
    with transaction.atomic():
        process.wait("instance")
        process.failed("api", "http_503")
        assert process.admit("api") is None
    assert not CallPace.objects.filter(app_key=APP).exists()
    assert not HostCircuit.objects.filter(app_key=APP).exists()


def test_what_one_process_learns_all_of_them_know() -> None:
    one, other = Process(), Process()
    open_circuit(one)
    barred = other.admit("api")
    assert barred is not None
    assert barred.reason == "http_503"
    assert other.admit("oapi") is None
    states = {state.host: state for state in pacing.host_states()}
    assert (states["api"].phase, states["api"].retry_at) == (Phase.OPEN, barred.retry_at)
    assert states["oapi"].phase is Phase.CLOSED


def test_one_probe_for_all_processes() -> None:
    open_circuit(Process())
    end_pause()
    admitted = at_once(*(partial(Process().admit, "api") for _ in range(6)))
    assert raised(admitted) == []
    assert [found for found in admitted if found is None] == [None]
    assert pacing.host_states()[0].phase is Phase.HALF_OPEN


def test_an_answer_closes_it_for_all() -> None:
    one, other = Process(), Process()
    open_circuit(one)
    end_pause()
    assert other.admit("api") is None
    other.answered("api")
    assert one.admit("api") is None
    assert pacing.host_states()[0].phase is Phase.CLOSED
    assert not HostCircuit.objects.filter(app_key=APP).exists()


def test_it_is_seen_by_doctor_and_metrics(world: World) -> None:
    DingTalkConnection.objects.all().delete()
    nobody = Credentials(APP, "secret", "c", "1")
    sealed = crypto.seal(nobody.app_secret, "dingtalk:app_secret")
    DingTalkConnection.objects.create(app_key=APP, sealed_secret=sealed, corp_id="c", agent_id="1")
    open_circuit(Process())
    state = pacing.host_states()[0]
    assert state.retry_at is not None
    resting, credentials = doctor.check(by=world.admin)
    assert (resting.name, resting.status) == ("host", "warn")
    assert credentials.error is not None
    assert credentials.error.code == "dingtalk_circuit_open"
    for line in (resting, credentials):
        for language in LANGUAGES:
            assert f"{state.retry_at:%H:%M:%S}" in line.advice(language)
    shown = site.metrics(RequestFactory().get("/metrics")).content.decode()
    assert 'sluicegate_dingtalk_host_up{host="api"} 0.0' in shown
    assert 'sluicegate_dingtalk_host_up{host="oapi"} 1.0' in shown


def test_failures_that_are_not_in_a_row_open_nothing() -> None:
    process = Process()
    for _ in range(POLICY.threshold * 2):
        assert process.admit("api") is None
        process.failed("api", "http_503")
        assert process.admit("api") is None
        process.answered("api")
    assert pacing.host_states()[0].failures == 0
