"""What the sandbox's tests share: a caller of both hosts and a Stream client of their own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Self

import httpx
from websockets.sync.client import ClientConnection, connect

Json = dict[str, Any]
DATA_CHANGE = "CloudDM数据变更工单"
PATIENCE_SECONDS = 60.0


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread brings about."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("did not happen in time")
        time.sleep(0.005)


class Api:
    """Calls one sandbox as its first app."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=10, trust_env=False, verify=False)
        state = self.state()
        self.app: Json = state["apps"][0]
        self.users: dict[str, Json] = {user["name"]: user for user in state["users"]}
        self.codes: dict[str, str] = {item["name"]: item["process_code"] for item in state["templates"]}
        self.token = self.new_token()

    def close(self) -> None:
        self.http.close()

    def userid(self, name: str) -> str:
        return str(self.users[name]["userid"])

    def new_token(self) -> str:
        body = {"appKey": self.app["app_key"], "appSecret": self.app["app_secret"]}
        return str(self.http.post("/v1.0/oauth2/accessToken", json=body).json()["accessToken"])

    # the sandbox's own endpoints

    def control(self, method: str, path: str, body: Json | None = None, status: int = 200) -> Any:
        response = self.http.request(method, f"/_sandbox{path}", json=body)
        assert response.status_code == status, response.text
        return response.json()

    def state(self) -> Json:
        return self.control("GET", "/state")  # type: ignore[no-any-return]

    def fault(self, kind: str, **options: Any) -> Json:
        return self.control("POST", "/faults", {"kind": kind, **options})  # type: ignore[no-any-return]

    def decide(self, instance_id: str, result: str = "agree", name: str = "李四", remark: str = "") -> None:
        task = self.running_task(instance_id, self.userid(name))
        body = {"result": result, "remark": remark}
        self.control("POST", f"/instances/{instance_id}/tasks/{task}", body)

    def running_task(self, instance_id: str, userid: str) -> int:
        tasks = self.instance(instance_id)["tasks"]
        return next(t["taskId"] for t in tasks if t["userId"] == userid and t["status"] == "RUNNING")

    # DingTalk's

    def call(self, method: str, path: str, body: Json | None = None, **params: Any) -> httpx.Response:
        headers = {"x-acs-dingtalk-access-token": self.token}
        return self.http.request(method, path, json=body, params=params, headers=headers)

    def ok(self, method: str, path: str, body: Json | None = None, **params: Any) -> Json:
        response = self.call(method, path, body, **params)
        assert response.status_code == 200, response.text
        return response.json()  # type: ignore[no-any-return]

    def refused(self, method: str, path: str, body: Json | None = None, **params: Any) -> tuple[str, str]:
        response = self.call(method, path, body, **params)
        assert response.status_code == 400, response.text
        answer = response.json()
        assert set(answer) == {"code", "requestid", "message"}
        return answer["code"], answer["message"]

    def old(self, path: str, body: Json | None = None) -> Json:
        response = self.http.post(path, params={"access_token": self.token}, json=body or {})
        assert response.status_code == 200
        return response.json()  # type: ignore[no-any-return]

    def start_body(self, **changes: Any) -> Json:
        values = [{"name": "工单标题", "value": "修正订单"}, {"name": "SQL内容", "value": "UPDATE t SET a=1"}]
        body = {
            "originatorUserId": self.userid("张三"),
            "processCode": self.codes[DATA_CHANGE],
            "deptId": -1,
            "formComponentValues": values,
        }
        return body | changes

    def start(self, **changes: Any) -> str:
        answer = self.ok("POST", "/v1.0/workflow/processInstances", self.start_body(**changes))
        return str(answer["instanceId"])

    def start_with(self, userid: str, code: str, values: dict[str, str]) -> str:
        given = [{"name": name, "value": text} for name, text in values.items()]
        body = {
            "originatorUserId": userid,
            "processCode": code,
            "deptId": -1,
            "formComponentValues": given,
        }
        return str(self.ok("POST", "/v1.0/workflow/processInstances", body)["instanceId"])

    def start_refused(self, **changes: Any) -> tuple[str, str]:
        return self.refused("POST", "/v1.0/workflow/processInstances", self.start_body(**changes))

    def instance(self, instance_id: str) -> Json:
        path = "/v1.0/workflow/processInstances"
        return self.ok("GET", path, processInstanceId=instance_id)["result"]  # type: ignore[no-any-return]


class Listener:
    """A Stream client that shows every frame and answers only when told to."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.socket = self._connect()

    def _connect(self) -> ClientConnection:
        opened = open_connection(self.api)
        return connect(
            f"{opened['endpoint']}?ticket={opened['ticket']}", proxy=None, legacy=True, close_timeout=0.1
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def frame(self, timeout: float = PATIENCE_SECONDS) -> Json:
        return json.loads(self.socket.recv(timeout))  # type: ignore[no-any-return]

    def reply(self, frame: Json, *, code: int = 200, data: Any = None) -> None:
        body = {"status": "SUCCESS", "message": "success"} if data is None else data
        headers = {"contentType": "application/json", "messageId": frame["headers"]["messageId"]}
        self.socket.send(
            json.dumps({"code": code, "headers": headers, "message": "OK", "data": json.dumps(body)})
        )

    def event(self) -> Json:
        """The next event, confirmed."""
        frame = self.frame()
        self.reply(frame)
        return json.loads(frame["data"])  # type: ignore[no-any-return]

    def events(self, count: int) -> list[Json]:
        return [self.event() for _ in range(count)]


def open_connection(api: Api) -> Json:
    body = {
        "clientId": api.app["app_key"],
        "clientSecret": api.app["app_secret"],
        "subscriptions": [{"type": "EVENT", "topic": "*"}],
        "ua": "test",
    }
    response = api.http.post("/v1.0/gateway/connections/open", json=body)
    assert response.status_code == 200, response.text
    return response.json()  # type: ignore[no-any-return]


def kind(event: Json) -> str:
    """``task finish agree`` for a bpms_task_change of that type and result."""
    subject = event["resource"].split("/")[3].split("_")[1]
    return " ".join(part for part in (subject, event["type"], event.get("result", "")) if part)
