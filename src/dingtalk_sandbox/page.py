"""The page at ``/`` where a person plays the approver, as on a phone inside DingTalk."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from dingtalk_sandbox import engine, page_views
from dingtalk_sandbox.engine import Decision, Refused
from dingtalk_sandbox.html import Markup, document, markup, same_site, words
from dingtalk_sandbox.model import (
    Instance,
    User,
)
from dingtalk_sandbox.page_text import Words
from dingtalk_sandbox.store import World

_STATIC = Path(__file__).parent / "static"
_FILES = {"/static/page.css": "text/css", "/static/page.js": "text/javascript"}


class _Problem(Exception):
    """Something the person should be told; ``key`` is a text of the page."""

    def __init__(self, key: str, status: int = 409) -> None:
        super().__init__(key)
        self.key = key
        self.status = status


async def answer(world: World, request: Request) -> Response:
    """Serve one request of the page."""
    path = request.url.path
    if path in _FILES:
        return FileResponse(_STATIC / path.rsplit("/", 1)[1], media_type=_FILES[path])
    text = words(request)
    try:
        if request.method == "POST":
            return await _act(world, request)
        return document(request, text, _render(world, request, text))
    except _Problem as problem:
        body = markup(
            '<p class="problem" role="alert">{message}</p><p><a href="{back}">{label}</a></p>',
            message=text(problem.key),
            back=path.removesuffix("/act") + "?" + str(request.query_params),
            label=text("back"),
        )
        return document(request, text, body, problem.status)


def _render(world: World, request: Request, text: Words) -> Markup:
    path = request.url.path
    if path.startswith("/as/"):
        return page_views.inbox(world, _person(world, path.removeprefix("/as/")), text)
    if path.startswith("/i/"):
        person = _person(world, request.query_params.get("as", ""))
        return page_views.detail(world, _instance(world, path.split("/")[2]), person, text)
    return page_views.people(world, text)


def _person(world: World, userid: str) -> User:
    user = world.employed(userid)
    if user is None:
        raise _Problem("nobody", 404)
    return user


def _instance(world: World, instance_id: str) -> Instance:
    instance = world.instances.get(instance_id)
    if instance is None:
        raise _Problem("gone", 404)
    return instance


async def _act(world: World, request: Request) -> Response:
    if not same_site(request):
        raise _Problem("foreign", 403)
    raw = await request.body()
    form = dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
    person = _person(world, request.query_params.get("as", ""))
    instance = _instance(world, request.url.path.split("/")[2])
    try:
        outcome = _outcome(world, instance, person, form)
    except Refused as error:
        raise _Problem("not_yours") from error
    world.apply(outcome)
    return RedirectResponse(f"/i/{instance.instance_id}?as={person.userid}", 303)


def _outcome(world: World, instance: Instance, person: User, form: dict[str, str]) -> engine.Outcome:
    # Browsers end lines with CR and LF in what they send.
    action, remark = form.get("action", ""), form.get("remark", "").replace("\r\n", "\n").strip()
    task_id = int(form["task_id"]) if form.get("task_id", "").isdigit() else 0
    moment = world.moment()
    if action in {"agree", "refuse"}:
        return engine.decide(instance, task_id, person.userid, Decision(action), moment, remark=remark)
    if action == "redirect":
        heir = _person(world, form.get("to", ""))
        return engine.redirect(instance, task_id, person.userid, heir.userid, moment, remark=remark)
    if action in {"append_before", "append_after"}:
        added = _person(world, form.get("to", ""))
        before = action == "append_before"
        return engine.append(
            instance, task_id, person.userid, added.userid, moment, before=before, remark=remark
        )
    if action == "withdraw" and person.userid == instance.originator:
        return engine.terminate(instance, person.userid, remark, moment)
    if action != "comment" or not remark:
        raise _Problem("need_text", 400)
    return engine.comment(instance, person.userid, remark, moment)
