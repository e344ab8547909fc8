"""Company data from JSON: the seed file and the /_sandbox endpoints share these."""

from __future__ import annotations

import dataclasses

from dingtalk_sandbox import ids
from dingtalk_sandbox.model import (
    ROOT_DEPT,
    App,
    ApprovalType,
    CallbackConfig,
    Control,
    Department,
    FlowNode,
    NodeMode,
    Template,
    TemplateStatus,
    User,
)
from dingtalk_sandbox.store import Counters, Settings
from dingtalk_sandbox.wire import Fields


def parse_app(data: Fields) -> App:
    return App(
        app_key=data.need_text("app_key"),
        app_secret=data.need_text("app_secret"),
        corp_id=data.need_text("corp_id"),
        agent_id=data.integer("agent_id") or 0,
        name=data.text("name", "app"),
        scopes=frozenset(data.texts("scopes")) if "scopes" in data else None,
        ip_whitelist=optional_texts(data, "ip_whitelist"),
        authed_depts=tuple(data.integers("authed_depts")) if "authed_depts" in data else (ROOT_DEPT,),
        event_filters=tuple(data.texts("event_filters")) if "event_filters" in data else ("*",),
        redirect_uris=optional_texts(data, "redirect_uris"),
        callback=parse_callback(data.sub("callback")) if "callback" in data else None,
    )


def optional_texts(data: Fields, name: str) -> tuple[str, ...] | None:
    """None where the field is absent or null, which is not the same as empty."""
    return tuple(data.texts(name)) if name in data else None


def parse_callback(data: Fields) -> CallbackConfig:
    return CallbackConfig(data.need_text("url"), data.need_text("token"), data.need_text("aes_key"))


def parse_department(data: Fields, dept_id: int) -> Department:
    parent = data.integer("parent_id")
    root = dept_id == ROOT_DEPT
    return Department(dept_id, data.need_text("name"), None if root else parent or ROOT_DEPT)


def parse_user(data: Fields, known: User | None) -> User:
    """A new user, or ``known`` with the fields given replaced."""
    userid = data.need_text("userid")
    user = known or User(userid, f"union{userid}", userid, "", (ROOT_DEPT,))
    active = data.flag("active")
    admin = data.flag("admin")
    hidden = data.flag("hide_mobile")
    return User(
        userid=userid,
        unionid=data.text("unionid", user.unionid),
        name=data.text("name", user.name),
        mobile=data.text("mobile", user.mobile),
        dept_id_list=tuple(data.integers("dept_id_list")) or user.dept_id_list,
        title=data.text("title", user.title),
        email=data.text("email", user.email),
        manager_userid=data.text("manager_userid", user.manager_userid),
        leader_of=tuple(data.integers("leader_of")) or user.leader_of,
        active=user.active if active is None else active,
        admin=user.admin if admin is None else admin,
        hide_mobile=user.hide_mobile if hidden is None else hidden,
    )


def parse_control(data: Fields) -> Control:
    """A control as ``/v1.0/workflow/forms`` takes it: componentType, props, children."""
    props = data.sub("props")
    component_type = data.need_text("componentType")
    return Control(
        id=props.text("componentId") or props.text("id") or ids.control_id(component_type),
        component_type=component_type,
        label=props.text("label"),
        required=props.flag("required") or False,
        placeholder=props.text("placeholder"),
        disabled=props.flag("disabled") or False,
        biz_alias=props.text("bizAlias"),
        options=tuple(option.text("value") for option in props.items("options")),
        children=tuple(parse_control(child) for child in data.items("children")),
    )


def parse_node(data: Fields, index: int) -> FlowNode:
    range_ = data.texts("selection_range")
    return FlowNode(
        activity_id=data.text("activity_id", f"{1918 + index}_{index:04x}"),
        name=data.text("name", "审批人"),
        mode=NodeMode(data.text("mode", NodeMode.ANY)),
        approvers=tuple(data.texts("approvers")),
        approval_type=ApprovalType(data.text("approval_type", ApprovalType.MANUAL)),
        self_select=data.flag("self_select") or False,
        selection_range=tuple(range_) if range_ else None,
        allowed_multi=data.flag("allowed_multi") is not False,
        auto_agree_originator=data.flag("auto_agree_originator") or False,
        auto_agree_repeated=data.flag("auto_agree_repeated") or False,
    )


def parse_flow(nodes: list[Fields]) -> tuple[FlowNode, ...]:
    return tuple(parse_node(node, index) for index, node in enumerate(nodes))


def parse_template(data: Fields, now: int, default_flow: tuple[FlowNode, ...]) -> Template:
    return Template(
        process_code=data.text("process_code") or ids.process_code(),
        name=data.need_text("name"),
        description=data.text("description"),
        creator=data.text("creator"),
        controls=tuple(parse_control(control) for control in data.items("controls")),
        flow=parse_flow(data.items("flow")) or default_flow,
        created=data.integer("created") or now,
        modified=data.integer("modified") or now,
        status=TemplateStatus(data.text("status", TemplateStatus.PUBLISHED)),
        allow_revoke=data.flag("allow_revoke") is not False,
        visible_to=optional_texts(data, "visible_to"),
        cc_users=tuple(data.texts("cc_users")),
    )


def change_settings(settings: Settings, data: Fields) -> None:
    """Set the switches given. Raises ValueError for one that there isn't, and BadField."""
    known = {spec.name for spec in dataclasses.fields(Settings)}
    for name in data.names():
        if name not in known:
            raise ValueError(f"no such setting: {name}")
        value = _setting(data, name, getattr(settings, name))
        if isinstance(value, float) and value <= 0 and name == "speed":
            raise ValueError("speed must be greater than 0")
        setattr(settings, name, value)


def _setting(data: Fields, name: str, current: object) -> object:
    if isinstance(current, bool):
        return data.flag(name)
    if isinstance(current, float):
        return data.number(name, current)
    if isinstance(current, tuple):
        return data.numbers(name)
    return data.integer(name)


def parse_counters(data: Fields) -> Counters:
    counters = Counters(
        data.integer("api_calls") or 0, data.integer("events_sent") or 0, data.integer("number") or 0
    )
    counters.task_base = data.integer("task_base") or counters.task_base
    return counters
