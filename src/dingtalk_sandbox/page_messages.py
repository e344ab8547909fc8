"""What a person received: work notifications and the robot's messages, on the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from dingtalk_sandbox.html import Markup, clock, join, markup
from dingtalk_sandbox.model import User
from dingtalk_sandbox.page_text import Words
from dingtalk_sandbox.store import Notice, World
from dingtalk_sandbox.wire import BadField, Fields

_SHOWN = 20
_GROUP = "group"


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message as far as the page shows it; ``link`` is empty or an http address."""

    title: str
    text: str
    link: str = ""


def section(world: World, person: User, text: Words) -> Markup:
    rows = [_row(notice, text) for notice in islice(_received(world, person), _SHOWN)]
    if not rows:
        return Markup("")
    return markup(
        '<section class="messages"><h2>{title}</h2><ul class="list">{rows}</ul></section>',
        title=text("messages"),
        rows=join(rows),
    )


def _received(world: World, person: User) -> Iterator[Notice]:
    """Newest first."""
    return (
        notice
        for notice in reversed(world.notices)
        if notice.channel != _GROUP and person.userid in notice.to
    )


def _row(notice: Notice, text: Words) -> Markup:
    letter = _letter(Fields(notice.message))
    link: Markup | str = ""
    if letter.link:
        link = markup('<a href="{link}" rel="noreferrer">{label}</a>', link=letter.link, label=text("open"))
    return markup(
        '<li class="row"><b>{title}</b><span class="said">{text}</span>{link}<span class="hint">{when}</span></li>',
        title=letter.title,
        text=letter.text,
        link=link,
        when=clock(notice.at),
    )


def _letter(message: Fields) -> _Letter:
    """Title, text and address, wherever this kind of message has them. Nobody checks messages more than
    DingTalk does, so that one of another shape is shown without them."""
    kind = message.text("msgtype") or message.text("msgKey")
    try:
        body = message.sub("msgParam" if "msgKey" in message else kind)
        link = body.text("single_url") or body.text("singleURL") or body.text("messageUrl")
        said = body.text("markdown") or body.text("text") or body.text("content")
        title = body.text("title")
    except BadField:
        return _Letter(kind, "")
    return _Letter(title, said, link if link.startswith(("http://", "https://")) else "")
