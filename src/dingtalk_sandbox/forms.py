"""Form templates: make, change, find, list and delete them (sections 3.1 to 3.4)."""

from __future__ import annotations

import json

from dingtalk_sandbox import errors, ids
from dingtalk_sandbox.api import Endpoint, Routes
from dingtalk_sandbox.company import default_flow
from dingtalk_sandbox.engine import terminate
from dingtalk_sandbox.errors import Refusal, bad, missing
from dingtalk_sandbox.model import (
    SYSTEM_ACTOR,
    Control,
    InstanceStatus,
    Template,
    TemplateStatus,
)
from dingtalk_sandbox.parsing import parse_control
from dingtalk_sandbox.store import World
from dingtalk_sandbox.wire import Call, Fields, JsonObject

WRITE = "Workflow.Form.Write"
READ = "Workflow.Form.Read"
MAX_CONTROLS = 200
MAX_LABEL = 20
MAX_NAME = 200
MAX_PAGE = 100


def _template_by_name(world: World, name: str) -> Template | None:
    return next((template for template in world.templates.values() if template.name == name), None)


def save(world: World, call: Call) -> JsonObject:
    """``POST /v1.0/workflow/forms``: make a template, or change the one ``processCode`` names."""
    name = call.body.need_text("name")
    controls = _parse_controls(call.body)
    code = call.body.text("processCode")
    namesake = _template_by_name(world, name)
    if code and code not in world.templates:
        raise Refusal(errors.FORM_CODE_UNKNOWN)
    if namesake is not None and namesake.process_code != code:
        raise Refusal(errors.FORM_NAME_TAKEN)
    now = world.now()
    if code:
        template = world.templates[code]
        template.name, template.controls, template.modified = name, controls, now
        template.description = call.body.text("description", template.description)
    else:
        template = Template(
            process_code=ids.process_code(),
            name=name,
            description=call.body.text("description"),
            creator=SYSTEM_ACTOR,
            controls=controls,
            flow=default_flow(world),
            created=now,
            modified=now,
        )
        world.templates[template.process_code] = template
    return {"result": {"processCode": template.process_code}}


def _parse_controls(body: Fields) -> tuple[Control, ...]:
    given = body.items("formComponents")
    if not given:
        raise Refusal(missing("formComponents"))
    controls = tuple(parse_control(control) for control in given)
    if len(controls) > MAX_CONTROLS:
        raise Refusal(bad("formschema.error", f"表单控件数量不能超过{MAX_CONTROLS}"))
    if len(body.text("name")) > MAX_NAME:
        raise Refusal(bad("formschema.error", f"表单名称长度不能超过{MAX_NAME}"))
    for control in controls:
        if not control.label and control.component_type != "TextNote":
            raise Refusal(bad("formschema.error", "控件名称不能为空"))
        if len(control.label) > MAX_LABEL:
            raise Refusal(bad("formschema.error", f"控件名称长度不能超过{MAX_LABEL}：{control.label}"))
    return controls


def code_by_name(world: World, call: Call) -> JsonObject:
    template = _template_by_name(world, call.query.need_text("name"))
    if template is None:
        raise Refusal(errors.TEMPLATE_NAME_UNKNOWN)
    return {"result": {"processCode": template.process_code, "gmtModified": str(template.modified)}}


def old_code_by_name(world: World, call: Call) -> JsonObject:
    """``POST /topapi/process/get_by_name``, which answers without ``result``."""
    template = _template_by_name(world, call.param("name"))
    if template is None:
        raise Refusal(errors.old(820004, "模板不存在"))
    request_id = ids.old_request_id()
    return {
        "errcode": 0,
        "errmsg": "ok",
        "process_code": template.process_code,
        "request_id": request_id,
    }


def _schema_item(control: Control) -> JsonObject:
    props: JsonObject = {
        "id": control.id,
        "label": control.label,
        "required": control.required,
        "placeholder": control.placeholder,
        "disabled": control.disabled,
        "hidden": False,
    }
    if control.biz_alias:
        props["bizAlias"] = control.biz_alias
    if control.options:
        # The SDK declares a list of strings; that each holds a JSON object is our decision [?].
        props["options"] = [
            json.dumps({"key": f"option_{index}", "value": value}, ensure_ascii=False)
            for index, value in enumerate(control.options)
        ]
    item: JsonObject = {"componentName": control.component_type, "props": props}
    if control.children:
        item["children"] = [_schema_item(child) for child in control.children]
    return item


def schema(world: World, call: Call) -> JsonObject:
    template = world.templates.get(call.query.need_text("processCode"))
    if template is None:
        raise Refusal(errors.FORM_NOT_EXIST)
    return {
        "result": {
            "creatorUserId": template.creator,
            "appUuid": "",
            "formCode": template.process_code,
            "formUuid": template.process_code.replace("PROC-", "FORM-"),
            "name": template.name,
            "memo": template.description,
            "ownerIdType": "orgId",
            "schemaContent": {
                "title": template.name,
                "icon": "common",
                "items": [_schema_item(control) for control in template.controls],
            },
            "appType": 0,
            "bizType": "",
            "engineType": 0,
            "status": template.status,
            "listOrder": 0,
            "customSetting": "{}",
            "procType": "",
            "visibleRange": "ALL" if template.visible_to is None else "PART",
            "gmtCreate": str(template.created),
            "gmtModified": str(template.modified),
        }
    }


def visible_templates(world: World, call: Call) -> JsonObject:
    """What one person may submit, or everything of the company without ``userId``."""
    userid = call.query.text("userId")
    size = call.query.integer("maxResults")
    offset = call.query.integer("nextToken")
    if size is None or not 0 < size <= MAX_PAGE:
        raise Refusal(errors.TEMPLATES_MAX_RESULTS)
    if offset is None or offset < 0:
        raise Refusal(errors.TEMPLATES_NEXT_TOKEN)
    visible = [
        template
        for template in world.templates.values()
        if template.status is TemplateStatus.PUBLISHED
        and (not userid or template.visible_to is None or userid in template.visible_to)
    ]
    page: JsonObject = {
        "processList": [
            {
                "name": template.name,
                "url": f"https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm?processCode={template.process_code}",
                "iconUrl": "",
                "processCode": template.process_code,
                "dirId": "other",
                "dirName": "其他",
            }
            for template in visible[offset : offset + size]
        ]
    }
    if offset + size < len(visible):
        page["nextToken"] = offset + size
    return {"result": page}


def managed_templates(world: World, call: Call) -> JsonObject:
    userid = call.query.text("userId")
    if not userid:
        raise Refusal(errors.INVALID_USER_ID)
    if world.employed(userid) is None:
        raise Refusal(errors.USER_NOT_EXIST)
    listed = [
        {
            "iconName": "common",
            "flowTitle": template.name,
            "processCode": template.process_code,
            "newProcess": True,
            "gmtModified": ids.minute(template.modified, world.settings.time_offset_minutes),
            "attendanceType": 0,
            "iconUrl": "",
        }
        for template in world.templates.values()
        if template.status is TemplateStatus.PUBLISHED
    ]
    return {"result": listed, "success": True}


def delete(world: World, call: Call) -> JsonObject:
    """``DELETE …/processCentres/schemas``; ``cleanRunningTask`` also ends what is running."""
    code = call.query.need_text("processCode")
    if world.templates.pop(code, None) is None:
        raise Refusal(errors.FORM_CODE_UNKNOWN)
    if call.query.flag("cleanRunningTask"):
        for instance in list(world.instances.values()):
            if instance.process_code == code and instance.status is InstanceStatus.RUNNING:
                world.apply(terminate(instance, SYSTEM_ACTOR, "", world.moment()))
    return {"result": {"processCode": code}}


def routes() -> Routes:
    centre = "/v1.0/workflow/processCentres"
    return {
        ("POST", "/v1.0/workflow/forms"): Endpoint(save, WRITE),
        ("GET", f"{centre}/schemaNames/processCodes"): Endpoint(code_by_name, READ),
        ("DELETE", f"{centre}/schemas"): Endpoint(delete, WRITE),
        ("GET", "/v1.0/workflow/forms/schemas/processCodes"): Endpoint(schema, READ),
        ("GET", "/v1.0/workflow/processes/userVisibilities/templates"): Endpoint(visible_templates, READ),
        ("GET", "/v1.0/workflow/processes/managements/templates"): Endpoint(managed_templates, READ),
        ("POST", "/topapi/process/get_by_name"): Endpoint(old_code_by_name, READ),
    }
