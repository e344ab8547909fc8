"""Running approvals: read, list, withdraw, comment on, decide and hand over (3.6 to 3.10)."""

from __future__ import annotations

from urllib.parse import quote

from dingtalk_sandbox import engine, errors, ids
from dingtalk_sandbox.api import Endpoint, Routes
from dingtalk_sandbox.engine import Decision, InstanceNotRunning, NoSuchTask, NotTheActor, TaskNotRunning
from dingtalk_sandbox.errors import NewHostError, Refusal
from dingtalk_sandbox.model import (
    SYSTEM_ACTOR,
    WORKFLOW_ROOT_DEPT,
    FormValue,
    Instance,
    InstanceStatus,
    Record,
    Task,
    User,
)
from dingtalk_sandbox.starting import forecast, start
from dingtalk_sandbox.store import World
from dingtalk_sandbox.wire import Call, JsonObject

WRITE = "Workflow.Instance.Write"
READ = "Workflow.Instance.Read"
MAX_TEXT = 1024
MAX_PAGE = 20
MAX_USERS = 10
DAY = 24 * 3600 * 1000
MAX_WINDOW = 120 * DAY
MAX_AGE = 365 * DAY
MAX_AGE_PREMIUM = 5 * 365 * DAY
_DECISIONS = frozenset(decision.value for decision in Decision)
SUCCESS: JsonObject = {"result": True, "success": True}


def approval_page(corp_id: str, instance_id: str, task_id: int | None = None) -> str:
    """The address that DingTalk gives for an approval or a task of it."""
    task = "" if task_id is None else str(task_id)
    return (
        f"https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm?corpid={corp_id}&dd_share=false"
        f"&showmenu=false&dd_progress=false&back=native&procInstId={instance_id}&taskId={task}"
        "&swfrom=isv&dinghash=approval&dtaction=os&dd_from=#approval"
    )


def _value(value: FormValue) -> JsonObject:
    fields: JsonObject = {
        "id": value.id,
        "name": value.name,
        "value": value.value,
        "extValue": value.ext_value,
        "componentType": value.component_type,
    }
    if value.biz_alias:
        fields["bizAlias"] = value.biz_alias
    return fields


def _record(record: Record, offset: int) -> JsonObject:
    fields: JsonObject = {
        "userId": record.userid,
        "date": ids.minute(record.date, offset),
        "type": record.type,
        "result": record.result,
        "remark": record.remark,
        "attachments": [],
        "ccUserIds": list(record.cc_users),
        "images": [],
    }
    if record.activity_id:
        fields |= {"activityId": record.activity_id, "showName": record.show_name}
    return fields


def _task(task: Task, instance: Instance, corp_id: str, offset: int) -> JsonObject:
    node = instance.flow[task.node]
    page = approval_page(corp_id, instance.instance_id, task.task_id)
    fields: JsonObject = {
        "taskId": task.task_id,
        "userId": task.userid,
        "status": task.status,
        "result": task.result,
        "createTime": ids.minute(task.created, offset),
        "mobileUrl": page,
        "pcUrl": f"dingtalk://dingtalkclient/action/openapp?corpid={corp_id}&redirect_url={quote(page, safe='')}",
        "processInstanceId": instance.instance_id,
        "activityId": node.activity_id,
        "taskGroupName": node.name,
    }
    if task.finished is not None:
        fields["finishTime"] = ids.minute(task.finished, offset)
    return fields


def describe(world: World, instance: Instance, corp_id: str) -> JsonObject:
    """The ``result`` of a read. ``result`` is empty and ``finishTime`` absent while it runs [?]."""
    offset = world.settings.time_offset_minutes
    department = world.departments.get(1 if instance.dept_id == WORKFLOW_ROOT_DEPT else instance.dept_id)
    fields: JsonObject = {
        "title": instance.title,
        "createTime": ids.minute(instance.created, offset),
        "originatorUserId": instance.originator,
        "originatorDeptId": str(instance.dept_id),
        "originatorDeptName": department.name if department else "",
        "status": instance.status,
        "result": instance.result,
        "businessId": instance.business_id,
        "approverUserIds": list(instance.api_approvers),
        "ccUserIds": list(instance.cc_users),
        "operationRecords": [_record(record, offset) for record in instance.records],
        "tasks": [_task(task, instance, corp_id, offset) for task in instance.tasks],
        "bizAction": "NONE",
        "bizData": "",
        "attachedProcessInstanceIds": [],
        "mainProcessInstanceId": "",
        "formComponentValues": [_value(value) for value in instance.values],
    }
    if instance.finished is not None:
        fields["finishTime"] = ids.minute(instance.finished, offset)
    return fields


def get(world: World, call: Call) -> JsonObject:
    """An id of another shape is ``processInstanceIdError``, an unknown one ``…NotExist`` [?]."""
    instance_id = call.query.need_text("processInstanceId")
    instance = world.instances.get(instance_id)
    if instance is None:
        shaped = ids.looks_like_instance_id(instance_id)
        raise Refusal(errors.INSTANCE_NOT_EXIST if shaped else errors.INSTANCE_ID_ERROR)
    return {"result": describe(world, instance, call.app.corp_id), "success": "true"}


def _required(call: Call, name: str, refusal: NewHostError) -> str:
    value = call.body.text(name)
    if not value:
        raise Refusal(refusal)
    return value


def _instance(world: World, call: Call, unknown: NewHostError) -> Instance:
    instance_id = _required(call, "processInstanceId", errors.INSTANCE_ID_BLANK)
    instance = world.instances.get(instance_id)
    if instance is None:
        raise Refusal(unknown)
    return instance


def _user(world: World, userid: str) -> User:
    user = world.employed(userid)
    if user is None:
        raise Refusal(errors.USER_NOT_EXIST)
    return user


def _short(text: str, limit: int, refusal: NewHostError) -> str:
    if len(text) > limit:
        raise Refusal(refusal)
    return text


def terminate(world: World, call: Call) -> JsonObject:
    """Withdraw, by the originator or by the system; not in the first 15 s (divided by the speed)."""
    instance = _instance(world, call, errors.FLOW_INSTANCE_NOT_EXIST)
    by_system = call.body.flag("isSystem")
    if by_system is None:
        raise Refusal(errors.TERMINATE_SYSTEM_FLAG)
    remark = _short(call.body.text("remark"), MAX_TEXT, errors.TERMINATE_PARAMETER)
    actor = SYSTEM_ACTOR
    if not by_system:
        actor = _required(call, "operatingUserId", errors.TERMINATE_ACTOR)
        _user(world, actor)
        if actor != instance.originator:
            raise Refusal(errors.NO_TASK_RIGHT)
    template = world.templates.get(instance.process_code)
    if template is not None and not template.allow_revoke:
        raise Refusal(errors.NO_TASK_RIGHT)
    if instance.status is not InstanceStatus.RUNNING:
        raise Refusal(errors.TERMINATE_ENDED)
    if world.now() - instance.created < world.settings.scaled(world.settings.terminate_delay) * 1000:
        raise Refusal(errors.TERMINATE_TOO_EARLY)
    world.apply(engine.terminate(instance, actor, remark, world.moment()))
    return SUCCESS


def list_ids(world: World, call: Call) -> JsonObject:
    """Ids of one template's approvals, oldest first [?], by when they were started."""
    body = call.body
    code = _required(call, "processCode", errors.LIST_PROCESS_CODE)
    start_time = body.integer("startTime")
    offset = body.integer("nextToken")
    size = body.integer("maxResults")
    userids, statuses = body.texts("userIds"), body.texts("statuses")
    now = world.now()
    end_time = body.integer("endTime") or now
    age = MAX_AGE_PREMIUM if world.settings.premium else MAX_AGE
    if start_time is None or start_time < now - age:
        raise Refusal(errors.LIST_START_TIME)
    if offset is None or offset < 0:
        raise Refusal(errors.LIST_NEXT_TOKEN)
    if size is None or not 0 < size <= MAX_PAGE:
        raise Refusal(errors.LIST_MAX_RESULTS)
    if end_time < start_time or end_time - start_time > MAX_WINDOW:
        raise Refusal(errors.LIST_END_TIME)
    if len(userids) > MAX_USERS:
        raise Refusal(errors.LIST_USER_IDS)
    found = [
        instance_id
        for instance_id in world.ids_between(code, start_time, end_time)
        if (not userids or world.instances[instance_id].originator in userids)
        and (not statuses or world.instances[instance_id].status in statuses)
    ]
    page: JsonObject = {"list": found[offset : offset + size]}
    if offset + size < len(found):
        page["nextToken"] = str(offset + size)
    return {"result": page, "success": True}


def comment(world: World, call: Call) -> JsonObject:
    instance = _instance(world, call, errors.FLOW_INSTANCE_NOT_EXIST)
    text = _short(_required(call, "text", errors.COMMENT_TEXT), MAX_TEXT, errors.COMMENT_PARAMETER)
    user = _user(world, _required(call, "commentUserId", errors.COMMENT_USER))
    world.apply(engine.comment(instance, user.userid, text, world.moment()))
    return SUCCESS


def execute(world: World, call: Call) -> JsonObject:
    instance = _instance(world, call, errors.EXECUTE_NOT_EXIST)
    actor = _required(call, "actionerUserId", errors.EXECUTE_ACTOR)
    task_id = call.body.integer("taskId")
    if task_id is None:
        raise Refusal(errors.EXECUTE_TASK)
    decision = call.body.text("result")
    if decision not in _DECISIONS:
        raise Refusal(errors.EXECUTE_RESULT)
    remark = _short(call.body.text("remark"), MAX_TEXT, errors.EXECUTE_PARAMETER)
    _user(world, actor)
    try:
        world.apply(
            engine.decide(instance, task_id, actor, Decision(decision), world.moment(), remark=remark)
        )
    except InstanceNotRunning as error:
        raise Refusal(errors.EXECUTE_ENDED) from error
    except NotTheActor as error:
        raise Refusal(errors.EXECUTE_NEED_AUTH) from error
    except (NoSuchTask, TaskNotRunning) as error:
        raise Refusal(errors.CANNOT_EXECUTE) from error
    return SUCCESS


def redirect(world: World, call: Call) -> JsonObject:
    task_id = call.body.integer("taskId")
    actor = _required(call, "operateUserId", errors.REDIRECT_BLANK)
    heir = _required(call, "toUserId", errors.REDIRECT_BLANK)
    if task_id is None:
        raise Refusal(errors.REDIRECT_BLANK)
    remark = _short(call.body.text("remark"), 256, errors.REDIRECT_ILLEGAL)
    instance = world.instance_of_task(task_id)
    if instance is None or world.employed(heir) is None:
        raise Refusal(errors.REDIRECT_ILLEGAL)
    try:
        world.apply(engine.redirect(instance, task_id, actor, heir, world.moment(), remark=remark))
    except InstanceNotRunning as error:
        raise Refusal(errors.REDIRECT_INSTANCE_STATUS) from error
    except NotTheActor as error:
        raise Refusal(errors.REDIRECT_ACTOR) from error
    except TaskNotRunning as error:
        raise Refusal(errors.REDIRECT_TASK_STATUS) from error
    return {"result": True}


def routes() -> Routes:
    base = "/v1.0/workflow"
    return {
        ("POST", f"{base}/processInstances"): Endpoint(start, WRITE),
        ("GET", f"{base}/processInstances"): Endpoint(get, READ),
        ("POST", f"{base}/processInstances/terminate"): Endpoint(terminate, WRITE),
        ("POST", f"{base}/processInstances/comments"): Endpoint(comment, WRITE),
        ("POST", f"{base}/processInstances/execute"): Endpoint(execute, WRITE),
        ("POST", f"{base}/tasks/redirect"): Endpoint(redirect, WRITE),
        ("POST", f"{base}/processes/instanceIds/query"): Endpoint(list_ids, READ),
        ("POST", f"{base}/processes/forecast"): Endpoint(forecast, WRITE),
    }
