"""Fitting a text into a control, visibly.

DingTalk documents 65,535 characters for a value, while its clients show far less; CloudDM has cut single lines
at 400 and longer texts at 4,000 for years, so those are the defaults.
"""

from __future__ import annotations

from dataclasses import dataclass

from sluicegate.core.errors import InvalidInput
from sluicegate.core.messages import Language, text

_LEAST = 200
"""Room for a ticket's mark and something beside it."""

_MOST = 65_535
"""The documented limit of a value."""


@dataclass(frozen=True)
class Limits:
    """Most characters of a single-line (TextField) and of a multi-line (TextareaField) control."""

    single_line: int = 400
    multi_line: int = 4000

    def __post_init__(self) -> None:
        if not _LEAST <= self.single_line <= _MOST or not _LEAST <= self.multi_line <= _MOST:
            raise InvalidInput("dingtalk_limits", least=_LEAST, most=_MOST)


@dataclass(frozen=True)
class Source:
    """Where the whole text is: a link to the ticket, and the SHA-256 of its script."""

    link: str
    sha256: str
    language: Language = "zh"


def units(value: str) -> int:
    """Length as Java counts it, which DingTalk does: characters beyond U+FFFF count twice."""
    return len(value) + sum(1 for char in value if ord(char) > 0xFFFF)


def cut(value: str, limit: int, source: Source) -> str:
    """The text itself, or as much of its beginning as fits with a tail that says what is missing.

    The tail gives way step by step where even it doesn't fit: first the link, then the digest, then all but an
    ellipsis. The result is never longer than ``limit`` units.
    """
    if units(value) <= limit:
        return value
    for code in ("dingtalk_cut_tail", "dingtalk_cut_tail_no_link", "dingtalk_cut_tail_short"):
        # The count's own length depends on the count: reckon with the longest it can be.
        longest = _tail(code, len(value), source)
        room = limit - units(longest)
        if room > 0:
            kept = _head(value, room)
            return kept + _tail(code, len(value) - len(kept), source)
    return _head(value, limit - 1) + "…" if limit > 0 else ""


def _tail(code: str, missing: int, source: Source) -> str:
    return text(code, source.language, missing=missing, sha256=source.sha256, link=source.link)


def _head(value: str, room: int) -> str:
    """The longest beginning of at most this many units."""
    head = value[: max(room, 0)]
    while units(head) > room:
        head = head[: len(head) - max(1, (units(head) - room) // 2)]
    return head
