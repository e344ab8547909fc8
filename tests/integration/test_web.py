"""The API in this process: repeated requests, and errors as problem+json."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from ninja.errors import AuthenticationError, HttpError

from sluicegate.accounts.models import ApiToken, IdempotencyKey, User
from sluicegate.accounts.services import create_token
from sluicegate.core.errors import Conflict, TooManyRequests
from sluicegate.tickets.models import Ticket
from sluicegate.web.api import api
from tests.integration.world import World, at_once, raised

API = "/api/v1"


class Person:
    def __init__(self, user: User) -> None:
        self.user = user
        _, self.token = create_token(by=user, name="test", days=1)

    def post(self, path: str, body: object, key: str = "", language: str = "en") -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": language}
        if key:
            headers["Idempotency-Key"] = key
        return Client().post(API + path, json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def dba(world: World) -> Person:
    return Person(world.person("dba"))


# ---------------------------------------------------------------- Idempotency-Key


def test_same_key_same_body(dba: Person) -> None:
    first, second = (dba.post("/tokens", {"name": "once"}, "k1") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert ApiToken.objects.filter(user=dba.user, name="once").count() == 1
    kept = bytes(IdempotencyKey.objects.get(user=dba.user, key="k1").sealed_answer)
    assert first.json()["token"].encode() not in kept


def test_same_key_other_request(dba: Person) -> None:
    dba.post("/tokens", {"name": "once"}, "k1")
    for path, body in (("/tokens", {"name": "twice"}), ("/groups", {"name": "once"})):
        answer = dba.post(path, body, "k1")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert not ApiToken.objects.filter(user=dba.user, name="twice").exists()


def test_keys_are_each_persons_own(dba: Person, world: World) -> None:
    other = Person(world.person("dba"))
    answers = [person.post("/tokens", {"name": "once"}, "k1").json()["token"] for person in (dba, other)]
    assert answers[0] != answers[1]


def test_refused_request_leaves_its_key_free(dba: Person) -> None:
    assert dba.post("/tokens", {"name": "x", "days": 0}, "k1").status_code == 422
    assert dba.post("/tokens", {"name": "x", "days": 1}, "k1").status_code == 201


def test_key_too_long(dba: Person) -> None:
    assert dba.post("/tokens", {"name": "x"}, "k" * 129).json()["code"] == "idempotency_key_invalid"


def test_at_once_makes_one_ticket(dba: Person, world: World) -> None:
    body = {
        "kind": "data_change",
        "title": "fix",
        "draft": True,
        "targets": [{"datasource_id": world.datasource().pk}],
        "sql": "UPDATE orders SET total = 1 WHERE id = 1",
    }
    answers: list[Any] = at_once(*[lambda: dba.post("/tickets", body, "k1")] * 6)
    assert not raised(answers)
    assert {answer.status_code for answer in answers} == {201}
    numbers = {answer.json()["number"] for answer in answers}
    assert list(Ticket.objects.filter(submitter=dba.user).values_list("number", flat=True)) == [*numbers]


# ---------------------------------------------------------------- problem+json


def problem(error: Exception, language: str = "en") -> tuple[int, dict[str, Any]]:
    request = RequestFactory().get("/", headers={"Accept-Language": language})
    answer = api.on_exception(request, error)
    assert isinstance(answer, HttpResponse)
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:sluicegate:{body['code']}"
    assert body["detail"] not in ("", body["code"])
    return answer.status_code, body


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Conflict("ticket_changed", number="SG-1"), 409, "ticket_changed"),
        (AuthenticationError(), 401, "not_signed_in"),
        (HttpError(400, "Cannot parse request body"), 400, "request_malformed"),
        (Http404(), 404, "path_missing"),
        (RuntimeError("hunter2"), 500, "internal_error"),
    ],
)
def test_errors(error: Exception, status: int, code: str) -> None:
    found, body = problem(error)
    assert (found, body["code"]) == (status, code)
    assert "hunter2" not in str(body)


def test_retryable_and_parameters() -> None:
    _, body = problem(TooManyRequests("sign_in_too_often", minutes=10))
    assert (body["retryable"], body["params"]) == (True, {"minutes": 10})
    assert "10" in body["detail"]


def test_language() -> None:
    error = Conflict("ticket_changed", number="SG-1")
    texts = {language: problem(error, language)[1]["detail"] for language in ("en", "zh-CN,en;q=0.5", "fr")}
    assert texts["en"] != texts["zh-CN,en;q=0.5"]
    assert texts["fr"] == texts["zh-CN,en;q=0.5"], "the installation's language"


def test_persons_language_comes_first(dba: Person) -> None:
    User.objects.filter(pk=dba.user.pk).update(language="en")
    chinese = dba.post("/tokens", {"name": " "}, language="zh").json()
    assert chinese["detail"].isascii()


@pytest.mark.parametrize("body", ["{", "[]", "null", '{"name": 7}', '{"name": "x", "days": "many"}'])
def test_bodies_that_are_none(dba: Person, body: str) -> None:
    answer = Client().post(
        f"{API}/tokens",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {dba.token}"},
    )
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"
