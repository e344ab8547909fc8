"""What our client sends for a call, field by field, beside what DingTalk's own SDK sends for the same.

Deciding and handing over tasks is the approvers' business: our client has no such calls. Their SDK calls are in
``tests/sandbox/test_official_sdks.py``, and the Stream is in ``test_same_stream.py``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from alibabacloud_dingtalk.contact_1_0 import models as contact
from alibabacloud_dingtalk.contact_1_0.client import Client as ContactClient
from alibabacloud_dingtalk.oauth2_1_0 import models as oauth
from alibabacloud_dingtalk.oauth2_1_0.client import Client as OauthClient
from alibabacloud_dingtalk.workflow_1_0 import models as flow
from alibabacloud_dingtalk.workflow_1_0.client import Client as FlowClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions

from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.form_presets import DATA_CHANGE
from sluicegate.dingtalk.templates import FormValue

from .local import CLASSIC, Sandbox, developer, http, running_sandbox

TOKEN = "x-acs-dingtalk-access-token"
JSON = "application/json"

# Where the two differ, and why that is right: the SDK sends an empty list for every list of a control that it
# wasn't given. DingTalk documents none of them as required.
EMPTY_LISTS_OF_THE_SDK = {"details", "children", "availableTemplates", "options", "statField"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> Iterator[DingTalkClient]:
    with DingTalkClient(sandbox.credentials(), sandbox.hosts) as ready:
        yield ready


class Sdk:
    """The vendor's clients, and a token for them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.config = Config(endpoint=sandbox.url.removeprefix("http://"), protocol="http")
        self.app = sandbox.credentials()
        self.client = FlowClient(self.config)
        self.token = self.fetch_token()

    def fetch_token(self) -> str:
        request = oauth.GetAccessTokenRequest(self.app.app_key, self.app.app_secret)
        return str(OauthClient(self.config).get_access_token(request).body.access_token)

    def call(self, operation: str, headers: str, request: Any) -> Any:
        made = getattr(flow, f"{headers}Headers")(x_acs_dingtalk_access_token=self.token)
        return getattr(self.client, f"{operation}_with_options")(request, made, RuntimeOptions()).body


@pytest.fixture(scope="module")
def sdk(sandbox: Sandbox) -> Sdk:
    return Sdk(sandbox)


def sent(sandbox: Sandbox, path: str, call: Callable[[], Any]) -> dict[str, Any]:
    """The one request to this path that the call made."""
    http.delete(f"{sandbox.url}/_sandbox/requests").raise_for_status()
    call()
    log = http.get(f"{sandbox.url}/_sandbox/requests").raise_for_status().json()["requests"]
    (request,) = [entry for entry in log if entry["path"] == path]
    found: dict[str, Any] = request
    return found


def without_sdk_habits(value: Any) -> Any:
    if isinstance(value, list):
        return [without_sdk_habits(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: without_sdk_habits(item)
        for key, item in value.items()
        if key not in EMPTY_LISTS_OF_THE_SDK or item != []
    }


def compare(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert (ours["method"], ours["path"]) == (theirs["method"], theirs["path"])
    assert ours["query"] == theirs["query"]
    assert (ours["body"] or {}) == without_sdk_habits(theirs["body"] or {})
    assert ours["headers"].get(TOKEN) == theirs["headers"].get(TOKEN)
    assert ours["headers"]["accept"] == theirs["headers"]["accept"] == JSON
    if ours["method"] == "POST":
        # With a body the type counts; the SDK adds the character set.
        assert ours["headers"]["content-type"].split(";")[0] == JSON
        assert theirs["headers"]["content-type"].split(";")[0] == JSON
    assert (ours["status"], theirs["status"]) == (200, 200)


def values() -> list[FormValue]:
    return [FormValue("工单标题", "修正订单"), FormValue("SQL内容", "UPDATE t SET a = 1", "TextareaField")]


def sdk_values(kind: Any) -> list[Any]:
    return [
        kind(name=value.title, value=value.value, component_type=value.component_type or None)
        for value in values()
    ]


def code_of(client: DingTalkClient) -> str:
    return client.process_code_by_name(CLASSIC[DATA_CHANGE].template_name)


def start(client: DingTalkClient) -> str:
    userid, department = developer(client)
    return client.start_instance(
        process_code=code_of(client), originator=userid, department_id=department, values=values()
    )


def test_app_token(sandbox: Sandbox, sdk: Sdk) -> None:
    path = "/v1.0/oauth2/accessToken"
    with DingTalkClient(sandbox.credentials(), sandbox.hosts) as fresh:
        compare(sent(sandbox, path, fresh.check_credentials), sent(sandbox, path, sdk.fetch_token))


def test_process_code_by_name(sandbox: Sandbox, client: DingTalkClient, sdk: Sdk) -> None:
    path = "/v1.0/workflow/processCentres/schemaNames/processCodes"
    request = flow.GetProcessCodeByNameRequest(name=CLASSIC[DATA_CHANGE].template_name)
    compare(
        sent(sandbox, path, lambda: code_of(client)),
        sent(sandbox, path, lambda: sdk.call("get_process_code_by_name", "GetProcessCodeByName", request)),
    )


def test_form_schema(sandbox: Sandbox, client: DingTalkClient, sdk: Sdk) -> None:
    path = "/v1.0/workflow/forms/schemas/processCodes"
    code = code_of(client)
    request = flow.QuerySchemaByProcessCodeRequest(process_code=code)
    compare(
        sent(sandbox, path, lambda: client.form_schema(code)),
        sent(
            sandbox,
            path,
            lambda: sdk.call("query_schema_by_process_code", "QuerySchemaByProcessCode", request),
        ),
    )


def test_visible_templates(sandbox: Sandbox, client: DingTalkClient, sdk: Sdk) -> None:
    path = "/v1.0/workflow/processes/userVisibilities/templates"
    userid, _ = developer(client)
    name = "ListUserVisibleBpmsProcesses"
    request = flow.ListUserVisibleBpmsProcessesRequest(max_results=100, next_token=0, user_id=userid)
    compare(
        sent(sandbox, path, lambda: client.visible_templates(userid)),
        sent(sandbox, path, lambda: sdk.call("list_user_visible_bpms_processes", name, request)),
    )


def test_create_form(sandbox: Sandbox, client: DingTalkClient, sdk: Sdk) -> None:
    path = "/v1.0/workflow/forms"
    control = {"componentType": "TextField", "props": {"label": "标题", "componentId": "TextField-A"}}
    props = flow.FormComponentProps(label="标题", component_id="TextField-A")
    code = client.create_form("对照", [control], description="d")
    request = flow.FormCreateRequest(
        name="对照",
        description="d",
        process_code=code,
        form_components=[flow.FormComponent(component_type="TextField", props=props)],
    )
    compare(
        sent(
            sandbox, path, lambda: client.create_form("对照", [control], description="d", process_code=code)
        ),
        sent(sandbox, path, lambda: sdk.call("form_create", "FormCreate", request)),
    )


def test_start_instance(sandbox: Sandbox, client: DingTalkClient, sdk: Sdk) -> None:
    path = "/v1.0/workflow/processInstances"
    userid, department = developer(client)
    request = flow.StartProcessInstanceRequest(
        originator_user_id=userid,
        process_code=code_of(client),
        dept_id=department,
        form_component_values=sdk_values(flow.StartProcessInstanceRequestFormComponentValues),
    )
    compare(
        sent(sandbox, path, lambda: start(client)),
        sent(sandbox, path, lambda: sdk.call("start_process_instance", "StartProcessInstance", request)),
    )


def test_start_instance_with_chosen_approvers(sandbox: Sandbox, client: DingTalkClient, sdk: Sdk) -> None:
    path = "/v1.0/workflow/processInstances"
    userid, department = developer(client)
    lead = client.user_by_mobile("13800000003")
    template = {
        "name": "自选",
        "controls": [{"componentType": "TextField", "props": {"label": value.title}} for value in values()],
        "flow": [{"self_select": True}],
    }
    made = http.post(f"{sandbox.url}/_sandbox/templates", json=template).raise_for_status().json()
    code, key = made["process_code"], made["flow"][0]["actor_key"]
    request = flow.StartProcessInstanceRequest(
        originator_user_id=userid,
        process_code=code,
        dept_id=department,
        form_component_values=sdk_values(flow.StartProcessInstanceRequestFormComponentValues),
        target_select_actioners=[
            flow.StartProcessInstanceRequestTargetSelectActioners(actioner_key=key, actioner_user_ids=[lead])
        ],
    )

    def ours() -> None:
        client.start_instance(
            process_code=code,
            originator=userid,
            department_id=department,
            values=values(),
            self_selected={key: [lead]},
        )

    compare(
        sent(sandbox, path, ours),
        sent(sandbox, path, lambda: sdk.call("start_process_instance", "StartProcessInstance", request)),
    )


def test_forecast(sandbox: Sandbox, client: DingTalkClient, sdk: Sdk) -> None:
    path = "/v1.0/workflow/processes/forecast"
    userid, department = developer(client)
    code = code_of(client)
    request = flow.ProcessForecastRequest(
        process_code=code,
        dept_id=department,
        user_id=userid,
        form_component_values=sdk_values(flow.ProcessForecastRequestFormComponentValues),
    )

    def ours() -> None:
        client.forecast(process_code=code, userid=userid, department_id=department, values=values())

    compare(
        sent(sandbox, path, ours),
        sent(sandbox, path, lambda: sdk.call("process_forecast", "ProcessForecast", request)),
    )


def test_instance(sandbox: Sandbox, client: DingTalkClient, sdk: Sdk) -> None:
    path = "/v1.0/workflow/processInstances"
    instance_id = start(client)
    request = flow.GetProcessInstanceRequest(process_instance_id=instance_id)
    compare(
        sent(sandbox, path, lambda: client.instance(instance_id)),
        sent(sandbox, path, lambda: sdk.call("get_process_instance", "GetProcessInstance", request)),
    )


def test_list_instance_ids(sandbox: Sandbox, client: DingTalkClient, sdk: Sdk) -> None:
    path = "/v1.0/workflow/processes/instanceIds/query"
    # A template without instances: one page.
    code = client.create_form("没有审批单", [{"componentType": "TextField", "props": {"label": "标题"}}])
    userid, _ = developer(client)
    now = datetime.fromtimestamp(int(time.time()), UTC)
    since = now.replace(hour=0, minute=0, second=0)
    request = flow.ListProcessInstanceIdsRequest(
        process_code=code,
        start_time=int(since.timestamp() * 1000),
        next_token=0,
        max_results=20,
        user_ids=[userid],
        statuses=["RUNNING"],
    )

    def ours() -> None:
        client.list_instance_ids(code, since=since, userids=[userid], statuses=["RUNNING"])

    compare(
        sent(sandbox, path, ours),
        sent(sandbox, path, lambda: sdk.call("list_process_instance_ids", "ListProcessInstanceIds", request)),
    )


def test_comment(sandbox: Sandbox, client: DingTalkClient, sdk: Sdk) -> None:
    path = "/v1.0/workflow/processInstances/comments"
    instance_id = start(client)
    userid, _ = developer(client)
    name = "AddProcessInstanceComment"
    request = flow.AddProcessInstanceCommentRequest(
        process_instance_id=instance_id, text="已执行", comment_user_id=userid
    )
    compare(
        sent(sandbox, path, lambda: client.comment(instance_id, userid=userid, text="已执行")),
        sent(sandbox, path, lambda: sdk.call("add_process_instance_comment", name, request)),
    )


def test_terminate(sandbox: Sandbox, client: DingTalkClient, sdk: Sdk) -> None:
    path = "/v1.0/workflow/processInstances/terminate"
    http.post(f"{sandbox.url}/_sandbox/settings", json={"terminate_delay": 0.0}).raise_for_status()
    userid, _ = developer(client)
    ours, theirs = start(client), start(client)
    request = flow.TerminateProcessInstanceRequest(
        process_instance_id=theirs, is_system=False, operating_user_id=userid, remark="撤回"
    )
    mine = sent(sandbox, path, lambda: client.terminate_instance(ours, operator=userid, remark="撤回"))
    official = sent(
        sandbox, path, lambda: sdk.call("terminate_process_instance", "TerminateProcessInstance", request)
    )
    assert (mine["body"].pop("processInstanceId"), official["body"].pop("processInstanceId")) == (
        ours,
        theirs,
    )
    compare(mine, official)


def login_code(sandbox: Sandbox, userid: str) -> str:
    query = {
        "client_id": sandbox.credentials().app_key,
        "redirect_uri": "http://127.0.0.1/back",
        "response_type": "code",
        "scope": "openid",
        "state": "s",
    }
    page = http.post(f"{sandbox.url}/oauth2/auth", params=query, data={"userid": userid})
    assert page.next_request is not None
    return str(page.next_request.url.params["authCode"])


def test_signing_in(sandbox: Sandbox, client: DingTalkClient, sdk: Sdk) -> None:
    token_path, me_path = "/v1.0/oauth2/userAccessToken", "/v1.0/contact/users/me"
    userid, _ = developer(client)

    def official() -> None:
        request = oauth.GetUserTokenRequest(
            client_id=sdk.app.app_key,
            client_secret=sdk.app.app_secret,
            code=login_code(sandbox, userid),
            grant_type="authorization_code",
        )
        token = OauthClient(sdk.config).get_user_token(request).body.access_token
        headers = contact.GetUserHeaders(x_acs_dingtalk_access_token=token)
        ContactClient(sdk.config).get_user_with_options("me", headers, RuntimeOptions())

    def ours() -> None:
        assert client.user_by_browser_code(login_code(sandbox, userid)).userid == userid

    for path in (token_path, me_path):
        compare(sent(sandbox, path, ours), sent(sandbox, path, official))
