"""The form contract: presets, filling with visible cuts, the mark, comparing with a live template."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.core.errors import InvalidInput
from sluicegate.core.messages import LANGUAGES, text
from sluicegate.dingtalk.cutting import cut, units
from sluicegate.dingtalk.form_presets import ACCESS_REQUEST, DATA_CHANGE, PRESETS, SCHEMA_CHANGE
from sluicegate.dingtalk.forms import (
    DifferenceKind,
    FieldKey,
    FieldValue,
    FormContract,
    FormValue,
    Limits,
    Reference,
    Source,
    bind,
    changed_titles,
    compare,
    contract_from_mapping,
    fill,
    find_reference,
    form_components,
    ticket_reference,
)
from sluicegate.dingtalk.templates import FormControl, FormSchema

SHA = "0123456789abcdef" * 4
SOURCE = Source(link="https://sluice.example.com/tickets/1024", sha256=SHA)
REFERENCE = Reference("1024", 2, SHA)
CLASSIC = PRESETS["clouddm-classic"]
CLOUDDM3 = PRESETS["clouddm-3"]


def filled(
    contract: FormContract, values: dict[FieldKey, FieldValue], limits: Limits | None = None
) -> dict[str, str]:
    sent = fill(contract, values, limits=limits or Limits(), source=SOURCE, reference=REFERENCE)
    return {value.title: value.value for value in sent}


def schema_of(contract: FormContract, status: str = "PUBLISHED") -> FormSchema:
    """The template that creating the contract's form gives."""

    def control(component: dict[str, Any]) -> FormControl:
        return FormControl(
            control_id=component["props"]["componentId"],
            title=component["props"]["label"],
            component_type=component["componentType"],
            required=component["props"]["required"],
            children=tuple(control(child) for child in component.get("children", ())),
        )

    controls = tuple(control(component) for component in form_components(contract))
    return FormSchema(contract.template_name, status, None, controls)


def altered(schema: FormSchema, title: str, /, **changes: Any) -> FormSchema:
    return replace(
        schema, controls=tuple(replace(c, **changes) if c.title == title else c for c in schema.controls)
    )


def without(schema: FormSchema, title: str) -> FormSchema:
    return replace(schema, controls=tuple(c for c in schema.controls if c.title != title))


# --- presets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [DATA_CHANGE, SCHEMA_CHANGE])
def test_the_classic_change_form_has_its_twelve_controls(kind: str) -> None:
    line, lines = "TextField", "TextareaField"
    assert [(c.title, *c.types) for c in CLASSIC[kind].controls] == [
        ("工单类型", line),
        ("工单标题", line),
        ("备注信息", lines),
        ("关联实例", line),
        ("关联实例信息", line),
        ("实例类型", line),
        ("关联库", line),
        ("预计影响行数", line),
        ("分析的SQL数量", line),
        ("分析的SQL结果汇总", lines),
        ("SQL内容", lines),
        ("审批意见", lines),
    ]


def test_the_classic_access_form_has_its_nine_controls() -> None:
    titles = [c.title for c in CLASSIC[ACCESS_REQUEST].controls]
    assert titles == [
        "工单类型",
        "工单标题",
        "备注信息",
        "关联实例",
        "关联实例信息",
        "实例类型",
        "关联库",
        "申请的权限",
        "审批意见",
    ]


def test_template_names_are_those_that_companies_have() -> None:
    names = [CLASSIC[kind].template_name for kind in (DATA_CHANGE, SCHEMA_CHANGE, ACCESS_REQUEST)]
    assert names == ["CloudDM数据变更工单", "CloudDM结构变更工单", "CloudDM权限申请工单"]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("kind", [DATA_CHANGE, SCHEMA_CHANGE, ACCESS_REQUEST])
def test_a_form_made_from_a_contract_fits_the_contract(preset: str, kind: str) -> None:
    contract = PRESETS[preset][kind]
    assert compare(contract, schema_of(contract)) == []
    ids = [c["props"]["componentId"] for c in form_components(contract)]
    assert len(set(ids)) == len(ids)
    assert all(len(i) <= 64 for i in ids)


# --- filling ------------------------------------------------------------------------------------------


def test_every_control_is_sent_in_order_and_the_opinion_left_empty() -> None:
    values: dict[FieldKey, FieldValue] = {
        FieldKey.TITLE: "修正\n余额",
        FieldKey.REMARK: "一\n二",
        FieldKey.OPINION: "同意",
    }
    sent = fill(CLASSIC[DATA_CHANGE], values, limits=Limits(), source=SOURCE, reference=REFERENCE)
    assert [v.title for v in sent] == [c.title for c in CLASSIC[DATA_CHANGE].controls]
    by_title = {v.title: v.value for v in sent}
    assert by_title["工单标题"] == "修正 余额"
    assert by_title["备注信息"] == f"一\r\n二\r\n{REFERENCE}"
    assert by_title["审批意见"] == ""
    assert by_title["关联库"] == ""


def test_what_fits_is_sent_unaltered_and_what_does_not_says_so() -> None:
    exact, long = "x" * 4000, "x" * 4001
    assert filled(CLASSIC[DATA_CHANGE], {FieldKey.SQL: exact})["SQL内容"] == exact
    shown = filled(CLASSIC[DATA_CHANGE], {FieldKey.SQL: long})["SQL内容"]
    assert len(shown) <= 4000
    kept = len(shown) - len(shown.lstrip("x"))
    assert f"省略 {4001 - kept} 个字符" in shown
    assert SHA in shown
    assert SOURCE.link in shown


def test_a_single_line_is_cut_at_its_own_limit() -> None:
    shown = filled(CLASSIC[DATA_CHANGE], {FieldKey.TITLE: "标" * 401})["工单标题"]
    assert len(shown) <= 400
    assert shown.endswith("）")


def test_the_mark_survives_cutting() -> None:
    shown = filled(CLASSIC[DATA_CHANGE], {FieldKey.REMARK: "备" * 9000})
    assert len(shown["备注信息"]) <= 4000
    assert "个字符" in shown["备注信息"]
    assert find_reference(shown) == REFERENCE


def test_an_unknown_estimate_for_a_number_control_goes_to_the_remark() -> None:
    values: dict[FieldKey, FieldValue] = {
        FieldKey.ESTIMATED_ROWS: "未知：缺少统计信息",
        FieldKey.REMARK: "请审批",
    }
    shown = filled(CLOUDDM3[DATA_CHANGE], values)
    assert shown["预计受影响行数"] == ""
    assert shown["需求描述"] == f"请审批\r\n预计受影响行数: 未知：缺少统计信息\r\n{REFERENCE}"
    assert filled(CLOUDDM3[DATA_CHANGE], {FieldKey.ESTIMATED_ROWS: "12"})["预计受影响行数"] == "12"
    assert filled(CLASSIC[DATA_CHANGE], values)["预计影响行数"] == "未知：缺少统计信息"


def test_tables_are_written_by_column_titles() -> None:
    rows = [{FieldKey.ACCESS_PATH: "shop.users", FieldKey.ACCESS_ACTIONS: "SELECT"}]
    shown = filled(CLOUDDM3[ACCESS_REQUEST], {FieldKey.REQUESTED_ACCESS: rows})["申请的权限"]
    assert json.loads(shown) == [
        [
            {"name": "数据源描述", "value": ""},
            {"name": "资源路径", "value": "shop.users"},
            {"name": "生效时间", "value": ""},
            {"name": "权限列表", "value": "SELECT"},
        ]
    ]
    with pytest.raises(InvalidInput):
        filled(CLOUDDM3[ACCESS_REQUEST], {FieldKey.REQUESTED_ACCESS: "SELECT"})
    with pytest.raises(InvalidInput):
        filled(CLASSIC[ACCESS_REQUEST], {FieldKey.REQUESTED_ACCESS: rows})


@given(
    value=st.text(max_size=600),
    limit=st.integers(0, 500),
    link=st.text(alphabet="ab/:.", max_size=300),
    language=st.sampled_from(LANGUAGES),
)
def test_a_cut_text_never_exceeds_its_limit_and_counts_right(
    value: str, limit: int, link: str, language: Any
) -> None:
    shown = cut(value, limit, Source(link, SHA, language))
    assert units(shown) <= limit
    if units(value) <= limit:
        assert shown == value
        return
    counted = re.search(r"(?:省略 |\()(\d+)|, (\d+) characters", shown)
    if counted:
        missing = int(counted.group(1) or counted.group(2))
        assert shown.startswith(value[: len(value) - missing])


def test_characters_beyond_the_basic_plane_count_twice() -> None:
    assert units("a😀") == 3
    assert units(cut("😀" * 300, 400, SOURCE)) <= 400


@pytest.mark.parametrize("limits", [(0, 4000), (400, 100), (400, 70_000)])
def test_limits_leave_room_for_the_mark(limits: tuple[int, int]) -> None:
    with pytest.raises(InvalidInput):
        Limits(*limits)


# --- the mark -----------------------------------------------------------------------------------------


@given(
    number=st.from_regex(r"[0-9A-Za-z_-]{1,20}", fullmatch=True),
    revision=st.integers(0, 99_999),
    remark=st.text(max_size=9000),
)
def test_a_mark_is_read_back_whatever_stands_before_it(number: str, revision: int, remark: str) -> None:
    reference = Reference(number, revision, SHA)
    sent = fill(
        CLASSIC[DATA_CHANGE], {FieldKey.REMARK: remark}, limits=Limits(), source=SOURCE, reference=reference
    )
    values = {v.title: v.value for v in sent}
    assert find_reference(values, CLASSIC[DATA_CHANGE].reference_title) == reference
    assert units(values["备注信息"]) <= 4000


def test_a_mark_that_somebody_typed_is_not_taken_for_ours() -> None:
    forged = ticket_reference(7, 1, "f" * 64)
    values = filled(
        CLASSIC[DATA_CHANGE], {FieldKey.REMARK: f"{forged}\n{forged}", FieldKey.SQL: f"-- {forged}"}
    )
    assert find_reference(values, "备注信息") == REFERENCE
    assert find_reference(values) is None
    assert find_reference({"备注信息": f"{forged} and more"}) is None
    assert find_reference({}) is None


@pytest.mark.parametrize(
    ("number", "revision", "sha256"), [("a b", 1, SHA), ("1", -1, SHA), ("1", 1, "ABC"), ("", 1, SHA)]
)
def test_a_mark_that_could_not_be_read_back_is_not_made(number: str, revision: int, sha256: str) -> None:
    with pytest.raises(ValueError, match="reference"):
        ticket_reference(number, revision, sha256)


def test_an_edited_form_is_noticed() -> None:
    sent = [
        FormValue("SQL内容", "a\r\nb", "TextareaField"),
        FormValue("审批意见", "", "TextareaField"),
        FormValue("申请的权限", "[[]]", "TableField"),
    ]
    untouched = {"SQL内容": "a\nb\n", "审批意见": "同意", "申请的权限": "[]"}
    assert changed_titles(sent, untouched) == ()
    assert changed_titles(sent, {**untouched, "SQL内容": "a\nc"}) == ("SQL内容",)
    assert changed_titles(sent, {}) == ("SQL内容",)


# --- comparing ----------------------------------------------------------------------------------------

GOOD = schema_of(CLASSIC[DATA_CHANGE])
EXTRA = FormControl("x", "成本中心", "TextField", required=True)


@pytest.mark.parametrize(
    ("schema", "kind", "title"),
    [
        (without(GOOD, "关联库"), DifferenceKind.MISSING, "关联库"),
        (altered(GOOD, "SQL内容", title="SQL 内容"), DifferenceKind.MISSPELT, "SQL内容"),
        (altered(GOOD, "SQL内容", component_type="TextField"), DifferenceKind.WRONG_TYPE, "SQL内容"),
        (
            altered(GOOD, "预计影响行数", component_type="NumberField"),
            DifferenceKind.WRONG_TYPE,
            "预计影响行数",
        ),
        (altered(GOOD, "审批意见", required=True), DifferenceKind.REQUIRED, "审批意见"),
        (replace(GOOD, controls=(*GOOD.controls, EXTRA)), DifferenceKind.REQUIRED, "成本中心"),
        (altered(GOOD, "关联库", disabled=True), DifferenceKind.DISABLED, "关联库"),
        (altered(GOOD, "关联库", hidden=True), DifferenceKind.DISABLED, "关联库"),
        (replace(GOOD, controls=(*GOOD.controls, GOOD.controls[0])), DifferenceKind.TWICE, "工单类型"),
        (replace(GOOD, status="INVALID"), DifferenceKind.NOT_PUBLISHED, "CloudDM数据变更工单"),
    ],
)
def test_each_difference_is_named(schema: FormSchema, kind: DifferenceKind, title: str) -> None:
    (difference,) = compare(CLASSIC[DATA_CHANGE], schema)
    assert (difference.kind, difference.title) == (kind, title)
    for language in LANGUAGES:
        shown = text(difference.message_code, language, **difference.params)
        assert title in shown or difference.found in shown
        assert "{" not in shown


def test_harmless_differences_are_none() -> None:
    assert compare(CLASSIC[DATA_CHANGE], altered(GOOD, "审批意见", disabled=True)) == []
    assert compare(CLASSIC[DATA_CHANGE], altered(GOOD, "工单标题", required=True)) == []
    extra = replace(EXTRA, required=False)
    assert compare(CLASSIC[DATA_CHANGE], replace(GOOD, controls=(*GOOD.controls, extra))) == []
    assert compare(CLOUDDM3[DATA_CHANGE], without(schema_of(CLOUDDM3[DATA_CHANGE]), "回滚 SQL")) == []


def test_a_table_is_compared_by_its_columns() -> None:
    contract = CLOUDDM3[ACCESS_REQUEST]
    schema = altered(schema_of(contract), "申请的权限", children=())
    titles = [d.title for d in compare(contract, schema)]
    assert titles == [f"申请的权限 › {c}" for c in ("数据源描述", "资源路径", "生效时间", "权限列表")]


def test_a_bound_contract_follows_the_live_template() -> None:
    contract = CLOUDDM3[DATA_CHANGE]
    live = altered(without(schema_of(contract), "回滚 SQL"), "预计受影响行数", component_type="TextField")
    live = altered(live, "目标数据源", required=True, control_id="TextField_RM4X")
    bound = bind(contract, live)
    sent = fill(bound, {FieldKey.ESTIMATED_ROWS: "未知"}, limits=Limits(), source=SOURCE, reference=REFERENCE)
    by_title = {v.title: v for v in sent}
    assert "回滚 SQL" not in by_title
    assert by_title["预计受影响行数"].value == "未知"
    assert by_title["目标数据源"] == FormValue("目标数据源", "-", "TextField", "TextField_RM4X")


# --- a mapping of one's own ---------------------------------------------------------------------------


def test_a_contract_from_settings() -> None:
    contract = contract_from_mapping(
        "ours",
        "变更单",
        {
            "title": "标题",
            "remark": {"title": "说明", "type": "TextField"},
            "sql": "脚本",
            "opinion": "意见",
            "rollback_sql": {"title": "回滚", "optional": True},
            "requested_access": {"title": "权限", "columns": {"access_path": "路径"}},
        },
    )
    specs = {c.title: c for c in contract.controls}
    assert specs["脚本"].types == ("TextareaField",)
    assert not specs["意见"].filled
    assert specs["回滚"].optional
    assert specs["权限"].types == ("TableField",)
    shown = filled(contract, {FieldKey.REMARK: "因为" * 400})
    assert len(shown["说明"]) <= 400
    assert find_reference(shown, contract.reference_title) == REFERENCE


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"remark": "备注", "nonsense": "x"}, "dingtalk_contract_unknown_field"),
        ({"remark": {"title": "备注", "colour": "red"}}, "dingtalk_contract_unknown_field"),
        ({"remark": 5}, "dingtalk_contract_unknown_field"),
        ({"remark": "备注", "title": "备注"}, "dingtalk_contract_twice"),
        ({"remark": ""}, "dingtalk_contract_title"),
        ({"remark": "备" * 21}, "dingtalk_contract_title"),
        ({"title": "标题"}, "dingtalk_contract_without_remark"),
        ({"remark": {"title": "备注", "type": "NumberField"}}, "dingtalk_contract_without_remark"),
        ({"remark": {"title": "备注", "filled": False}}, "dingtalk_contract_without_remark"),
    ],
)
def test_a_mapping_that_can_not_work_is_refused(mapping: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        contract_from_mapping("ours", "变更单", mapping)
    assert caught.value.code == code
