"""The company that the sandbox starts with, and seed files that replace or extend it."""

from __future__ import annotations

import json
from pathlib import Path

from dingtalk_sandbox.engine import Outcome
from dingtalk_sandbox.model import App, Control, Department, FlowNode, NodeMode, Template, User
from dingtalk_sandbox.parsing import (
    change_settings,
    parse_app,
    parse_counters,
    parse_department,
    parse_flow,
    parse_template,
    parse_user,
)
from dingtalk_sandbox.parsing_approvals import parse_instance, parse_notice
from dingtalk_sandbox.store import World
from dingtalk_sandbox.wire import Fields

LINE = "TextField"
AREA = "TextareaField"

DEVELOPER = "0166525500211234"
LEAD = "284739105566"
DBA = "193847562010"

_CHANGE_CONTROLS = (
    (LINE, "工单类型"),
    (LINE, "工单标题"),
    (AREA, "备注信息"),
    (LINE, "关联实例"),
    (LINE, "关联实例信息"),
    (LINE, "实例类型"),
    (LINE, "关联库"),
    (LINE, "预计影响行数"),
    (LINE, "分析的SQL数量"),
    (AREA, "分析的SQL结果汇总"),
    (AREA, "SQL内容"),
    (AREA, "审批意见"),
)
_ACCESS_CONTROLS = (
    (LINE, "工单类型"),
    (LINE, "工单标题"),
    (AREA, "备注信息"),
    (LINE, "关联实例"),
    (LINE, "关联实例信息"),
    (LINE, "实例类型"),
    (LINE, "关联库"),
    (LINE, "申请的权限"),
    (AREA, "审批意见"),
)
_TEMPLATES = (
    ("PROC-5B0E7C31-9D42-4A86-8F17-2C6E93D1A050", "CloudDM数据变更工单", _CHANGE_CONTROLS),
    ("PROC-A83F1D69-07BE-4C25-B9E4-71D05F8C2A36", "CloudDM结构变更工单", _CHANGE_CONTROLS),
    ("PROC-E61924B8-53FA-4D70-A2C8-0B97E4F31D5C", "CloudDM权限申请工单", _ACCESS_CONTROLS),
)


def _app() -> App:
    return App(
        app_key="dingq7vk2m9xw4tzr0ph",
        app_secret="Jt4wQ9-demo-only-b7XcR2mVn8sKfE6yHp3LzGdUa5TqWx1oYi0MlNv_CkS",  # noqa: S106  only opens this sandbox
        corp_id="dingc41f7a90e2b85d3635c2f4657eb6378f",
        agent_id=2873645190,
        name="水闸",
    )


def _departments() -> tuple[Department, ...]:
    return (
        Department(1, "青石科技", None),
        Department(100200301, "研发部", 1),
        Department(100200302, "DBA组", 100200301),
        Department(100200303, "测试部", 1),
    )


def _users() -> tuple[User, ...]:
    research, dba, quality = 100200301, 100200302, 100200303
    return (
        User("manager7012", "xR3tPq8LmVw2NcKz7AiEiE", "陈晓", "13800000001", (1,), "总经理", admin=True),
        User(DEVELOPER, "bN6yHs1QdZf4UjXe9RiEiE", "张三", "13800000002", (research,), "开发工程师", "zhangsan@example.com", LEAD),
        User(LEAD, "gT8kWv5CpMa3OlYb2FiEiE", "李四", "13800000003", (research,), "研发团队负责人", "lisi@example.com", leader_of=(research,)),
        User(DBA, "qE2uJn7SxDr9ThIv4GiEiE", "王五", "13800000004", (dba,), "DBA", "wangwu@example.com", LEAD, leader_of=(dba,)),
        User("372615094810", "wK5oLz3BfYc8PmQs6JiEiE", "赵六", "13800000005", (quality,), "测试工程师"),
        User("445920173664", "zC9iRt4GhVn1AeUk7DiEiE", "孙七", "13800000006", (research, quality), "测试开发工程师"),
        User("550193847256", "mP7aXj2WsEo6LbFy3QiEiE", "周八", "13800000007", (research,), "开发工程师", active=False),
        User("661204938507", "vD1nSg6KuHq5RzMw8TiEiE", "吴九", "13800000008", (1, dba), "审计", hide_mobile=True),
    )  # fmt: skip


def default_flow(world: World) -> tuple[FlowNode, ...]:
    """What a form made through the API starts with [?]: one node, any of the usual approvers."""
    return (FlowNode("1918_5cd3", "审批人", NodeMode.ANY, world.default_approvers),)


def _controls(layout: tuple[tuple[str, str], ...], code: str) -> tuple[Control, ...]:
    """Ids are derived from the process code, so that they are the same in every run."""
    tail = code.removeprefix("PROC-").replace("-", "")
    return tuple(
        Control(
            id="TextField-K2AD4O5B" if index == 0 else f"{type_}_{tail[:10]}{index:02d}",
            component_type=type_,
            label=label,
        )
        for index, (type_, label) in enumerate(layout)
    )


def fill(world: World) -> None:
    """Put the built-in company into an empty world."""
    app = _app()
    world.company_name = "青石科技"
    world.apps[app.app_key] = app
    world.departments.update({department.dept_id: department for department in _departments()})
    world.users.update({user.userid: user for user in _users()})
    world.default_approvers = (LEAD, DBA)
    now = world.now()
    for code, name, layout in _TEMPLATES:
        world.templates[code] = Template(
            process_code=code,
            name=name,
            description="",
            creator="manager7012",
            controls=_controls(layout, code),
            flow=default_flow(world),
            created=now,
            modified=now,
        )


def load_seed(world: World, path: Path) -> None:
    """Extend the company from a JSON file, or replace it where the file says ``"replace": true``.

    Raises OSError, ValueError, BadField or Refusal (a missing field) for a file that is no seed.
    """
    content = json.loads(path.read_text("utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{path} is no JSON object")  # noqa: TRY004  as for what is no JSON at all
    data = Fields(content)
    if data.flag("replace"):
        for table in (world.apps, world.departments, world.users, world.templates):
            table.clear()
        world.default_approvers = ()
    world.company_name = data.text("company", world.company_name)
    for item in data.items("apps"):
        app = parse_app(item)
        world.apps[app.app_key] = app
    for item in data.items("departments"):
        dept_id = item.integer("dept_id") or 1
        world.departments[dept_id] = parse_department(item, dept_id)
    for item in data.items("users"):
        user = parse_user(item, world.users.get(item.text("userid")))
        world.users[user.userid] = user
    world.default_approvers = tuple(data.texts("default_approvers")) or world.default_approvers
    flow = parse_flow(data.items("default_flow")) or default_flow(world)
    for item in data.items("templates"):
        template = parse_template(item, world.now(), flow)
        world.templates[template.process_code] = template
    _load_history(world, data)


def _load_history(world: World, data: Fields) -> None:
    """What a dump knows beyond the company: approvals, messages, switches and counters."""
    change_settings(world.settings, data.sub("settings"))
    for item in data.items("instances"):
        world.apply(Outcome(parse_instance(item), ()))
    world.notices.extend(parse_notice(item) for item in data.items("messages"))
    if "counters" in data:
        world.counters = parse_counters(data.sub("counters"))
