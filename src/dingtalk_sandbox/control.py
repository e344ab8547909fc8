"""``/_sandbox``: seed, inspect and disturb the sandbox. Not part of DingTalk."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dingtalk_sandbox import company, engine
from dingtalk_sandbox.callback import verify_url
from dingtalk_sandbox.engine import Decision, InstanceEvent, Outcome, Refused
from dingtalk_sandbox.errors import Refusal
from dingtalk_sandbox.events import Delivery, Dispatcher
from dingtalk_sandbox.faults import EVENT_FAULTS, Fault, FaultKind
from dingtalk_sandbox.html import same_site
from dingtalk_sandbox.instances import describe
from dingtalk_sandbox.model import (
    SYSTEM_ACTOR,
    App,
    CallbackConfig,
    Control,
    Instance,
    Task,
    Template,
    TemplateStatus,
)
from dingtalk_sandbox.parsing import (
    parse_control,
    parse_department,
    parse_flow,
    parse_template,
    parse_user,
)
from dingtalk_sandbox.store import Settings, World
from dingtalk_sandbox.stream import StreamHub
from dingtalk_sandbox.wire import BadField, Fields, JsonObject, parse_body


class ControlError(Exception):
    """What was asked of the sandbox cannot be done."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(slots=True)
class Sandbox:
    """The parts that the endpoints act on, and what a reset goes back to."""

    world: World
    hub: StreamHub
    dispatcher: Dispatcher
    fill: Callable[[World], None]
    initial: Settings


# --- how things are shown


def _app(app: App) -> JsonObject:
    return {
        "app_key": app.app_key,
        "app_secret": app.app_secret,
        "corp_id": app.corp_id,
        "agent_id": app.agent_id,
        "name": app.name,
        "scopes": None if app.scopes is None else sorted(app.scopes),
        "ip_whitelist": None if app.ip_whitelist is None else list(app.ip_whitelist),
        "authed_depts": list(app.authed_depts),
        "event_filters": list(app.event_filters),
        "callback_url": app.callback.url if app.callback else None,
    }


def _control(control: Control) -> JsonObject:
    return {
        "id": control.id,
        "componentType": control.component_type,
        "label": control.label,
        "required": control.required,
        "options": list(control.options),
        "children": [_control(child) for child in control.children],
    }


def _template(template: Template) -> JsonObject:
    return {
        "process_code": template.process_code,
        "name": template.name,
        "status": template.status,
        "controls": [_control(control) for control in template.controls],
        "flow": [dataclasses.asdict(node) | {"actor_key": node.actor_key} for node in template.flow],
        "allow_revoke": template.allow_revoke,
        "visible_to": None if template.visible_to is None else list(template.visible_to),
        "cc_users": list(template.cc_users),
    }


def _instance_line(instance: Instance) -> JsonObject:
    return {
        "instance_id": instance.instance_id,
        "business_id": instance.business_id,
        "process_code": instance.process_code,
        "title": instance.title,
        "originator": instance.originator,
        "status": instance.status,
        "result": instance.result,
        "created": instance.created,
        "finished": instance.finished,
        "tasks": [
            {
                "task_id": task.task_id,
                "userid": task.userid,
                "status": task.status,
                "result": task.result,
                "activity_id": instance.flow[task.node].activity_id,
            }
            for task in instance.tasks
        ],
        "values": {value.name: value.value for value in instance.values},
    }


def _delivery(delivery: Delivery) -> JsonObject:
    return {
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "app_key": delivery.app.app_key,
        "resource": delivery.resource,
        "attempts": delivery.attempts,
        "state": delivery.state,
        "channel": delivery.channel,
        "body": delivery.body,
    }


def _fault(fault: Fault) -> JsonObject:
    shown = dataclasses.asdict(fault)
    shown["id"] = shown.pop("number")
    return shown


# --- endpoints

Endpoint = Callable[[Sandbox, Fields, dict[str, str]], Any]


def state(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    """Everything; ``?instances=N`` shows only the newest N approvals."""
    world = box.world
    shown = data.integer("instances")
    newest = itertools.islice(reversed(world.instances.values()), shown)
    return {
        "company": world.company_name,
        "apps": [_app(app) for app in world.apps.values()],
        "users": [dataclasses.asdict(user) for user in world.users.values()],
        "departments": [dataclasses.asdict(department) for department in world.departments.values()],
        "templates": [_template(template) for template in world.templates.values()],
        "instances": [_instance_line(instance) for instance in reversed(list(newest))],
        "settings": dataclasses.asdict(world.settings),
        "api_calls": world.api_calls,
        "events_sent": box.dispatcher.sent,
    }


def reset(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    """Back to the beginning, settings included; Stream connections stay."""
    fresh = World(settings=dataclasses.replace(box.initial))
    box.fill(fresh)
    box.dispatcher.reset()
    for spec in dataclasses.fields(World):
        if spec.name != "sink":
            setattr(box.world, spec.name, getattr(fresh, spec.name))
    return {"ok": True}


def settings(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    """Change switches; a body without fields just shows them."""
    known = {spec.name for spec in dataclasses.fields(Settings)}
    for name in data.names():
        if name not in known:
            raise ControlError(400, f"no such setting: {name}")
        current = getattr(box.world.settings, name)
        value = _setting(data, name, current)
        if isinstance(value, float) and value <= 0 and name == "speed":
            raise ControlError(400, "speed must be greater than 0")
        setattr(box.world.settings, name, value)
    return dataclasses.asdict(box.world.settings)


def _setting(data: Fields, name: str, current: object) -> object:
    if isinstance(current, bool):
        return data.flag(name)
    if isinstance(current, float):
        return data.number(name, current)
    if isinstance(current, tuple):
        return data.numbers(name)
    return data.integer(name)


def change_app(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    """Take rights, addresses, range or event filters from an app, or give them back with null."""
    app = box.world.apps.get(path["app_key"])
    if app is None:
        raise ControlError(404, "no such app")
    if "scopes" in data.names():
        app.scopes = frozenset(data.texts("scopes")) if "scopes" in data else None
    if "ip_whitelist" in data.names():
        app.ip_whitelist = tuple(data.texts("ip_whitelist")) if "ip_whitelist" in data else None
    if "authed_depts" in data:
        app.authed_depts = tuple(data.integers("authed_depts"))
    if "event_filters" in data:
        app.event_filters = tuple(data.texts("event_filters"))
    if "redirect_uris" in data.names():
        app.redirect_uris = tuple(data.texts("redirect_uris")) if "redirect_uris" in data else None
    if "app_secret" in data:
        app.app_secret = data.need_text("app_secret")
    return _app(app)


async def set_callback(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    """Events over HTTP from now on, once the address has answered check_url; no ``url`` ends it."""
    app = box.world.apps.get(path["app_key"])
    if app is None:
        raise ControlError(404, "no such app")
    if not data.text("url"):
        app.callback = None
        return _app(app)
    config = CallbackConfig(data.text("url"), data.need_text("token"), data.need_text("aes_key"))
    if not await verify_url(config, app.app_key):
        raise ControlError(400, "the address did not answer check_url with an encrypted success")
    app.callback = config
    return _app(app)


def put_user(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    """Add a person or change the fields given; ``active: false`` means they left."""
    user = parse_user(data, box.world.users.get(data.text("userid")))
    unknown = [dept_id for dept_id in user.dept_id_list if dept_id not in box.world.departments]
    if unknown:
        raise ControlError(400, f"no such department: {unknown[0]}")
    box.world.users[user.userid] = user
    return dataclasses.asdict(user)


def put_department(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    given = data.integer("dept_id")
    dept_id = max(box.world.departments, default=0) + 1 if given is None else given
    department = parse_department(data, dept_id)
    if department.parent_id is not None and department.parent_id not in box.world.departments:
        raise ControlError(400, f"no such department: {department.parent_id}")
    box.world.departments[dept_id] = department
    return dataclasses.asdict(department)


def add_template(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    template = parse_template(data, box.world.now(), company.default_flow(box.world))
    box.world.templates[template.process_code] = template
    return _template(template)


def change_template(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    """``rename_control`` {from, to}, ``remove_control``, ``add_control``, ``require_control``,
    ``status``, ``name``, ``flow``, ``allow_revoke``, ``visible_to``; any of them at once."""
    template = box.world.templates.get(path["process_code"])
    if template is None:
        raise ControlError(404, "no such template")
    template.controls = _changed_controls(template.controls, data)
    template.name = data.text("name", template.name)
    template.status = TemplateStatus(data.text("status", template.status))
    template.flow = parse_flow(data.items("flow")) or template.flow
    revoke = data.flag("allow_revoke")
    template.allow_revoke = template.allow_revoke if revoke is None else revoke
    if "visible_to" in data.names():
        template.visible_to = tuple(data.texts("visible_to")) if "visible_to" in data else None
    if "cc_users" in data:
        template.cc_users = tuple(data.texts("cc_users"))
    template.modified = max(box.world.now(), template.modified + 1)
    return _template(template)


def _changed_controls(controls: tuple[Control, ...], data: Fields) -> tuple[Control, ...]:
    rename = data.sub("rename_control")
    old, removed, required = rename.text("from"), data.text("remove_control"), data.text("require_control")
    labels = {control.label for control in controls}
    for label in (old, removed, required):
        if label and label not in labels:
            raise ControlError(404, f"no such control: {label}")
    changed = [control for control in controls if control.label != removed]
    if old:
        new = rename.need_text("to")
        changed = [
            dataclasses.replace(control, label=new) if control.label == old else control
            for control in changed
        ]
    if required:
        changed = [
            dataclasses.replace(control, required=True) if control.label == required else control
            for control in changed
        ]
    if "add_control" in data:
        changed.append(parse_control(data.sub("add_control")))
    return tuple(changed)


def delete_template(box: Sandbox, _data: Fields, path: dict[str, str]) -> JsonObject:
    if box.world.templates.pop(path["process_code"], None) is None:
        raise ControlError(404, "no such template")
    return {"ok": True}


def _found(box: Sandbox, path: dict[str, str]) -> Instance:
    instance = box.world.instances.get(path["instance_id"])
    if instance is None:
        raise ControlError(404, "no such instance")
    return instance


def _found_task(box: Sandbox, path: dict[str, str]) -> tuple[Instance, Task]:
    instance = _found(box, path)
    task = instance.task(int(path["task_id"]))
    if task is None:
        raise ControlError(404, "no such task")
    return instance, task


def get_instance(box: Sandbox, _data: Fields, path: dict[str, str]) -> JsonObject:
    corp_id = next((app.corp_id for app in box.world.apps.values()), "")
    return describe(box.world, _found(box, path), corp_id)


def decide(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    """Decide a task as whoever it belongs to."""
    instance, task = _found_task(box, path)
    decision = Decision(data.text("result"))
    outcome = engine.decide(
        instance, task.task_id, task.userid, decision, box.world.moment(), remark=data.text("remark")
    )
    return _instance_line(box.world.apply(outcome))


def _heir(box: Sandbox, data: Fields) -> str:
    userid = data.need_text("to")
    if box.world.employed(userid) is None:
        raise ControlError(400, f"no such user: {userid}")
    return userid


def redirect(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    instance, task = _found_task(box, path)
    heir = _heir(box, data)
    outcome = engine.redirect(
        instance, task.task_id, task.userid, heir, box.world.moment(), remark=data.text("remark")
    )
    return _instance_line(box.world.apply(outcome))


def append(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    """加签: ``to`` decides ``before`` (default) or after the task's owner."""
    instance, task = _found_task(box, path)
    outcome = engine.append(
        instance,
        task.task_id,
        task.userid,
        _heir(box, data),
        box.world.moment(),
        remark=data.text("remark"),
        before=data.flag("before") is not False,
    )
    return _instance_line(box.world.apply(outcome))


def comment(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    instance = _found(box, path)
    outcome = engine.comment(instance, data.need_text("userid"), data.need_text("text"), box.world.moment())
    return _instance_line(box.world.apply(outcome))


def terminate(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    """Withdraw at once, whatever the 15 seconds and the template's switch say."""
    instance = _found(box, path)
    actor = data.text("userid", SYSTEM_ACTOR)
    outcome = engine.terminate(instance, actor, data.text("remark"), box.world.moment())
    return _instance_line(box.world.apply(outcome))


def delete_instance(box: Sandbox, _data: Fields, path: dict[str, str]) -> JsonObject:
    instance = _found(box, path)
    box.world.apply(Outcome(instance, (InstanceEvent("delete"),)))
    box.world.forget(instance)
    return {"ok": True}


def list_faults(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    return {"faults": [_fault(fault) for fault in box.world.faults.active]}


def add_fault(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    kind = FaultKind(data.text("kind"))
    if kind is FaultKind.EXPIRE_TOKENS:
        box.world.tokens.expire_all()
        return {"ok": True}
    if kind is FaultKind.DISCONNECT_STREAMS:
        closed = box.hub.disconnect_all(abrupt=data.flag("abrupt") or False)
        return {"ok": True, "connections": closed}
    times = data.integer("times")
    if times is not None and times < 1:
        raise ControlError(400, "times must be at least 1, or null")
    fault = Fault(
        number=box.world.faults.next_number(),
        kind=kind,
        times=times,
        match=data.text("match"),
        method=data.text("method").upper(),
        seconds=data.number("seconds", -1) if "seconds" in data else None,
        status=data.integer("status") or 503,
        scope=data.text("scope"),
        ip=data.text("ip"),
        copies=data.integer("copies") or data.integer("n") or 2,
    )
    box.world.faults.add(fault)
    return _fault(fault)


def clear_faults(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    """No more faults; events that a reordering still holds are sent."""
    box.world.faults.clear()
    box.dispatcher.release_held()
    return {"ok": True}


def remove_fault(box: Sandbox, _data: Fields, path: dict[str, str]) -> JsonObject:
    if not box.world.faults.remove(int(path["fault_id"])):
        raise ControlError(404, "no such fault")
    if not any(fault.kind in EVENT_FAULTS for fault in box.world.faults.active):
        box.dispatcher.release_held()
    return {"ok": True}


def requests(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    return {"requests": [dataclasses.asdict(entry) for entry in box.world.requests]}


def clear_requests(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    box.world.requests.clear()
    return {"ok": True}


def events(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    return {"events": [_delivery(delivery) for delivery in box.dispatcher.log]}


def resend_events(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    """Send known events once more, as DingTalk sometimes does even after a confirmation."""
    return {"sent": box.dispatcher.resend(data.text("event_id"))}


def streams(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    shown = [
        {
            "connection_id": connection.connection_id,
            "app_key": connection.app_key,
            "topics": list(connection.topics),
            "user_agent": connection.user_agent,
            "opened": connection.opened,
            "draining": connection.draining,
            "delivered": connection.delivered,
            "pongs": connection.pongs,
        }
        for connection in box.hub.connections
    ]
    return {"streams": shown, "connections": shown}


def notices(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    return {"messages": [dataclasses.asdict(notice) for notice in box.world.notices]}


def issue_code(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    """An in-app code as ``dd.requestAuthCode`` would give one to this person (5 minutes, once)."""
    userid = data.need_text("userid")
    if box.world.employed(userid) is None:
        raise ControlError(400, f"no such user: {userid}")
    return {"code": box.world.tokens.inapp_codes.issue(userid, 300)}


_ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/state", state),
    ("POST", "/reset", reset),
    ("GET", "/settings", settings),
    ("POST", "/settings", settings),
    ("POST", "/apps/{app_key}", change_app),
    ("POST", "/apps/{app_key}/callback", set_callback),
    ("POST", "/users", put_user),
    ("POST", "/departments", put_department),
    ("POST", "/templates", add_template),
    ("POST", "/templates/{process_code}", change_template),
    ("DELETE", "/templates/{process_code}", delete_template),
    ("GET", "/instances/{instance_id}", get_instance),
    ("DELETE", "/instances/{instance_id}", delete_instance),
    ("POST", "/instances/{instance_id}/terminate", terminate),
    ("POST", "/instances/{instance_id}/comments", comment),
    ("POST", "/instances/{instance_id}/tasks/{task_id}", decide),
    ("POST", "/instances/{instance_id}/tasks/{task_id}/redirect", redirect),
    ("POST", "/instances/{instance_id}/tasks/{task_id}/append", append),
    ("GET", "/faults", list_faults),
    ("POST", "/faults", add_fault),
    ("DELETE", "/faults", clear_faults),
    ("DELETE", "/faults/{fault_id}", remove_fault),
    ("GET", "/requests", requests),
    ("DELETE", "/requests", clear_requests),
    ("GET", "/events", events),
    ("POST", "/events/resend", resend_events),
    ("GET", "/streams", streams),
    ("GET", "/messages", notices),
    ("POST", "/codes", issue_code),
)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("/_sandbox" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))


_COMPILED = tuple((method, _pattern(path), endpoint) for method, path, endpoint in _ROUTES)


async def answer(box: Sandbox, request: Request) -> Response:
    """One call to ``/_sandbox``: JSON in, JSON out, errors as ``{"error": …}``."""
    if request.method != "GET" and not same_site(request):
        return JSONResponse({"error": "the request came from another site"}, 403)
    raw = await request.body()
    body = parse_body(raw, request.headers.get("content-type", ""))
    if raw.strip() and body is None:
        return JSONResponse({"error": "the body is not a JSON object"}, 400)
    for method, pattern, endpoint in _COMPILED:
        match = pattern.fullmatch(request.url.path)
        if match is None or method != request.method:
            continue
        try:
            result = endpoint(box, Fields(dict(request.query_params) | (body or {})), match.groupdict())
            return JSONResponse(await result if hasattr(result, "__await__") else result)
        except ControlError as error:
            return JSONResponse({"error": error.message}, error.status)
        except Refused as error:
            return JSONResponse({"error": type(error).__name__}, 409)
        except BadField as error:
            return JSONResponse({"error": f"cannot read the field {error.name}"}, 400)
        except Refusal as error:
            return JSONResponse({"error": str(error.answer)}, 400)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
    return JSONResponse({"error": "no such endpoint"}, 404)
