"""HTML that cannot be injected into: what is not Markup is escaped."""

from __future__ import annotations

from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse

from dingtalk_sandbox.page_text import Words

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Markup(str):
    """Text that already is HTML."""

    __slots__ = ()


def markup(template: str, **parts: object) -> Markup:
    """Fill the template's placeholders, escaping everything that is not Markup."""
    return Markup(
        template.format(
            **{name: part if isinstance(part, Markup) else escape(str(part)) for name, part in parts.items()}
        )
    )


def join(parts: list[Markup]) -> Markup:
    return Markup("".join(parts))


def clock(time_ms: int) -> str:
    """A moment in the machine's own zone."""
    return f"{datetime.fromtimestamp(time_ms / 1000).astimezone():%Y-%m-%d %H:%M:%S}"


def same_site(request: Request) -> bool:
    """A page of another site must not change anything here."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def words(request: Request) -> Words:
    """By ``?lang=``, otherwise as chosen before."""
    return Words(request.query_params.get("lang") or request.cookies.get("lang", "zh"))


def document(request: Request, text: Words, body: Markup, status: int = 200) -> HTMLResponse:
    """The frame around every page."""
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    link = str(request.url.replace(scheme="", netloc="").include_query_params(lang=text.other))
    if not kept:
        link = f"{request.url.path}?lang={text.other}"
    content = markup(
        '<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<title>{title}</title><link rel="stylesheet" href="/static/page.css">'
        '<script src="/static/page.js" defer></script></head><body>'
        '<header><a class="brand" href="/">{title}</a><a class="lang" href="{link}">{other}</a></header>'
        "<main>{body}</main></body></html>",
        lang="en" if text.lang == "en" else "zh-CN",
        title=text("title"),
        link=link,
        other=text("other_lang"),
        body=body,
    )
    response = HTMLResponse(content, status, headers=HEADERS)
    response.set_cookie("lang", text.lang, samesite="lax", httponly=True)
    return response
