"""Approvals and messages from JSON, as a dump shows them."""

from __future__ import annotations

from dingtalk_sandbox.errors import Refusal, missing
from dingtalk_sandbox.model import (
    CcPosition,
    FormValue,
    Instance,
    InstanceStatus,
    Record,
    RecordType,
    Task,
    TaskResult,
    TaskStatus,
)
from dingtalk_sandbox.parsing import parse_flow
from dingtalk_sandbox.store import Notice
from dingtalk_sandbox.wire import BadField, Fields


def parse_instance(data: Fields) -> Instance:
    flow = parse_flow(data.items("flow"))
    tasks = tuple(_task(task) for task in data.items("tasks"))
    if any(not 0 <= task.node < len(flow) for task in tasks):
        raise BadField("node")
    return Instance(
        instance_id=data.need_text("instance_id"),
        business_id=data.need_text("business_id"),
        process_code=data.need_text("process_code"),
        title=data.text("title"),
        originator=data.need_text("originator"),
        dept_id=_number(data, "dept_id"),
        values=tuple(_value(value) for value in data.items("values")),
        flow=flow,
        created=_number(data, "created"),
        api_approvers=tuple(data.texts("api_approvers")),
        cc_users=tuple(data.texts("cc_users")),
        cc_position=CcPosition(data.text("cc_position", CcPosition.FINISH)),
        status=InstanceStatus(data.text("status", InstanceStatus.RUNNING)),
        result=data.text("result"),
        finished=data.integer("finished"),
        node=data.integer("node") or 0,
        tasks=tasks,
        records=tuple(_record(record) for record in data.items("records")),
    )


def parse_notice(data: Fields) -> Notice:
    return Notice(
        task_id=_number(data, "task_id"),
        at=_number(data, "at"),
        channel=data.need_text("channel"),
        to=tuple(data.texts("to")),
        message=data.sub("message").dump(),
        forbidden=tuple((userid, code) for userid, code in data.pairs("forbidden")),
        invalid=tuple(data.texts("invalid")),
    )


def _value(data: Fields) -> FormValue:
    return FormValue(
        id=data.text("id"),
        name=data.text("name"),
        value=data.text("value"),
        ext_value=data.text("ext_value"),
        component_type=data.text("component_type"),
        biz_alias=data.text("biz_alias"),
    )


def _task(data: Fields) -> Task:
    return Task(
        task_id=_number(data, "task_id"),
        userid=data.need_text("userid"),
        node=_number(data, "node"),
        status=TaskStatus(data.text("status")),
        created=_number(data, "created"),
        result=TaskResult(data.text("result", TaskResult.NONE)),
        finished=data.integer("finished"),
        waits_for=data.integer("waits_for"),
        remark=data.text("remark"),
    )


def _record(data: Fields) -> Record:
    return Record(
        userid=data.need_text("userid"),
        date=_number(data, "date"),
        type=RecordType(data.text("type")),
        result=TaskResult(data.text("result", TaskResult.NONE)),
        remark=data.text("remark"),
        activity_id=data.text("activity_id"),
        show_name=data.text("show_name"),
        cc_users=tuple(data.texts("cc_users")),
    )


def _number(data: Fields, name: str) -> int:
    value = data.integer(name)
    if value is None:
        raise Refusal(missing(name))
    return value
