"""Templates and approvals through DingTalk's API."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from tests.sandbox.support import DATA_CHANGE, Api

FORMS = "/v1.0/workflow/forms"
SCHEMA = "/v1.0/workflow/forms/schemas/processCodes"
BY_NAME = "/v1.0/workflow/processCentres/schemaNames/processCodes"
INSTANCES = "/v1.0/workflow/processInstances"
QUERY = "/v1.0/workflow/processes/instanceIds/query"
FORECAST = "/v1.0/workflow/processes/forecast"

PARAMETER = (
    "processInstanceInvalidParameter",
    "审批实例参数错误，具体可能为:发起人、审批人、抄送人的userid错误，发起部门id错误，发起人不在发起部门中",
)
CHANGE_TITLES = [
    ("TextField", "工单类型"),
    ("TextField", "工单标题"),
    ("TextareaField", "备注信息"),
    ("TextField", "关联实例"),
    ("TextField", "关联实例信息"),
    ("TextField", "实例类型"),
    ("TextField", "关联库"),
    ("TextField", "预计影响行数"),
    ("TextField", "分析的SQL数量"),
    ("TextareaField", "分析的SQL结果汇总"),
    ("TextareaField", "SQL内容"),
    ("TextareaField", "审批意见"),
]


def titles(api: Api, code: str) -> list[tuple[str, str]]:
    items = api.ok("GET", SCHEMA, processCode=code)["result"]["schemaContent"]["items"]
    return [(item["componentName"], item["props"]["label"]) for item in items]


def component(type_: str, label: str, **props: Any) -> dict[str, Any]:
    return {"componentType": type_, "props": {"label": label, **props}}


def make_form(api: Api, name: str, *components: dict[str, Any], **extra: Any) -> str:
    body = {"name": name, "formComponents": list(components), **extra}
    return str(api.ok("POST", FORMS, body)["result"]["processCode"])


def value(name: str, text: str) -> dict[str, str]:
    return {"name": name, "value": text}


# --- templates


def test_the_company_starts_with_the_three_forms(api: Api) -> None:
    assert titles(api, api.codes["CloudDM数据变更工单"]) == CHANGE_TITLES
    assert titles(api, api.codes["CloudDM结构变更工单"]) == CHANGE_TITLES
    access = titles(api, api.codes["CloudDM权限申请工单"])
    assert access == [*CHANGE_TITLES[:7], ("TextField", "申请的权限"), ("TextareaField", "审批意见")]


def test_a_form_is_made_found_changed_and_deleted(api: Api) -> None:
    code = make_form(api, "新表单", component("TextField", "标题", required=True))
    assert re.fullmatch(r"PROC-[0-9A-F-]{36}", code)
    assert api.ok("GET", BY_NAME, name="新表单")["result"]["processCode"] == code
    assert api.old("/topapi/process/get_by_name", {"name": "新表单"})["process_code"] == code
    schema = api.ok("GET", SCHEMA, processCode=code)["result"]
    assert (schema["name"], schema["status"]) == ("新表单", "PUBLISHED")
    assert schema["schemaContent"]["items"][0]["props"]["required"] is True
    again = make_form(api, "新表单", component("TextareaField", "内容"), processCode=code)
    assert again == code
    assert titles(api, code) == [("TextareaField", "内容")]
    api.ok("DELETE", "/v1.0/workflow/processCentres/schemas", processCode=code)
    assert api.refused("GET", SCHEMA, processCode=code) == ("formNotExist", "审批表单模板不存在")
    assert api.start_refused(processCode=code)[0] == "processCodeError"


def test_form_refusals(api: Api) -> None:
    line = component("TextField", "标题")
    body = {"name": DATA_CHANGE, "formComponents": [line]}
    assert api.refused("POST", FORMS, body) == ("formName.error", "已有相同名称表单")
    unknown = body | {"processCode": "PROC-X"}
    assert api.refused("POST", FORMS, unknown)[0] == "processcode.error"
    assert api.refused("POST", FORMS, {"formComponents": [line]})[0] == "Missingname"
    long = {"name": "x", "formComponents": [component("TextField", "长" * 21)]}
    assert api.refused("POST", FORMS, long)[0] == "formschema.error"
    assert api.refused("GET", BY_NAME, name="没有") == ("process.error", "模板不存在")


def test_template_lists(api: Api) -> None:
    path = "/v1.0/workflow/processes/userVisibilities/templates"
    code = api.codes[DATA_CHANGE]
    api.control("POST", f"/templates/{code}", {"visible_to": [api.userid("李四")]})
    first = api.ok("GET", path, maxResults=2, nextToken=0)["result"]
    rest = api.ok("GET", path, maxResults=2, nextToken=first["nextToken"])["result"]
    assert len(first["processList"]) == 2
    assert "nextToken" not in rest
    visible = api.ok("GET", path, userId=api.userid("张三"), maxResults=100, nextToken=0)["result"]
    assert code not in {item["processCode"] for item in visible["processList"]}
    assert api.start_refused() == ("needAuth", "没有发起审批的权限")
    assert api.refused("GET", path, maxResults=101, nextToken=0)[0] == "invalidMaxResults"
    managed = api.ok("GET", "/v1.0/workflow/processes/managements/templates", userId=api.userid("李四"))
    assert {item["flowTitle"] for item in managed["result"]} == set(api.codes)


# --- starting


def test_an_approval_as_it_reads_while_running(api: Api) -> None:
    instance_id = api.start()
    assert re.fullmatch(r"[\w-]{22}\d{4}\d{10}", instance_id, re.ASCII)
    answer = api.ok("GET", INSTANCES, processInstanceId=instance_id)
    assert answer["success"] == "true"
    found = answer["result"]
    assert found["title"] == "张三提交的CloudDM数据变更工单"
    assert (found["status"], found["result"], found["originatorDeptId"]) == ("RUNNING", "", "-1")
    assert re.fullmatch(r"\d{21}", found["businessId"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", found["createTime"])
    assert "finishTime" not in found
    assert [(task["userId"], task["status"]) for task in found["tasks"]] == [
        (api.userid("李四"), "RUNNING"),
        (api.userid("王五"), "RUNNING"),
    ]
    assert isinstance(found["tasks"][0]["taskId"], int)
    assert found["formComponentValues"][0]["name"] == "工单标题"
    assert found["formComponentValues"][0]["componentType"] == "TextField"
    assert [record["type"] for record in found["operationRecords"]] == ["START_PROCESS_INSTANCE"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"originatorUserId": None}, "MissingoriginatorUserId"),
        ({"processCode": None}, "MissingprocessCode"),
        ({"formComponentValues": None}, "MissingformComponentValues"),
        ({"processCode": "PROC-NONE"}, "processCodeError"),
        ({"originatorUserId": "550193847256"}, "invalidParameter"),
        ({"originatorUserId": "nobody"}, "invalidParameter"),
        ({"deptId": None}, PARAMETER[0]),
        ({"deptId": 1}, PARAMETER[0]),
        ({"deptId": 100200303}, PARAMETER[0]),
        ({"approvers": [{"actionType": "OR", "userIds": ["nobody"]}]}, PARAMETER[0]),
        ({"approvers": [{"actionType": "NONE", "userIds": ["284739105566", "193847562010"]}]}, PARAMETER[0]),
        ({"formComponentValues": [value("没有的控件", "x")]}, "sysErrror"),
        ({"formComponentValues": [{"name": "工单标题"}]}, "Missingvalue"),
        ({"formComponentValues": [{"value": "x"}]}, "Missingname"),
        ({"formComponentValues": [{"name": "工单标题", "value": 3}]}, "illegalComponent"),
        ({"formComponentValues": [value("工单标题", "x")] * 151}, "illegalComponent"),
        ({"formComponentValues": [value("SQL内容", "x" * 65_536)]}, "formConverterError"),
        ({"microappAgentId": 1}, "invalidAgentId"),
        ({"bizDetailPageUrl": "https://example.com"}, "benefitStatusInvalid"),
    ],
)
def test_refusals_of_a_start(api: Api, changes: dict[str, Any], code: str) -> None:
    assert api.start_refused(**changes)[0] == code
    assert api.state()["instances"] == []


def test_departments_that_fit(api: Api) -> None:
    assert api.instance(api.start(deptId=100200301))["originatorDeptName"] == "研发部"
    root_only = api.userid("陈晓")
    assert api.start_refused(originatorUserId=root_only, deptId=1) == PARAMETER
    assert api.instance(api.start(originatorUserId=root_only))["originatorDeptName"] == "青石科技"


def test_a_template_that_changed_after_it_was_looked_at(api: Api) -> None:
    code = api.codes[DATA_CHANGE]
    before = api.ok("GET", SCHEMA, processCode=code)["result"]["gmtModified"]
    rename = {"rename_control": {"from": "SQL内容", "to": "执行SQL"}}
    api.control("POST", f"/templates/{code}", rename)
    assert api.start_refused() == ("sysErrror", "创建审批实例系统异常")
    assert api.ok("GET", SCHEMA, processCode=code)["result"]["gmtModified"] > before
    api.control("POST", f"/templates/{code}", {"remove_control": "执行SQL", "require_control": "备注信息"})
    only_title = [value("工单标题", "x")]
    assert api.start_refused(formComponentValues=only_title) == (
        "formConverterError",
        "表单数据校验失败，失败控件：备注信息",
    )
    api.control("POST", f"/templates/{code}", {"status": "INVALID"})
    assert api.start_refused() == ("processGetFailed", "获取审批流失败或审批单状态为非启用状态")
    api.control("DELETE", f"/templates/{code}")
    assert api.start_refused()[0] == "processCodeError"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("NumberField", "100", "many"),
        ("DDDateField", "2026-02-19", "19.2.2026"),
        ("DDSelectField", "甲", "丙"),
        ("DDMultiSelectField", '["甲"]', "甲"),
        ("DDDateRangeField", '["2026-02-19","2026-02-25"]', "2026-02-19"),
        ("InnerContactField", '["284739105566"]', "284739105566"),
    ],
)
def test_values_have_the_format_of_their_control(api: Api, kind: str, good: str, bad: str) -> None:
    options = [{"key": "a", "value": "甲"}, {"key": "b", "value": "乙"}]
    code = make_form(api, "f", component(kind, "控件", options=options))
    assert api.start_refused(processCode=code, formComponentValues=[value("控件", bad)]) == (
        "formConverterError",
        "表单数据校验失败，失败控件：控件",
    )
    started = api.start(processCode=code, formComponentValues=[value("控件", good)])
    assert api.instance(started)["formComponentValues"][0]["value"] == good
    api.control("POST", "/settings", {"strict_forms": False})
    assert api.start(processCode=code, formComponentValues=[value("控件", bad)])


def test_tables_are_read_in_another_format_than_written(api: Api) -> None:
    table = component("TableField", "申请的权限") | {"children": [component("TextField", "资源路径")]}
    code = make_form(api, "f", table)
    rows = json.dumps([[{"name": "资源路径", "value": "db.t"}]])
    found = api.instance(api.start(processCode=code, formComponentValues=[value("申请的权限", rows)]))
    (read,) = json.loads(found["formComponentValues"][0]["value"])
    assert read["rowValue"] == [{"label": "资源路径", "key": "资源路径", "value": "db.t"}]
    wrong = json.dumps([[{"name": "别的列", "value": "x"}]])
    refusal = api.start_refused(processCode=code, formComponentValues=[value("申请的权限", wrong)])
    assert refusal[0] == "sysErrror"


def test_realistic_lengths_can_be_switched_on(api: Api) -> None:
    long = [value("工单标题", "长" * 1001)]
    api.start(formComponentValues=long)
    api.control("POST", "/settings", {"realistic_lengths": True})
    assert api.start_refused(formComponentValues=long)[0] == "formConverterError"


def test_explicit_approvers_replace_the_designed_flow(api: Api) -> None:
    lead, dba = api.userid("李四"), api.userid("王五")
    approvers = [{"actionType": "NONE", "userIds": [dba]}, {"actionType": "AND", "userIds": [lead, dba]}]
    instance_id = api.start(approvers=approvers, ccList=[api.userid("赵六")], ccPosition="START")
    found = api.instance(instance_id)
    assert [task["userId"] for task in found["tasks"]] == [dba]
    assert found["approverUserIds"] == [dba, lead, dba]
    assert found["ccUserIds"] == [api.userid("赵六")]
    for name in ("王五", "李四", "王五"):
        api.decide(instance_id, name=name)
    assert api.instance(instance_id)["result"] == "agree"


def test_a_node_whose_approvers_the_originator_chooses(api: Api) -> None:
    code = api.codes[DATA_CHANGE]
    flow = [
        {"name": "负责人", "self_select": True, "selection_range": [api.userid("李四")], "mode": "AND"},
        {"name": "DBA", "approvers": [api.userid("王五")]},
    ]
    api.control("POST", f"/templates/{code}", {"flow": flow})
    body = {
        "processCode": code,
        "userId": api.userid("张三"),
        "deptId": -1,
        "formComponentValues": [value("工单标题", "x")],
    }
    rules = api.ok("POST", FORECAST, body)["result"]["workflowActivityRules"]
    assert [rule["activityType"] for rule in rules] == ["target_select", "target_approval"]
    actor = rules[0]["workflowActor"]
    assert actor["actorSelectionRange"]["approvals"] == [{"workNo": api.userid("李四"), "userName": "李四"}]
    assert rules[1]["activityActioners"][0]["name"] == "王五"

    assert api.start_refused() == ("targetSelectApproverMissing", "自选审批人缺失")
    chosen = {"actionerKey": actor["actorKey"], "actionerUserIds": [api.userid("王五")]}
    assert api.start_refused(targetSelectActioners=[chosen]) == (
        "targetSelectApproverScopeError",
        "自选审批人不在规定范围内",
    )
    chosen["actionerUserIds"] = [api.userid("李四")]
    found = api.instance(api.start(targetSelectActioners=[chosen]))
    assert [task["userId"] for task in found["tasks"]] == [api.userid("李四")]
    assert api.refused("POST", FORECAST, body | {"formComponentValues": []})[0] == "componentIsNull"


# --- deciding


def test_one_approver_agrees_through_the_api(api: Api) -> None:
    instance_id = api.start()
    lead = api.userid("李四")
    body = {
        "processInstanceId": instance_id,
        "taskId": api.running_task(instance_id, lead),
        "actionerUserId": lead,
        "result": "agree",
        "remark": "可以执行",
    }
    assert api.ok("POST", f"{INSTANCES}/execute", body) == {"result": True, "success": True}
    found = api.instance(instance_id)
    assert (found["status"], found["result"]) == ("COMPLETED", "agree")
    assert found["finishTime"]
    record = found["operationRecords"][-1]
    assert (record["type"], record["result"], record["remark"]) == (
        "EXECUTE_TASK_NORMAL",
        "AGREE",
        "可以执行",
    )
    assert {(task["status"], task["result"]) for task in found["tasks"]} == {
        ("COMPLETED", "AGREE"),
        ("CANCELED", "NONE"),
    }
    assert api.refused("POST", f"{INSTANCES}/execute", body)[0] == "aflowProcessInstStatusException"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"processInstanceId": ""}, "invalidInstanceId"),
        ({"processInstanceId": "x"}, "aflowProcessNotExist"),
        ({"actionerUserId": ""}, "invalidInstanceExecuteActionerUserId"),
        ({"actionerUserId": "193847562010"}, "needAuth"),
        ({"actionerUserId": "nobody"}, "userNotExist"),
        ({"taskId": None}, "invalidInstanceExecuteTaskId"),
        ({"taskId": 1}, "aflowProcessInstCanNotBeExecuted"),
        ({"result": "AGREE"}, "invalidInstanceExecuteResult"),
        ({"remark": "x" * 1025}, "invalidParameter"),
    ],
)
def test_refusals_of_a_decision(api: Api, changes: dict[str, Any], code: str) -> None:
    instance_id = api.start()
    lead = api.userid("李四")
    body = {
        "processInstanceId": instance_id,
        "taskId": api.running_task(instance_id, lead),
        "actionerUserId": lead,
        "result": "agree",
    }
    assert api.refused("POST", f"{INSTANCES}/execute", body | changes)[0] == code
    assert api.instance(instance_id)["status"] == "RUNNING"


def test_a_task_is_handed_over(api: Api) -> None:
    instance_id = api.start()
    path = "/v1.0/workflow/tasks/redirect"
    lead, quality = api.userid("李四"), api.userid("赵六")
    task = api.running_task(instance_id, lead)
    body = {"taskId": task, "toUserId": quality, "operateUserId": lead, "remark": "休假"}
    assert api.refused("POST", path, body | {"operateUserId": quality})[0] == "param.illegal.operator"
    assert api.refused("POST", path, body | {"toUserId": ""})[0] == "param.blank"
    assert api.ok("POST", path, body) == {"result": True}
    assert api.refused("POST", path, body)[0] == "task.status.error"
    api.decide(instance_id, name="赵六")
    found = api.instance(instance_id)
    assert found["result"] == "agree"
    assert [record["type"] for record in found["operationRecords"]] == [
        "START_PROCESS_INSTANCE",
        "REDIRECT_TASK",
        "EXECUTE_TASK_NORMAL",
    ]
    assert found["tasks"][0]["result"] == "REDIRECTED"


def test_an_approver_is_added(api: Api) -> None:
    instance_id = api.start()
    task = api.running_task(instance_id, api.userid("李四"))
    path = f"/instances/{instance_id}/tasks/{task}"
    api.control("POST", f"{path}/append", {"to": api.userid("赵六"), "before": True})
    api.control("POST", path, {"result": "agree"}, status=409)
    api.decide(instance_id, name="赵六")
    api.decide(instance_id, name="李四")
    assert api.instance(instance_id)["result"] == "agree"


def test_comments(api: Api) -> None:
    instance_id = api.start()
    api.decide(instance_id)
    body = {"processInstanceId": instance_id, "text": "SQL 已执行", "commentUserId": api.userid("张三")}
    assert api.ok("POST", f"{INSTANCES}/comments", body) == {"result": True, "success": True}
    record = api.instance(instance_id)["operationRecords"][-1]
    assert (record["type"], record["remark"], record["result"]) == ("ADD_REMARK", "SQL 已执行", "NONE")
    for change, code in (
        ({"text": "x" * 1025}, "invalidParameter"),
        ({"text": ""}, "invalidInstanceCommentText"),
        ({"commentUserId": "nobody"}, "userNotExist"),
        ({"processInstanceId": "x"}, "aflowProcessInstNotExist"),
    ):
        assert api.refused("POST", f"{INSTANCES}/comments", body | change)[0] == code


# --- withdrawing


def test_withdrawing(api: Api) -> None:
    api.control("POST", "/settings", {"terminate_delay": 0.0})
    instance_id = api.start()
    path = f"{INSTANCES}/terminate"
    body = {"processInstanceId": instance_id}
    assert api.refused("POST", path, body)[0] == "invalidInstanceTerminateIsSystem"
    body["isSystem"] = False
    assert api.refused("POST", path, body)[0] == "invalidInstanceTerminateOperatingUserId"
    other = body | {"operatingUserId": api.userid("李四")}
    assert api.refused("POST", path, other)[0] == "internalError"
    mine = body | {"operatingUserId": api.userid("张三"), "remark": "写错了"}
    assert api.ok("POST", path, mine) == {"result": True, "success": True}
    found = api.instance(instance_id)
    assert (found["status"], found["result"]) == ("TERMINATED", "")
    assert found["operationRecords"][-1]["type"] == "TERMINATE_PROCESS_INSTANCE"
    assert api.refused("POST", path, mine)[0] == "aflowProcessInstStatusException"
    assert api.refused("POST", path, mine | {"processInstanceId": "x"})[0] == "aflowProcessInstNotExist"


def test_not_in_the_first_seconds_and_not_where_the_template_forbids_it(api: Api) -> None:
    api.control("POST", "/settings", {"terminate_delay": 3600.0, "speed": 1.0})
    instance_id = api.start()
    path, body = f"{INSTANCES}/terminate", {"processInstanceId": instance_id, "isSystem": True}
    assert api.refused("POST", path, body) == (
        "aflowProcessInstStatusException",
        "提交审批后 15 秒内不允许撤销",
    )
    api.control("POST", "/settings", {"terminate_delay": 0.0})
    api.control("POST", f"/templates/{api.codes[DATA_CHANGE]}", {"allow_revoke": False})
    assert api.refused("POST", path, body) == ("internalError", "您没有任务处理的权限")
    api.control("POST", f"/templates/{api.codes[DATA_CHANGE]}", {"allow_revoke": True})
    api.ok("POST", path, body)


# --- finding again


def test_ids_are_found_by_time_person_and_status(api: Api) -> None:
    began = int(time.time() * 1000) - 60_000
    started = [api.start() for _ in range(5)]
    other = api.start(originatorUserId=api.userid("孙七"))
    api.decide(started[0])
    body = {
        "processCode": api.codes[DATA_CHANGE],
        "startTime": began,
        "nextToken": 0,
        "maxResults": 4,
        "userIds": [api.userid("张三")],
    }
    first = api.ok("POST", QUERY, body)
    assert first["success"] is True
    assert first["result"]["nextToken"] == "4"
    rest = api.ok("POST", QUERY, body | {"nextToken": int(first["result"]["nextToken"])})["result"]
    assert first["result"]["list"] + rest["list"] == started
    assert "nextToken" not in rest
    completed = api.ok("POST", QUERY, body | {"statuses": ["COMPLETED"]})["result"]["list"]
    assert completed == [started[0]]
    everyone = api.ok("POST", QUERY, body | {"userIds": [], "maxResults": 20})["result"]["list"]
    assert everyone == [*started, other]
    late = body | {"startTime": began - 10_000, "endTime": began}
    assert api.ok("POST", QUERY, late)["result"] == {"list": []}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"processCode": ""}, "invalidProcessCode"),
        ({"startTime": None}, "invalidInstanceListIdsStartTime"),
        ({"startTime": 1}, "invalidInstanceListIdsStartTime"),
        ({"nextToken": None}, "invalidNextToken"),
        ({"maxResults": 21}, "invalidMaxResults"),
        ({"endTime": 1}, "invalidEndTime"),
        ({"userIds": ["x"] * 11}, "invalidUserIds"),
    ],
)
def test_refusals_of_a_query(api: Api, changes: dict[str, Any], code: str) -> None:
    body = {
        "processCode": api.codes[DATA_CHANGE],
        "startTime": int(time.time() * 1000) - 1000,
        "nextToken": 0,
        "maxResults": 20,
    }
    assert api.refused("POST", QUERY, body | changes)[0] == code


def test_unknown_and_deleted_approvals(api: Api) -> None:
    assert api.refused("GET", INSTANCES)[0] == "MissingprocessInstanceId"
    assert api.refused("GET", INSTANCES, processInstanceId="x")[0] == "processInstanceIdError"
    instance_id = api.start()
    api.control("DELETE", f"/instances/{instance_id}")
    assert api.refused("GET", INSTANCES, processInstanceId=instance_id) == (
        "processInstanceNotExist",
        "审批实例不存在",
    )


def test_the_state_can_be_cut_to_the_newest(api: Api) -> None:
    started = [api.start() for _ in range(3)]
    shown = api.control("GET", "/state?instances=2")["instances"]
    assert [instance["instance_id"] for instance in shown] == started[1:]
    assert len(api.state()["instances"]) == 3
