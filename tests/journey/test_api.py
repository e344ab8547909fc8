"""The API as a whole: its description, its errors, its pages, and how one signs in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from tests.journey.acting import person, shop, unique
from tests.journey.installation import PASSWORD, Api, Company, Json

ONE = "UPDATE orders SET total = 1 WHERE id = 1"


@pytest.fixture
def browser(company: Company) -> Iterator[httpx.Client]:
    """A console that nobody is signed in to."""
    url = f"{company.installation.url}/api/v1"
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def description(session_company: Company) -> Json:
    url = f"{session_company.installation.url}/api/v1/openapi.json"
    return httpx.get(url, trust_env=False, timeout=30).json()  # type: ignore[no-any-return]


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:sluicegate:{body['code']}"
    assert body["detail"] not in ("", body["code"])
    return answer.status_code, body["code"]


# ---------------------------------------------------------------- the description


def test_description_is_valid(description: Json) -> None:
    schemathesis.openapi.from_dict(description).validate()
    assert description["openapi"].startswith("3.")


def test_every_operation_describes_its_errors(description: Json) -> None:
    bare = [
        f"{method} {path}"
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
        if not {"401", "404", "422"} <= set(operation["responses"]) and not path.endswith("/script")
    ]
    assert bare == []


def test_description_and_docs_need_no_token(browser: httpx.Client) -> None:
    assert browser.get("/docs").status_code == 200
    assert browser.get("/openapi.json").status_code == 200


def test_reading_anything_never_breaks(company: Company, description: Json) -> None:
    """Every GET with whatever fits its description or doesn't, as an administrator who may see all."""
    target = shop(company)
    number = company.developer.submit(target.datasource, ONE)
    ids = {
        "number": number,
        "datasource_id": target.datasource["id"],
        "user_id": company.admin.get("/me")["id"],
        "table": "orders",
    }
    headers = {"Authorization": str(company.admin.http.headers["Authorization"])}
    schema = schemathesis.openapi.from_dict(description).include(method="GET")
    schema.config.update(base_url=f"{company.installation.url}")
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.endswith("/dingtalk/check"):
            continue  # asks DingTalk; its own tests do

        @settings(
            max_examples=8,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def probe(case: Any) -> None:
            for name, value in (case.path_parameters or {}).items():
                case.path_parameters[name] = ids.get(name, value)  # names of policies and rules: anything
            answer = case.call(headers=headers)
            case.validate_response(answer, checks=[not_a_server_error])

        probe()
        tried += 1
    assert tried > 15


ODD = ["\x00", "'", "%", "\ud7ff", "💧" * 50, "9" * 30, "-1", "1e9", "", "null", "0001-01-01T00:00:00+14:00"]


def test_odd_values(company: Company) -> None:
    """What the generator seldom thinks of."""
    paths = {
        "/tickets": [
            "words",
            "cursor",
            "size",
            "datasource_id",
            "submitter",
            "state",
            "kind",
            "since",
            "until",
        ],
        "/audit": ["object_id", "actor", "action", "before", "size", "since", "until"],
        "/grants": ["username", "datasource_id", "before", "size"],
        "/datasources": ["words", "environment"],
        "/users": ["words"],
    }
    broken = []
    for path, names in paths.items():
        for name in names:
            for value in ODD:
                answer = company.admin.call("GET", path, **{name: value})
                if answer.status_code >= 500:
                    broken.append((path, name, value))
                elif answer.status_code >= 400:
                    problem(answer)
    assert broken == []
    for path in ("/tickets/%00", "/tickets/SG-1%27", "/datasources/99999999999999999999", "/users/-1"):
        assert problem(company.admin.call("GET", path))[0] in (404, 422), path


# ---------------------------------------------------------------- errors


def test_errors_are_problems(company: Company) -> None:
    admin = company.admin
    assert problem(admin.call("GET", "/users/999999999")) == (404, "user_missing")
    assert problem(admin.call("GET", "/datasources/x")) == (422, "request_invalid")
    assert problem(admin.call("POST", "/users", {"username": "a b"})) == (422, "username_invalid")
    assert problem(admin.call("POST", "/users", {"username": "li"})) == (409, "username_taken")
    assert problem(admin.call("POST", "/users", {"username": "x" * 81})) == (422, "request_invalid")
    malformed = admin.http.post("/users", content=b"{", headers={"Content-Type": "application/json"})
    assert problem(malformed)[0] == 400
    invalid = admin.call("POST", "/tokens", {"name": "x", "days": "many"}).json()
    assert invalid["params"]["field"] == "days"


def test_text_with_a_nul_character(company: Company) -> None:
    """PostgreSQL can't keep one."""
    for path, body in (
        ("/tokens", {"name": "a\x00b"}),
        ("/users", {"username": unique("person"), "name": "a\x00b"}),
    ):
        assert problem(company.admin.call("POST", path, body)) == (422, "request_malformed")


def test_paths_that_are_none(company: Company) -> None:
    for method, path, expected in (("GET", "/nothing", 404), ("DELETE", "/tickets", 405)):
        answer = company.admin.call(method, path)
        assert answer.status_code == expected
        assert "Traceback" not in answer.text


def test_language(company: Company) -> None:
    texts = {
        language: company.admin.http.get(
            "/tickets/SG-999999999", headers={"Accept-Language": language}
        ).json()["detail"]
        for language in ("zh-CN", "en-GB")
    }
    assert "SG-999999999" in texts["zh-CN"]
    assert texts["zh-CN"] != texts["en-GB"]
    assert texts["en-GB"].isascii()


# ---------------------------------------------------------------- pages


def test_audit_by_keyset(company: Company) -> None:
    name = unique("reader")
    for _ in range(5):
        role = {"code": name, "name_zh": "x", "name_en": "x", "permissions": []}
        company.admin.post("/roles", role)
    whole = company.auditor.get("/audit", object_id=name)
    assert len(whole) == 5
    seen: list[int] = []
    before: dict[str, int] = {}
    while page := company.auditor.get("/audit", object_id=name, size=2, **before):
        seen += [entry["sequence"] for entry in page]
        before = {"before": seen[-1]}
        company.admin.post("/roles", role)  # what comes in meanwhile moves nothing
    assert seen == [entry["sequence"] for entry in whole]
    assert company.auditor.get("/audit/verification")["broken_at"] is None


def test_grants_by_keyset(company: Company) -> None:
    _, username = person(company, "developer")
    for _ in range(5):
        company.admin.post("/grants", {"username": username, "actions": ["see"]})
    seen: list[int] = []
    before: dict[str, int] = {}
    while page := company.admin.get("/grants", username=username, size=2, **before):
        seen += [grant["id"] for grant in page]
        before = {"before": seen[-1]}
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


def test_statements_by_keyset(company: Company) -> None:
    target = shop(company)
    sql = ";\n".join(f"UPDATE orders SET total = {n} WHERE id = 1" for n in range(5))
    number = company.developer.submit(target.datasource, sql)
    company.developer.wait(number, "awaiting_approval")
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = company.developer.get(f"/tickets/{number}/statements", size=2, after=after)
        seen += [statement["ordinal"] for statement in page["statements"]]
        after = page["next"]
    assert seen == [1, 2, 3, 4, 5]


# ---------------------------------------------------------------- signing in


def test_guessing_passwords(company: Company, browser: httpx.Client) -> None:
    _, username = person(company, "developer")
    wrong = {"username": username, "password": "not this one"}
    answers = [problem(browser.post("/session/token", json=wrong)) for _ in range(9)]
    assert answers == [(401, "sign_in_failed")] * 8 + [(429, "sign_in_too_often")]
    right = {"username": username, "password": PASSWORD}
    answer = browser.post("/session", json=right)
    assert problem(answer) == (429, "sign_in_too_often")
    assert answer.json()["retryable"]


def test_console_session(company: Company, browser: httpx.Client) -> None:
    assert problem(browser.get("/me")) == (401, "not_signed_in")
    signed = browser.post("/session", json={"username": "zhang", "password": PASSWORD})
    assert signed.status_code == 200
    cookie = signed.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert browser.get("/me").json()["username"] == "zhang"

    body = {"name": unique("token")}
    assert browser.post("/tokens", json=body).status_code == 403, "without the CSRF token"
    assert browser.post("/tokens", json=body, headers={"X-CSRFToken": "x" * 32}).status_code == 403
    assert [token for token in browser.get("/tokens").json() if token["name"] == body["name"]] == []
    csrf = {"X-CSRFToken": signed.json()["csrf_token"]}
    assert browser.post("/tokens", json=body, headers=csrf).status_code == 201

    assert browser.delete("/session", headers=csrf).status_code == 204
    assert problem(browser.get("/me")) == (401, "not_signed_in")


def test_session_ends_everywhere_with_the_password(company: Company, browser: httpx.Client) -> None:
    api, username = person(company, "developer")
    browser.post("/session", json={"username": username, "password": PASSWORD})
    assert browser.get("/me").status_code == 200
    api.post("/me/password", {"old": PASSWORD, "new": "another long passphrase"})
    assert problem(browser.get("/me")) == (401, "not_signed_in")


def test_who_left(company: Company, browser: httpx.Client) -> None:
    api, username = person(company, "developer")
    browser.post("/session", json={"username": username, "password": PASSWORD})
    user_id = api.get("/me")["id"]
    company.admin.patch(f"/users/{user_id}", {"is_active": False})
    assert api.refused("GET", "/me") == (401, "not_signed_in")
    assert problem(browser.get("/me")) == (401, "not_signed_in")
    again = browser.post("/session/token", json={"username": username, "password": PASSWORD})
    assert problem(again) == (401, "sign_in_failed")


def test_revoked_token(company: Company) -> None:
    created = company.developer.post("/tokens", {"name": "x"})
    api = Api(company.installation.url, created["token"])
    assert api.get("/me")["username"] == "zhang"
    company.developer.delete(f"/tokens/{created['id']}")
    assert api.refused("GET", "/me") == (401, "not_signed_in")


def test_health_and_metrics(company: Company) -> None:
    root = company.installation.url
    for path in ("/healthz", "/readyz"):
        assert json.loads(httpx.get(root + path, trust_env=False).text) == {"status": "ok"}
    assert "sluicegate_tickets" in httpx.get(f"{root}/metrics", trust_env=False).text
