"""The circuit breaker: its transitions as values, and the client's behaviour against a real server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sluicegate.core.messages import describe
from sluicegate.dingtalk import errors
from sluicegate.dingtalk.auth import Retry
from sluicegate.dingtalk.circuit import CLOSED, Circuit, CircuitPolicy, LocalCircuits, Phase, admitted, failed
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.limits import LocalPace

from .scripted import Answer, ScriptedServer, client_for, old_refusal, refusal

POLICY = CircuitPolicy(threshold=3, first_pause=2, longest_pause=8, probe_lease=60, jitter=lambda: 0.0)
USER = Answer({"errcode": 0, "errmsg": "ok", "result": {"userid": "0123"}})
PUNISH_PAGE = Answer("<html><body>punish</body></html>", content_type="text/html")


def opened(now: float = 0.0) -> Circuit:
    circuit = CLOSED
    for _ in range(POLICY.threshold):
        circuit = failed(circuit, now, POLICY, "http_503")
    return circuit


def probe(circuit: Circuit, now: float) -> Circuit:
    after = admitted(circuit, now, POLICY)
    assert after is not None
    return after


def test_it_opens_after_failures_in_a_row_and_probes_once() -> None:
    circuit = opened()
    assert (circuit.phase(0.0), circuit.retry_at) == (Phase.OPEN, 2.0)
    assert admitted(circuit, 1.9, POLICY) is None
    probing = probe(circuit, 2.0)
    assert probing.phase(2.0) is Phase.HALF_OPEN
    assert admitted(probing, 2.1, POLICY) is None, "one probe at a time"


def test_a_failed_probe_doubles_the_pause_up_to_its_limit() -> None:
    circuit, now, pauses = opened(), 0.0, []
    for _ in range(4):
        assert circuit.retry_at is not None
        now = circuit.retry_at
        circuit = failed(probe(circuit, now), now, POLICY, "http_503")
        assert circuit.retry_at is not None
        pauses.append(circuit.retry_at - now)
    assert pauses == [4.0, 8.0, 8.0, 8.0]


def test_failures_of_calls_begun_before_do_not_prolong_it() -> None:
    circuit = opened()
    assert failed(circuit, 1.0, POLICY, "ReadTimeout") == circuit


def test_a_probe_that_vanished_makes_way_for_another() -> None:
    probing = probe(opened(), 2.0)
    assert admitted(probing, 61.9, POLICY) is None
    assert admitted(probing, 62.0, POLICY) is not None


def test_an_answer_between_failures_starts_the_count_anew() -> None:
    circuits = LocalCircuits(POLICY)
    for _ in range(POLICY.threshold - 1):
        circuits.failed("api", "http_503")
    circuits.answered("api")
    circuits.failed("api", "http_503")
    assert circuits.admit("api") is None
    assert circuits.circuit("oapi") == CLOSED


# --- the client over sockets --------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Pace(LocalPace):
    """With a clock that a test moves."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(policy=POLICY)
        LocalCircuits.__init__(self, POLICY, clock=clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def paced(server: ScriptedServer, clock: Clock) -> DingTalkClient:
    return client_for(server, pace=Pace(clock), retry=Retry(attempts=1))


FAILURES = {
    "503": Answer("upstream unavailable", status=503, content_type="text/plain"),
    "502 in HTML": Answer("<html>Bad Gateway</html>", status=502, content_type="text/html"),
    "500 in JSON": refusal("systemError", "系统异常", status=500),
    "punish page": PUNISH_PAGE,
    "no answer": Answer(drop=True),
    "cut off": Answer({"errcode": 0, "result": {"userid": "0123"}}, cut=True),
    "redirect": Answer("", status=302, headers={"Location": "http://portal.example/login"}),
    "redirect in JSON": Answer({"errcode": 0}, status=307, headers={"Location": "/elsewhere"}),
    "an array": Answer("[]"),
    "nested too deeply": Answer("[" * 100_000 + "]" * 100_000),
    "empty": Answer(""),
    "not UTF-8": Answer(b"\xff\xfe\x00".decode("latin-1"), content_type="application/json;charset=utf-8"),
}


@pytest.mark.parametrize("trouble", FAILURES)
def test_a_host_that_gives_no_answer_is_left_alone_and_probed(
    server: ScriptedServer, paced: DingTalkClient, clock: Clock, trouble: str
) -> None:
    server.respond = lambda _: FAILURES[trouble]
    with paced as client:
        client.check_credentials()
        for _ in range(POLICY.threshold):
            with pytest.raises(errors.TemporarilyUnavailable):
                client.user_by_mobile("1")
        before = len(server.requests)
        with pytest.raises(errors.CircuitOpen) as caught:
            client.user_by_mobile("1")
        assert len(server.requests) == before, "nothing is sent"
        client.check_credentials()  # the other host is not concerned
        error = caught.value
        assert isinstance(error, errors.NotProcessed)
        assert (error.code, error.retryable, error.status) == ("dingtalk_circuit_open", True, 503)
        assert 0 <= error.seconds <= 2
        for language in ("zh", "en"):
            assert f"{error.retry_at:%H:%M:%S}" in describe(error, language)

        clock.now += 2
        with pytest.raises(errors.TemporarilyUnavailable):
            client.user_by_mobile("1")  # the probe
        with pytest.raises(errors.CircuitOpen):
            client.user_by_mobile("1")
        clock.now += 4
        server.respond = lambda _: USER
        assert client.user_by_mobile("1") == "0123"
        assert client.user_by_mobile("1") == "0123"


def test_refusals_are_answers(server: ScriptedServer, paced: DingTalkClient) -> None:
    server.respond = lambda _: old_refusal(60121)
    with paced as client:
        for _ in range(POLICY.threshold * 2):
            with pytest.raises(errors.UserNotFound):
                client.user_by_mobile("1")
        server.respond = lambda _: Answer({"errcode": 0, "result": "not what was expected"})
        for _ in range(POLICY.threshold * 2):
            with pytest.raises(errors.TemporarilyUnavailable):
                client.user_by_mobile("1")


def test_an_address_that_is_punished_stays_away_for_five_minutes(
    server: ScriptedServer, paced: DingTalkClient, clock: Clock
) -> None:
    server.respond = lambda _: Answer({"status": 1111, "wait": 5, "source": "x5", "punish": "deny"})
    with paced as client:
        with pytest.raises(errors.AddressThrottled):
            client.user_by_mobile("1")
        clock.now += 299
        with pytest.raises(errors.CircuitOpen) as caught:
            client.user_by_mobile("1")
        assert caught.value.retry_at - datetime.now(UTC) < timedelta(seconds=2)
        clock.now += 1
        server.respond = lambda _: USER
        assert client.user_by_mobile("1") == "0123"


def test_what_postgresql_cannot_keep_is_left_out_of_texts(
    server: ScriptedServer, paced: DingTalkClient
) -> None:
    server.respond = lambda _: Answer(
        '{"result": {"title": "a\\u0000b\\ud800c", "status": "RUNNING", "tasks": []}}'
    )
    with paced as client:
        assert client.instance("x").title == "ab?c"


def test_json_of_another_content_type_is_read(server: ScriptedServer, paced: DingTalkClient) -> None:
    """What was answered counts, not how it is labelled."""
    server.respond = lambda _: Answer(USER.body, content_type="text/html")
    with paced as client:
        assert client.user_by_mobile("1") == "0123"
