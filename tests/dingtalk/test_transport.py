"""Tokens, retries, pace, and what is known when an exchange fails; against a real server."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from sluicegate.dingtalk import errors
from sluicegate.dingtalk.auth import Retry
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.config import Hosts
from sluicegate.dingtalk.errors import OutcomeInDoubt, TemporarilyUnavailable
from sluicegate.dingtalk.http import Timeouts
from sluicegate.dingtalk.limits import RateLimiter
from sluicegate.dingtalk.messages import WorkNotification

from .scripted import CREDENTIALS, Answer, Request, ScriptedServer, client_for, in_turn, old_refusal, refusal

USER = Answer({"errcode": 0, "errmsg": "ok", "result": {"userid": "0123"}})
STARTED = Answer({"instanceId": "inst-1"})
PUNISH_PAGE = Answer("<html><body>punish</body></html>", content_type="text/html")


def start(client: DingTalkClient) -> str:
    return client.start_instance(process_code="PROC-1", originator="0123", department_id=-1, values=[])


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


# --- tokens -------------------------------------------------------------------------------------------


def test_one_token_serves_both_hosts_and_many_threads(server: ScriptedServer, client: DingTalkClient) -> None:
    server.respond = lambda _: USER
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(client.user_by_mobile, ["1"] * 16)) == ["0123"] * 16
    server.respond = lambda _: STARTED
    start(client)
    assert server.tokens_issued == 1
    assert {r.token for r in server.calls} == {"token-1"}
    assert server.requests[0].body == {"appKey": "dingkey", "appSecret": "top-secret-value"}
    assert "access_token" not in server.calls[-1].query


def test_a_token_is_renewed_five_minutes_early(server: ScriptedServer) -> None:
    clock = Clock()
    server.respond = lambda _: USER
    with client_for(server, clock=clock) as client:
        client.user_by_mobile("1")
        clock.now += 7200 - 301
        client.user_by_mobile("1")
        assert server.tokens_issued == 1
        clock.now += 2
        client.user_by_mobile("1")
    assert server.tokens_issued == 2
    assert server.calls[-1].token == "token-2"


@pytest.mark.parametrize(
    "refused",
    [
        refusal("InvalidAuthentication", "不合法的access_token"),
        old_refusal(88, "ding talk error[subcode=40014,submsg=不合法的access_token]", sub_code="40014"),
        old_refusal(42001, "access_token超时"),
    ],
)
def test_a_refused_token_is_replaced_once(
    server: ScriptedServer, client: DingTalkClient, refused: Answer
) -> None:
    server.respond = in_turn(refused, USER)
    assert client.user_by_mobile("1") == "0123"
    assert [r.token for r in server.calls] == ["token-1", "token-2"]


def test_a_token_refused_twice_is_an_error_also_for_changes(
    server: ScriptedServer, client: DingTalkClient
) -> None:
    server.respond = lambda _: refusal("InvalidAuthentication")
    with pytest.raises(errors.TokenInvalid):
        start(client)
    assert len(server.calls) == 2


def test_after_a_missing_permission_the_next_call_uses_a_new_token(
    server: ScriptedServer, client: DingTalkClient
) -> None:
    server.respond = in_turn(refusal("Forbidden.AccessDenied.AccessTokenPermissionDenied", status=403), USER)
    with pytest.raises(errors.MissingPermission):
        client.user_by_mobile("1")
    client.user_by_mobile("1")
    assert [r.token for r in server.calls] == ["token-1", "token-2"]


# --- what is known after a failure --------------------------------------------------------------------


def test_nothing_listening_is_definite(pauses: list[float]) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # Bound and never listening: connections to it are refused.
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        retry = Retry(sleep=pauses.append)
        with (
            DingTalkClient(CREDENTIALS, Hosts(url, url), retry=retry) as client,
            pytest.raises(errors.NotConnected) as caught,
        ):
            start(client)
    assert isinstance(caught.value, errors.NotProcessed)
    assert caught.value.retryable


@pytest.mark.parametrize(
    "answer",
    [
        Answer(drop=True),
        PUNISH_PAGE,
        Answer("<html>Bad Gateway</html>", status=502, content_type="text/html"),
        Answer("[]"),
        Answer({"unexpected": True}),
        Answer({"instanceId": None}),
        Answer({"instanceId": {"nested": 1}}),
        Answer({"location": "elsewhere"}, status=302),
        refusal("systemError", "系统异常", status=500),
    ],
)
def test_a_start_without_a_usable_answer_is_in_doubt_and_made_once(
    server: ScriptedServer, client: DingTalkClient, answer: Answer
) -> None:
    server.respond = lambda _: answer
    with pytest.raises(OutcomeInDoubt):
        start(client)
    assert len(server.calls) == 1


def test_a_time_out_after_sending_is_in_doubt(server: ScriptedServer) -> None:
    release = threading.Event()

    def hang(_: Request) -> Answer:
        release.wait(30)
        return STARTED

    server.respond = hang
    try:
        with client_for(server, timeouts=Timeouts(answer=0.2)) as client:
            with pytest.raises(OutcomeInDoubt):
                start(client)
            with pytest.raises(TemporarilyUnavailable):
                client.instance("x")
    finally:
        release.set()
    assert [r.method for r in server.calls] == ["POST", "GET"]


def test_a_limited_start_is_definite_so_it_is_made_again(
    server: ScriptedServer, client: DingTalkClient, pauses: list[float]
) -> None:
    limited = refusal("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", status=403)
    server.respond = in_turn(limited, STARTED)
    assert start(client) == "inst-1"
    server.respond = lambda _: limited
    with pytest.raises(errors.QpsLimited):
        start(client)
    assert len(server.calls) == 2 + 3
    assert pauses == [1.5, 1.5, 2.0]


def test_changes_never_ride_on_a_used_connection(server: ScriptedServer, client: DingTalkClient) -> None:
    """A kept-alive connection may have been closed by the server just now, which leaves doubt; reads may."""
    server.respond = lambda r: STARTED if r.path.endswith("/processInstances") else USER
    for _ in range(3):
        start(client)
        client.user_by_mobile("1")
    changes, reads = server.calls[0::2], server.calls[1::2]
    assert len({r.peer for r in changes}) == 3
    assert len({r.peer for r in reads}) == 1


# --- retries of reads ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "waited"),
    [
        (Answer(drop=True), [0.5, 1.0]),
        (refusal("Forbidden.AccessDenied.QpsLimitForApi", status=403), [1.5, 2.0]),
        (old_refusal(90018), [1.5, 2.0]),
    ],
)
def test_a_read_is_tried_again(
    server: ScriptedServer,
    client: DingTalkClient,
    pauses: list[float],
    first: Answer,
    waited: list[float],
) -> None:
    """The pause is anything from nothing to twice the last one's most; here always the middle."""
    server.respond = in_turn(first, first, USER)
    assert client.user_by_mobile("1") == "0123"
    assert pauses == waited


def test_a_read_gives_up_after_three_attempts(
    server: ScriptedServer, client: DingTalkClient, pauses: list[float]
) -> None:
    server.respond = lambda _: Answer(drop=True)
    with pytest.raises(TemporarilyUnavailable):
        client.user_by_mobile("1")
    assert len(server.calls) == 3
    assert len(pauses) == 2


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal("Forbidden.AccessDenied.ApiCountLimitForOrg", status=403), errors.QuotaExhausted),
        (Answer({"status": 1111, "wait": 5, "punish": "deny"}), errors.AddressThrottled),
        (PUNISH_PAGE, TemporarilyUnavailable),
        (old_refusal(60121), errors.UserNotFound),
    ],
)
def test_other_refusals_of_reads_are_not_tried_again(
    server: ScriptedServer,
    client: DingTalkClient,
    answer: Answer,
    expected: type[errors.DingTalkError],
) -> None:
    server.respond = lambda _: answer
    with pytest.raises(expected):
        client.user_by_mobile("1")
    assert len(server.calls) == 1


# --- pace ---------------------------------------------------------------------------------------------


@pytest.fixture
def paced() -> Iterator[tuple[RateLimiter, Clock, list[float]]]:
    clock = Clock()
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock.now += seconds

    yield RateLimiter(20, clock=clock, sleep=sleep), clock, waits


def test_never_more_than_the_rate_in_any_second(paced: tuple[RateLimiter, Clock, list[float]]) -> None:
    limiter, clock, waits = paced
    starts = []
    for index in range(200):
        limiter.wait("a")
        starts.append(clock.now)
        clock.now += 0.01 * (index % 4)
    assert all(later - earlier >= 1 - 1e-9 for earlier, later in zip(starts, starts[20:], strict=False))
    assert waits


def test_each_call_has_a_pace_of_its_own(paced: tuple[RateLimiter, Clock, list[float]]) -> None:
    limiter, _, waits = paced
    for name in "abc":
        for _ in range(20):
            limiter.wait(name)
    assert waits == []


# --- secrets ------------------------------------------------------------------------------------------


def test_no_secret_in_repr_errors_or_logs(
    server: ScriptedServer, client: DingTalkClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.respond = in_turn(USER, Answer(drop=True), Answer("<html>"))
    client.user_by_mobile("13800000000")
    shown = [repr(CREDENTIALS), caplog.text]
    for _ in range(2):
        with pytest.raises(errors.DingTalkError) as caught:
            client.send_work_notification(["1"], WorkNotification("t", "m", "b", "https://example.com/1"))
        shown += [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]
    shown.append(caplog.text)
    assert "HTTP Request" in caplog.text
    assert not [text for text in shown if "token-1" in text or "top-secret-value" in text]


def test_the_observer_hears_of_every_call(server: ScriptedServer) -> None:
    heard: list[tuple[str, str]] = []
    server.respond = in_turn(USER, old_refusal(60121))
    with client_for(server, observe=lambda name, outcome: heard.append((name, outcome))) as client:
        client.user_by_mobile("1")
        with pytest.raises(errors.UserNotFound):
            client.user_by_mobile("2")
    assert heard == [
        ("app_token", "ok"),
        ("user_by_mobile", "ok"),
        ("user_by_mobile", "dingtalk_user_not_found"),
    ]


@pytest.mark.parametrize(
    "answer", [refusal("invalidClientIdOrSecret", "无效的clientId或者clientSecret"), old_refusal(40096)]
)
def test_wrong_credentials_are_told_apart(
    server: ScriptedServer, client: DingTalkClient, answer: Answer
) -> None:
    client.check_credentials()
    server.token_refusal = answer
    with pytest.raises(errors.InvalidCredentials):
        client.check_credentials()
