"""From a fact to the text of a message. Pure; DingTalk's lengths are kept here, so that what is cut is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sluicegate.core.config import config
from sluicegate.core.messages import Language, text
from sluicegate.dingtalk.cutting import units
from sluicegate.notifications.facts import Fact, Where

LONGEST_COMMENT = 1024
"""Characters of a comment on an instance (DingTalk's limit)."""

_IN_TITLE = 40
_TITLE = 120
_NAME = 40
_WORDS = 100
_MOST_PLACES = 3

# What Markdown would take for its own. DingTalk documents no escape, so its wide twin is shown instead.
_TWINS = str.maketrans(
    {
        "[": "［",
        "]": "］",
        "<": "＜",
        ">": "＞",
        "#": "＃",
        "*": "＊",
        "`": "｀",
        "|": "｜",
        "\\": "＼",
        "~": "～",
    }
)


def plain(value: str, limit: int) -> str:
    """Other people's words on one line, without meaning to Markdown, no longer than ``limit`` and visibly cut."""
    shown = "".join(char if char.isprintable() else " " for char in value)
    line = " ".join(shown.split()).translate(_TWINS)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def local(at: datetime) -> str:
    return at.astimezone(ZoneInfo(config().time_zone)).strftime("%Y-%m-%d %H:%M:%S")


def title_of(fact: Fact, language: Language) -> str:
    """The line that a phone shows before the message is opened; production stands first."""
    line = text(
        "notice_title",
        language,
        heading=text(fact.heading, language),
        number=fact.number,
        title=plain(fact.title, _IN_TITLE),
    )
    production = any(place.production for place in fact.places)
    return (text("notice_production_mark", language) if production else "") + line


def body_of(fact: Fact, language: Language, todo: str, *, to_group: bool = False) -> str:
    """Markdown: what, where, who, why, and what to do now; the first lines are those that matter most."""
    lines = [f"### {title_of(fact, language)}"]
    lines += [f"- {_place(place, language)}" for place in fact.places[:_MOST_PLACES]]
    if len(fact.places) > _MOST_PLACES:
        lines.append("- " + text("notice_more_places", language, count=len(fact.places) - _MOST_PLACES))
    lines.append("- " + text("notice_kind", language, kind=text(f"kind_{fact.ticket_kind}", language)))
    lines.append("- " + text("notice_ticket_title", language, title=plain(fact.title, _TITLE)))
    lines.append("- " + text("notice_submitter", language, name=plain(fact.submitter, _NAME)))
    if fact.reason:
        lines.append("- " + plain(text(fact.reason, language, **fact.reason_params), _WORDS * 2))
    if fact.words and not to_group:
        lines.append("- " + text("notice_words", language, words=plain(fact.words, _WORDS)))
    lines.append("- " + text("notice_at", language, at=local(fact.at)))
    if todo:
        lines += ["", text(todo, language)]
    return "\n".join(lines)


def _place(place: Where, language: Language) -> str:
    environment = plain(place.environment_zh if language == "zh" else place.environment_en, _NAME)
    if place.production:
        environment = text("notice_production", language, environment=environment)
    where = plain(place.datasource, _NAME)
    if place.database:
        where += " / " + plain(place.database, _NAME)
    return text("notice_place", language, where=where, environment=environment)


RESENT_BREAK = "\n\n> "


def resent(body: str, language: Language, times: int, at: datetime) -> str:
    """The same with a line that says it was sent again: DingTalk drops what a person had already that day."""
    return body + RESENT_BREAK + text("notice_resent", language, times=times, at=local(at))


def comment_text(heading: str, link: str, lines: Sequence[str], language: Language) -> str:
    """A comment: its heading and the link are always there, and as many of the lines as fit."""
    kept: list[str] = []
    for index, line in enumerate(lines):
        left = len(lines) - index
        tail = [text("notice_more_lines", language, count=left)] if left else []
        following = [text("notice_more_lines", language, count=left - 1)] if left > 1 else []
        if units("\n".join([heading, link, *kept, line, *following])) > LONGEST_COMMENT:
            return "\n".join([heading, link, *kept, *tail])
        kept.append(line)
    return "\n".join([heading, link, *kept])
