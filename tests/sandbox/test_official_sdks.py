"""DingTalk's own SDKs, unmodified, against the sandbox."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_dingtalk.contact_1_0.client import Client as ContactClient
from alibabacloud_dingtalk.oauth2_1_0 import models as oauth
from alibabacloud_dingtalk.oauth2_1_0.client import Client as OauthClient
from alibabacloud_dingtalk.workflow_1_0 import models as flow
from alibabacloud_dingtalk.workflow_1_0.client import Client as FlowClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions
from Tea.exceptions import TeaException

from dingtalk_sandbox.server import SandboxServer
from tests.sandbox.support import DATA_CHANGE, Api, wait_until

LISTENER = """
import json, os, sys
import dingtalk_stream

class Handler(dingtalk_stream.EventHandler):
    async def process(self, event):
        print(json.dumps([event.headers.event_type, event.headers.event_id, event.data]), flush=True)
        return dingtalk_stream.AckMessage.STATUS_OK, event.data

credential = dingtalk_stream.Credential(os.environ["APP_KEY"], os.environ["APP_SECRET"])
client = dingtalk_stream.DingTalkStreamClient(credential)
client.register_all_event_handler(Handler())
client.start_forever()
"""


def config(sandbox: SandboxServer) -> Config:
    return Config(endpoint=f"127.0.0.1:{sandbox.port}", protocol="http")


class Sdk:
    """The workflow client with the token that the OAuth client got."""

    def __init__(self, sandbox: SandboxServer, api: Api) -> None:
        request = oauth.GetAccessTokenRequest(api.app["app_key"], api.app["app_secret"])
        answer = OauthClient(config(sandbox)).get_access_token(request)
        assert answer.body.expire_in == 7200
        self.token = answer.body.access_token
        self.client = FlowClient(config(sandbox))

    def call(self, operation: str, headers: str, request: Any) -> Any:
        made = getattr(flow, f"{headers}Headers")(x_acs_dingtalk_access_token=self.token)
        return getattr(self.client, f"{operation}_with_options")(request, made, RuntimeOptions()).body


@pytest.fixture
def sdk(sandbox: SandboxServer, api: Api) -> Sdk:
    return Sdk(sandbox, api)


def start(sdk: Sdk, api: Api, code: str, title: str = "工单标题") -> str:
    values = [flow.StartProcessInstanceRequestFormComponentValues(name=title, value="修正订单")]
    request = flow.StartProcessInstanceRequest(
        originator_user_id=api.userid("张三"),
        process_code=code,
        dept_id=-1,
        form_component_values=values,
    )
    return str(sdk.call("start_process_instance", "StartProcessInstance", request).instance_id)


def get(sdk: Sdk, instance_id: str) -> Any:
    request = flow.GetProcessInstanceRequest(process_instance_id=instance_id)
    return sdk.call("get_process_instance", "GetProcessInstance", request).result


def test_forms(sdk: Sdk) -> None:
    props = flow.FormComponentProps(label="标题", required=True, component_id="TextField-ABC")
    request = flow.FormCreateRequest(
        name="SDK表单",
        description="d",
        form_components=[flow.FormComponent(component_type="TextField", props=props)],
    )
    code = sdk.call("form_create", "FormCreate", request).result.process_code
    by_name = flow.GetProcessCodeByNameRequest(name="SDK表单")
    assert sdk.call("get_process_code_by_name", "GetProcessCodeByName", by_name).result.process_code == code
    schema = sdk.call(
        "query_schema_by_process_code",
        "QuerySchemaByProcessCode",
        flow.QuerySchemaByProcessCodeRequest(process_code=code),
    ).result
    (item,) = schema.schema_content.items
    assert (item.component_name, item.props.label, item.props.id) == ("TextField", "标题", "TextField-ABC")
    assert item.props.required is True
    assert schema.status == "PUBLISHED"
    sdk.call("delete_process", "DeleteProcess", flow.DeleteProcessRequest(process_code=code))
    with pytest.raises(TeaException) as refused:
        sdk.call("get_process_code_by_name", "GetProcessCodeByName", by_name)
    assert refused.value.code == "process.error"


def test_an_approval_from_start_to_end(sdk: Sdk, api: Api) -> None:
    code = api.codes[DATA_CHANGE]
    instance_id = start(sdk, api, code)
    found = get(sdk, instance_id)
    assert (found.status, found.originator_dept_id) == ("RUNNING", "-1")
    task = next(task for task in found.tasks if task.user_id == api.userid("李四"))
    execute = flow.ExecuteProcessInstanceRequest(
        process_instance_id=instance_id,
        task_id=task.task_id,
        actioner_user_id=task.user_id,
        result="agree",
        remark="可以",
    )
    assert sdk.call("execute_process_instance", "ExecuteProcessInstance", execute).result is True
    comment = flow.AddProcessInstanceCommentRequest(
        process_instance_id=instance_id, text="已执行", comment_user_id=api.userid("张三")
    )
    assert sdk.call("add_process_instance_comment", "AddProcessInstanceComment", comment).result is True
    found = get(sdk, instance_id)
    assert (found.status, found.result) == ("COMPLETED", "agree")
    assert [record.type for record in found.operation_records] == [
        "START_PROCESS_INSTANCE",
        "EXECUTE_TASK_NORMAL",
        "ADD_REMARK",
    ]
    query = flow.ListProcessInstanceIdsRequest(
        process_code=code,
        start_time=int(time.time() * 1000) - 60_000,
        next_token=0,
        max_results=20,
        user_ids=[api.userid("张三")],
    )
    listed = sdk.call("list_process_instance_ids", "ListProcessInstanceIds", query)
    assert listed.result.list == [instance_id]


def test_the_asynchronous_client(sdk: Sdk, api: Api) -> None:
    """Its reads say that they send a stream of bytes, and send none."""
    instance_id = start(sdk, api, api.codes[DATA_CHANGE])
    request = flow.GetProcessInstanceRequest(process_instance_id=instance_id)
    headers = flow.GetProcessInstanceHeaders(x_acs_dingtalk_access_token=sdk.token)
    asked = sdk.client.get_process_instance_with_options_async(request, headers, RuntimeOptions())
    assert asyncio.run(asked).body.result.status == "RUNNING"
    entry = api.control("GET", "/requests")["requests"][-1]
    assert (entry["method"], entry["headers"]["content-type"]) == ("GET", "application/octet-stream")


def test_withdrawing_handing_over_and_forecasting(sdk: Sdk, api: Api) -> None:
    api.control("POST", "/settings", {"terminate_delay": 0.0})
    code = api.codes[DATA_CHANGE]
    instance_id = start(sdk, api, code)
    task = get(sdk, instance_id).tasks[0]
    redirect = flow.RedirectWorkflowTaskRequest(
        task_id=task.task_id, to_user_id=api.userid("赵六"), operate_user_id=task.user_id
    )
    assert sdk.call("redirect_workflow_task", "RedirectWorkflowTask", redirect).result is True
    terminate = flow.TerminateProcessInstanceRequest(
        process_instance_id=instance_id,
        is_system=False,
        operating_user_id=api.userid("张三"),
    )
    assert sdk.call("terminate_process_instance", "TerminateProcessInstance", terminate).result is True
    assert get(sdk, instance_id).status == "TERMINATED"
    forecast = flow.ProcessForecastRequest(
        process_code=code,
        dept_id=-1,
        user_id=api.userid("张三"),
        form_component_values=[flow.ProcessForecastRequestFormComponentValues(name="工单标题", value="x")],
    )
    (rule,) = sdk.call("process_forecast", "ProcessForecast", forecast).result.workflow_activity_rules
    assert rule.workflow_actor.approval_method == "OR"
    assert [actor.name for actor in rule.activity_actioners] == ["李四", "王五"]


def test_refusals_are_understood(sdk: Sdk, api: Api, sandbox: SandboxServer) -> None:
    with pytest.raises(TeaException) as unknown:
        start(sdk, api, "PROC-NONE")
    assert unknown.value.code == "processCodeError"
    assert "获取审批模板失败或者模板已被删除" in unknown.value.message
    with pytest.raises(TeaException) as renamed:
        start(sdk, api, api.codes[DATA_CHANGE], title="没有的控件")
    assert renamed.value.code == "sysErrror"
    api.fault("expire_tokens")
    with pytest.raises(TeaException) as expired:
        get(sdk, "x")
    assert expired.value.code == "InvalidAuthentication"
    bad = oauth.GetAccessTokenRequest(api.app["app_key"], "wrong")
    with pytest.raises(TeaException) as credentials:
        OauthClient(config(sandbox)).get_access_token(bad)
    assert credentials.value.code == "invalidClientIdOrSecret"


def test_signing_in(sandbox: SandboxServer, api: Api) -> None:
    query = {
        "client_id": api.app["app_key"],
        "redirect_uri": "http://127.0.0.1/back",
        "response_type": "code",
        "scope": "openid corpid",
        "state": "s1",
    }
    page = api.http.post("/oauth2/auth", params=query, data={"userid": api.userid("张三")})
    code = page.next_request.url.params["authCode"] if page.next_request else ""
    request = oauth.GetUserTokenRequest(
        client_id=api.app["app_key"],
        client_secret=api.app["app_secret"],
        code=code,
        grant_type="authorization_code",
    )
    tokens = OauthClient(config(sandbox)).get_user_token(request).body
    assert tokens.corp_id == api.app["corp_id"]
    from alibabacloud_dingtalk.contact_1_0 import models as contact

    headers = contact.GetUserHeaders(x_acs_dingtalk_access_token=tokens.access_token)
    me = ContactClient(config(sandbox)).get_user_with_options("me", headers, RuntimeOptions()).body
    assert (me.nick, me.union_id) == ("张三", api.users["张三"]["unionid"])


def test_lists_of_templates(sdk: Sdk, api: Api) -> None:
    request = flow.ListUserVisibleBpmsProcessesRequest(
        user_id=api.userid("张三"), max_results=2, next_token=0
    )
    first = sdk.call("list_user_visible_bpms_processes", "ListUserVisibleBpmsProcesses", request).result
    request.next_token = first.next_token
    second = sdk.call("list_user_visible_bpms_processes", "ListUserVisibleBpmsProcesses", request).result
    found = {item.name: item.process_code for item in [*first.process_list, *second.process_list]}
    assert (found, second.next_token) == (api.codes, None)
    managed = sdk.call(
        "get_manage_process_by_staff_id",
        "GetManageProcessByStaffId",
        flow.GetManageProcessByStaffIdRequest(user_id="manager7012"),
    ).result
    assert {item.process_code for item in managed} == set(api.codes.values())


@pytest.fixture
def stream_process(sandbox: SandboxServer, api: Api, tmp_path: Path) -> Iterator[Path]:
    """The official Stream client in a process of its own: it reads its endpoint when imported."""
    output = tmp_path / "events"
    environment = os.environ | {
        "DINGTALK_OPENAPI_ENDPOINT": sandbox.url,
        "APP_KEY": api.app["app_key"],
        "APP_SECRET": api.app["app_secret"],
        "NO_PROXY": "*",
        "no_proxy": "*",
    }
    with output.open("w") as target, (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", LISTENER], env=environment, stdout=target, stderr=log
        )
        try:
            wait_until(lambda: bool(api.control("GET", "/streams")["streams"]))
            yield output
        finally:
            process.kill()
            process.wait()


def test_the_stream_client_answers_pings_and_moves_when_asked_to(api: Api, stream_process: Path) -> None:
    api.control("POST", "/settings", {"ping_interval": 0.1})
    (first,) = api.control("GET", "/streams")["streams"]
    api.fault("disconnect_streams")

    def moved() -> bool:
        streams = api.control("GET", "/streams")["streams"]
        return any(
            stream["pongs"] and stream["connection_id"] != first["connection_id"] for stream in streams
        )

    # The new connection is made after the interval was shortened; the first had its minute.
    wait_until(moved)
    streams = api.control("GET", "/streams")["streams"]
    (second,) = [stream for stream in streams if stream["connection_id"] != first["connection_id"]]
    (pong, *_) = second["replies"]
    assert (pong["code"], pong["headers"]["contentType"]) == (200, "application/json")
    assert set(json.loads(pong["data"])) == {"opaque"}
    api.start()
    wait_until(lambda: {e["state"] for e in api.control("GET", "/events")["events"]} == {"confirmed"})


def test_the_stream_client_gets_events_and_its_confirmations_count(api: Api, stream_process: Path) -> None:
    (stream,) = api.control("GET", "/streams")["streams"]
    assert stream["user_agent"].startswith("dingtalk-sdk-python/")
    api.decide(api.start())

    def confirmed() -> bool:
        events = api.control("GET", "/events")["events"]
        return len(events) == 6 and all(event["state"] == "confirmed" for event in events)

    wait_until(confirmed)
    lines = [json.loads(line) for line in stream_process.read_text().splitlines()]
    assert [(kind, body["type"]) for kind, _, body in lines] == [
        ("bpms_instance_change", "start"),
        ("bpms_task_change", "start"),
        ("bpms_task_change", "start"),
        ("bpms_instance_change", "finish"),
        ("bpms_task_change", "finish"),
        ("bpms_task_change", "cancel"),
    ]
    assert all(event["attempts"] == 1 for event in api.control("GET", "/events")["events"])
