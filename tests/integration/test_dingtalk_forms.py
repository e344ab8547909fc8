"""Forms: made with the exact controls, adopted, compared; layouts of one's own."""

from __future__ import annotations

import pytest

from sluicegate.approvals import templates
from sluicegate.approvals.flows import FlowFields, save_flow
from sluicegate.approvals.models import ApprovalFlow
from sluicegate.core.errors import InvalidInput, NotFound
from tests.integration.dingtalk_world import FORMS, DingTalk
from tests.integration.world import World

MAPPING = {"title": "标题", "remark": "说明", "sql": {"title": "脚本", "type": "TextareaField"}}


@pytest.mark.parametrize("preset", ["clouddm-classic", "clouddm-3"])
def test_presets_are_made_exactly_and_found_again(world: World, dingtalk: DingTalk, preset: str) -> None:
    for code in [template["process_code"] for template in dingtalk.state()["templates"]]:
        dingtalk.control("DELETE", f"/templates/{code}")
    save_flow(by=world.admin, values=FlowFields("dingtalk", preset=preset))
    made = templates.create_forms(by=world.admin)
    assert [(form.status, form.created, form.name) for form in made] == [
        ("ready", True, name) for name in FORMS
    ]
    again = templates.create_forms(by=world.admin)
    assert [(form.process_code, form.created) for form in again] == [
        (form.process_code, False) for form in made
    ]
    assert len(dingtalk.state()["templates"]) == 3


def test_a_layout_of_ones_own(world: World, dingtalk: DingTalk) -> None:
    values = FlowFields(
        "dingtalk", kind="data_change", template_name="上线申请", preset="custom", mapping=MAPPING
    )
    save_flow(by=world.admin, values=values)
    [made] = templates.create_forms(by=world.admin, kind="data_change")
    assert (made.name, made.status, made.preset) == ("上线申请", "ready", "custom")
    [live] = [t for t in dingtalk.state()["templates"] if t["process_code"] == made.process_code]
    assert [(c["label"], c["componentType"]) for c in live["controls"]] == [
        ("标题", "TextField"),
        ("说明", "TextareaField"),
        ("脚本", "TextareaField"),
    ]


@pytest.mark.parametrize(
    ("mapping", "name", "code"),
    [
        ({"title": "标题"}, "x", "dingtalk_contract_without_remark"),
        ({"remark": "说明", "titel": "标题"}, "x", "dingtalk_contract_unknown_field"),
        ({"remark": "说明", "title": "说明"}, "x", "dingtalk_contract_twice"),
        ({"remark": "说明", "title": "标" * 21}, "x", "dingtalk_contract_title"),
        ({"remark": {"title": "说明", "kind": "TextField"}}, "x", "dingtalk_contract_unknown_field"),
        ({"remark": "说明"}, "", "mapping_without_template"),
    ],
)
def test_layouts_that_cannot_be_filled(
    world: World, dingtalk: DingTalk, mapping: dict[str, object], name: str, code: str
) -> None:
    assert dingtalk
    values = FlowFields("dingtalk", template_name=name, preset="custom", mapping=mapping)
    with pytest.raises(InvalidInput) as refused:
        save_flow(by=world.admin, values=values)
    assert refused.value.code == code


def test_adopting(world: World, dingtalk: DingTalk) -> None:
    """By name, by code from the list, and by the code of one that isn't listed."""
    code = dingtalk.process_code()
    listed = {(info.name, info.process_code) for info in templates.list_templates(by=world.admin)}
    assert (FORMS[0], code) in listed
    for wanted in (FORMS[0], code):
        ApprovalFlow.objects.all().delete()
        found = templates.adopt_form(by=world.admin, kind="schema_change", template=wanted)
        assert (found.name, found.process_code, found.status) == (FORMS[0], code, "ready")
    dingtalk.change_form(status="SAVED")
    found = templates.adopt_form(by=world.admin, kind="schema_change", template=code)
    assert [difference.kind.value for difference in found.differences] == ["template_not_published"]
    for unknown in ("没有", "PROC-none"):
        with pytest.raises(NotFound):
            templates.adopt_form(by=world.admin, kind="schema_change", template=unknown)


def test_adopting_with_a_layout(world: World, dingtalk: DingTalk) -> None:
    code = dingtalk.process_code()
    mapping = {"title": "工单标题", "remark": "备注信息", "sql": "SQL内容"}
    found = templates.adopt_form(
        by=world.admin, kind="data_change", template=code, preset="custom", mapping=mapping
    )
    assert (found.status, found.preset) == ("ready", "custom")
    other = templates.adopt_form(by=world.admin, kind="data_change", template=code, preset="clouddm-3")
    missing = {(difference.kind.value, difference.title) for difference in other.differences}
    assert ("missing_control", "目标数据源") in missing
