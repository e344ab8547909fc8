"""Events over HTTP: signed, sealed and checked; a ticket decided by them, and what isn't DingTalk's refused."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import psycopg
import pytest

from sluicegate.dingtalk.callbacks import CallbackKeys, encrypt_message, signature
from tests.journey.installation import Company, Json
from tests.journey.target import SqliteTarget

PATH = "/dingtalk/callback"
SQL = "UPDATE orders SET total = 0 WHERE id = 1"


@pytest.fixture
def keys(company: Company) -> Iterator[CallbackKeys]:
    made = company.admin.put(PATH, {})
    app_key = company.admin.get("/dingtalk")["app_key"]
    yield CallbackKeys(made["token"], made["aes_key"], app_key)
    app = company.sandbox.state()["apps"][0]["app_key"]
    company.sandbox.control("POST", f"/apps/{app}/callback", {"url": ""})
    company.admin.delete(PATH)


def sent(company: Company, keys: CallbackKeys, event: Json, **changes: str) -> tuple[int, Json]:
    """What the service answers to a callback of which some part may have been changed on the way."""
    encrypt = encrypt_message(keys, json.dumps(event))
    timestamp = changes.get("timestamp", str(int(time.time() * 1000)))
    signed = signature(keys, timestamp, "nonce", encrypt)
    response = company.admin.call(
        "POST",
        PATH,
        {"encrypt": changes.get("encrypt", encrypt)},
        signature=changes.get("signature", signed),
        timestamp=timestamp,
        nonce="nonce",
    )
    return response.status_code, response.json()


def kept(company: Company, event_id: str) -> int:
    with psycopg.connect(company.installation.dsn) as connection:
        row = connection.execute(
            "SELECT count(*) FROM approvals_providerevent WHERE event_id = %s", [event_id]
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_ticket_is_decided_by_events_over_http(company: Company, keys: CallbackKeys) -> None:
    """The sandbox delivers to the address instead of the Stream once it has answered check_url."""
    shop = SqliteTarget(company)
    app = company.sandbox.state()["apps"][0]["app_key"]
    company.sandbox.control(
        "POST",
        f"/apps/{app}/callback",
        {
            "url": f"{company.installation.url}/api/v1{PATH}",
            "token": keys.token,
            "aes_key": keys.aes_key,
        },
    )
    number = company.developer.submit(shop.datasource, SQL)
    company.developer.wait(number, "awaiting_approval")
    instance = company.developer.instance(number)
    company.sandbox.decide(instance)
    company.developer.wait(number, "approved")
    with psycopg.connect(company.installation.dsn) as connection:
        found = connection.execute(
            "SELECT payload FROM approvals_providerevent WHERE instance_id = %s", [instance]
        ).fetchall()
    assert found
    assert all("EventType" in payload for (payload,) in found), "the flat form is that of HTTP"


def test_the_answer_is_sealed_and_an_event_is_kept_once(company: Company, keys: CallbackKeys) -> None:
    event = {"EventType": "some_new_event", "eventId": f"once-{time.time_ns()}"}
    for _ in range(2):
        status, answer = sent(company, keys, event)
        assert status == 200
        sealed = signature(keys, answer["timeStamp"], answer["nonce"], answer["encrypt"])
        assert answer["msg_signature"] == sealed
    assert kept(company, str(event["eventId"])) == 1


def test_check_url_is_answered_and_not_kept(company: Company, keys: CallbackKeys) -> None:
    event = {"EventType": "check_url", "eventId": f"check-{time.time_ns()}"}
    assert sent(company, keys, event)[0] == 200
    assert kept(company, str(event["eventId"])) == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"signature": "0" * 40}, "dingtalk_callback_signature"),
        ({"encrypt": "AAAA"}, "dingtalk_callback_signature"),
        ({"timestamp": "1614767836"}, "dingtalk_callback_stale"),
        ({"timestamp": str(int(time.time() * 1000) + 3_600_000)}, "dingtalk_callback_stale"),
    ],
)
def test_forged_and_stale_callbacks_are_refused(
    company: Company, keys: CallbackKeys, changes: dict[str, str], code: str
) -> None:
    event = {"EventType": "bpms_instance_change", "eventId": f"bad-{time.time_ns()}"}
    status, answer = sent(company, keys, event, **changes)
    assert (status, answer["code"]) == (403, code)
    assert kept(company, str(event["eventId"])) == 0


def test_another_company_and_another_app_are_refused(company: Company, keys: CallbackKeys) -> None:
    event: Json = {
        "EventType": "bpms_instance_change",
        "CorpId": "dingother",
        "eventId": f"o-{time.time_ns()}",
    }
    assert sent(company, keys, event)[1]["code"] == "dingtalk_callback_owner"
    other = CallbackKeys(keys.token, keys.aes_key, "dingsomeotherapp")
    assert sent(company, other, {"EventType": "check_url"})[1]["code"] == "dingtalk_callback_owner"
    assert kept(company, str(event["eventId"])) == 0


def test_without_a_subscription_nothing_is_taken(company: Company) -> None:
    body = {"encrypt": "AAAA"}
    assert company.admin.refused("POST", PATH, body) == (403, "dingtalk_callback_off")


def test_only_administrators_set_it_up(company: Company) -> None:
    assert company.developer.refused("PUT", PATH, {})[0] == 403
    assert company.admin.refused("PUT", PATH, {"token": "no spaces!"}) == (422, "dingtalk_callback_token")
    assert company.admin.refused("PUT", PATH, {"aes_key": "short"}) == (422, "dingtalk_callback_aes_key")
