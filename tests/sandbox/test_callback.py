"""Events over HTTP: the published vectors of DingTalk's seal, and a receiver of our own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from alibabacloud_dingtalk.event_1_0 import models as event
from alibabacloud_dingtalk.event_1_0.client import Client as EventClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions

from dingtalk_sandbox.callback import BadSeal, seal, sign, unseal
from dingtalk_sandbox.model import CallbackConfig
from tests.sandbox.support import Api, wait_until

TOKEN = "abc123"
AES_KEY = "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"
VECTOR_1 = "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA=="
VECTOR_2 = (
    "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23"
    "JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0"
    "pZcy0w9lQ=="
)


class Receiver:
    """An app's callback address. ``answer`` makes the plaintext of the reply from the event."""

    def __init__(self, owner: str) -> None:
        self.config = CallbackConfig("", TOKEN, AES_KEY)
        self.owner = owner
        self.events: list[dict[str, Any]] = []
        self.answer: Callable[[dict[str, Any]], str] = lambda _event: "success"
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                reply = receiver.receive(parse_qs(urlsplit(self.path).query), body["encrypt"])
                self.send_response(200)
                self.send_header("content-length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def receive(self, query: dict[str, list[str]], sealed: str) -> bytes:
        timestamp, nonce = query["timestamp"][0], query["nonce"][0]
        assert query["signature"][0] == sign(TOKEN, timestamp, nonce, sealed)
        event = json.loads(unseal(self.config, self.owner, sealed))
        self.events.append(event)
        encrypted = seal(self.config, self.owner, self.answer(event))
        reply = {
            "msg_signature": sign(TOKEN, "1", "n", encrypted),
            "timeStamp": "1",
            "nonce": "n",
            "encrypt": encrypted,
        }
        return json.dumps(reply).encode()


@pytest.fixture
def receiver(api: Api) -> Iterator[Receiver]:
    made = Receiver(api.app["app_key"])
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    api.control("POST", "/reset")
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def register(api: Api, receiver: Receiver, status: int = 200) -> None:
    body = {"url": receiver.url, "token": TOKEN, "aes_key": AES_KEY}
    api.control("POST", f"/apps/{api.app['app_key']}/callback", body, status=status)


def test_published_vectors() -> None:
    first = CallbackConfig("", "123456", "1234567890123456789012345678901234567890123")
    signature = sign("123456", "1614767836", "A7Co0cJLMzIDtMMI", VECTOR_1)
    assert signature == "9a95a004dd16f5c307e849b994173f76aa26e5eb"
    assert unseal(first, "dingsnotzck6pm5veliw", VECTOR_1) == "success"
    second = CallbackConfig("", "123456", AES_KEY)
    signature = sign("123456", "1445827045067", "nEXhMP4r", VECTOR_2)
    assert signature == "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0"
    opened = json.loads(unseal(second, "suite4xxxxxxxxxxxxxxx", VECTOR_2))
    assert opened["EventType"] == "check_create_suite_url"


@pytest.mark.parametrize("message", ["", "success", "长" * 100, "x" * 11])
def test_a_seal_opens_only_for_its_owner(message: str) -> None:
    config = CallbackConfig("", TOKEN, AES_KEY)
    sealed = seal(config, "dingx", message)
    assert unseal(config, "dingx", sealed) == message
    for owner, text in (("dingy", sealed), ("dingx", "AAAA"), ("dingx", "%%")):
        with pytest.raises(BadSeal):
            unseal(config, owner, text)


def test_events_are_sent_to_an_address_that_answered(api: Api, receiver: Receiver) -> None:
    register(api, receiver)
    assert receiver.events == [{"EventType": "check_url"}]
    instance_id = api.start()
    wait_until(lambda: len(receiver.events) == 4)
    event = next(known for known in receiver.events if known["EventType"] == "bpms_instance_change")
    assert event["CorpId"] == api.app["corp_id"]
    assert event["processInstanceId"] == instance_id
    assert event["type"] == "start"
    wait_until(lambda: {e["state"] for e in api.control("GET", "/events")["events"]} == {"confirmed"})


def test_an_address_that_does_not_answer_is_not_taken(api: Api, receiver: Receiver) -> None:
    receiver.answer = lambda _event: "fail"
    register(api, receiver, status=400)
    assert api.state()["apps"][0]["callback_url"] is None


def test_unconfirmed_events_come_again_and_end_in_the_failed_list(api: Api, receiver: Receiver) -> None:
    register(api, receiver)
    api.control("POST", f"/apps/{api.app['app_key']}", {"event_filters": ["*instance_change*"]})
    api.control("POST", "/settings", {"retry_delays": [0.02, 0.02]})
    receiver.answer = lambda _event: "later"
    instance_id = api.start()
    wait_until(lambda: api.control("GET", "/events")["events"][0]["state"] == "failed")
    assert len(receiver.events) == 1 + 3
    when = api.state()["instances"][0]["created"]
    path = "/v1.0/event/callbacks/failedResults"
    for _ in range(2):
        answer = api.ok("GET", path, beginTime=when, endTime=when + 60_000)
        (failed,) = answer["failedList"]
        assert (answer["hasMore"], failed["callBackTag"]) == (False, "bpms_instance_change")
        assert (failed["corpId"], failed["eventTime"]) == (api.app["corp_id"], when)
        assert json.loads(failed["callBackData"])["processInstanceId"] == instance_id
    client = EventClient(Config(endpoint=api.url.removeprefix("http://"), protocol="http"))
    request = event.GetCallBackFaileResultRequest(begin_time=when, end_time=when + 60_000)
    headers = event.GetCallBackFaileResultHeaders(x_acs_dingtalk_access_token=api.token)
    body = client.get_call_back_faile_result_with_options(request, headers, RuntimeOptions()).body
    assert [(entry.call_back_tag, entry.corp_id) for entry in body.failed_list] == [
        ("bpms_instance_change", api.app["corp_id"])
    ]
    assert api.ok("GET", path, beginTime=when + 1)["failedList"] == []
    assert api.ok("GET", path, endTime=when - 1)["failedList"] == []
    path, query = "/call_back/get_call_back_failed_result", {"access_token": api.token}
    answer = api.http.get(path, params=query).json()
    assert (answer["errcode"], answer["has_more"]) == (0, False)
    (failed,) = answer["failed_list"]
    assert failed["call_back_tag"] == "bpms_instance_change"
    body = failed["bpms_instance_change"]
    assert body["corpid"] == api.app["corp_id"]
    assert body["bpmsCallBackData"]["processInstanceId"] == instance_id
    assert api.http.get(path, params=query).json()["failed_list"] == []
