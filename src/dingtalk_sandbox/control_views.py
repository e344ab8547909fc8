"""How ``/_sandbox`` shows what the sandbox holds."""

from __future__ import annotations

import dataclasses

from dingtalk_sandbox.events import Delivery
from dingtalk_sandbox.faults import Fault
from dingtalk_sandbox.model import (
    App,
    Control,
    Instance,
    Template,
)
from dingtalk_sandbox.wire import JsonObject


def app_view(app: App) -> JsonObject:
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


def template_view(template: Template) -> JsonObject:
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


def instance_view(instance: Instance) -> JsonObject:
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


def delivery_view(delivery: Delivery) -> JsonObject:
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


def fault_view(fault: Fault) -> JsonObject:
    shown = dataclasses.asdict(fault)
    shown["id"] = shown.pop("number")
    return shown
