"""Work notifications, the robot and a group's webhook."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from dingtalk_sandbox.messages import ROBOT_SECRET
from tests.sandbox.support import Api

SEND = "/topapi/message/corpconversation/asyncsend_v2"
RESULT = "/topapi/message/corpconversation/getsendresult"
GROUP = "a" * 64


def notify(api: Api, text: str = "工单 1 已执行", **changes: Any) -> dict[str, Any]:
    body = {
        "agent_id": api.app["agent_id"],
        "userid_list": api.userid("张三"),
        "msg": {"msgtype": "text", "text": {"content": text}},
    }
    return api.old(SEND, body | changes)


def inbox(api: Api) -> list[dict[str, Any]]:
    return api.control("GET", "/messages")["messages"]  # type: ignore[no-any-return]


def test_a_work_notification_arrives(api: Api) -> None:
    answer = notify(api)
    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    (message,) = inbox(api)
    assert (message["channel"], message["to"]) == ("work", [api.userid("张三")])
    assert message["message"]["text"]["content"] == "工单 1 已执行"
    ask = {"agent_id": api.app["agent_id"], "task_id": answer["task_id"]}
    result = api.old(RESULT, ask)["send_result"]
    assert result["unread_user_id_list"] == [api.userid("张三")]


def test_a_form_with_json_in_it(api: Api) -> None:
    form = {
        "agent_id": str(api.app["agent_id"]),
        "userid_list": f"{api.userid('张三')},{api.userid('李四')}",
        "msg": json.dumps({"msgtype": "text", "text": {"content": "x"}}),
    }
    response = api.http.post(SEND, params={"access_token": api.token}, data=form)
    assert response.json()["errcode"] == 0
    assert inbox(api)[0]["to"] == [api.userid("张三"), api.userid("李四")]


def test_the_same_twice_is_held_back_silently(api: Api) -> None:
    notify(api)
    answer = notify(api)
    assert answer["errcode"] == 0
    ask = {"agent_id": api.app["agent_id"], "task_id": answer["task_id"]}
    result = api.old(RESULT, ask)["send_result"]
    assert result["forbidden_list"] == [{"code": "143106", "count": 1, "userid": api.userid("张三")}]
    assert inbox(api)[1]["to"] == []


def test_refused_notifications(api: Api) -> None:
    assert notify(api, agent_id=1)["errcode"] == 400002
    assert notify(api, userid_list="nobody")["errcode"] == 33012
    assert notify(api, msg={})["errcode"] == 400002
    assert notify(api, "长" * 700)["errcode"] == 400002
    assert inbox(api) == []


def test_a_group_takes_signed_messages(api: Api) -> None:
    now = str(int(time.time() * 1000))
    digest = hmac.new(ROBOT_SECRET.encode(), f"{now}\n{ROBOT_SECRET}".encode(), hashlib.sha256).digest()
    query = {"access_token": GROUP, "timestamp": now, "sign": base64.b64encode(digest).decode()}
    message = {"msgtype": "text", "text": {"content": "hi"}}

    def send(**changes: str) -> Any:
        return api.http.post("/robot/send", params=query | changes, json=message).json()

    assert send() == {"errcode": 0, "errmsg": "ok"}
    assert send(sign="x") == {"errcode": 310000, "errmsg": "sign not match"}
    assert send(timestamp="1") == {"errcode": 310000, "errmsg": "invalid timestamp"}
    assert send(access_token="x") == {"errcode": 300005, "errmsg": "token is not exist"}
    assert [message["channel"] for message in inbox(api)] == ["group"]


def test_the_robot_writes_to_people(api: Api) -> None:
    body = {
        "robotCode": api.app["app_key"],
        "userIds": [api.userid("张三"), "nobody"],
        "msgKey": "sampleText",
        "msgParam": json.dumps({"content": "hi"}),
    }
    answer = api.ok("POST", "/v1.0/robot/oToMessages/batchSend", body)
    assert answer["invalidStaffIdList"] == ["nobody"]
    assert inbox(api)[0]["to"] == [api.userid("张三")]
