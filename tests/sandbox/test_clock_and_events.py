"""The date of answers, and an event that is sent for a try."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

from tests.sandbox.support import Api, Listener


def test_answers_have_one_date_and_it_may_be_off(api: Api) -> None:
    for skew in (0, 600):
        api.control("POST", "/settings", {"clock_skew_seconds": skew})
        for path in ("/", "/gettoken"):
            dates = api.http.head(path).headers.get_list("date")
            assert len(dates) == 1
            off = parsedate_to_datetime(dates[0]).timestamp() - time.time() - skew
            assert abs(off) < 60


def test_an_event_for_a_try_arrives_and_is_not_billed(api: Api, listener: Listener) -> None:
    before = api.state()["events_sent"]
    [event_id] = api.control("POST", "/events")["event_ids"]

    assert listener.event()["eventId"] == event_id
    assert api.state()["events_sent"] == before
