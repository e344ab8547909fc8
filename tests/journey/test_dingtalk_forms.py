"""Making and adopting the approval forms, and the way of a ticket through a form that was made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journey.installation import Company, Json
from tests.journey.target import SqliteTarget

NAMES = ("CloudDM数据变更工单", "CloudDM结构变更工单", "CloudDM权限申请工单")


@pytest.fixture
def bare(company: Company) -> Iterator[Company]:
    """DingTalk has no forms of ours; they are called otherwise."""
    codes = {name: company.sandbox.process_code(name) for name in NAMES}
    for name, code in codes.items():
        company.sandbox.control("POST", f"/templates/{code}", {"name": f"旧 {name}"})
    yield company
    for template in company.sandbox.state()["templates"]:
        if template["name"] in NAMES:
            company.sandbox.control(
                "POST",
                f"/templates/{template['process_code']}",
                {"name": f"made {template['process_code']}"},
            )
    for name, code in codes.items():
        company.sandbox.control("POST", f"/templates/{code}", {"name": name})
    for flow in company.admin.get("/approval-flows"):
        if flow["process_code"]:
            company.admin.delete(f"/approval-flows/{flow['id']}")


def forms(company: Company) -> dict[str, Json]:
    return {form["kind"]: form for form in company.admin.get("/dingtalk/forms")}


def test_forms_that_exist_are_found(company: Company) -> None:
    found = forms(company)
    assert {form["name"] for form in found.values()} == set(NAMES)
    assert all(form["status"] == "ready" and not form["differences"] for form in found.values())


def test_creating_makes_the_exact_controls_once(bare: Company) -> None:
    assert {form["status"] for form in forms(bare).values()} == {"missing"}
    made = bare.admin.post("/dingtalk/forms")
    assert [(form["status"], form["created"]) for form in made] == [("ready", True)] * 3
    again = bare.admin.post("/dingtalk/forms")
    assert [(form["status"], form["created"]) for form in again] == [("ready", False)] * 3
    assert {form["process_code"] for form in made} == {form["process_code"] for form in again}
    live = {template["name"]: template for template in bare.sandbox.state()["templates"]}
    titles = [control["label"] for control in live[NAMES[0]]["controls"]]
    assert titles == [
        "工单类型",
        "工单标题",
        "备注信息",
        "关联实例",
        "关联实例信息",
        "实例类型",
        "关联库",
        "预计影响行数",
        "分析的SQL数量",
        "分析的SQL结果汇总",
        "SQL内容",
        "审批意见",
    ]
    assert len(live[NAMES[2]]["controls"]) == 9


def test_a_ticket_goes_through_a_form_that_was_made(bare: Company) -> None:
    bare.admin.post("/dingtalk/forms", {"kind": "data_change"})
    shop = SqliteTarget(bare)
    number = bare.developer.submit(shop.datasource, "UPDATE orders SET total = 0 WHERE id = 1")
    bare.developer.wait(number, "awaiting_approval")
    assert bare.sandbox.form(bare.developer.instance(number))["SQL内容"].startswith("UPDATE orders")


def test_a_lost_answer_makes_no_second_form(bare: Company) -> None:
    bare.sandbox.fault("timeout_after", match="/v1.0/workflow/forms", method="POST", seconds=0.1, times=1)
    made = bare.admin.post("/dingtalk/forms", {"kind": "data_change"})
    assert made[0]["status"] == "ready"
    names = [template["name"] for template in bare.sandbox.state()["templates"]]
    assert names.count(NAMES[0]) == 1


def test_adopting_one_by_name(bare: Company) -> None:
    old = f"旧 {NAMES[0]}"
    assert old in {template["name"] for template in bare.admin.get("/dingtalk/templates")}
    found = bare.admin.put("/dingtalk/forms", {"kind": "data_change", "template": old})
    assert (found["name"], found["status"]) == (old, "ready")
    assert forms(bare)["data_change"]["process_code"] == found["process_code"]
    assert bare.admin.refused("PUT", "/dingtalk/forms", {"kind": "data_change", "template": "没有"}) == (
        404,
        "dingtalk_template_unknown",
    )


def test_differences_are_told_and_nothing_is_overwritten(company: Company) -> None:
    code = company.sandbox.process_code(NAMES[0])
    rename = {"from": "SQL内容", "to": "SQL 内容"}
    company.sandbox.control("POST", f"/templates/{code}", {"rename_control": rename})
    try:
        [form] = [form for form in company.admin.post("/dingtalk/forms") if form["kind"] == "data_change"]
        assert (form["status"], form["created"]) == ("differs", False)
        [difference] = form["differences"]
        assert (difference["kind"], difference["title"], difference["found"]) == (
            "misspelt_control",
            "SQL内容",
            "SQL 内容",
        )
        assert "SQL 内容" in difference["text"]
    finally:
        company.sandbox.control(
            "POST", f"/templates/{code}", {"rename_control": {"from": "SQL 内容", "to": "SQL内容"}}
        )


def test_only_administrators(company: Company) -> None:
    assert company.developer.refused("POST", "/dingtalk/forms", {})[0] == 403
    assert company.developer.refused("GET", "/dingtalk/templates")[0] == 403
