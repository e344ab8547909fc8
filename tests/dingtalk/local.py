"""The local DingTalk as the client's tests use it: in a process of its own, over its socket."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.config import Credentials, Hosts
from sluicegate.dingtalk.form_presets import DATA_CHANGE, PRESETS
from sluicegate.dingtalk.forms import (
    FieldKey,
    FieldValue,
    FormValue,
    Limits,
    Reference,
    Source,
    fill,
    find_reference,
)

T = TypeVar("T")
SHA = "0123456789abcdef" * 4
CLASSIC = PRESETS["clouddm-classic"]
WITHIN = 20.0
http = httpx.Client(trust_env=False, verify=False, timeout=30)


@dataclass(frozen=True)
class Sandbox:
    url: str

    @property
    def hosts(self) -> Hosts:
        return Hosts(self.url, self.url)

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = http.get(f"{self.url}/_sandbox/state").raise_for_status().json()
        return found

    def credentials(self) -> Credentials:
        app = self.state()["apps"][0]
        return Credentials(app["app_key"], app["app_secret"], app["corp_id"], str(app["agent_id"]))

    def fault(self, kind: str, **more: Any) -> None:
        """Once, unless said otherwise."""
        body = {"kind": kind, "times": 1, **more}
        http.post(f"{self.url}/_sandbox/faults", json=body).raise_for_status()

    def instances_of(self, number: str) -> list[dict[str, Any]]:
        """Every instance that was started for this ticket."""
        found = ((i, find_reference(i["values"], "备注信息")) for i in self.state()["instances"])
        return [instance for instance, mark in found if mark is not None and mark.number == number]

    def decide(self, client: DingTalkClient, instance_id: str, result: str, remark: str = "") -> None:
        """Plays the approver whose turn it is, through the platform's own call."""
        task = next(t for t in client.instance(instance_id).tasks if t.status == "RUNNING")
        app = self.credentials()
        token = http.post(
            f"{self.url}/v1.0/oauth2/accessToken", json={"appKey": app.app_key, "appSecret": app.app_secret}
        ).json()["accessToken"]
        payload = {
            "processInstanceId": instance_id,
            "taskId": int(task.task_id),
            "actionerUserId": task.userid,
            "result": result,
            "remark": remark,
        }
        http.post(
            f"{self.url}/v1.0/workflow/processInstances/execute",
            json=payload,
            headers={"x-acs-dingtalk-access-token": token},
        ).raise_for_status()


@contextmanager
def running_sandbox() -> Iterator[Sandbox]:
    process = subprocess.Popen(
        [sys.executable, "-m", "dingtalk_sandbox", "--port", "0", "--speed", "20"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Sandbox(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait(WITHIN)
        process.stdout.close()


def developer(client: DingTalkClient) -> tuple[str, int]:
    """Zhang San: his userid and the department he starts approvals in."""
    userid = client.user_by_mobile("13800000002")
    return userid, client.user(userid).workflow_department_id


def form(reference: Reference, **values: FieldValue) -> list[FormValue]:
    given: dict[FieldKey, FieldValue] = {
        FieldKey.TICKET_KIND: "数据变更",
        FieldKey.TITLE: f"工单 {reference.number}",
        FieldKey.SQL: "UPDATE users SET name = '审' WHERE id = 1;\n",
        **{FieldKey(key): value for key, value in values.items()},
    }
    source = Source("https://sluice.example.com/t/1", SHA)
    return fill(CLASSIC[DATA_CHANGE], given, limits=Limits(), source=source, reference=reference)


def start(client: DingTalkClient, number: str, **values: FieldValue) -> str:
    userid, department = developer(client)
    return client.start_instance(
        process_code=client.process_code_by_name(CLASSIC[DATA_CHANGE].template_name),
        originator=userid,
        department_id=department,
        values=form(Reference(number, 1, SHA), **values),
    )


def eventually(ask: Callable[[], T | None]) -> T:
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        found = ask()
        if found is not None:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")
