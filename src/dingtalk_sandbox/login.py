"""The sign-in page at ``/oauth2/auth``: choose a person, go back with an authCode (section 5)."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dingtalk_sandbox.html import Markup, document, join, markup, same_site, words
from dingtalk_sandbox.model import App
from dingtalk_sandbox.page_text import Words
from dingtalk_sandbox.store import World

CODE_TTL = 300.0


async def answer(world: World, request: Request) -> Response:
    """GET shows the people, POST goes back to the app."""
    text = words(request)
    query = request.query_params
    app = world.apps.get(query.get("client_id", ""))
    if app is None:
        return _problem(request, text, text("bad_client", client=query.get("client_id", "")))
    target = query.get("redirect_uri", "")
    if not _allowed(app, target):
        return _problem(request, text, text("bad_redirect", uri=target))
    if request.method != "POST":
        return document(request, text, _choice(world, app, request, text))
    if not same_site(request):
        return _problem(request, text, text("foreign"))
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    return RedirectResponse(_with(target, _result(world, app, request, form)), 303)


def _allowed(app: App, target: str) -> bool:
    parts = urlsplit(target)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return False
    return app.redirect_uris is None or target in app.redirect_uris


def _result(world: World, app: App, request: Request, form: dict[str, str]) -> dict[str, str]:
    state = request.query_params.get("state", "")
    user = world.employed(form.get("userid", ""))
    if user is None:
        return {"error": "access_denied", "state": state}
    with_corp = " corpid" if "corpid" in request.query_params.get("scope", "").split() else ""
    code = world.tokens.login_codes.issue(f"{app.app_key} {user.userid}{with_corp}", CODE_TTL)
    return {"authCode": code, "state": state}


def _with(target: str, values: dict[str, str]) -> str:
    return f"{target}{'&' if urlsplit(target).query else '?'}{urlencode(values)}"


def _choice(world: World, app: App, request: Request, text: Words) -> Markup:
    people = [
        markup(
            '<li><button class="row" name="userid" value="{userid}"><b>{name}</b> '
            '<span class="hint">{title}</span></button></li>',
            userid=user.userid,
            name=user.name,
            title=user.title,
        )
        for user in world.users.values()
        if user.active
    ]
    return markup(
        '<h1>{title}</h1><form method="post" action="/oauth2/auth?{query}"><ul class="list">{people}</ul>'
        '<button name="deny" value="1">{deny}</button></form>',
        title=text("login", app=app.name),
        query=urlencode(request.query_params.multi_items()),
        people=join(people),
        deny=text("deny"),
    )


def _problem(request: Request, text: Words, message: str) -> Response:
    body = markup('<p class="problem" role="alert">{message}</p>', message=message)
    return document(request, text, body, 400)
