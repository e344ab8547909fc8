"""Starting an approval, and forecasting the flow it would take (sections 3.5 and 3.11)."""

from __future__ import annotations

from dataclasses import replace

from dingtalk_sandbox import engine, errors, ids
from dingtalk_sandbox.errors import Refusal, missing
from dingtalk_sandbox.model import (
    ROOT_DEPT,
    WORKFLOW_ROOT_DEPT,
    CcPosition,
    FlowNode,
    Instance,
    NodeMode,
    Template,
    TemplateStatus,
    User,
)
from dingtalk_sandbox.store import World
from dingtalk_sandbox.values import Strictness, parse_values
from dingtalk_sandbox.wire import Call, Fields, JsonObject

MAX_APPROVERS = 20
MAX_COPIES = 50
_POSITIONS = frozenset(position.value for position in CcPosition)
_NODE_MODES = {"AND": NodeMode.ALL, "OR": NodeMode.ANY, "NONE": NodeMode.ANY}


def start(world: World, call: Call) -> JsonObject:
    """``POST /v1.0/workflow/processInstances``. It has no idempotency key: twice is twice."""
    body = call.body
    originator_id = body.need_text("originatorUserId")
    template = _template(world, body.need_text("processCode"), originator_id)
    originator = world.employed(originator_id)
    if originator is None:
        raise Refusal(errors.START_PARAMETER)
    if "formComponentValues" not in body:
        raise Refusal(missing("formComponentValues"))
    _check_extras(world, call)
    approvers = body.items("approvers")
    dept_id = _department(originator, body, needed=not approvers)
    settings = world.settings
    values = parse_values(
        body.items("formComponentValues"),
        template.controls,
        Strictness(settings.strict_forms, settings.realistic_lengths),
    )
    flow = _explicit_flow(world, approvers) if approvers else _designed_flow(world, template, body)
    now = world.now()
    instance = Instance(
        instance_id=ids.instance_id(now),
        business_id=ids.business_id(now, world.number()),
        process_code=template.process_code,
        title=f"{originator.name}提交的{template.name}",
        originator=originator_id,
        dept_id=dept_id,
        values=values,
        flow=_without_leavers(world, flow),
        created=now,
        api_approvers=tuple(user for node in flow for user in node.approvers) if approvers else (),
        cc_users=_copies(world, body) if approvers else template.cc_users,
        cc_position=CcPosition(body.text("ccPosition", "FINISH")) if approvers else CcPosition.FINISH,
    )
    return {"instanceId": world.apply(engine.start(instance, world.moment())).instance_id}


def _template(world: World, code: str, originator: str) -> Template:
    template = world.templates.get(code)
    if template is None:
        raise Refusal(errors.PROCESS_CODE_ERROR)
    if template.status is not TemplateStatus.PUBLISHED:
        raise Refusal(errors.PROCESS_DISABLED)
    if template.visible_to is not None and originator not in template.visible_to:
        raise Refusal(errors.START_NEED_AUTH)
    return template


def _check_extras(world: World, call: Call) -> None:
    if call.body.text("bizDetailPageUrl") and not world.settings.premium:
        raise Refusal(errors.BENEFIT_MISSING)
    agent_id = call.body.integer("microappAgentId")
    if agent_id is not None and agent_id != call.app.agent_id:
        raise Refusal(errors.BAD_AGENT)
    if call.body.text("ccPosition", "FINISH") not in _POSITIONS:
        raise Refusal(errors.START_INSTANCE_PARAMETER)


def _department(originator: User, body: Fields, *, needed: bool) -> int:
    """-1 (the root) is taken from everybody [C], any other only from who is in it."""
    dept_id = body.integer("deptId")
    if dept_id is None:
        if needed:
            raise Refusal(errors.START_INSTANCE_PARAMETER)
        first = originator.dept_id_list[0]
        return WORKFLOW_ROOT_DEPT if first == ROOT_DEPT else first
    if dept_id != WORKFLOW_ROOT_DEPT and (dept_id == ROOT_DEPT or dept_id not in originator.dept_id_list):
        raise Refusal(errors.START_INSTANCE_PARAMETER)
    return dept_id


def _employed(world: World, userids: list[str]) -> tuple[str, ...]:
    if any(world.employed(userid) is None for userid in userids):
        raise Refusal(errors.START_INSTANCE_PARAMETER)
    return tuple(userids)


def _copies(world: World, body: Fields) -> tuple[str, ...]:
    copies = body.texts("ccList")
    if len(copies) > MAX_COPIES:
        raise Refusal(errors.START_INSTANCE_PARAMETER)
    return _employed(world, copies)


def _explicit_flow(world: World, approvers: list[Fields]) -> tuple[FlowNode, ...]:
    """``approvers`` of the call replace the designed flow, self-select nodes included."""
    nodes: list[FlowNode] = []
    for index, approver in enumerate(approvers):
        userids = approver.texts("userIds")
        action = approver.text("actionType", "NONE")
        alone = action == "NONE"
        if action not in _NODE_MODES or not userids or (alone and len(userids) > 1):
            raise Refusal(errors.START_INSTANCE_PARAMETER)
        activity_id = f"{1918 + index}_{index:04x}"
        nodes.append(FlowNode(activity_id, "审批人", _NODE_MODES[action], _employed(world, userids)))
    if sum(len(node.approvers) for node in nodes) > MAX_APPROVERS:
        raise Refusal(errors.START_INSTANCE_PARAMETER)
    return tuple(nodes)


def _designed_flow(world: World, template: Template, body: Fields) -> tuple[FlowNode, ...]:
    chosen = {
        item.text("actionerKey"): item.texts("actionerUserIds")
        for item in body.items("targetSelectActioners")
    }
    return tuple(
        replace(node, approvers=_selection(world, node, chosen.get(node.actor_key, [])))
        if node.self_select
        else node
        for node in template.flow
    )


def _selection(world: World, node: FlowNode, userids: list[str]) -> tuple[str, ...]:
    if not userids:
        raise Refusal(errors.SELF_SELECT_MISSING)
    selected = _employed(world, userids)
    outside = node.selection_range is not None and not set(selected) <= set(node.selection_range)
    if outside or (len(selected) > 1 and not node.allowed_multi):
        raise Refusal(errors.SELF_SELECT_SCOPE)
    return selected


def _without_leavers(world: World, flow: tuple[FlowNode, ...]) -> tuple[FlowNode, ...]:
    """People who left drop out of a designed flow; a node left empty agrees by itself [?]."""
    return tuple(
        replace(node, approvers=tuple(user for user in node.approvers if world.employed(user)))
        for node in flow
    )


def forecast(world: World, call: Call) -> JsonObject:
    """``POST /v1.0/workflow/processes/forecast``: the nodes, and which the originator must fill."""
    body = call.body
    userid = body.text("userId")
    if not userid:
        raise Refusal(errors.INVALID_USER_ID)
    template = world.templates.get(body.need_text("processCode"))
    if template is None:
        raise Refusal(errors.PROCESS_CODE_ERROR)
    if world.employed(userid) is None:
        raise Refusal(errors.USER_NOT_EXIST)
    if body.integer("deptId") is None:
        raise Refusal(missing("deptId"))
    if not body.items("formComponentValues"):
        raise Refusal(errors.FORECAST_EMPTY)
    previous = "sid-startevent"
    rules: list[JsonObject] = []
    for node in template.flow:
        rules.append(_rule(world, node, previous))
        previous = node.activity_id
    nodes = [{"activityId": node.activity_id, "outId": node.activity_id} for node in template.flow]
    return {
        "result": {
            "isForecastSuccess": True,
            "processCode": template.process_code,
            "userId": userid,
            "processId": template.created,
            "isStaticWorkflow": True,
            "workflowActivityRules": rules,
            "workflowForecastNodes": nodes,
        }
    }


def _rule(world: World, node: FlowNode, previous: str) -> JsonObject:
    named = [world.users[userid] for userid in node.approvers if userid in world.users]
    range_ = [world.users[userid] for userid in node.selection_range or () if userid in world.users]
    return {
        "activityId": node.activity_id,
        "prevActivityId": previous,
        "activityName": node.name,
        "activityType": "target_select" if node.self_select else "target_approval",
        "isTargetSelect": node.self_select,
        "workflowActor": {
            "actorKey": node.actor_key,
            "actorType": "approver",
            "actorSelectionType": "allStaff" if node.selection_range is None else "approvals",
            "actorSelectionRange": {
                "approvals": [{"workNo": user.userid, "userName": user.name} for user in range_],
                "labels": [],
            },
            "allowedMulti": node.allowed_multi,
            "approvalType": node.approval_type,
            "approvalMethod": node.mode,
            "actorActivateType": "ONE_BY_ONE" if node.mode is NodeMode.ONE_BY_ONE else "ALL",
            "required": True,
        },
        "activityActioners": [
            {"userId": user.userid, "name": user.name, "avatar": ""} for user in named if not node.self_select
        ],
    }
