"""The whole state as a seed file: what ``company.load_seed`` reads again.

Not in it: what lives shortly (tokens, tickets, codes), connections, faults, events under way, and logs.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from dingtalk_sandbox.model import App, Control, Template
from dingtalk_sandbox.store import World
from dingtalk_sandbox.wire import JsonObject


def dump(world: World) -> JsonObject:
    """A seed that makes the same world, approvals and messages included. It holds the app's secrets."""
    return {
        "replace": True,
        "company": world.company_name,
        "apps": [_app(app) for app in world.apps.values()],
        "departments": [dataclasses.asdict(department) for department in world.departments.values()],
        "users": [dataclasses.asdict(user) for user in world.users.values()],
        "default_approvers": list(world.default_approvers),
        "templates": [_template(template) for template in world.templates.values()],
        "instances": [dataclasses.asdict(instance) for instance in world.instances.values()],
        "messages": [dataclasses.asdict(notice) for notice in world.notices],
        "settings": dataclasses.asdict(world.settings),
        "counters": dataclasses.asdict(world.counters),
    }


def write(world: World, path: Path) -> None:
    """Write the dump; whoever reads the file sees all of it or the one before."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_text(json.dumps(dump(world), ensure_ascii=False, indent=1) + "\n", "utf-8")
    unfinished.replace(path)


def _app(app: App) -> JsonObject:
    shown = dataclasses.asdict(app)
    shown["scopes"] = None if app.scopes is None else sorted(app.scopes)
    return shown


def _template(template: Template) -> JsonObject:
    shown = dataclasses.asdict(template)
    shown["controls"] = [_control(control) for control in template.controls]
    return shown


def _control(control: Control) -> JsonObject:
    return {
        "componentType": control.component_type,
        "props": {
            "componentId": control.id,
            "label": control.label,
            "required": control.required,
            "placeholder": control.placeholder,
            "disabled": control.disabled,
            "bizAlias": control.biz_alias,
            "options": [{"value": option} for option in control.options],
        },
        "children": [_control(child) for child in control.children],
    }
