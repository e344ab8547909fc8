"""The Stream client against a real websocket server that does as the protocol page says, and worse."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from sluicegate.dingtalk import stream
from sluicegate.dingtalk.config import Hosts
from sluicegate.dingtalk.stream import StreamEvent, StreamPhase, StreamPolicy, StreamState
from sluicegate.dingtalk.stream_wire import announces_exhausted_quota, websocket_address
from sluicegate.dingtalk.wire import Unreadable

from .scripted import CREDENTIALS, Answer, Request, ScriptedServer, refusal, scripted_server

# Fast, and otherwise like production.
FAST = StreamPolicy(first_delay=0.01, longest_delay=0.05, open_timeout=5, drain=1)
WITHIN = 20.0


class Gateway:
    """The open call and the websocket; each connection lands in ``connections``."""

    def __init__(self, http: ScriptedServer) -> None:
        self.http = http
        self.connections: asyncio.Queue[ServerConnection] = asyncio.Queue()
        self.tickets: list[str] = []
        self.port = 0
        self.opened = 0
        self.refuse: Callable[[], Answer | None] = lambda: None
        http.respond = self._open

    def _open(self, request: Request) -> Answer:
        assert request.path == "/v1.0/gateway/connections/open"
        refused = self.refuse()
        if refused is not None:
            return refused
        self.opened += 1
        return Answer({"endpoint": f"ws://127.0.0.1:{self.port}/connect", "ticket": f"t/{self.opened}=="})

    async def serve_one(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.tickets += parse_qs(urlsplit(connection.request.path).query)["ticket"]
        self.connections.put_nowait(connection)
        await connection.wait_closed()


class Heard:
    """What the listener told us."""

    def __init__(self) -> None:
        self.events: list[StreamEvent] = []
        self.states: list[StreamState] = []
        self.handler: Callable[[StreamEvent], Coroutine[Any, Any, None]] | None = None

    async def on_event(self, event: StreamEvent) -> None:
        self.events.append(event)
        if self.handler is not None:
            await self.handler(event)

    def phases(self) -> list[StreamPhase]:
        return [state.phase for state in self.states]


@asynccontextmanager
async def listening(
    policy: StreamPolicy = FAST, *, refuse: Callable[[], Answer | None] | None = None
) -> AsyncIterator[tuple[Gateway, Heard, asyncio.Event]]:
    with scripted_server() as http:
        gateway, heard, stop = Gateway(http), Heard(), asyncio.Event()
        gateway.refuse = refuse or gateway.refuse
        async with serve(gateway.serve_one, "127.0.0.1", 0, ping_interval=None) as server:
            gateway.port = next(iter(server.sockets)).getsockname()[1]
            hosts = Hosts(http.url, http.url)
            task = asyncio.create_task(
                stream.run(CREDENTIALS, hosts, heard.on_event, heard.states.append, stop, policy=policy)
            )
            try:
                yield gateway, heard, stop
            finally:
                stop.set()
                await asyncio.wait_for(task, WITHIN)
    assert heard.phases()[-1] is StreamPhase.STOPPED


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, WITHIN * 2))


async def accepted(gateway: Gateway) -> ServerConnection:
    return await asyncio.wait_for(gateway.connections.get(), WITHIN)


async def received(connection: ServerConnection) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(await asyncio.wait_for(connection.recv(), WITHIN))
    return answer


def event_frame(event_id: str, message_id: str = "m-1", **data: Any) -> str:
    payload = {
        "processInstanceId": "inst-1",
        "processCode": "PROC-1",
        "type": "finish",
        "result": "agree",
        **data,
    }
    return json.dumps(
        {
            "specVersion": "1.0",
            "type": "EVENT",
            "headers": {
                "messageId": message_id,
                "topic": "*",
                "eventType": "bpms_instance_change",
                "eventId": event_id,
                "eventBornTime": "1723624717000",
                "eventCorpId": "dingcorp",
                "contentType": "application/json",
            },
            "data": json.dumps(payload),
        }
    )


def system_frame(topic: str, data: dict[str, Any], message_id: str = "s-1") -> str:
    headers = {"messageId": message_id, "topic": topic, "contentType": "application/json"}
    return json.dumps({"specVersion": "1.0", "type": "SYSTEM", "headers": headers, "data": json.dumps(data)})


def is_success(answer: dict[str, Any]) -> bool:
    return answer["code"] == 200 and json.loads(answer["data"]).get("status", "SUCCESS") == "SUCCESS"


# --- the ordinary way ---------------------------------------------------------------------------------


def test_opens_connects_and_reads_events() -> None:
    async def test() -> None:
        async with listening() as (gateway, heard, _):
            connection = await accepted(gateway)
            await connection.send(event_frame("e-1"))
            answer = await received(connection)
            assert is_success(answer)
            assert answer["headers"]["messageId"] == "m-1"
        opening = gateway.http.calls[0]
        assert opening.body["clientId"] == CREDENTIALS.app_key
        assert opening.body["clientSecret"] == CREDENTIALS.app_secret
        assert opening.body["subscriptions"] == [{"type": "EVENT", "topic": "*"}]
        assert opening.headers["accept"] == "application/json"
        assert opening.token == ""
        assert gateway.tickets == ["t/1=="]
        (event,) = heard.events
        assert (event.event_id, event.event_type, event.corp_id, event.born_at) == (
            "e-1",
            "bpms_instance_change",
            "dingcorp",
            1723624717000,
        )
        assert (event.process_instance_id, event.process_code, event.type, event.result) == (
            "inst-1",
            "PROC-1",
            "finish",
            "agree",
        )
        assert json.loads(event.data)["processInstanceId"] == "inst-1"
        assert heard.phases() == [StreamPhase.CONNECTING, StreamPhase.CONNECTED, StreamPhase.STOPPED]

    run(test())


def test_answers_pings_while_a_handler_works() -> None:
    async def test() -> None:
        async with listening() as (gateway, heard, _):
            release = asyncio.Event()
            heard.handler = lambda _: _discard(release.wait())
            connection = await accepted(gateway)
            await connection.send(event_frame("e-1"))
            await connection.send(system_frame("ping", {"opaque": "xyz"}))
            pong = await received(connection)
            assert (pong["code"], pong["headers"]["messageId"]) == (200, "s-1")
            assert json.loads(pong["data"]) == {"opaque": "xyz"}
            release.set()
            assert is_success(await received(connection))

    run(test())


async def _discard(waiting: Coroutine[Any, Any, object]) -> None:
    await waiting


def test_acknowledges_only_what_the_handler_has_stored() -> None:
    async def test() -> None:
        async with listening() as (gateway, heard, _):
            attempts = 0

            async def failing_once(_: StreamEvent) -> None:
                nonlocal attempts
                attempts += 1
                if attempts == 1:
                    raise RuntimeError("the database is away")

            heard.handler = failing_once
            connection = await accepted(gateway)
            await connection.send(event_frame("e-1", "m-1"))
            assert not is_success(await received(connection))
            await connection.send(event_frame("e-1", "m-2"))
            again = await received(connection)
            assert is_success(again)
            assert again["headers"]["messageId"] == "m-2"
        assert attempts == 2

    run(test())


def test_a_second_delivery_is_acknowledged_and_not_handled() -> None:
    async def test() -> None:
        async with listening() as (gateway, heard, _):
            connection = await accepted(gateway)
            for message in ("m-1", "m-2", "m-3"):
                await connection.send(event_frame("e-1", message))
                assert is_success(await received(connection))
            assert len(heard.events) == 1

    run(test())


def test_a_delivery_during_the_first_waits_for_its_outcome() -> None:
    async def test() -> None:
        async with listening() as (gateway, heard, _):
            release = asyncio.Event()
            heard.handler = lambda _: _discard(release.wait())
            connection = await accepted(gateway)
            await connection.send(event_frame("e-1", "m-1"))
            await connection.send(event_frame("e-1", "m-2"))
            await connection.send(system_frame("ping", {}))
            assert (await received(connection))["headers"]["messageId"] == "s-1"
            release.set()
            answers = [await received(connection), await received(connection)]
            assert all(is_success(a) for a in answers)
            assert {a["headers"]["messageId"] for a in answers} == {"m-1", "m-2"}
            assert len(heard.events) == 1

    run(test())


def test_memory_of_events_is_bounded_and_shared_by_connections() -> None:
    async def test() -> None:
        policy = StreamPolicy(first_delay=0.01, drain=1, remembered=2)
        async with listening(policy) as (gateway, heard, _):
            first = await accepted(gateway)
            for name in ("a", "b", "c"):
                await first.send(event_frame(name))
                await received(first)
            await first.close()
            second = await accepted(gateway)
            for name in ("b", "c", "a"):
                await second.send(event_frame(name))
                assert is_success(await received(second))
            assert [e.event_id for e in heard.events] == ["a", "b", "c", "a"]

    run(test())


def test_events_without_an_id_are_all_handled() -> None:
    async def test() -> None:
        async with listening() as (gateway, heard, _):
            connection = await accepted(gateway)
            for _ in range(2):
                await connection.send(event_frame(""))
                assert is_success(await received(connection))
            assert len(heard.events) == 2

    run(test())


def test_odd_frames_do_no_harm() -> None:
    async def test() -> None:
        async with listening() as (gateway, heard, _):
            connection = await accepted(gateway)
            odd = [
                "nonsense",
                "[]",
                "{}",
                b"\xff\xfe",
                system_frame("REGISTERED", {}),
                system_frame("KEEPALIVE", {}),
            ]
            for frame in odd:
                await connection.send(frame)
            await connection.send(
                json.dumps({"type": "CALLBACK", "headers": {"messageId": "c-1"}, "data": "{}"})
            )
            unread = json.loads(event_frame("e-0", "m-0"))
            await connection.send(json.dumps({**unread, "data": "not json"}))
            await connection.send(event_frame("e-1"))
            answers = {}
            while "m-1" not in answers:
                answer = await received(connection)
                answers[answer["headers"]["messageId"]] = answer["code"]
            assert answers["c-1"] == 404
            assert answers["m-1"] == 200
            assert answers.get("m-0", 404) == 404
            assert [e.event_id for e in heard.events] == ["e-1"]

    run(test())


# --- moving and coming back ---------------------------------------------------------------------------


def test_on_disconnect_the_new_connection_stands_before_the_old_one_goes() -> None:
    async def test() -> None:
        async with listening() as (gateway, heard, _):
            release = asyncio.Event()
            heard.handler = lambda _: _discard(release.wait())
            old = await accepted(gateway)
            await old.send(event_frame("e-1"))
            await old.send(system_frame("disconnect", {"reason": "connection is expired"}))
            new = await accepted(gateway)
            assert old.state.name == "OPEN"
            release.set()
            assert is_success(await received(old))
            await asyncio.wait_for(old.wait_closed(), WITHIN)
            await new.send(event_frame("e-2"))
            assert is_success(await received(new))
            assert StreamPhase.WAITING not in heard.phases()
        assert gateway.tickets == ["t/1==", "t/2=="]

    run(test())


def test_while_no_new_connection_can_be_had_the_old_one_goes_on() -> None:
    async def test() -> None:
        refusing = asyncio.Event()

        def refuse() -> Answer | None:
            return refusal("systemError", status=500) if refusing.is_set() else None

        async with listening(refuse=refuse) as (gateway, heard, _):
            old = await accepted(gateway)
            refusing.set()
            await old.send(system_frame("disconnect", {}))
            while StreamPhase.WAITING not in heard.phases():
                await asyncio.sleep(0.01)
            await old.send(event_frame("e-1"))
            assert is_success(await received(old))
            refusing.clear()
            await accepted(gateway)
            await asyncio.wait_for(old.wait_closed(), WITHIN)

    run(test())


def test_an_old_connection_also_serves_through_the_wait_between_attempts() -> None:
    async def test() -> None:
        refusing = asyncio.Event()

        def refuse() -> Answer | None:
            return refusal("systemError", status=500) if refusing.is_set() else None

        async with listening(refuse=refuse) as (gateway, heard, _):
            first = await accepted(gateway)
            await first.send(system_frame("disconnect", {}))
            second = await accepted(gateway)
            refusing.set()
            await second.send(system_frame("disconnect", {}))
            while StreamPhase.WAITING not in heard.phases():
                await asyncio.sleep(0.01)
            await second.send(event_frame("e-1"))
            assert is_success(await received(second))

    run(test())


def test_a_handler_outlives_its_connection_and_is_not_started_again() -> None:
    async def test() -> None:
        policy = StreamPolicy(first_delay=0.01, longest_delay=0.05, drain=0.05)
        async with listening(policy) as (gateway, heard, _):
            began, release = asyncio.Event(), asyncio.Event()

            async def slow(_: StreamEvent) -> None:
                began.set()
                await release.wait()

            heard.handler = slow
            first = await accepted(gateway)
            await first.send(event_frame("e-1", "m-1"))
            await began.wait()
            first.transport.abort()
            second = await accepted(gateway)
            await asyncio.wait_for(first.wait_closed(), WITHIN)
            # Long enough for the lost connection's own tasks to be cancelled.
            while [t for t in asyncio.all_tasks() if "Session.close" in repr(t)]:
                await asyncio.sleep(0.01)
            await second.send(event_frame("e-1", "m-2"))
            await second.send(system_frame("ping", {}))
            assert (await received(second))["headers"]["messageId"] == "s-1"
            release.set()
            assert is_success(await received(second))
            assert len(heard.events) == 1

    run(test())


def test_a_server_that_only_says_disconnect_is_not_hammered() -> None:
    async def test() -> None:
        async with listening() as (gateway, heard, _):
            for _ in range(4):
                connection = await accepted(gateway)
                await connection.send(system_frame("disconnect", {}))
            waits = [s.retry_in for s in heard.states if s.phase is StreamPhase.WAITING]
            assert len(waits) >= 2

    run(test())


def test_a_lost_connection_is_made_anew() -> None:
    async def test() -> None:
        async with listening() as (gateway, heard, _):
            first = await accepted(gateway)
            first.transport.abort()
            second = await accepted(gateway)
            await second.send(event_frame("e-1"))
            assert is_success(await received(second))
            waiting = next(s for s in heard.states if s.phase is StreamPhase.WAITING)
            assert waiting.code == "dingtalk_stream_lost"
            assert waiting.retry_in is not None

    run(test())


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (refusal("invalidClientIdOrSecret", status=401), "dingtalk_invalid_credentials"),
        (refusal("somethingNew", status=400), "dingtalk_refused"),
        (Answer("<xml/>", content_type="application/xml"), "dingtalk_unavailable"),
        (Answer({"endpoint": "ws://127.0.0.1:1/connect"}), "dingtalk_unavailable"),
        (Answer({"endpoint": "http://127.0.0.1/", "ticket": "t"}), "dingtalk_unavailable"),
        (Answer({"endpoint": "ws://127.0.0.1:1/connect", "ticket": "t"}), "dingtalk_stream_lost"),
        (Answer(drop=True), "dingtalk_not_connected"),
    ],
)
def test_a_refused_opening_is_told_and_tried_again(refused: Answer, code: str) -> None:
    async def test() -> None:
        answers = iter([refused, refused])
        async with listening(refuse=lambda: next(answers, None)) as (gateway, heard, _):
            await accepted(gateway)
        assert [s.code for s in heard.states if s.phase is StreamPhase.WAITING] == [code, code]

    run(test())


def test_a_silent_connection_that_answers_pings_is_kept() -> None:
    async def test() -> None:
        policy = StreamPolicy(first_delay=0.01, idle_after=0.05, pong_within=5, drain=1)
        async with listening(policy) as (gateway, heard, _):
            connection = await accepted(gateway)
            loop = asyncio.get_running_loop()
            for _ in range(3):
                # The library answers the watchdog's pings by itself; our own pings are answered in turn.
                await asyncio.wait_for(await connection.ping(), WITHIN)
                quiet_until = loop.time() + 0.1
                while loop.time() < quiet_until:
                    await asyncio.sleep(0.02)
            assert gateway.opened == 1
            assert heard.phases() == [StreamPhase.CONNECTING, StreamPhase.CONNECTED]

    run(test())


def test_a_dead_connection_is_noticed_by_its_silence() -> None:
    async def test() -> None:
        policy = StreamPolicy(first_delay=0.01, idle_after=0.05, pong_within=0.5, drain=0.2)
        async with listening(policy) as (gateway, _, __):
            dead = await accepted(gateway)
            dead.transport.pause_reading()  # The server no longer sees, so it no longer answers, pings.
            alive = await accepted(gateway)
            await alive.send(event_frame("e-1"))
            assert is_success(await received(alive))
            dead.transport.resume_reading()

    run(test())


def test_an_exhausted_quota_is_told() -> None:
    async def test() -> None:
        async with listening() as (gateway, heard, _):
            connection = await accepted(gateway)
            notice = {"errCode": 20001, "errMsg": "受调用量超量影响，当前我的消息服务已经暂停"}
            await connection.send(json.dumps({"type": "SYSTEM", "headers": {}, "data": json.dumps(notice)}))
            await connection.send(system_frame("ping", {}))
            await received(connection)
            assert heard.phases()[-1] is StreamPhase.QUOTA_EXHAUSTED

    run(test())


# --- ending -------------------------------------------------------------------------------------------


def test_stopping_lets_a_running_handler_finish_and_acknowledge() -> None:
    async def test() -> None:
        done = []
        async with listening() as (gateway, heard, stop):
            began, release = asyncio.Event(), asyncio.Event()

            async def slow(_: StreamEvent) -> None:
                began.set()
                await release.wait()
                done.append(True)

            heard.handler = slow
            connection = await accepted(gateway)
            await connection.send(event_frame("e-1"))
            await began.wait()
            stop.set()
            release.set()
            assert is_success(await received(connection))
            with pytest.raises(ConnectionClosed):
                await received(connection)
        assert done == [True]

    run(test())


def test_cancelling_ends_it_and_closes_the_connection() -> None:
    async def test() -> None:
        with scripted_server() as http:
            gateway, heard = Gateway(http), Heard()
            async with serve(gateway.serve_one, "127.0.0.1", 0) as server:
                gateway.port = next(iter(server.sockets)).getsockname()[1]
                hosts, never = Hosts(http.url, http.url), asyncio.Event()
                task = asyncio.create_task(
                    stream.run(CREDENTIALS, hosts, heard.on_event, heard.states.append, never, policy=FAST)
                )
                connection = await accepted(gateway)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                await asyncio.wait_for(connection.wait_closed(), WITHIN)
                assert heard.phases()[-1] is StreamPhase.STOPPED

    run(test())


def test_a_failing_state_listener_is_not_swallowed() -> None:
    async def test() -> None:
        with scripted_server() as http:

            def on_state(state: StreamState) -> None:
                if state.phase is StreamPhase.CONNECTING:
                    raise KeyError("a mistake of the caller's")

            with pytest.raises(KeyError):
                await stream.run(
                    CREDENTIALS,
                    Hosts(http.url, http.url),
                    Heard().on_event,
                    on_state,
                    asyncio.Event(),
                    policy=FAST,
                )

    run(test())


def test_neither_secret_nor_ticket_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with listening() as (gateway, _, __):
            connection = await accepted(gateway)
            await connection.send(event_frame("e-1"))
            await received(connection)

    caplog.set_level(logging.DEBUG, logger="sluicegate")
    caplog.set_level(logging.DEBUG, logger="httpx")
    run(test())
    assert CREDENTIALS.app_secret not in caplog.text
    assert "t/1" not in caplog.text
    assert "t%2F1" not in caplog.text


# --- pure parts ---------------------------------------------------------------------------------------


def test_waits_grow_to_a_minute_and_vary() -> None:
    longest = [StreamPolicy(jitter=lambda: 1.0).delay(n) for n in range(1, 9)]
    shortest = [StreamPolicy(jitter=lambda: 0.0).delay(n) for n in range(1, 9)]
    assert longest == [1, 2, 4, 8, 16, 32, 60, 60]
    assert shortest == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert StreamPolicy(jitter=lambda: 1.0).delay(100_000) == 60


@pytest.mark.parametrize(
    ("endpoint", "base", "trusted"),
    [
        ("wss://wss-open-connection.dingtalk.com:443/connect", "https://api.dingtalk.com", True),
        ("wss://x.dingtalk.io/connect", "https://api.dingtalk.io", True),
        ("wss://proxy.corp.example/connect", "https://proxy.corp.example", True),
        ("ws://wss-open-connection.dingtalk.com/connect", "https://api.dingtalk.com", False),
        ("wss://evil.example/connect", "https://api.dingtalk.com", False),
        ("wss://evildingtalk.com/connect", "https://api.dingtalk.com", False),
        ("wss://dingtalk.com.evil.example/connect", "https://api.dingtalk.com", False),
        ("ws://127.0.0.1:7/connect", "http://127.0.0.1:7", True),
    ],
)
def test_a_connection_stays_with_dingtalk(endpoint: str, base: str, trusted: bool) -> None:
    body = {"endpoint": endpoint, "ticket": "a/b=="}
    if trusted:
        assert websocket_address(body, base) == f"{endpoint}?ticket=a%2Fb%3D%3D"
        return
    with pytest.raises(Unreadable):
        websocket_address(body, base)


def test_the_quota_notice_is_recognised_wherever_its_code_stands() -> None:
    assert announces_exhausted_quota('{"errCode":20001}')
    assert announces_exhausted_quota('{"data":"{\\"errCode\\":\\"20001\\"}"}')
    assert announces_exhausted_quota('{"data":{"errcode":20001}}')
    assert not announces_exhausted_quota('{"errCode":0,"data":"20001"}')
    assert not announces_exhausted_quota("20001")
