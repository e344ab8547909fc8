"""The layouts we know, as data: titles and types exactly as a company that set CloudDM up has them."""

from __future__ import annotations

from collections.abc import Mapping

from sluicegate.dingtalk.contracts import (
    MULTI_LINE,
    NUMBER,
    SINGLE_LINE,
    TABLE,
    ControlSpec,
    FieldKey,
    FormContract,
)

DATA_CHANGE = "data_change"
SCHEMA_CHANGE = "schema_change"
ACCESS_REQUEST = "access_request"

TEMPLATE_NAMES: Mapping[str, str] = {
    DATA_CHANGE: "CloudDM数据变更工单",
    SCHEMA_CHANGE: "CloudDM结构变更工单",
    ACCESS_REQUEST: "CloudDM权限申请工单",
}

_LINE = (SINGLE_LINE,)
_TEXT = (MULTI_LINE,)
_EITHER = (SINGLE_LINE, MULTI_LINE)

_CLASSIC_HEAD = (
    ControlSpec(FieldKey.TICKET_KIND, "工单类型", _LINE),
    ControlSpec(FieldKey.TITLE, "工单标题", _LINE),
    ControlSpec(FieldKey.REMARK, "备注信息", _TEXT),
    ControlSpec(FieldKey.DATASOURCE, "关联实例", _LINE),
    ControlSpec(FieldKey.DATASOURCE_INFO, "关联实例信息", _LINE),
    ControlSpec(FieldKey.DIALECT, "实例类型", _LINE),
    ControlSpec(FieldKey.DATABASE, "关联库", _LINE),
)
_CLASSIC_OPINION = ControlSpec(FieldKey.OPINION, "审批意见", _TEXT, filled=False)

_CLASSIC_CHANGE = (
    *_CLASSIC_HEAD,
    ControlSpec(FieldKey.ESTIMATED_ROWS, "预计影响行数", _LINE),
    ControlSpec(FieldKey.STATEMENT_COUNT, "分析的SQL数量", _LINE),
    ControlSpec(FieldKey.FINDINGS_SUMMARY, "分析的SQL结果汇总", _TEXT),
    ControlSpec(FieldKey.SQL, "SQL内容", _TEXT),
    _CLASSIC_OPINION,
)
_CLASSIC_ACCESS = (
    *_CLASSIC_HEAD,
    ControlSpec(FieldKey.REQUESTED_ACCESS, "申请的权限", _LINE),
    _CLASSIC_OPINION,
)

_CLOUDDM3_CHANGE = (
    ControlSpec(FieldKey.TITLE, "标题", _LINE),
    ControlSpec(FieldKey.DATASOURCE, "目标数据源", _EITHER),
    ControlSpec(FieldKey.REMARK, "需求描述", (MULTI_LINE, SINGLE_LINE)),
    ControlSpec(FieldKey.SQL, "执行 SQL", _TEXT),
    ControlSpec(FieldKey.ROLLBACK_SQL, "回滚 SQL", _TEXT, optional=True),
    ControlSpec(FieldKey.ESTIMATED_ROWS, "预计受影响行数", (NUMBER, SINGLE_LINE)),
)
_CLOUDDM3_ACCESS = (
    ControlSpec(FieldKey.TITLE, "标题", _LINE),
    ControlSpec(FieldKey.REMARK, "需求描述", (MULTI_LINE, SINGLE_LINE)),
    ControlSpec(
        FieldKey.REQUESTED_ACCESS,
        "申请的权限",
        (TABLE,),
        columns=(
            ControlSpec(FieldKey.ACCESS_DATASOURCE, "数据源描述", _EITHER),
            ControlSpec(FieldKey.ACCESS_PATH, "资源路径", _EITHER),
            ControlSpec(FieldKey.ACCESS_PERIOD, "生效时间", _EITHER),
            ControlSpec(FieldKey.ACCESS_ACTIONS, "权限列表", _EITHER),
        ),
    ),
)


def _preset(
    name: str, change: tuple[ControlSpec, ...], access: tuple[ControlSpec, ...]
) -> Mapping[str, FormContract]:
    controls = {DATA_CHANGE: change, SCHEMA_CHANGE: change, ACCESS_REQUEST: access}
    return {kind: FormContract(name, TEMPLATE_NAMES[kind], specs) for kind, specs in controls.items()}


# Preset name -> ticket kind -> contract.
PRESETS: Mapping[str, Mapping[str, FormContract]] = {
    "clouddm-classic": _preset("clouddm-classic", _CLASSIC_CHANGE, _CLASSIC_ACCESS),
    "clouddm-3": _preset("clouddm-3", _CLOUDDM3_CHANGE, _CLOUDDM3_ACCESS),
}
