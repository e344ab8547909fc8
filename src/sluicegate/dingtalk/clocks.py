"""How far our clock is from DingTalk's, by the ``Date`` of an HTTP answer."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import httpx

from sluicegate.dingtalk.errors import NotConnected, TemporarilyUnavailable

_TIMEOUT = 10.0
_HALF_A_SECOND = 0.5  # a date has no fractions: on average it is half a second old


def seconds_ahead(base: str) -> float:
    """How many seconds our clock is ahead of the host's (negative: behind), right to about a second.

    The host's root is asked for, without a token; any answer has a date.

    Raises:
        NotConnected, TemporarilyUnavailable: no answer, or one without a date.
    """
    asked_at = time.time()
    try:
        answer = httpx.head(base, timeout=_TIMEOUT, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotConnected(reason=type(error).__name__) from None
    answered_at = time.time()
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except ValueError as error:
        raise TemporarilyUnavailable(reason="no_date") from error
    ahead: float = (asked_at + answered_at) / 2 - theirs - _HALF_A_SECOND
    return ahead
