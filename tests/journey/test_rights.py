"""Who may do what: every path of the API against other people's objects, and rights on what SQL touches."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sluicegate.dialects.base import Endpoint
from tests.journey.acting import approved, denied, executed, grant, person, shop, unique
from tests.journey.installation import PASSWORD, Api, Company, Json
from tests.journey.target import ROWS, MariadbTarget

CONTENT = {"title": "x", "sql": "UPDATE orders SET total = 1 WHERE id = 1"}
# What a developer without rights on the object gets, what the auditor gets, and what is sent.
# {ds} {ticket} {grant} {token} {user} {group} {flow} {role} {notification} stand for somebody else's objects.
MATRIX: dict[str, tuple[int, int, Json | None]] = {
    # oneself
    "GET /me": (200, 200, None),
    "PATCH /me": (200, 200, {}),
    "POST /me/password": (422, 422, {"old": "wrong", "new": PASSWORD}),
    "GET /tokens": (200, 200, None),
    "POST /tokens": (201, 201, {"name": "x"}),
    "DELETE /tokens/{token}": (404, 404, None),
    "DELETE /session": (204, 204, None),
    # people
    "GET /users": (403, 403, None),
    "POST /users": (403, 403, {"username": "mallory"}),
    "GET /users/{user}": (403, 403, None),
    "PATCH /users/{user}": (403, 403, {"roles": ["administrator"]}),
    "POST /users/{user}/password": (403, 403, {"password": PASSWORD}),
    "GET /roles": (200, 200, None),
    "POST /roles": (403, 403, {"code": "x", "name_zh": "x", "name_en": "x", "permissions": []}),
    "DELETE /roles/{role}": (403, 403, None),
    "GET /permissions": (200, 200, None),
    "GET /groups": (403, 403, None),
    "POST /groups": (403, 403, {"name": "x", "members": ["stranger"]}),
    "DELETE /groups/{group}": (403, 403, None),
    # access
    "GET /grants": (200, 200, None),
    "POST /grants": (404, 403, {"username": "stranger", "actions": ["execute"], "datasource_id": "{ds}"}),
    "POST /grants/{grant}/revoke": (404, 404, {}),
    # data sources
    "GET /dialects": (200, 200, None),
    "GET /environments": (200, 200, None),
    "POST /environments": (
        403,
        403,
        {"code": "dev", "name_zh": "x", "name_en": "x", "position": 1, "production": False},
    ),
    "GET /datasources": (200, 200, None),
    "POST /datasources": (403, 403, {"name": "x", "dialect": "sqlite", "environment": "dev"}),
    "GET /datasources/{ds}": (404, 200, None),
    "PATCH /datasources/{ds}": (403, 403, {"host": "evil.example"}),
    "POST /datasources/{ds}/enable": (403, 403, {}),
    "POST /datasources/{ds}/disable": (403, 403, {}),
    "POST /datasources/{ds}/test": (403, 403, {}),
    "GET /datasources/{ds}/databases": (404, 200, None),
    "GET /datasources/{ds}/schemas": (404, 422, None),  # SQLite has none
    "GET /datasources/{ds}/tables": (404, 200, None),
    "GET /datasources/{ds}/tables/orders": (404, 200, None),
    # settings
    "GET /approval-flows": (403, 403, None),
    "POST /approval-flows": (403, 403, {"provider": "builtin"}),
    "DELETE /approval-flows/{flow}": (403, 403, None),
    "GET /dingtalk": (403, 403, None),
    "PUT /dingtalk": (403, 403, {"app_key": "x", "app_secret": "x", "corp_id": "x"}),
    "DELETE /dingtalk": (403, 403, None),
    "GET /dingtalk/check": (403, 403, None),
    "POST /dingtalk/check": (403, 403, {"app_key": "x", "app_secret": "x", "corp_id": "x"}),
    "GET /dingtalk/directory": (403, 403, None),
    "PUT /dingtalk/directory": (403, 403, {}),
    "POST /dingtalk/directory/sync": (403, 403, {}),
    "GET /dingtalk/departments": (409, 409, None),  # one's own; see OWN
    "PUT /dingtalk/departments": (409, 409, {"department_id": 1}),
    "GET /dingtalk/quota": (403, 403, None),
    "PUT /dingtalk/quota": (403, 403, {"plan": "pro"}),
    "PUT /dingtalk/callback": (403, 403, {}),
    "DELETE /dingtalk/callback": (403, 403, None),
    "GET /dingtalk/forms": (403, 403, None),
    "POST /dingtalk/forms": (403, 403, {}),
    "PUT /dingtalk/forms": (403, 403, {"kind": "data_change", "template": "x"}),
    "GET /dingtalk/templates": (403, 403, None),
    # rules
    "GET /rules": (200, 200, None),
    "GET /rules/NO_WHERE": (200, 200, None),
    "POST /rules/try": (200, 200, {"sql": "SELECT 1", "dialect": "mysql", "rule": "NO_WHERE"}),
    "GET /policies": (200, 200, None),
    "GET /policies/presets": (200, 200, None),
    "GET /policies/lenient": (404, 404, None),
    "GET /policies/lenient/export": (404, 404, None),
    "PUT /policies/lenient": (403, 403, {"document": {"rules": {"LINT": "off"}}}),
    "DELETE /policies/lenient": (403, 403, None),
    "POST /policies/import": (403, 403, {"yaml": "name: lenient\nrules: {LINT: off}"}),
    # tickets
    "GET /tickets": (200, 200, None),
    "POST /tickets": (
        404,
        403,
        {**CONTENT, "kind": "data_change", "targets": [{"datasource_id": "{ds}"}]},
    ),
    "POST /tickets/upload": (404, 403, None),
    "GET /tickets/{ticket}": (404, 200, None),
    "PUT /tickets/{ticket}": (404, 403, {**CONTENT, "targets": [{"datasource_id": "{ds}"}]}),
    "GET /tickets/{ticket}/statements": (404, 200, None),
    "GET /tickets/{ticket}/script": (404, 200, None),
    "POST /tickets/{ticket}/submit": (404, 403, {}),
    "POST /tickets/{ticket}/withdraw": (404, 403, {}),
    "POST /tickets/{ticket}/cancel": (404, 403, {"reason": "x"}),
    "POST /tickets/{ticket}/copy": (404, 403, {}),
    "POST /tickets/{ticket}/comments": (404, 201, {"text": "x"}),
    "GET /tickets/{ticket}/approvers": (404, 200, None),
    "PUT /tickets/{ticket}/approvers": (404, 403, {"approvers": {}}),
    "POST /tickets/{ticket}/waive": (
        404,
        403,
        {"target": 0, "ordinal": 1, "code": "NO_WHERE", "reason": "x"},
    ),
    "POST /tickets/{ticket}/approve": (404, 403, {}),
    "POST /tickets/{ticket}/reject": (404, 403, {"remark": "x"}),
    "POST /tickets/{ticket}/confirm": (404, 403, {}),
    "POST /tickets/{ticket}/unschedule": (404, 403, {}),
    "POST /tickets/{ticket}/resolve": (
        403,
        403,
        {"target": 0, "ordinal": 1, "applied": True, "reason": "x"},
    ),
    "POST /tickets/{ticket}/undo": (404, 403, {}),
    # messages to people
    "GET /notifications": (200, 200, None),
    "GET /notifications/{notification}": (404, 200, None),
    "POST /notifications/{notification}/resend": (403, 403, {}),
    "GET /notification-settings": (403, 403, None),
    "PUT /notification-settings": (403, 403, {"work": [], "robot": []}),
    "PUT /notification-settings/robot": (403, 403, {"webhook": "x", "secret": "x"}),
    "DELETE /notification-settings/robot": (403, 403, None),
    # the audit log
    "GET /audit": (403, 200, None),
    "GET /audit/verification": (403, 200, None),
}
OPEN = {"POST /session", "POST /session/token"}  # how one signs in
OPEN |= {"POST /dingtalk/callback"}  # DingTalk signs what it sends
# About oneself alone, and answered by whether one is linked to DingTalk, which other tests' tickets bring about.
OWN = {"GET /dingtalk/departments": (200, 409), "PUT /dingtalk/departments": (409, 422)}
PARAMETERS = {
    "datasource_id": "ds",
    "number": "ticket",
    "grant_id": "grant",
    "token_id": "token",
    "user_id": "user",
    "group_id": "group",
    "flow_id": "flow",
    "code": "role",
    "message_id": "notification",
}


def listed(company: Company) -> set[str]:
    """Every operation of the API, written as in the matrix."""
    paths = httpx.get(f"{company.installation.url}/api/v1/openapi.json", trust_env=False).json()["paths"]
    found = set()
    for path, operations in paths.items():
        short = path.removeprefix("/api/v1").replace("{table}", "orders")
        short = short.replace("/rules/{code}", "/rules/NO_WHERE").replace(
            "/policies/{name}", "/policies/lenient"
        )
        for name, ours in PARAMETERS.items():
            short = short.replace(f"{{{name}}}", f"{{{ours}}}")
        found |= {f"{method.upper()} {short}" for method in operations}
    return found


@dataclass(frozen=True)
class Foreign:
    """Another team's objects."""

    ids: dict[str, str]
    names: tuple[str, ...]

    def fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if not isinstance(value, str):
            return value
        for name, real in self.ids.items():
            value = value.replace(f"{{{name}}}", real)
        return int(value) if value.isdigit() else value


@pytest.fixture(scope="module")
def foreign(session_company: Company) -> Foreign:
    company = session_company
    admin, dba = company.admin, company.dba
    path = company.installation.sqlite_root / f"{unique('foreign')}.db"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, total INT)")
    file.close()
    name, title = unique("bank"), unique("secret plan")
    body = {"name": name, "dialect": "sqlite", "database": str(path), "environment": "dev"}
    datasource = admin.post("/datasources", body)
    number = dba.submit(datasource, CONTENT["sql"], title=title)
    dba.wait(number, "awaiting_approval")
    held = grant(company, "li", ["see"], datasource_id=datasource["id"])
    people = {user["username"]: user["id"] for user in admin.get("/users")}
    group = admin.post("/groups", {"name": unique("team"), "members": ["li"]})
    flow = admin.post("/approval-flows", {"provider": "builtin", "environment": "test"})
    [notice, *_] = admin.get("/notifications", ticket=number)["notifications"]  # its approvers are told
    role = {"code": "reader", "name_zh": "读者", "name_en": "Reader", "permissions": []}
    ids = {
        "ds": datasource["id"],
        "ticket": number,
        "grant": held["id"],
        "token": company.lead.post("/tokens", {"name": "x"})["id"],
        "user": people["li"],
        "group": group["id"],
        "flow": flow["id"],
        "role": admin.post("/roles", role)["code"],
        "notification": notice["id"],
    }
    return Foreign({key: str(value) for key, value in ids.items()}, (name, title))


def send(api: Api, foreign: Foreign, operation: str) -> httpx.Response:
    method, path = operation.split()
    if path.endswith("/upload"):
        fields = {"kind": "data_change", "title": "x", "datasource_id": foreign.ids["ds"]}
        return api.http.post(path, data=fields, files={"file": ("a.sql", b"SELECT 1")})
    return api.call(method, str(foreign.fill(path)), foreign.fill(MATRIX[operation][2]))


def problem(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["code"])


@pytest.fixture
def nobody(company: Company) -> Iterator[Api]:
    api = Api(company.installation.url, "sgt_not-a-token")
    yield api
    del api.http.headers["Authorization"]


def test_the_matrix_is_whole(session_company: Company) -> None:
    assert listed(session_company) == set(MATRIX) | OPEN


def test_others_objects(company: Company, foreign: Foreign) -> None:
    """Whether somebody has no rights at all or rights elsewhere makes no difference."""
    wrong = []
    for operation, (for_developer, for_auditor, _) in MATRIX.items():
        for who, expected in (
            (company.stranger, for_developer),
            (company.developer, for_developer),
            (company.auditor, for_auditor),
        ):
            answer = send(who, foreign, operation)
            if answer.status_code in OWN.get(operation, ()):
                continue
            if answer.status_code != expected:
                wrong.append((operation, expected, answer.status_code, answer.text[:200]))
            elif expected >= 400:
                problem(answer)
            elif who is not company.auditor:
                assert not [name for name in foreign.names if name in answer.text], operation
    assert not wrong


def test_nothing_happened_to_them(company: Company, foreign: Foreign) -> None:
    """After all those attempts."""
    for operation in MATRIX:
        if operation != "DELETE /session":
            send(company.stranger, foreign, operation)
    ids = foreign.ids
    assert company.dba.ticket(ids["ticket"])["state"] == "awaiting_approval"
    datasource = company.admin.get(f"/datasources/{ids['ds']}")
    assert (datasource["host"], datasource["enabled"], datasource["revision"]) == ("", True, 1)
    assert company.admin.get(f"/users/{ids['user']}")["roles"] == ["dba"]
    assert next(g for g in company.admin.get("/grants") if str(g["id"]) == ids["grant"])["live"]
    assert next(t for t in company.lead.get("/tokens") if str(t["id"]) == ids["token"])["revoked_at"] is None


def test_without_a_token(company: Company, foreign: Foreign, nobody: Api) -> None:
    wrong = []
    for header in (True, False):
        if not header:
            del nobody.http.headers["Authorization"]
        for operation in MATRIX:
            answer = send(nobody, foreign, operation)
            if answer.status_code != 401 or problem(answer) != "not_signed_in":
                wrong.append((operation, header, answer.status_code, answer.text[:100]))
        nobody.http.headers["Authorization"] = "Bearer x"
    assert not wrong


def test_hidden_and_missing_look_the_same(company: Company, foreign: Foreign) -> None:
    missing = Foreign({**foreign.ids, "ticket": "SG-999999999", "ds": "999999999"}, ())
    for operation, (expected, _, _) in MATRIX.items():
        if expected == 404:
            codes = [problem(send(company.stranger, objects, operation)) for objects in (foreign, missing)]
            assert codes[0] == codes[1], operation


# ---------------------------------------------------------------- one's own ticket, others' rights


def test_nobody_approves_their_own_ticket(company: Company) -> None:
    target = shop(company)
    number = company.dba.submit(target.datasource, str(CONTENT["sql"]))
    company.dba.wait(number, "awaiting_approval")
    for decision in ("approve", "reject"):
        assert company.dba.refused("POST", f"/tickets/{number}/{decision}", {"remark": "x"}) == (
            403,
            "own_ticket",
        )
    assert "approve" not in company.dba.ticket(number)["actions"]
    assert company.dba.ticket(number)["state"] == "awaiting_approval"


def test_executing_needs_the_right(company: Company) -> None:
    target = shop(company)
    number = approved(company, target, str(CONTENT["sql"]))
    assert company.developer.refused("POST", f"/tickets/{number}/confirm", {}) == (
        403,
        "execute_right_missing",
    )
    operator, username = person(company, "developer")
    grant(company, username, ["execute"], datasource_id=target.datasource["id"])
    operator.post(f"/tickets/{number}/confirm")
    company.developer.wait(number, "succeeded")
    assert target.rows()[0] == (1, "ann", 1)


def test_disabled_data_source(company: Company) -> None:
    target = shop(company)
    number = approved(company, target, str(CONTENT["sql"]))
    company.admin.post(f"/datasources/{target.datasource['id']}/disable")
    body = {**CONTENT, "kind": "data_change", "targets": [{"datasource_id": target.datasource["id"]}]}
    assert company.developer.refused("POST", "/tickets", body) == (409, "datasource_disabled")
    ticket = executed(company, number, "failed")
    assert ticket["reason"]["code"] == "datasource_disabled"
    assert target.rows() == ROWS


def test_data_source_that_became_another_server(company: Company) -> None:
    first, second = shop(company), shop(company)
    number = approved(company, first, str(CONTENT["sql"]))
    company.admin.patch(f"/datasources/{first.datasource['id']}", {"database": second.datasource["database"]})
    ticket = executed(company, number, "failed")
    assert ticket["reason"]["code"] == "datasource_changed"
    assert (first.rows(), second.rows()) == (ROWS, ROWS)


# ---------------------------------------------------------------- what the SQL touches


def test_grant_on_some_tables(company: Company) -> None:
    target = shop(company)
    target.run("CREATE TABLE salaries (id INT PRIMARY KEY, total INT)")
    api, username = person(company, "developer")
    grant(company, username, ["data_change"], datasource_id=target.datasource["id"], table="ord*")
    allowed = api.submit(target.datasource, "UPDATE orders SET total = 2 WHERE id = 1")
    api.wait(allowed, "awaiting_approval")
    number = api.submit(
        target.datasource,
        "UPDATE orders SET total = 2 WHERE id = 1;\n"
        "UPDATE salaries SET total = 9 WHERE id = 1;\n"
        "UPDATE orders SET total = (SELECT max(total) FROM salaries) WHERE id = 1",
    )
    assert denied(api, number) == {2: ["ACCESS_MISSING"], 3: ["ACCESS_MISSING"]}
    message = api.statements(number)[1]["findings"][0]["message"]
    assert "salaries" in message


def test_grant_for_another_kind(company: Company) -> None:
    target = shop(company)
    api, username = person(company, "developer")
    grant(company, username, ["schema_change", "query"], datasource_id=target.datasource["id"])
    body = {**CONTENT, "kind": "data_change", "targets": [{"datasource_id": target.datasource["id"]}]}
    assert api.refused("POST", "/tickets", body) == (403, "access_missing")


def test_grant_on_one_database(company: Company, mariadb_target: MariadbTarget) -> None:
    """Naming another database in the SQL doesn't get around the target's."""
    datasource = mariadb_target.datasource
    mine = datasource["database"]
    api, username = person(company, "developer")
    grant(company, username, ["data_change"], datasource_id=datasource["id"], database=mine)
    body = {
        **CONTENT,
        "kind": "data_change",
        "targets": [{"datasource_id": datasource["id"], "database": "mysql"}],
    }
    assert api.refused("POST", "/tickets", body) == (403, "access_missing")
    sql = f"UPDATE {mine}.orders SET total = 1 WHERE id = 1;\nUPDATE other.orders SET total = 1 WHERE id = 1"
    found = denied(api, api.submit(datasource, sql))
    assert list(found) == [2]
    assert "CROSS_DB" in found[2]


def test_grant_that_ended_between_submission_and_review(company: Company) -> None:
    """A revision is reviewed with the rights its author has then."""
    target = shop(company)
    api, username = person(company, "developer")
    held = grant(company, username, ["data_change"], datasource_id=target.datasource["id"])
    body = {
        **CONTENT,
        "kind": "data_change",
        "draft": True,
        "targets": [{"datasource_id": target.datasource["id"]}],
    }
    number = api.post("/tickets", body)["number"]
    company.admin.post(f"/grants/{held['id']}/revoke")
    api.post(f"/tickets/{number}/submit")
    assert denied(api, number) == {1: ["ACCESS_MISSING"]}


STATEMENTS = [
    ("DROP TABLE orders", "deny", "KIND_MISMATCH"),
    ("FROBNICATE orders", "deny", "UNKNOWN"),
    ("BEGIN", "deny", "TX_CONTROL"),
    ("ATTACH DATABASE '/etc/passwd' AS x", "deny", None),
    ("PRAGMA writable_schema = 1", "deny", None),
    ("DELETE FROM orders WHERE 1 = 1", "flag", "TAUTOLOGY"),
    ("DELETE FROM orders WHERE id = id OR id = 3", "flag", "TAUTOLOGY"),
    ("UPDATE orders SET total = 0", "flag", "NO_WHERE"),
    ("UPDATE orders SET total = 0 WHERE id = 1", "allow", None),
]


def test_what_a_review_says(company: Company) -> None:
    target = shop(company)
    number = company.developer.submit(target.datasource, ";\n".join(sql for sql, _, _ in STATEMENTS))
    ticket = company.developer.wait(number, "review_failed")
    assert ticket["reason"]["code"] == "review_denied"
    found = company.developer.statements(number)
    assert [(s["text"], s["verdict"]) for s in found] == [(sql, verdict) for sql, verdict, _ in STATEMENTS]
    for statement, (_, verdict, code) in zip(found, STATEMENTS, strict=True):
        codes = {finding["code"] for finding in statement["findings"]}
        assert code is None or code in codes, statement
        assert bool(codes) == (verdict != "allow")
        assert all(finding["message"] != finding["code"] for finding in statement["findings"])
    for who in (company.lead, company.admin):
        assert who.refused("POST", f"/tickets/{number}/approve", {}) == (409, "approval_closed")
        assert who.refused("POST", f"/tickets/{number}/confirm", {}) == (409, "transition_impossible")
    assert target.rows() == ROWS


# ---------------------------------------------------------------- secrets


def test_secrets_appear_nowhere(company: Company, foreign: Foreign, postgres_endpoint: Endpoint) -> None:
    """A data source's password, DingTalk's secret, people's passwords and tokens: in no answer, log line,
    audit entry, job, nor anywhere in the database in the clear."""
    installation, admin = company.installation, company.admin
    password, phrase, wrong = unique("Canary-ds-7Qx"), unique("Canary-person-7Qx"), unique("Canary-wrong-7Qx")
    body = {
        "name": unique("closed"),
        "dialect": "postgresql",
        "host": postgres_endpoint.host,
        "port": postgres_endpoint.port,
        "user": postgres_endpoint.user,
        "database": postgres_endpoint.database,
        "password": password,  # which is wrong
        "tls_key": password,
        "environment": "dev",
    }
    datasource = admin.post("/datasources", body)
    admin.call("POST", f"/datasources/{datasource['id']}/test")
    admin.patch(f"/datasources/{datasource['id']}", {"password": password, "remark": "again"})
    number = admin.submit(datasource, str(CONTENT["sql"]))
    assert admin.wait(number, "review_failed")["reason"]["code"] == "target_auth_failed"
    username = unique("person")
    admin.post("/users", {"username": username, "name": "x", "roles": [], "password": phrase})
    someone = installation.sign_in(username, phrase)
    for method, path in (("POST", "/dingtalk/check"), ("PUT", "/dingtalk")):
        admin.call(method, path, {"app_key": "x", "app_secret": wrong, "corp_id": "x"})
    httpx.post(
        f"{installation.url}/api/v1/session/token",
        json={"username": "li", "password": wrong},
        trust_env=False,
    )
    created = someone.post("/tokens", {"name": "x"})["token"]
    app_secret = str(company.sandbox.state()["apps"][0]["app_secret"])
    tokens = [api.http.headers["Authorization"].removeprefix("Bearer ") for api in (admin, someone)]
    secrets = [password, phrase, wrong, created, app_secret, *tokens]

    def clean(where: str, text: str) -> None:
        found = [secret for secret in secrets if secret in text or secret.encode().hex() in text]
        assert not found, where

    for operation in MATRIX:
        if operation.startswith("GET "):
            clean(operation, send(admin, foreign, operation).text)
    clean("data source", admin.call("GET", f"/datasources/{datasource['id']}").text)
    clean("ticket", admin.call("GET", f"/tickets/{number}").text)
    clean("audit", admin.call("GET", "/audit", size=500).text)
    clean("logs", installation.logs())
    tables = installation.query("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
    assert ("procrastinate_jobs",) in tables
    for (table,) in tables:
        rows = installation.query(f"SELECT t::text FROM {table} t")
        clean(table, "\n".join(row[0] for row in rows))
