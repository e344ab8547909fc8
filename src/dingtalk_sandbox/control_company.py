"""``/_sandbox``: change the company, its app and its templates."""

from __future__ import annotations

import dataclasses

from dingtalk_sandbox import company
from dingtalk_sandbox.callback import verify_url
from dingtalk_sandbox.control_base import ControlError, Sandbox
from dingtalk_sandbox.control_views import app_view, template_view
from dingtalk_sandbox.model import (
    Control,
    TemplateStatus,
)
from dingtalk_sandbox.parsing import (
    optional_texts,
    parse_callback,
    parse_control,
    parse_department,
    parse_flow,
    parse_template,
    parse_user,
)
from dingtalk_sandbox.wire import Fields, JsonObject


def change_app(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    """Take rights, addresses, range or event filters from an app, or give them back with null."""
    app = box.world.apps.get(path["app_key"])
    if app is None:
        raise ControlError(404, "no such app")
    if "scopes" in data.names():
        app.scopes = frozenset(data.texts("scopes")) if "scopes" in data else None
    if "ip_whitelist" in data.names():
        app.ip_whitelist = optional_texts(data, "ip_whitelist")
    if "authed_depts" in data:
        app.authed_depts = tuple(data.integers("authed_depts"))
    if "event_filters" in data:
        app.event_filters = tuple(data.texts("event_filters"))
    if "redirect_uris" in data.names():
        app.redirect_uris = optional_texts(data, "redirect_uris")
    if "app_secret" in data:
        app.app_secret = data.need_text("app_secret")
    return app_view(app)


async def set_callback(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    """Events over HTTP from now on, once the address has answered check_url; no ``url`` ends it."""
    app = box.world.apps.get(path["app_key"])
    if app is None:
        raise ControlError(404, "no such app")
    if not data.text("url"):
        app.callback = None
        return app_view(app)
    config = parse_callback(data)
    if not await verify_url(config, app.app_key):
        raise ControlError(400, "the address did not answer check_url with an encrypted success")
    app.callback = config
    return app_view(app)


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
    return template_view(template)


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
        template.visible_to = optional_texts(data, "visible_to")
    if "cc_users" in data:
        template.cc_users = tuple(data.texts("cc_users"))
    template.modified = max(box.world.now(), template.modified + 1)
    return template_view(template)


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


def issue_code(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    """An in-app code as ``dd.requestAuthCode`` would give one to this person (5 minutes, once)."""
    userid = data.need_text("userid")
    if box.world.employed(userid) is None:
        raise ControlError(400, f"no such user: {userid}")
    return {"code": box.world.tokens.inapp_codes.issue(userid, 300)}
