"""Every refusal that DingTalk documents or integrators published, met over the socket: the local DingTalk produces
it, by what it is really about where that can be arranged, and the client reacts as its meaning demands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import pytest

from sluicegate.core.messages import LANGUAGES, catalogue, describe
from sluicegate.dingtalk import errors
from sluicegate.dingtalk.auth import Retry
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.config import Credentials
from sluicegate.dingtalk.contracts import form_components
from sluicegate.dingtalk.errors import DingTalkError, NotProcessed, OutcomeInDoubt, TemporarilyUnavailable
from sluicegate.dingtalk.form_presets import DATA_CHANGE
from sluicegate.dingtalk.forms import FormValue, Reference, find_reference
from sluicegate.dingtalk.limits import LocalPace
from sluicegate.dingtalk.messages import WorkNotification

from .local import CLASSIC, SHA, Sandbox, developer, form, http, running_sandbox, start

ACCESS = "Forbidden.AccessDenied."
FAQ = "访问ip不在白名单之中，请参考FAQ：https://open.dingtalk.com/document/org-faq/app-faq"
STARTS = "/v1.0/workflow/processInstances"
CLASSIC_NAME = CLASSIC[DATA_CHANGE].template_name
Call = Callable[[DingTalkClient], object]
Arrange = Callable[[Sandbox], None]


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    control(running, "/reset")
    return running


def control(sandbox: Sandbox, path: str, body: Mapping[str, Any] | None = None) -> Any:
    answer = http.post(f"{sandbox.url}/_sandbox{path}", json=dict(body or {}))
    assert answer.status_code == 200, answer.text
    return answer.json()


class Calm(LocalPace):
    """One case's failures must not keep the next one's calls back."""

    def failed(self, host: str, reason: str, pause: float | None = None) -> None:
        pass


@pytest.fixture(scope="module")
def clients(running: Sandbox) -> Iterator[Callable[[str], DingTalkClient]]:
    """One client for each app secret, "" for the right one."""
    with ExitStack() as stack:

        @cache
        def client_of(secret: str) -> DingTalkClient:
            right = running.credentials()
            given = Credentials(right.app_key, secret or right.app_secret, right.corp_id, right.agent_id)
            client = DingTalkClient(given, running.hosts, retry=Retry(sleep=lambda _: None), pace=Calm())
            return stack.enter_context(client)

        yield client_of


# --- calls --------------------------------------------------------------------------------------------


def read_person(client: DingTalkClient) -> object:
    return client.user_by_mobile("13800000002")


def read_instance(client: DingTalkClient) -> object:
    return client.instance("x" * 22 + "0000" + "1621779932944"[:10])


def begin(client: DingTalkClient, **changes: Any) -> object:
    given: dict[str, Any] = {
        "process_code": client.process_code_by_name(CLASSIC_NAME),
        "originator": developer(client)[0],
        "department_id": developer(client)[1],
        "values": form(Reference("documented", 1, SHA)),
    }
    return client.start_instance(**(given | changes))


def begin_for_leaver(client: DingTalkClient) -> object:
    return begin(client, originator="550193847256")


def begin_with(**changes: Any) -> Call:
    return lambda client: begin(client, **changes)


def begin_and_end_at_once(client: DingTalkClient) -> object:
    return client.terminate_instance(start(client, "too-early"))


def make_form(client: DingTalkClient) -> object:
    return client.create_form(CLASSIC_NAME, form_components(CLASSIC[DATA_CHANGE]))


# --- what brings it about -----------------------------------------------------------------------------


def nothing(_: Sandbox) -> None:
    """The call itself is the cause."""


def faulty(**fault: Any) -> Arrange:
    return lambda sandbox: control(sandbox, "/faults", fault)


def refusing(code: str, match: str = "") -> Arrange:
    return faulty(kind="refuse", code=code, match=match)


def app_with(**changes: Any) -> Arrange:
    return lambda sandbox: control(sandbox, f"/apps/{sandbox.credentials().app_key}", changes)


def template_with(**changes: Any) -> Arrange:
    def arrange(sandbox: Sandbox) -> None:
        known = {found["name"]: found["process_code"] for found in sandbox.state()["templates"]}
        control(sandbox, f"/templates/{known[CLASSIC_NAME]}", changes)

    return arrange


SELF_SELECT = [{"name": "自选", "mode": "OR", "approvers": [], "self_select": True}]


# --- the table ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """``says``: DingTalk's own words, or their beginning. ``tells``: what the advice to people must hold."""

    name: str
    arrange: Arrange
    call: Call
    expected: type[DingTalkError]
    vendor_code: str
    says: str = ""
    retryable: bool = False
    secret: str = ""
    tells: tuple[str, ...] = field(default=())


LIMITED = "您的企业应用调用钉钉开放平台当前接口的所有请求都被暂时禁用了"
CASES = [
    # address
    Case("ip, new host", app_with(ip_whitelist=["198.51.100.1"]), read_instance, errors.IpNotWhitelisted, ACCESS + "IpNotInWhiteList", f"{FAQ},request ip=127.0.0.1 appKey(", tells=("127.0.0.1",)),
    Case("ip, topapi", app_with(ip_whitelist=["198.51.100.1"]), read_person, errors.IpNotWhitelisted, "60020", "", tells=("127.0.0.1",)),
    Case("ip, old host", app_with(ip_whitelist=["198.51.100.1"]), lambda c: c.auth_scopes(), errors.IpNotWhitelisted, "60020", f"{FAQ},request ip=127.0.0.1 appKey(", tells=("127.0.0.1",)),
    Case("ip, IPv6", faulty(kind="ip_not_whitelisted", ip="2408:4001::1f"), read_instance, errors.IpNotWhitelisted, ACCESS + "IpNotInWhiteList", tells=("2408:4001::1f",)),
    # credentials and tokens
    Case("secret, new host", nothing, read_person, errors.InvalidCredentials, "invalidClientIdOrSecret", "无效的clientId或者clientSecret", secret="wrong"),
    Case("secret, old host", refusing("40096", "/topapi"), read_person, errors.InvalidCredentials, "40096", "不合法的appKey或appSecret"),
    Case("corp secret", refusing("40089", "/topapi"), read_person, errors.InvalidCredentials, "40089", "不合法的corpId或corpSecret"),
    Case("token, new host", refusing("InvalidAuthentication", "/v1.0/workflow"), read_instance, errors.TokenInvalid, "InvalidAuthentication", "不合法的access_token", retryable=True),
    Case("token, old host", refusing("40014", "/topapi"), read_person, errors.TokenInvalid, "40014", "不合法的access_token", retryable=True),
    Case("token expired", refusing("42001", "/topapi"), read_person, errors.TokenInvalid, "42001", "access_token超时", retryable=True),
    # permissions
    Case("scope, new host", app_with(scopes=["Workflow.Form.Read"]), read_instance, errors.MissingPermission, ACCESS + "AccessTokenPermissionDenied", "应用尚未开通所需的权限：[Workflow.Instance.Read]，点击链接申请并开通即可：https://open-dev.dingtalk.com/appscope/apply?content=", tells=("Workflow.Instance.Read", "appscope/apply")),
    Case("scope, topapi", app_with(scopes=[]), read_person, errors.MissingPermission, "60011", "应用尚未开通所需的权限：[qyapi_get_member_by_mobile]", tells=("qyapi_get_member_by_mobile", "appscope/apply")),
    Case("scope, older words", refusing("60011", "/topapi"), read_person, errors.MissingPermission, "60011", "没有调用该接口的权限"),
    Case("scope, older words, new host", refusing(ACCESS + "AccessTokenPermissionDenied", "/v1.0/workflow"), read_instance, errors.MissingPermission, ACCESS + "AccessTokenPermissionDenied", "没有调用该接口的权限，接口权限申请参考：", tells=("Workflow.Instance.Write",)),
    Case("person out of range", app_with(authed_depts=[100200303]), lambda c: c.user("0166525500211234"), errors.UserOutOfScope, "50002", "请求的员工userid不在授权范围内"),
    Case("department out of range", app_with(authed_depts=[100200303]), lambda c: c.department_children(100200301), errors.UserOutOfScope, "50004", "请求的部门id不在授权范围内"),
    # people
    Case("nobody", nothing, lambda c: c.user_by_mobile("13999999999"), errors.UserNotFound, "60121", "找不到该用户"),
    Case("has left", nothing, lambda c: c.user_by_mobile("13800000007"), errors.UserNotFound, "60121", "找不到该用户"),
    Case("bad mobile", refusing("40104", "/topapi"), read_person, errors.UserNotFound, "40104"),
    Case("originator has left", nothing, begin_for_leaver, errors.InvalidRequest, "invalidParameter", "发起审批参数错误。具体可能为：企业ID、审批模板code等参数错误，或发起人已离职"),
    # templates
    Case("process code", nothing, begin_with(process_code="PROC-0"), errors.TemplateMissing, "processCodeError", "获取审批模板失败或者模板已被删除"),
    Case("schema", nothing, lambda c: c.form_schema("PROC-0"), errors.TemplateMissing, "formNotExist", "审批表单模板不存在"),
    Case("schema, other code", refusing("aflowProcessCodeIsError"), lambda c: c.form_schema("PROC-0"), errors.TemplateMissing, "aflowProcessCodeIsError", "获取审批模板失败或审批模板已被删除"),
    Case("name", nothing, lambda c: c.process_code_by_name("没有"), errors.TemplateMissing, "process.error", "模板不存在"),
    *[Case(f"process code, {code}", refusing(code, "/topapi"), read_person, errors.TemplateMissing, code, says) for code, says in [("820001", "发起审批实例失败，错误原因为【系统错误:Could not convert xml to bpmnModel.】"), ("820004", "模板不存在"), ("830001", "")]],
    Case("disabled", template_with(status="INVALID"), begin, errors.TemplateDisabled, "processGetFailed", "获取审批流失败或审批单状态为非启用状态"),
    Case("disabled, old", refusing("810008", "/topapi"), read_person, errors.TemplateDisabled, "810008", "获取审批流失败"),
    Case("blacklisted", refusing("processCode.in.blackList", STARTS), begin, errors.TemplateDisabled, "processCode.in.blackList", "当前模板code已被加入黑名单，无法发起审批实例。"),
    Case("not for this person", template_with(visible_to=["manager7012"]), begin, errors.TemplateNotPermitted, "needAuth", "没有发起审批的权限"),
    Case("no permission to set up", refusing("processSetupNoPermission", STARTS), begin, errors.TemplateNotPermitted, "processSetupNoPermission", "无操作审批流的权限"),
    Case("no permission, old", refusing("810007", "/topapi"), read_person, errors.TemplateNotPermitted, "810007", "没有操作审批流的权限"),
    Case("name taken", nothing, make_form, errors.TemplateNameTaken, "formName.error", "已有相同名称表单"),
    # forms
    Case("control renamed", template_with(rename_control={"from": "工单标题", "to": "标题"}), begin, errors.FormMismatch, "sysErrror", "创建审批实例系统异常"),
    Case("control required", template_with(require_control="审批意见"), begin, errors.FormMismatch, "formConverterError", "表单数据校验失败，失败控件：审批意见", tells=("审批意见",)),
    Case("two controls", refusing("formConverterError", STARTS), begin, errors.FormMismatch, "formConverterError", "表单数据校验失败，失败控件：", tells=("预计影响行数", "关联库")),
    Case("illegal control", refusing("illegalComponent", STARTS), begin, errors.FormMismatch, "illegalComponent", "表单组件入参错误"),
    Case("form, old", refusing("810003", "/topapi"), read_person, errors.FormMismatch, "810003", "审批流表单格式错误"),
    Case("value too long", nothing, begin_with(values=[FormValue("SQL内容", "x" * 65_536, "TextareaField")]), errors.FormMismatch, "formConverterError", "表单数据校验失败，失败控件：SQL内容", tells=("SQL内容",)),
    Case("body too long, old", refusing("41101", "/topapi"), read_person, errors.InvalidRequest, "41101", "数据内容过长"),
    # flow
    Case("department", nothing, begin_with(department_id=100200303), errors.OriginatorNotInDepartment, "processInstanceInvalidParameter", "审批实例参数错误，具体可能为:发起人、审批人、抄送人的userid错误，发起部门id错误，发起人不在发起部门中"),
    Case("nobody chosen", template_with(flow=SELF_SELECT), begin, errors.SelfSelectApproverMissing, "targetSelectApproverMissing", "自选审批人缺失"),
    Case("wrong choice", refusing("targetSelectApproverScopeError", STARTS), begin, errors.SelfSelectApproverMissing, "targetSelectApproverScopeError", "自选审批人不在规定范围内"),
    # instances
    Case("no instance, read", nothing, read_instance, errors.InstanceNotFound, "processInstanceNotExist", "审批实例不存在"),
    Case("no such id, read", nothing, lambda c: c.instance("nonsense"), errors.InstanceNotFound, "processInstanceIdError", "processInstanceId参数无效"),
    Case("no instance, end", nothing, lambda c: c.terminate_instance("none"), errors.InstanceNotFound, "aflowProcessInstNotExist", "审批实例不存在"),
    Case("no instance, comment", nothing, lambda c: c.comment("none", userid="manager7012", text="x"), errors.InstanceNotFound, "aflowProcessInstNotExist", "审批实例不存在"),
    Case("too early", nothing, begin_and_end_at_once, errors.RevokeTooEarly, "aflowProcessInstStatusException", "提交审批后 15 秒内不允许撤销", retryable=True),
    Case("forbidden by template", template_with(allow_revoke=False), begin_and_end_at_once, errors.RevokeNotAllowed, "internalError", "您没有任务处理的权限"),
    Case("forbidden, old", refusing("820008", "/topapi"), read_person, errors.RevokeNotAllowed, "820008", "审批系统错误"),
    Case("state", refusing("aflowProcessInstCanNotBeExecuted", "/comments"), lambda c: c.comment("x", userid="u", text="x"), errors.InstanceStateConflict, "aflowProcessInstCanNotBeExecuted", "审批状态异常，无法执行"),
    # limits: per second they pass by themselves, per month they don't
    *[Case(f"limit {code}", refusing(code, match), call, errors.QpsLimited, code, says, retryable=True) for code, match, call, says in [
        (ACCESS + "QpsLimitForAppkeyAndApi", "/v1.0/workflow", read_instance, LIMITED),
        (ACCESS + "QpmLimitForAppkeyAndApi", "/v1.0/workflow", read_instance, LIMITED),
        (ACCESS + "QpsLimitForApi", STARTS, begin, "您的服务器调用钉钉开放平台当前接口的所有请求都被暂时禁用了"),
        ("autoflowLikeTriggerRateLimited", STARTS, begin, "该操作涉及自动化类业务(业务规则)并且触发限速"),
        ("oaplus.query.limit", "/v1.0/workflow", read_instance, "请求过于频繁，稍后重试"),
        ("90018", "/topapi", read_person, LIMITED),
        ("90002", "/topapi", read_person, "当前所有钉钉应用调用该接口次数过多"),
    ]],
    Case("limit of the address", faulty(kind="punished"), read_person, errors.AddressThrottled, "1111", retryable=True),
    Case("month, new host", lambda s: control(s, "/settings", {"api_quota": 0}), read_instance, errors.QuotaExhausted, ACCESS + "ApiCountLimitForOrg"),
    Case("month, old host", refusing("90020", "/topapi"), read_person, errors.QuotaExhausted, "90020"),
    # DingTalk's own trouble: a read may be made again, a change may have happened
    *[Case(f"trouble {kind}, read", faulty(kind=kind, match="/v1.0/workflow"), read_instance, TemporarilyUnavailable, code, retryable=True) for kind, code in [("http_500", "systemError"), ("error_before", ""), ("html_page", ""), ("redirect", "")]],
    *[Case(f"trouble {kind}, change", faulty(kind=kind, match=STARTS, method="POST"), begin, OutcomeInDoubt, code) for kind, code in [("http_500", "systemError"), ("error_before", ""), ("html_page", ""), ("redirect", ""), ("cut_off", "")]],
    Case("busy", refusing("-1", "/topapi"), read_person, TemporarilyUnavailable, "-1", "系统繁忙", retryable=True),
    Case("start failed", refusing("processInstanceStartFailed", STARTS), begin, OutcomeInDoubt, "processInstanceStartFailed", "创建审批实例失败"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_documented_refusal_is_met_rightly(
    sandbox: Sandbox, clients: Callable[[str], DingTalkClient], case: Case
) -> None:
    case.arrange(sandbox)
    before = len(sandbox.instances_of("documented"))
    with pytest.raises(case.expected) as caught:
        case.call(clients(case.secret))
    error = caught.value
    assert type(error) is case.expected
    assert error.vendor_code == case.vendor_code
    assert error.vendor_message.startswith(case.says) or case.says in error.vendor_message
    assert error.retryable is case.retryable
    assert isinstance(error, NotProcessed) is not isinstance(error, OutcomeInDoubt | TemporarilyUnavailable)
    assert error.code in catalogue()
    for language in LANGUAGES:
        advice = describe(error, language)
        assert "{" not in advice
        assert all(fact in advice for fact in case.tells)
    if isinstance(error, NotProcessed):
        assert len(sandbox.instances_of("documented")) == before, "a definite refusal has started nothing"


def test_a_definite_refusal_of_a_change_is_asked_once_unless_for_its_pace(
    sandbox: Sandbox, clients: Callable[[str], DingTalkClient]
) -> None:
    """What the log of the local DingTalk shows: one POST for a refusal, three for the limit per second."""
    for code, times in [("processGetFailed", 1), ("needAuth", 1), (ACCESS + "QpsLimitForApi", 3)]:
        control(sandbox, "/reset")
        control(sandbox, "/faults", {"kind": "refuse", "code": code, "match": STARTS})
        with pytest.raises(NotProcessed):
            begin(clients(""))
        asked = http.get(f"{sandbox.url}/_sandbox/requests").json()["requests"]
        assert len([entry for entry in asked if entry["path"] == STARTS]) == times


# --- executed, and the answer lost --------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A changing call. ``prepare`` gives what it needs, ``look`` is what a caller in doubt does, ``happened`` tells
    how often the change can be seen."""

    name: str
    path: str
    prepare: Callable[[DingTalkClient], Any]
    call: Callable[[DingTalkClient, Any], object]
    look: Callable[[DingTalkClient, Any], object]
    happened: Callable[[Sandbox, DingTalkClient, Any], int]


NOTE = WorkNotification("工单 9", "**已执行** 10:31", "查看", "https://sluice.example.com/t/9")
NEW_FORM = "CloudDM新表单"


def begin_form(client: DingTalkClient, name: str, process_code: str | None = None) -> str:
    return client.create_form(name, form_components(CLASSIC[DATA_CHANGE]), process_code=process_code)


def over_already(client: DingTalkClient, instance_id: str) -> None:
    with pytest.raises(errors.InstanceFinished):
        client.terminate_instance(instance_id)


def name_taken(client: DingTalkClient, _: object) -> None:
    with pytest.raises(errors.TemplateNameTaken):
        begin_form(client, NEW_FORM)
    assert client.form_schema(client.process_code_by_name(NEW_FORM)).name == NEW_FORM


def templates_named(sandbox: Sandbox, name: str) -> int:
    return len([found for found in sandbox.state()["templates"] if found["name"] == name])


def messages_of(sandbox: Sandbox) -> int:
    return len(http.get(f"{sandbox.url}/_sandbox/messages").json()["messages"])


def records_of(client: DingTalkClient, instance_id: str, kind: str) -> int:
    return len([record for record in client.instance(instance_id).records if record.kind == kind])


def found_by_listing(client: DingTalkClient, _: object) -> None:
    since = datetime.now(UTC) - timedelta(minutes=2)
    code = client.process_code_by_name(CLASSIC_NAME)
    listed = client.list_instance_ids(code, since=since, userids=[developer(client)[0]])
    marks = [find_reference(client.instance(found).values, "备注信息") for found in listed]
    assert Reference("documented", 1, SHA) in marks


CHANGES = [
    Change(
        "start", STARTS, lambda _: None, lambda c, _: begin(c), found_by_listing,
        lambda s, _c, _i: len(s.instances_of("documented")),
    ),
    Change(
        "terminate", "/terminate", lambda c: start(c, "doubtful"), lambda c, i: c.terminate_instance(i), over_already,
        lambda _s, c, i: records_of(c, i, "TERMINATE_PROCESS_INSTANCE"),
    ),
    Change(
        "comment", "/comments", lambda c: start(c, "doubtful"),
        lambda c, i: c.comment(i, userid=developer(c)[0], text="SQL 已执行"),
        lambda c, i: next(r for r in c.instance(i).records if r.remark == "SQL 已执行"),
        lambda _s, c, i: records_of(c, i, "ADD_REMARK"),
    ),
    Change(
        "work notification", "asyncsend_v2", lambda _: None,
        lambda c, _: c.send_work_notification([developer(c)[0]], NOTE), lambda _c, _: None,
        lambda s, _c, _i: messages_of(s),
    ),
    Change(
        "create form", "/v1.0/workflow/forms", lambda _: None, lambda c, _: begin_form(c, NEW_FORM), name_taken,
        lambda s, _c, _i: templates_named(s, NEW_FORM),
    ),
    Change(
        "update form", "/v1.0/workflow/forms", lambda c: begin_form(c, NEW_FORM),
        lambda c, code: begin_form(c, NEW_FORM, code), lambda c, code: begin_form(c, NEW_FORM, code),
        lambda s, _c, _i: templates_named(s, NEW_FORM),
    ),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["timeout_after", "cut_off"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_whose_answer_is_lost_happens_once(
    sandbox: Sandbox, clients: Callable[[str], DingTalkClient], change: Change, kind: str
) -> None:
    """It is in doubt, is not sent again by the client, and looking shows that it happened."""
    control(sandbox, "/settings", {"terminate_delay": 0})
    client = clients("")
    developer(client)  # has a token now: the fault is for the change, not for the refusal of an old token
    needed = change.prepare(client)
    control(
        sandbox, "/faults", {"kind": kind, "seconds": 0, "times": 1, "match": change.path, "method": "POST"}
    )
    with pytest.raises(OutcomeInDoubt):
        change.call(client, needed)
    change.look(client, needed)
    assert change.happened(sandbox, client, needed) == 1


def test_an_approver_whose_answer_is_lost_has_decided_once(
    sandbox: Sandbox, clients: Callable[[str], DingTalkClient]
) -> None:
    """We decide for nobody; whoever does through the API may repeat it and change nothing."""
    client = clients("")
    instance_id = start(client, "doubtful")
    control(sandbox, "/faults", {"kind": "timeout_after", "seconds": 0, "times": 1, "match": "/execute"})
    with pytest.raises(httpx.RemoteProtocolError):
        sandbox.decide(client, instance_id, "agree")
    found = client.instance(instance_id)
    assert found.agreed
    assert [task.result for task in found.tasks].count("AGREE") == 1
