"""What DingTalk and the way to it do wrong: the ticket ends as the instance says, once."""

from __future__ import annotations

import pytest

from tests.journey.installation import Company, until
from tests.journey.target import ROWS, SqliteTarget, Target

SQL = "UPDATE orders SET total = 0 WHERE id = 1"
START = "/v1.0/workflow/processInstances"


@pytest.fixture
def shop(company: Company) -> Target:
    return SqliteTarget(company)


def awaiting(company: Company, shop: Target) -> tuple[str, str]:
    """A ticket that waits in DingTalk: its number and its instance."""
    number = company.developer.submit(shop.datasource, SQL)
    company.developer.wait(number, "awaiting_approval")
    return number, company.developer.instance(number)


def executed(company: Company, number: str, shop: Target) -> None:
    company.developer.wait(number, "approved")
    company.dba.post(f"/tickets/{number}/confirm")
    company.developer.wait(number, "succeeded")
    assert shop.rows()[0] == (1, "ann", 0)


def approvals_of(company: Company, number: str) -> int:
    """How often the ticket was taken to approved: the audit log tells."""
    found = company.admin.get("/audit", object_type="ticket", object_id=number, action="ticket.approve")
    return len(found)


def test_refused(company: Company, shop: Target) -> None:
    number, instance = awaiting(company, shop)
    company.sandbox.decide(instance, "refuse", "王五", "WHERE 条件不对")
    ticket = company.developer.wait(number, "rejected")
    assert "WHERE 条件不对" in ticket["reason"]["text"]
    assert company.dba.refused("POST", f"/tickets/{number}/confirm", {})[0] in (403, 409)
    assert shop.rows() == ROWS


def test_terminated_in_dingtalk(company: Company, shop: Target) -> None:
    number, instance = awaiting(company, shop)
    userid = company.sandbox.user("张三")["userid"]
    company.sandbox.control("POST", f"/instances/{instance}/terminate", {"userid": userid})
    company.developer.wait(number, "withdrawn")
    assert shop.rows() == ROWS


def test_withdrawing_terminates_the_instance(company: Company, shop: Target) -> None:
    number, instance = awaiting(company, shop)
    company.developer.post(f"/tickets/{number}/withdraw")
    until(lambda: company.sandbox.instance(instance)["status"] == "TERMINATED", "the instance to end")
    assert company.developer.ticket(number)["state"] == "withdrawn"


def test_withdrawing_too_early_is_tried_again(company: Company, shop: Target) -> None:
    company.sandbox.control("POST", "/settings", {"terminate_delay": 60})  # 3 s at this speed
    number, instance = awaiting(company, shop)
    company.developer.post(f"/tickets/{number}/withdraw")
    until(lambda: company.sandbox.instance(instance)["status"] == "TERMINATED", "the instance to end")


def test_lost_events(company: Company, shop: Target) -> None:
    company.sandbox.fault("lose_events")
    number, instance = awaiting(company, shop)
    company.sandbox.decide(instance)
    executed(company, number, shop)


def test_duplicate_events(company: Company, shop: Target) -> None:
    company.sandbox.fault("duplicate_events", n=5)
    number, instance = awaiting(company, shop)
    company.sandbox.decide(instance)
    executed(company, number, shop)
    assert approvals_of(company, number) == 1


def test_reordered_events(company: Company, shop: Target) -> None:
    company.sandbox.fault("reorder_events", n=4)
    number, instance = awaiting(company, shop)
    company.sandbox.decide(instance)
    company.sandbox.heal()
    executed(company, number, shop)
    assert approvals_of(company, number) == 1


def test_start_in_doubt_is_settled_by_looking(company: Company, shop: Target) -> None:
    """DingTalk started the instance, and the answer never came."""
    company.sandbox.fault("timeout_after", match=START, method="POST", seconds=0.1, times=1)
    number = company.developer.submit(shop.datasource, SQL)
    instance = company.developer.instance(number)
    assert company.sandbox.instances_of(number) == [instance]
    company.sandbox.decide(instance)
    executed(company, number, shop)


def test_down_while_submitting(company: Company, shop: Target) -> None:
    company.sandbox.fault("error_before", status=503, match="/v1.0/workflow")
    number = company.developer.submit(shop.datasource, SQL)

    def told() -> object:
        approval = company.developer.ticket(number)["approval"]
        return approval and approval["problem"]

    until(told, "the ticket to say what is wrong")
    assert company.developer.ticket(number)["state"] == "awaiting_approval"
    company.sandbox.heal()
    instance = company.developer.instance(number)
    assert company.sandbox.instances_of(number) == [instance]
    company.sandbox.decide(instance)
    executed(company, number, shop)


def test_down_while_waiting(company: Company, shop: Target) -> None:
    number, instance = awaiting(company, shop)
    company.sandbox.fault("html_page", match="/v1.0/workflow")
    company.sandbox.decide(instance)
    until(lambda: company.developer.ticket(number)["approval"]["problem"], "the ticket to say what is wrong")
    assert company.developer.ticket(number)["state"] == "awaiting_approval"
    company.sandbox.heal()
    executed(company, number, shop)


def test_expired_tokens(company: Company, shop: Target) -> None:
    company.sandbox.fault("expire_tokens")
    number, instance = awaiting(company, shop)
    company.sandbox.fault("expire_tokens")
    company.sandbox.decide(instance)
    executed(company, number, shop)


def test_template_lacks_a_control(company: Company, shop: Target) -> None:
    code = company.sandbox.process_code("CloudDM数据变更工单")
    change = {"rename_control": {"from": "预计影响行数", "to": "影响行数"}}
    company.sandbox.control("POST", f"/templates/{code}", change)
    number = company.developer.submit(shop.datasource, SQL)

    def problem() -> dict[str, str] | None:
        approval = company.developer.ticket(number)["approval"]
        return approval["problem"] if approval else None

    found = until(problem, "the ticket to name the control")
    assert found["code"] == "dingtalk_template_differs"
    assert "预计影响行数" in found["text"]
    assert company.sandbox.instances_of(number) == []
    checks = company.admin.get("/dingtalk/check")
    assert any(line["status"] == "fail" and "预计影响行数" in line["advice"] for line in checks)


def test_submitter_alone_does_not_count(company: Company, shop: Target) -> None:
    """The flow lets the originator agree to their own request: the ticket is held and says so."""
    code = company.sandbox.process_code("CloudDM数据变更工单")
    userid = company.sandbox.user("张三")["userid"]
    flow = [{"name": "自己", "mode": "OR", "approvers": [userid]}]
    company.sandbox.control("POST", f"/templates/{code}", {"flow": flow})
    number, instance = awaiting(company, shop)
    company.sandbox.decide(instance, "agree", "张三")
    held = until(lambda: company.developer.ticket(number)["approval"]["held"], "the ticket to be held")
    assert held["code"] == "approval_only_submitter"
    assert company.developer.ticket(number)["state"] == "awaiting_approval"


def test_two_nodes_in_sequence(company: Company, shop: Target) -> None:
    code = company.sandbox.process_code("CloudDM数据变更工单")
    li, wang = (company.sandbox.user(name)["userid"] for name in ("李四", "王五"))
    flow = [
        {"name": "组长", "mode": "OR", "approvers": [li]},
        {"name": "DBA", "mode": "AND", "approvers": [wang]},
    ]
    company.sandbox.control("POST", f"/templates/{code}", {"flow": flow})
    number, instance = awaiting(company, shop)
    company.sandbox.decide(instance, "agree", "李四", "看过")
    until(
        lambda: (
            [s["name"] for s in company.developer.ticket(number)["approval"]["steps"]] == ["李四", "王五"]
        ),
        "both nodes on the ticket",
    )
    assert company.developer.ticket(number)["state"] == "awaiting_approval"
    company.sandbox.decide(instance, "agree", "王五", "可以")
    executed(company, number, shop)


def test_terminated_between_agreement_and_execution(company: Company, shop: Target) -> None:
    """The instance is read again right before the first statement."""
    number, instance = awaiting(company, shop)
    company.sandbox.decide(instance)
    company.developer.wait(number, "approved")
    company.sandbox.control("DELETE", f"/instances/{instance}")
    company.dba.post(f"/tickets/{number}/confirm")
    ticket = company.developer.wait(number, "cancelled")
    assert ticket["reason"]["code"] == "approval_revoked"
    assert shop.rows() == ROWS


def test_editing_voids_the_approval(company: Company, shop: Target) -> None:
    number, instance = awaiting(company, shop)
    content = {
        "title": "another",
        "targets": [{"datasource_id": shop.datasource["id"]}],
        "sql": "UPDATE orders SET total = 5 WHERE id = 2",
    }
    company.developer.put(f"/tickets/{number}", content)
    until(lambda: company.sandbox.instance(instance)["status"] == "TERMINATED", "the old instance to end")
    company.developer.wait(number, "awaiting_approval")
    second = company.developer.instance(number)
    assert second != instance
    company.sandbox.decide(second)
    company.developer.wait(number, "approved")
    company.dba.post(f"/tickets/{number}/confirm")
    company.developer.wait(number, "succeeded")
    assert shop.rows()[:2] == [(1, "ann", 10), (2, "bob", 5)]


def test_access_request_becomes_a_grant(company: Company) -> None:
    shop = SqliteTarget(company)
    body = {
        "kind": "access_request",
        "title": "look at orders",
        "access": {
            "actions": ["query", "export"],
            "objects": [{"datasource_id": shop.datasource["id"], "table": "orders"}],
            "hours": 8,
        },
    }
    number = company.developer.post("/tickets", body)["number"]
    company.developer.wait(number, "awaiting_approval")
    instance = company.developer.instance(number)
    form = company.sandbox.form(instance)
    assert len(form) == 9
    assert "8" in form["申请的权限"]
    company.sandbox.decide(instance)
    company.developer.wait(number, "succeeded")
    grants = [g for g in company.developer.get("/grants") if g["ticket"] == number]
    assert [(g["actions"], g["table"], g["live"]) for g in grants] == [(["query", "export"], "orders", True)]
    company.admin.post(f"/grants/{grants[0]['id']}/revoke")
    assert not next(g for g in company.developer.get("/grants") if g["ticket"] == number)["live"]


def test_down_at_the_gate(company: Company, shop: Target) -> None:
    """DingTalk can't be asked right before the first statement: the run waits, and goes on by itself."""
    number, instance = awaiting(company, shop)
    company.sandbox.decide(instance)
    company.developer.wait(number, "approved")
    company.sandbox.fault("error_before", status=503, match="/v1.0/workflow")
    company.dba.post(f"/tickets/{number}/confirm")
    until(
        lambda: company.developer.ticket(number)["targets"][0]["execution"]["error"],
        "the ticket to say what it waits for",
    )
    assert shop.rows() == ROWS
    company.sandbox.heal()
    company.developer.wait(number, "succeeded")
    assert shop.rows()[0] == (1, "ann", 0)
