"""The Stream gateway: what is sent, to whom, and what happens when nobody confirms."""

from __future__ import annotations

import json

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.sandbox.support import (
    DATA_CHANGE,
    PATIENCE_SECONDS,
    Api,
    Json,
    Listener,
    kind,
    open_connection,
    wait_until,
)

IMPATIENT = {"ack_timeout": 0.1, "retry_delays": [0.02, 0.02]}


def test_events_come_in_the_order_in_which_dingtalk_sends_them(api: Api, listener: Listener) -> None:
    flow = [{"approvers": [api.userid("李四")]}, {"approvers": [api.userid("王五")]}]
    api.control("POST", f"/templates/{api.codes[DATA_CHANGE]}", {"flow": flow})
    instance_id = api.start()
    api.decide(instance_id, name="李四", remark="好")
    api.decide(instance_id, name="王五")
    events = listener.events(6)
    assert [kind(event) for event in events] == [
        "instance start",
        "task start",
        "task start",
        "task finish agree",
        "instance finish agree",
        "task finish agree",
    ]
    assert [event["staffId"] for event in events[1:4]] == [
        api.userid("李四"),
        api.userid("王五"),
        api.userid("李四"),
    ]
    assert events[3]["remark"] == "好"


def test_frames_and_bodies(api: Api, listener: Listener) -> None:
    instance_id = api.start()
    frame = listener.frame()
    listener.reply(frame)
    headers = frame["headers"]
    assert (frame["specVersion"], frame["type"], headers["topic"]) == ("1.0", "EVENT", "*")
    assert (headers["eventType"], headers["eventCorpId"]) == ("bpms_instance_change", api.app["corp_id"])
    assert headers["contentType"] == "application/json"
    assert {"appId", "connectionId", "messageId", "time", "eventBornTime", "eventUnifiedAppId"} <= set(
        headers
    )
    body = json.loads(frame["data"])
    code = api.codes[DATA_CHANGE]
    assert body["resource"] == f"/v1.0/event/bpms_instance_change/processCode/{code}/type/start"
    assert body["eventId"] == headers["eventId"]
    assert set(body) == {
        "processInstanceId", "eventId", "resource", "createTime", "processCode", "bizCategoryId",
        "businessId", "title", "type", "businessType", "url", "staffId",
    }  # fmt: skip
    assert body["processInstanceId"] == instance_id
    assert body["staffId"] == api.userid("张三")
    assert body["createTime"] % 1000 == 0
    task = listener.event()
    assert task["taskId"] == api.running_task(instance_id, api.userid("李四"))
    assert task["activityName"] == "审批人"
    assert "url" not in task
    assert "finishTime" not in task


def test_every_end_is_told(api: Api, listener: Listener) -> None:
    refused = api.start()
    listener.events(3)
    api.decide(refused, "refuse")
    assert [kind(event) for event in listener.events(3)] == [
        "instance finish refuse",
        "task finish refuse",
        "task cancel",
    ]
    withdrawn = api.start()
    listener.events(3)
    api.control("POST", f"/instances/{withdrawn}/terminate", {"userid": api.userid("张三")})
    assert [kind(event) for event in listener.events(3)] == [
        "instance terminate",
        "task cancel",
        "task cancel",
    ]
    api.control("DELETE", f"/instances/{withdrawn}")
    assert kind(listener.event()) == "instance delete"


def test_handing_over_is_a_finish_and_a_new_start(api: Api, listener: Listener) -> None:
    instance_id = api.start()
    listener.events(3)
    task = api.running_task(instance_id, api.userid("李四"))
    path = f"/instances/{instance_id}/tasks/{task}/redirect"
    api.control("POST", path, {"to": api.userid("赵六"), "remark": "请看"})
    finished, started = listener.events(2)
    assert (kind(finished), kind(started)) == ("task finish redirect", "task start")
    assert started["staffId"] == api.userid("赵六")


@pytest.mark.parametrize(
    ("code", "data", "state"),
    [
        (200, {"status": "SUCCESS", "message": "success"}, "confirmed"),
        (200, {"processInstanceId": "the event's own body", "type": "start"}, "confirmed"),
        (200, {"status": "LATER"}, "failed"),
        (500, {"status": "SUCCESS"}, "failed"),
        (404, {}, "failed"),
    ],
)
def test_what_counts_as_a_confirmation(
    api: Api, listener: Listener, code: int, data: dict[str, str], state: str
) -> None:
    if state == "failed":
        api.control("POST", "/settings", IMPATIENT)
    api.control("POST", f"/apps/{api.app['app_key']}", {"event_filters": ["*instance_change*"]})
    api.start()
    for _ in range(3 if state == "failed" else 1):
        listener.reply(listener.frame(), code=code, data=data)
    wait_until(lambda: api.control("GET", "/events")["events"][0]["state"] == state)


def test_what_nobody_confirms_comes_again_twice(api: Api, listener: Listener) -> None:
    api.control("POST", "/settings", IMPATIENT)
    api.control("POST", f"/apps/{api.app['app_key']}", {"event_filters": ["*instance_change*"]})
    api.start()
    frames = [listener.frame() for _ in range(3)]
    assert len({frame["headers"]["eventId"] for frame in frames}) == 1
    assert len({frame["headers"]["messageId"] for frame in frames}) == 3
    wait_until(lambda: api.control("GET", "/events")["events"][0]["state"] == "failed")
    assert api.control("GET", "/events")["events"][0]["attempts"] == 3


def test_who_connects_late_gets_what_is_still_being_tried(api: Api) -> None:
    api.control("POST", "/settings", {"retry_delays": [0.3, 30.0]})
    api.start()
    with Listener(api) as late:
        assert {kind(late.event()) for _ in range(3)} == {"instance start", "task start"}


def test_connections_of_one_app_share_the_events(api: Api) -> None:
    with Listener(api) as one, Listener(api) as two:
        for _ in range(20):
            api.start()
        shares = [stream["delivered"] for stream in api.control("GET", "/streams")["streams"]]
        assert sum(shares) == 60
        assert min(shares) > 0
        assert one.frame()["headers"]["eventId"] != two.frame()["headers"]["eventId"]


def test_a_ticket_is_used_once(api: Api) -> None:
    opened = open_connection(api)
    assert opened["endpoint"] == api.url.replace("http", "ws") + "/connect"
    address = f"{opened['endpoint']}?ticket={opened['ticket']}"
    with connect(address, proxy=None), pytest.raises(InvalidStatus), connect(address, proxy=None):
        pass
    api.control("POST", "/settings", {"ticket_ttl": 0.0})
    expired = open_connection(api)
    late = f"{expired['endpoint']}?ticket={expired['ticket']}"
    with pytest.raises(InvalidStatus), connect(late, proxy=None):
        pass


def test_wrong_credentials_open_nothing(api: Api) -> None:
    body = {"clientId": api.app["app_key"], "clientSecret": "wrong", "subscriptions": []}
    response = httpx.post(
        f"{api.url}/v1.0/gateway/connections/open", json=body, trust_env=False, verify=False
    )
    assert response.status_code == 400
    assert response.json()["code"] == "invalidClientIdOrSecret"


def test_pings(api: Api) -> None:
    api.control("POST", "/settings", {"ping_interval": 0.05})
    with Listener(api) as client:
        frame = client.frame()
        assert (frame["type"], frame["headers"]["topic"]) == ("SYSTEM", "ping")
        client.reply(frame, data=json.loads(frame["data"]))
        wait_until(lambda: api.control("GET", "/streams")["streams"][0]["pongs"] >= 1)


def test_a_disconnect_frame_then_the_end(api: Api, listener: Listener) -> None:
    api.control("POST", "/settings", {"drain_delay": 0.3})
    with_notice = api.fault("disconnect_streams")
    assert with_notice["connections"] == 1
    frame = listener.frame()
    assert (frame["type"], frame["headers"]["topic"]) == ("SYSTEM", "disconnect")
    assert json.loads(frame["data"]) == {"reason": "connection is expired"}
    with Listener(api) as replacement:
        api.start()
        assert kind(replacement.event()) == "instance start"
        with pytest.raises(ConnectionClosed):
            listener.frame()


def test_cut_without_notice(api: Api, listener: Listener) -> None:
    api.fault("disconnect_streams", abrupt=True)
    with pytest.raises(ConnectionClosed):
        listener.frame()
    wait_until(lambda: api.control("GET", "/streams")["streams"] == [])


def test_a_half_open_connection_takes_events_and_answers_nothing(api: Api, listener: Listener) -> None:
    pong = listener.socket.ping()
    assert pong.wait(PATIENCE_SECONDS)
    assert api.fault("freeze_streams")["connections"] == 1
    api.control("POST", "/settings", {"ack_timeout": 0.2, "retry_delays": [0.2]})
    unanswered = listener.socket.ping()
    api.start()
    wait_until(lambda: {e["state"] for e in api.control("GET", "/events")["events"]} == {"failed"})
    assert not unanswered.is_set()
    with pytest.raises(TimeoutError):
        listener.frame(timeout=0.01)
    (frozen,) = api.control("GET", "/streams")["streams"]
    assert (frozen["frozen"], frozen["delivered"], frozen["pongs"]) == (True, 6, 0)
    api.fault("disconnect_streams", abrupt=True)
    with Listener(api) as replacement:
        api.control("POST", "/events/resend", {})
        assert len(replacement.events(3)) == 3


def test_lost_doubled_and_reordered(api: Api, listener: Listener) -> None:
    api.fault("lose_events", times=1, match="bpms_instance_change")
    api.start()
    assert [kind(event) for event in listener.events(2)] == ["task start", "task start"]

    api.fault("duplicate_events", times=1, n=3, match="type/start")
    api.start()
    events = listener.events(5)
    assert [kind(event) for event in events][:3] == ["instance start"] * 3
    assert len({event["eventId"] for event in events[:3]}) == 1

    api.fault("reorder_events", times=3)
    api.start()
    assert [kind(event) for event in listener.events(3)] == [
        "task start",
        "task start",
        "instance start",
    ]


def test_events_held_back_are_sent_when_the_fault_ends(api: Api, listener: Listener) -> None:
    fault = api.fault("reorder_events", times=10)
    api.start()
    api.control("DELETE", f"/faults/{fault['id']}")
    assert len(listener.events(3)) == 3


def test_events_can_be_sent_again(api: Api, listener: Listener) -> None:
    api.start()
    first = listener.events(3)[0]
    assert api.control("POST", "/events/resend", {"event_id": first["eventId"]}) == {"sent": 1}
    assert listener.event()["eventId"] == first["eventId"]


def test_beyond_the_quota_events_stop(api: Api, listener: Listener) -> None:
    api.control("POST", "/settings", {"event_quota": 1})
    api.start()
    assert kind(listener.event()) == "instance start"
    states = [event["state"] for event in api.control("GET", "/events")["events"]]
    assert states[1:] == ["over_quota", "over_quota"]
    # One notice, and then silence until there is a quota again.
    assert quota_notice(listener)["errCode"] == 20001
    api.start()
    api.control("POST", "/settings", {"event_quota": 2})
    api.start()
    assert kind(listener.event()) == "instance start"
    assert quota_notice(listener)["errMsg"].startswith("受调用量超量影响")


def quota_notice(listener: Listener) -> Json:
    frame = listener.frame()
    assert frame["type"] == "SYSTEM"
    return json.loads(frame["data"])  # type: ignore[no-any-return]
