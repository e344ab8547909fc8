"""Live progress: server-sent events of one ticket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.journey.acting import approved, shop
from tests.journey.installation import PASSWORD, Api, Company, Json
from tests.journey.target import PostgresTarget, Target

ONE = "UPDATE orders SET total = total + 1 WHERE id = 1"


class Stream:
    """The events of one connection, each with its id."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()

    def __iter__(self) -> Iterator[Json]:
        event: dict[str, str] = {}
        for line in self._lines:
            name, _, value = line.partition(": ")
            if line and name:
                event[name] = value
            elif event:
                assert event["event"] == "ticket"
                snapshot: Json = json.loads(event["data"])
                assert event["id"] == str(snapshot["version"])
                yield snapshot
                event = {}

    def until(self, state: str) -> Json:
        for snapshot in self:
            if snapshot["state"] == state:
                return snapshot
        raise AssertionError(f"the stream ended before {state}")


@contextmanager
def watching(api: Api, number: str) -> Iterator[Stream]:
    with api.http.stream("GET", f"/tickets/{number}/events", timeout=60) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer)


@pytest.fixture
def target(company: Company) -> Target:
    return shop(company)


def test_from_submission_to_the_end(company: Company, target: Target) -> None:
    body = {
        "kind": "data_change",
        "title": "x",
        "sql": ONE,
        "draft": True,
        "targets": [{"datasource_id": target.datasource["id"]}],
    }
    number = company.developer.post("/tickets", body)["number"]
    with watching(company.developer, number) as stream:
        assert stream.until("draft")["final"] is False
        company.developer.post(f"/tickets/{number}/submit")
        stream.until("awaiting_approval")
        company.lead.post(f"/tickets/{number}/approve")
        stream.until("approved")
        company.dba.post(f"/tickets/{number}/confirm")
        last = stream.until("succeeded")
        assert last["final"] is True
        assert [(t["state"], t["done"], t["total"]) for t in last["targets"]] == [("succeeded", 1, 1)]
        assert list(stream) == [], "the stream ends with the ticket"


def test_progress_while_it_runs(company: Company, postgres_endpoint: object) -> None:
    """A statement waits for a lock: what was applied before it shows meanwhile, to who comes late too."""
    target = PostgresTarget(company, postgres_endpoint, "dev")  # type: ignore[arg-type]
    number = approved(company, target, f"{ONE};\nUPDATE orders SET total = 7 WHERE id = 2")
    with target.connection() as holder, watching(company.developer, number) as stream:
        with holder.transaction():
            holder.execute("SELECT 1 FROM orders WHERE id = 2 FOR UPDATE")
            company.dba.post(f"/tickets/{number}/confirm")
            halfway = next(s for s in stream if s["targets"] and s["targets"][0]["done"] == 1)
            assert (halfway["state"], halfway["targets"][0]["state"]) == ("executing", "running")
            with watching(company.lead, number) as second:
                assert next(iter(second))["targets"][0]["done"] == 1
        assert stream.until("succeeded")["targets"][0]["done"] == 2


def test_ticket_that_is_over(company: Company, target: Target) -> None:
    number = company.developer.submit(target.datasource, ONE)
    company.developer.post(f"/tickets/{number}/withdraw")
    with watching(company.developer, number) as stream:
        assert [snapshot["state"] for snapshot in stream] == ["withdrawn"]


def test_refused(company: Company, target: Target) -> None:
    number = company.developer.submit(target.datasource, ONE)
    path = f"/tickets/{number}/events"
    assert company.stranger.refused("GET", path) == (404, "ticket_missing")
    assert company.developer.refused("GET", "/tickets/SG-999999999/events") == (404, "ticket_missing")
    nobody = Api(company.installation.url, "sgt_not-a-token")
    assert nobody.refused("GET", path) == (401, "not_signed_in")
    del nobody.http.headers["Authorization"]
    assert nobody.refused("GET", path) == (401, "not_signed_in")
    assert company.developer.call("POST", path).status_code in (404, 405)


def test_with_the_consoles_session(company: Company, target: Target) -> None:
    number = company.developer.submit(target.datasource, ONE)
    company.developer.post(f"/tickets/{number}/withdraw")
    url = f"{company.installation.url}/api/v1"
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as browser:
        browser.post("/session", json={"username": "zhang", "password": PASSWORD})
        assert "withdrawn" in browser.get(f"/tickets/{number}/events").text
        browser.cookies.clear()
        assert browser.get(f"/tickets/{number}/events").status_code == 401
