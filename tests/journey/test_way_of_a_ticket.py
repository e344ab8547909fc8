"""The main job, end to end, on every real server: submission, DingTalk, execution, undo."""

from __future__ import annotations

from tests.journey.installation import Company
from tests.journey.target import ROWS, Target

SQL = "UPDATE orders SET total = total + 1 WHERE id <= 2;\nDELETE FROM orders WHERE id = 4;\n"


def test_agreed_in_dingtalk_executed_and_undone(company: Company, target: Target) -> None:
    developer, dba = company.developer, company.dba
    number = developer.submit(target.datasource, SQL, remark="客户投诉 #7")
    developer.wait(number, "awaiting_approval")
    instance = developer.instance(number)

    form = company.sandbox.form(instance)
    assert form["工单类型"] == "数据变更"
    assert form["工单标题"] == "fix the orders"
    assert form["备注信息"].startswith("客户投诉 #7")
    assert form["关联实例"] == target.datasource["name"]
    assert form["SQL内容"].splitlines() == SQL.splitlines()
    assert form["审批意见"] == ""
    assert len(form) == 12

    company.sandbox.decide(instance, "agree", "李四", "同意，注意观察")
    ticket = developer.wait(number, "approved")
    step = next(step for step in ticket["approval"]["steps"] if step["decision"] == "agree")
    assert (step["name"], step["remark"]) == ("李四", "同意，注意观察")
    assert target.rows() == ROWS, "nothing runs before the confirmation"

    dba.post(f"/tickets/{number}/confirm")
    ticket = developer.wait(number, "succeeded")
    assert target.rows() == [(1, "ann", 11), (2, "bob", 21), (3, "cid", 30)]
    statements = developer.statements(number)
    assert [(s["outcome"], s["affected_rows"]) for s in statements] == [("applied", 2), ("applied", 1)]
    comments = [
        record["remark"]
        for record in company.sandbox.instance(instance)["operationRecords"]
        if record["type"] == "ADD_REMARK"
    ]
    assert any(number in comment for comment in comments) or _comment_comes(company, instance, number)

    undo = developer.post(f"/tickets/{number}/undo")["tickets"][0]["number"]
    developer.wait(undo, "awaiting_approval")
    company.sandbox.decide(developer.instance(undo))
    developer.wait(undo, "approved")
    dba.post(f"/tickets/{undo}/confirm")
    developer.wait(undo, "succeeded")
    assert target.rows() == ROWS


def _comment_comes(company: Company, instance: str, number: str) -> bool:
    from tests.journey.installation import until

    def commented() -> bool:
        records = company.sandbox.instance(instance)["operationRecords"]
        return any(record["type"] == "ADD_REMARK" and number in record["remark"] for record in records)

    return bool(until(commented, "the result as a comment in DingTalk"))
