"""``/_sandbox``: seed, inspect and disturb the sandbox. Not part of DingTalk."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dingtalk_sandbox import control_approvals, control_company, control_faults
from dingtalk_sandbox.control_base import ControlError, Sandbox
from dingtalk_sandbox.control_views import app_view, instance_view, template_view
from dingtalk_sandbox.dump import dump
from dingtalk_sandbox.engine import Refused
from dingtalk_sandbox.errors import Refusal
from dingtalk_sandbox.html import same_site
from dingtalk_sandbox.store import World
from dingtalk_sandbox.wire import BadField, Fields, JsonObject, parse_body

# --- endpoints

Endpoint = Callable[[Sandbox, Fields, dict[str, str]], Any]


def state(box: Sandbox, data: Fields, _path: dict[str, str]) -> JsonObject:
    """Everything; ``?instances=N`` shows only the newest N approvals."""
    world = box.world
    shown = data.integer("instances")
    newest = itertools.islice(reversed(world.instances.values()), shown)
    return {
        "company": world.company_name,
        "apps": [app_view(app) for app in world.apps.values()],
        "users": [dataclasses.asdict(user) for user in world.users.values()],
        "departments": [dataclasses.asdict(department) for department in world.departments.values()],
        "templates": [template_view(template) for template in world.templates.values()],
        "instances": [instance_view(instance) for instance in reversed(list(newest))],
        "settings": dataclasses.asdict(world.settings),
        "api_calls": world.counters.api_calls,
        "events_sent": world.counters.events_sent,
    }


def reset(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    """Back to the beginning, settings included; Stream connections stay."""
    fresh = World()
    box.fill(fresh)
    box.dispatcher.reset()
    for spec in dataclasses.fields(World):
        if spec.name != "sink":
            setattr(box.world, spec.name, getattr(fresh, spec.name))
    return {"ok": True}


def show_dump(box: Sandbox, _data: Fields, _path: dict[str, str]) -> JsonObject:
    return dump(box.world)


_ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/state", state),
    ("GET", "/dump", show_dump),
    ("POST", "/reset", reset),
    ("GET", "/settings", control_faults.settings),
    ("POST", "/settings", control_faults.settings),
    ("POST", "/apps/{app_key}", control_company.change_app),
    ("POST", "/apps/{app_key}/callback", control_company.set_callback),
    ("POST", "/users", control_company.put_user),
    ("POST", "/departments", control_company.put_department),
    ("POST", "/templates", control_company.add_template),
    ("POST", "/templates/{process_code}", control_company.change_template),
    ("DELETE", "/templates/{process_code}", control_company.delete_template),
    ("GET", "/instances/{instance_id}", control_approvals.get_instance),
    ("DELETE", "/instances/{instance_id}", control_approvals.delete_instance),
    ("POST", "/instances/{instance_id}/terminate", control_approvals.terminate),
    ("POST", "/instances/{instance_id}/comments", control_approvals.comment),
    ("POST", "/instances/{instance_id}/tasks/{task_id}", control_approvals.decide),
    ("POST", "/instances/{instance_id}/tasks/{task_id}/redirect", control_approvals.redirect),
    ("POST", "/instances/{instance_id}/tasks/{task_id}/append", control_approvals.append),
    ("GET", "/faults", control_faults.list_faults),
    ("POST", "/faults", control_faults.add_fault),
    ("DELETE", "/faults", control_faults.clear_faults),
    ("DELETE", "/faults/{fault_id}", control_faults.remove_fault),
    ("GET", "/requests", control_faults.requests),
    ("DELETE", "/requests", control_faults.clear_requests),
    ("GET", "/events", control_faults.events),
    ("POST", "/events", control_faults.emit_event),
    ("POST", "/events/resend", control_faults.resend_events),
    ("GET", "/streams", control_faults.streams),
    ("GET", "/messages", control_faults.notices),
    ("POST", "/codes", control_company.issue_code),
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
