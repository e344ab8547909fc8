"""What each method sends, and how its answer is read; against a real server with the documented samples."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from sluicegate.dingtalk import errors
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.messages import LARGEST_MESSAGE, WorkNotification
from sluicegate.dingtalk.models import Person
from sluicegate.dingtalk.templates import FormValue

from .scripted import Answer, Request, ScriptedServer, in_turn, refusal

INSTANCE: dict[str, Any] = {
    "success": "true",
    "result": {
        "title": "张三提交的CloudDM数据变更工单",
        "createTime": "2022-08-31T11:52Z",
        "finishTime": "2022-08-31T12:01:30+08:00",
        "originatorUserId": "0334555956789461",
        "originatorDeptId": "-1",
        "status": "COMPLETED",
        "result": "agree",
        "businessId": "202208311152000123456",
        "operationRecords": [
            {
                "userId": "0334555956789461",
                "date": "2022-08-31T11:52Z",
                "type": "START_PROCESS_INSTANCE",
                "result": "NONE",
            },
            {
                "userId": "0012",
                "date": "2022-08-31T11:55Z",
                "type": "EXECUTE_TASK_NORMAL",
                "result": "AGREE",
                "remark": "可以",
                "activityId": "1918_5cd3",
                "showName": "DBA",
            },
            {
                "userId": "bpms_system",
                "date": "not a date",
                "type": "EXECUTE_TASK_AUTO",
                "result": "AGREE",
                "activityId": "77_aa",
            },
            {"userId": "0012", "type": "SOMETHING_NEW", "result": "PERHAPS"},
        ],
        "tasks": [
            {
                "taskId": 88382752389,
                "userId": "0012",
                "status": "COMPLETED",
                "result": "AGREE",
                "activityId": "1918_5cd3",
                "createTime": "2022-08-31T11:52Z",
                "pcUrl": "https://aflow.dingtalk.com/pc",
            },
            {"taskId": 88382752390, "userId": "0013", "status": "FROZEN", "result": "NONE"},
        ],
        "formComponentValues": [
            {"id": "TextField-1", "name": "工单标题", "value": "修正", "componentType": "TextField"},
            {"name": "申请的权限", "value": [{"rowValue": []}]},
            {"name": "审批意见"},
        ],
    },
}


def test_an_instance_is_read_whole(server: ScriptedServer, client: DingTalkClient) -> None:
    server.respond = lambda _: Answer(INSTANCE)
    found = client.instance("inst-1")
    assert server.calls[0].query == {"processInstanceId": "inst-1"}
    assert (found.instance_id, found.status, found.result, found.agreed) == (
        "inst-1",
        "COMPLETED",
        "agree",
        True,
    )
    assert (found.originator, found.originator_department_id) == ("0334555956789461", "-1")
    assert found.business_id == "202208311152000123456"
    assert found.values == {"工单标题": "修正", "申请的权限": '[{"rowValue": []}]', "审批意见": ""}
    assert found.created_at == datetime(2022, 8, 31, 11, 52, tzinfo=UTC)
    assert found.finished_at == datetime(2022, 8, 31, 12, 1, 30, tzinfo=timezone(timedelta(hours=8)))


def test_tasks_carry_the_remark_and_node_of_their_record(
    server: ScriptedServer, client: DingTalkClient
) -> None:
    server.respond = lambda _: Answer(INSTANCE)
    found = client.instance("inst-1")
    first, second = found.tasks
    assert (first.task_id, first.remark, first.activity_name, first.result) == (
        "88382752389",
        "可以",
        "DBA",
        "AGREE",
    )
    assert (second.status, second.remark, second.created_at) == ("FROZEN", "", None)
    assert [r.automatic for r in found.records] == [False, False, True, False]
    assert found.records[3].kind == "SOMETHING_NEW"
    assert found.records[2].at is None


def test_after_a_return_the_later_remark_counts(server: ScriptedServer, client: DingTalkClient) -> None:
    def record(remark: str, result: str) -> dict[str, str]:
        return {
            "userId": "0012",
            "type": "EXECUTE_TASK_NORMAL",
            "result": result,
            "remark": remark,
            "activityId": "a",
        }

    found = {
        "status": "COMPLETED",
        "operationRecords": [record("先退回", "NONE"), record("现在可以", "AGREE")],
        "tasks": [{"taskId": 1, "userId": "0012", "activityId": "a"}],
    }
    server.respond = lambda _: Answer({"result": found})
    assert client.instance("x").tasks[0].remark == "现在可以"


@pytest.mark.parametrize(
    ("status", "result", "truths"),
    [
        ("RUNNING", "", {"running"}),
        ("NEW", None, {"running"}),
        ("RUNNING", "agree", {"running"}),
        ("COMPLETED", "agree", {"agreed"}),
        ("COMPLETED", "AGREE", {"agreed"}),
        ("COMPLETED", "refuse", {"refused"}),
        ("COMPLETED", "", set()),
        ("TERMINATED", "agree", {"withdrawn"}),
        ("CANCELED", None, {"withdrawn"}),
        ("UNHEARD_OF", "agree", set()),
    ],
)
def test_only_completed_and_agree_is_agreed(
    server: ScriptedServer, client: DingTalkClient, status: str, result: str | None, truths: set[str]
) -> None:
    server.respond = lambda _: Answer({"result": {"status": status, "result": result}})
    found = client.instance("x")
    assert {n for n in ("agreed", "refused", "withdrawn", "running") if getattr(found, n)} == truths


@pytest.mark.parametrize("body", [{}, {"result": None}, {"result": {"result": "agree"}}, {"result": []}])
def test_an_instance_without_its_state_is_no_answer(
    server: ScriptedServer, client: DingTalkClient, body: dict[str, Any]
) -> None:
    server.respond = lambda _: Answer(body)
    with pytest.raises(errors.TemporarilyUnavailable):
        client.instance("x")


def test_starting_sends_what_the_page_asks_for(server: ScriptedServer, client: DingTalkClient) -> None:
    server.respond = lambda _: Answer({"instanceId": "EC8GMH0_Q8-Sum4d3-f9nw08621779932944"})
    started = client.start_instance(
        process_code="PROC-1",
        originator="0123",
        department_id=-1,
        values=[FormValue("工单标题", "t", "TextField", "TextField-1"), FormValue("审批意见", "")],
        self_selected={"manual_f953": ["7", "8"]},
    )
    assert started == "EC8GMH0_Q8-Sum4d3-f9nw08621779932944"
    call = server.calls[0]
    assert (call.method, call.path) == ("POST", "/v1.0/workflow/processInstances")
    assert call.body == {
        "originatorUserId": "0123",
        "processCode": "PROC-1",
        "deptId": -1,
        "formComponentValues": [
            {"name": "工单标题", "value": "t", "componentType": "TextField", "id": "TextField-1"},
            {"name": "审批意见", "value": ""},
        ],
        "targetSelectActioners": [{"actionerKey": "manual_f953", "actionerUserIds": ["7", "8"]}],
    }


def test_people(server: ScriptedServer, client: DingTalkClient) -> None:
    server.respond = lambda _: Answer(
        {
            "errcode": "0",
            "result": {
                "userid": "0012",
                "name": "李四",
                "unionid": "u",
                "active": "true",
                "dept_id_list": "[1,3]",
                "mobile": "",
                "title": "DBA",
            },
        }
    )
    found = client.user("0012")
    assert (found.userid, found.active, found.department_ids, found.job_title) == (
        "0012",
        True,
        (1, 3),
        "DBA",
    )
    assert found.workflow_department_id == -1
    assert server.calls[0].body == {"userid": "0012", "language": "zh_CN"}


def test_departments_and_scopes(server: ScriptedServer, client: DingTalkClient) -> None:
    server.respond = lambda r: (
        Answer({"errcode": 0, "auth_org_scopes": {"authed_dept": [1], "authed_user": ["0012"]}})
        if r.path == "/auth/scopes"
        else Answer({"errcode": 0, "result": [{"dept_id": 5, "name": "研发", "parent_id": 1}]})
    )
    (department,) = client.department_children()
    assert (department.department_id, department.name, department.parent_id) == (5, "研发", 1)
    scopes = client.auth_scopes()
    assert (scopes.departments, scopes.users) == ((1,), ("0012",))
    assert [r.method for r in server.calls] == ["POST", "GET"]


def test_both_ways_to_log_in(server: ScriptedServer, client: DingTalkClient) -> None:
    bodies = {
        "/topapi/v2/user/getuserinfo": {"errcode": 0, "result": {"userid": "0012", "name": "李四"}},
        "/v1.0/oauth2/userAccessToken": {"accessToken": "users-token", "expireIn": 7200},
        "/v1.0/contact/users/me": {"nick": "李四", "unionId": "u-1"},
        "/topapi/user/getbyunionid": {"errcode": 0, "result": {"contact_type": 0, "userid": "0012"}},
    }
    server.respond = lambda r: Answer(bodies[r.path])
    assert client.user_by_auth_code("code").userid == "0012"
    found = client.user_by_browser_code("authcode")
    assert (found.userid, found.unionid, found.name) == ("0012", "u-1", "李四")
    profile = next(r for r in server.calls if r.path == "/v1.0/contact/users/me")
    assert profile.token == "users-token"


SCHEMA: dict[str, Any] = {
    "result": {
        "name": "CloudDM数据变更工单",
        "status": "PUBLISHED",
        "gmtModified": "1661917920000",
        "schemaContent": {
            "items": [
                {
                    "componentName": "TextField",
                    "props": {"id": "TextField-K2AD4O5B", "label": "工单标题", "required": True},
                },
                {"id": "Flat_1", "name": "备注信息", "componentType": "TextareaField"},
                {
                    "componentName": "DDSelectField",
                    "props": {
                        "label": "级别",
                        "options": [{"key": "a", "value": "高"}, "低"],
                        "disabled": "true",
                    },
                },
                {
                    "componentName": "TableField",
                    "props": {"label": "申请的权限"},
                    "children": [{"componentName": "TextField", "props": {"label": "资源路径"}}],
                },
            ]
        },
    }
}


def test_a_schema_is_read_nested_or_flat(server: ScriptedServer, client: DingTalkClient) -> None:
    server.respond = lambda _: Answer(SCHEMA)
    schema = client.form_schema("PROC-1")
    assert (schema.name, schema.status) == ("CloudDM数据变更工单", "PUBLISHED")
    assert schema.modified_at == datetime(2022, 8, 31, 3, 52, tzinfo=UTC)
    title, remark, level, table = schema.controls
    assert (title.control_id, title.title, title.required) == ("TextField-K2AD4O5B", "工单标题", True)
    assert (remark.control_id, remark.title, remark.component_type) == ("Flat_1", "备注信息", "TextareaField")
    assert (level.options, level.disabled) == (("高", "低"), True)
    assert [c.title for c in table.children] == ["资源路径"]


def test_templates_come_page_by_page(server: ScriptedServer, client: DingTalkClient) -> None:
    def page(name: str, **more: object) -> Answer:
        return Answer({"result": {"processList": [{"name": name, "processCode": f"PROC-{name}"}], **more}})

    server.respond = in_turn(page("a", nextToken=100), page("b"))
    assert [t.process_code for t in client.visible_templates("0012")] == ["PROC-a", "PROC-b"]
    assert [r.query["nextToken"] for r in server.calls] == ["0", "100"]
    assert server.calls[0].query["userId"] == "0012"
    client.visible_templates()
    assert "userId" not in server.calls[-1].query


def test_instance_ids_come_page_by_page_and_once(server: ScriptedServer, client: DingTalkClient) -> None:
    server.respond = in_turn(
        Answer({"result": {"list": ["a", "b"], "nextToken": "20"}, "success": True}),
        Answer({"result": {"list": ["b", "c"], "nextToken": "20"}}),
    )
    since = datetime(2024, 8, 14, 8, 40, tzinfo=UTC)
    ids = client.list_instance_ids("PROC-1", since=since, userids=["0012"], statuses=["RUNNING"])
    assert ids == ("a", "b", "c")
    first, second = (r.body for r in server.calls)
    assert first == {
        "processCode": "PROC-1",
        "startTime": 1723624800000,
        "maxResults": 20,
        "userIds": ["0012"],
        "statuses": ["RUNNING"],
        "nextToken": 0,
    }
    assert second["nextToken"] == 20


def test_creating_a_form(server: ScriptedServer, client: DingTalkClient) -> None:
    server.respond = in_turn(Answer({"result": {"processCode": "PROC-9"}}), refusal("formName.error"))
    assert client.create_form("名称", [{"componentType": "TextField"}], process_code="PROC-9") == "PROC-9"
    assert server.calls[0].body["processCode"] == "PROC-9"
    with pytest.raises(errors.TemplateNameTaken):
        client.create_form("名称", [])
    server.respond = lambda _: Answer({"result": {"processCode": "PROC-8", "gmtModified": "1"}})
    assert client.process_code_by_name("名称") == "PROC-8"
    assert server.calls[-1].query == {"name": "名称"}


@pytest.mark.parametrize(
    ("refused", "status", "expected"),
    [
        (
            refusal("aflowProcessInstStatusException", "提交审批后 15 秒内不允许撤销"),
            "RUNNING",
            errors.RevokeTooEarly,
        ),
        (refusal("aflowProcessInstStatusException", "任何说明"), "RUNNING", errors.RevokeTooEarly),
        (refusal("aflowProcessInstStatusException", "已结束"), "COMPLETED", errors.InstanceFinished),
        (refusal("internalError", "您没有任务处理的权限"), "RUNNING", errors.RevokeNotAllowed),
        (refusal("aflowProcessInstNotExist"), "RUNNING", errors.InstanceNotFound),
        (refusal("systemError", status=500), "RUNNING", errors.OutcomeInDoubt),
        (Answer({"result": False, "success": True}), "RUNNING", errors.OutcomeInDoubt),
    ],
)
def test_why_an_instance_cant_be_withdrawn_is_read_from_its_state(
    server: ScriptedServer,
    client: DingTalkClient,
    refused: Answer,
    status: str,
    expected: type[errors.DingTalkError],
) -> None:
    def respond(request: Request) -> Answer:
        return refused if request.method == "POST" else Answer({"result": {"status": status}})

    server.respond = respond
    with pytest.raises(errors.DingTalkError) as caught:
        client.terminate_instance("inst-1")
    assert type(caught.value) is expected


def test_a_withdrawal_whose_reason_cant_be_read_stays_general(
    server: ScriptedServer, client: DingTalkClient
) -> None:
    server.respond = lambda r: (
        refusal("aflowProcessInstStatusException")
        if r.method == "POST"
        else refusal("systemError", status=500)
    )
    with pytest.raises(errors.DingTalkError) as caught:
        client.terminate_instance("inst-1")
    assert type(caught.value) is errors.InstanceStateConflict


def test_withdrawing_as_the_app_or_as_a_person(server: ScriptedServer, client: DingTalkClient) -> None:
    server.respond = lambda _: Answer({"result": True, "success": True})
    client.terminate_instance("inst-1", remark="x" * 2000)
    client.terminate_instance("inst-1", operator="0012")
    first, second = (r.body for r in server.calls)
    assert (first["isSystem"], len(first["remark"])) == (True, 1024)
    assert "operatingUserId" not in first
    assert (second["isSystem"], second["operatingUserId"]) == (False, "0012")


def test_comments_are_cut_to_the_limit(server: ScriptedServer, client: DingTalkClient) -> None:
    server.respond = lambda _: Answer({"result": True, "success": True})
    client.comment("inst-1", userid="0012", text="完" * 1025)
    assert server.calls[0].body == {
        "processInstanceId": "inst-1",
        "commentUserId": "0012",
        "text": "完" * 1024,
    }


def test_a_forecast_shows_where_to_choose(server: ScriptedServer, client: DingTalkClient) -> None:
    rules = [
        {
            "activityId": "1",
            "activityName": "自选",
            "activityType": "target_select",
            "isTargetSelect": True,
            "workflowActor": {
                "actorKey": "manual_f953",
                "required": True,
                "allowedMulti": False,
                "actorSelectionRange": {"approvals": [{"workNo": "0012", "userName": "李四"}]},
            },
        },
        {
            "activityId": "2",
            "activityName": "DBA",
            "activityType": "target_approval",
            "activityActioners": [{"userId": "0013", "name": "王五"}],
        },
    ]
    server.respond = lambda _: Answer({"result": {"isForecastSuccess": True, "workflowActivityRules": rules}})
    forecast = client.forecast(process_code="PROC-1", userid="0001", department_id=-1, values=[])
    assert forecast.succeeded
    assert [n.name for n in forecast.choices] == ["自选"]
    assert forecast.choices[0].actor_key == "manual_f953"
    assert forecast.choices[0].candidates == (Person("0012", "李四"),)
    assert forecast.nodes[1].approvers == (Person("0013", "王五"),)


def test_a_work_notification_fits_and_its_fate_is_told(
    server: ScriptedServer, client: DingTalkClient
) -> None:
    server.respond = lambda r: (
        Answer({"errcode": 0, "task_id": 256271667526})
        if r.path.endswith("asyncsend_v2")
        else Answer(
            {
                "errcode": 0,
                "send_result": {
                    "failed_user_id_list": ["0013"],
                    "forbidden_list": [{"code": "143106", "count": 1, "userid": "0012"}],
                },
            }
        )
    )
    message = WorkNotification("工单 1024", "内容" * 2000, "查看工单" * 9, "https://example.com/t/1024")
    task = client.send_work_notification(["0012", "0013"], message)
    assert task == "256271667526"
    sent = server.calls[0].body
    assert sent["userid_list"] == "0012,0013"
    assert sent["agent_id"] == "42"
    assert LARGEST_MESSAGE - 3 <= len(json.dumps(sent["msg"], ensure_ascii=False).encode()) <= LARGEST_MESSAGE
    assert sent["msg"]["action_card"]["markdown"].endswith("…")
    assert len(sent["msg"]["action_card"]["single_title"]) <= 20
    result = client.send_result(task)
    assert (result.failed_users, result.refused) == (("0013",), (("0012", "143106"),))


@pytest.mark.parametrize("count", [0, 101])
def test_too_few_or_many_recipients_are_refused_here(
    server: ScriptedServer, client: DingTalkClient, count: int
) -> None:
    with pytest.raises(errors.InvalidRequest):
        client.send_work_notification(["1"] * count, WorkNotification("t", "m", "b", "u"))
    assert server.requests == []
