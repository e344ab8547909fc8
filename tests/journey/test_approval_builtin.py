"""Approval within Sluicegate: levels, who decides in each, and what a decision leads to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journey.acting import executed, person, shop, unique
from tests.journey.installation import Api, Company, Json
from tests.journey.target import ROWS, Target

SQL = "UPDATE orders SET total = 0 WHERE id = 1"


@pytest.fixture
def target(company: Company) -> Target:
    return shop(company)


@pytest.fixture
def flow(company: Company) -> Iterator[Json]:
    """Change its values and ``post`` it; it is gone after the test."""
    values: Json = {"provider": "builtin", "environment": "dev"}
    yield values
    for item in company.admin.get("/approval-flows"):
        if item["environment"] == "dev":
            company.admin.delete(f"/approval-flows/{item['id']}")


def submitted(company: Company, target: Target, flow: Json, **values: object) -> str:
    company.admin.post("/approval-flows", {**flow, **values})
    number = company.developer.submit(target.datasource, SQL)
    company.developer.wait(number, "awaiting_approval", "approved", "executing", "succeeded")
    return number


def steps(api: Api, number: str) -> list[tuple[str, str, str]]:
    return [(s["node"], s["name"], s["decision"]) for s in api.ticket(number)["approval"]["steps"]]


def todo(api: Api, number: str) -> bool:
    return number in [ticket["number"] for ticket in api.get("/tickets", box="todo")["tickets"]]


def test_levels_one_after_another(company: Company, target: Target, flow: Json) -> None:
    levels = [
        {"name": "组长", "mode": "any", "users": ["li"]},
        {"name": "DBA", "mode": "all", "users": ["wang", "admin"]},
    ]
    number = submitted(company, target, flow, levels=levels)
    developer = company.developer
    assert steps(developer, number) == [
        ("组长", "李四", "waiting"),
        ("DBA", "Administrator", "later"),
        ("DBA", "王五", "later"),
    ]
    assert (todo(company.lead, number), todo(company.dba, number)) == (True, False)
    assert company.dba.refused("POST", f"/tickets/{number}/approve", {}) == (403, "not_an_approver")

    company.lead.post(f"/tickets/{number}/approve", {"remark": "看过"})
    assert (todo(company.lead, number), todo(company.dba, number)) == (False, True)
    assert company.lead.refused("POST", f"/tickets/{number}/approve", {}) == (403, "not_an_approver")
    company.dba.post(f"/tickets/{number}/approve")
    assert developer.ticket(number)["state"] == "awaiting_approval", "all of this level have to agree"
    company.admin.post(f"/tickets/{number}/approve")
    ticket = developer.ticket(number)
    assert ticket["state"] == "approved"
    assert {step["decision"] for step in ticket["approval"]["steps"]} == {"agree"}
    assert ticket["approval"]["steps"][0]["remark"] == "看过"
    executed(company, number)
    assert target.rows()[0] == (1, "ann", 0)


def test_any_of_a_level(company: Company, target: Target, flow: Json) -> None:
    number = submitted(company, target, flow, levels=[{"mode": "any", "roles": ["dba"]}])
    assert {name for _, name, _ in steps(company.developer, number)} == {"李四", "王五"}
    company.dba.post(f"/tickets/{number}/approve")
    assert company.developer.ticket(number)["state"] == "approved"
    assert {(name, decision) for _, name, decision in steps(company.developer, number)} == {
        ("李四", "cancelled"),
        ("王五", "agree"),
    }
    assert company.lead.refused("POST", f"/tickets/{number}/approve", {}) == (409, "approval_closed")


def test_one_refusal_ends_a_level_of_all(company: Company, target: Target, flow: Json) -> None:
    number = submitted(company, target, flow, levels=[{"mode": "all", "users": ["li", "wang"]}])
    company.lead.post(f"/tickets/{number}/approve")
    assert company.dba.refused("POST", f"/tickets/{number}/reject", {"remark": " "}) == (409, "remark_needed")
    company.dba.post(f"/tickets/{number}/reject", {"remark": "WHERE 条件不对"})
    ticket = company.developer.ticket(number)
    assert ticket["state"] == "rejected"
    assert "王五" in ticket["reason"]["text"]
    assert "WHERE 条件不对" in ticket["reason"]["text"]
    assert company.dba.refused("POST", f"/tickets/{number}/confirm", {}) == (409, "transition_impossible")
    assert target.rows() == ROWS


def test_people_named_without_the_right_do_not_count(company: Company, target: Target, flow: Json) -> None:
    """Neither somebody who may approve nowhere there, nor somebody who left, nor the submitter."""
    _, left = person(company, "dba")
    users = ["stranger", "zhang", left]
    company.admin.post("/approval-flows", {**flow, "levels": [{"name": "谁", "users": users}]})
    ids = {user["username"]: user["id"] for user in company.admin.get("/users")}
    company.admin.patch(f"/users/{ids[left]}", {"is_active": False})
    number = company.developer.submit(target.datasource, SQL)
    ticket = company.developer.wait(number, "review_failed")
    assert ticket["reason"]["code"] == "approvers_missing"
    assert "谁" in ticket["reason"]["text"]
    assert ticket["approval"] is None


def test_approver_by_grant(company: Company, target: Target, flow: Json) -> None:
    """The right to approve on this data source, given to a group."""
    api, username = person(company, "developer")
    team = unique("team")
    company.admin.post("/groups", {"name": team, "members": [username]})
    company.admin.post(
        "/grants", {"group": team, "actions": ["approve"], "datasource_id": target.datasource["id"]}
    )
    number = submitted(company, target, flow, levels=[{"users": [username]}])
    assert todo(api, number)
    assert {"approve", "reject"} <= set(api.ticket(number)["actions"])
    api.post(f"/tickets/{number}/approve")
    assert company.developer.ticket(number)["state"] == "approved"


def test_automatic_execution(company: Company, target: Target, flow: Json) -> None:
    number = submitted(company, target, flow, execute_automatically=True, levels=[{"users": ["li"]}])
    company.lead.post(f"/tickets/{number}/approve")
    ticket = company.developer.wait(number, "succeeded")
    assert ticket["confirmed_by"] is None
    assert target.rows()[0] == (1, "ann", 0)


def test_withdrawn_ticket_is_decided_no_more(company: Company, target: Target, flow: Json) -> None:
    number = submitted(company, target, flow)
    company.developer.post(f"/tickets/{number}/withdraw")
    for decision in ("approve", "reject"):
        assert company.lead.refused("POST", f"/tickets/{number}/{decision}", {"remark": "x"}) == (
            409,
            "approval_closed",
        )
    assert not todo(company.lead, number)


def test_revision_is_approved_anew(company: Company, target: Target, flow: Json) -> None:
    number = submitted(company, target, flow, levels=[{"mode": "all", "users": ["li", "wang"]}])
    company.lead.post(f"/tickets/{number}/approve")
    body = {
        "title": "another",
        "targets": [{"datasource_id": target.datasource["id"]}],
        "sql": "UPDATE orders SET total = 5 WHERE id = 2",
    }
    company.developer.put(f"/tickets/{number}", body)
    company.developer.wait(number, "awaiting_approval")
    assert {decision for _, _, decision in steps(company.developer, number)} == {"waiting"}
    company.dba.post(f"/tickets/{number}/approve")
    assert company.developer.ticket(number)["state"] == "awaiting_approval"
    company.lead.post(f"/tickets/{number}/approve")
    executed(company, number)
    assert target.rows()[:2] == [(1, "ann", 10), (2, "bob", 5)]


def test_access_request(company: Company, target: Target) -> None:
    api, username = person(company, "developer")
    company.admin.post(
        "/grants", {"username": username, "actions": ["see"], "datasource_id": target.datasource["id"]}
    )
    body = {
        "kind": "access_request",
        "title": "orders",
        "access": {
            "actions": ["data_change"],
            "objects": [{"datasource_id": target.datasource["id"], "table": "orders"}],
            "hours": 1,
        },
    }
    number = api.post("/tickets", body)["number"]
    api.wait(number, "awaiting_approval")
    change = {
        "kind": "data_change",
        "title": "x",
        "sql": SQL,
        "targets": [{"datasource_id": target.datasource["id"]}],
    }
    assert api.refused("POST", "/tickets", change) == (403, "access_missing")
    company.lead.post(f"/tickets/{number}/approve")
    assert api.ticket(number)["state"] == "succeeded"
    api.wait(api.post("/tickets", change)["number"], "awaiting_approval")
    assert company.dba.refused("POST", f"/tickets/{number}/confirm", {}) == (
        409,
        "access_request_not_executed",
    )
