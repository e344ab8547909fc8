"""Refusals that the fault ``refuse`` gives on request, by their code: those of DingTalk's pages and of what
integrators published, word for word. Most of them also come about by themselves; these need no arranging."""

from __future__ import annotations

from dingtalk_sandbox import errors
from dingtalk_sandbox.errors import NewHostError, OldHostError, bad, gateway, old

_ACCESS = "Forbidden.AccessDenied."
_ADVICE = "https://open.dingtalk.com/document/orgapp-server/add-api-permission"
_ALL_PAUSED = "您的服务器调用钉钉开放平台当前接口的所有请求都被暂时禁用了"
_TOO_MANY = "当前所有钉钉应用调用该接口次数过多，超出了该接口承受的最大qps，请求被暂时限制了，建议错开整点时刻调用该接口"

_NEW = (
    errors.BAD_CREDENTIALS,
    errors.BAD_TOKEN,
    errors.NO_TOKEN,
    errors.MISSING_BODY,
    errors.QPS_EXCEEDED,
    errors.QUOTA_EXCEEDED,
    NewHostError(403, _ACCESS + "QpmLimitForAppkeyAndApi", errors.QPS_EXCEEDED.message),
    NewHostError(403, _ACCESS + "QpsLimitForApi", _ALL_PAUSED),
    NewHostError(
        403,
        _ACCESS + "AccessTokenPermissionDenied",
        f"没有调用该接口的权限，接口权限申请参考：{_ADVICE}",
        ("Workflow.Instance.Write",),
    ),
    errors.FORM_NAME_TAKEN,
    errors.FORM_CODE_UNKNOWN,
    errors.TEMPLATE_NAME_UNKNOWN,
    errors.FORM_NOT_EXIST,
    bad("aflowProcessCodeIsError", "获取审批模板失败或审批模板已被删除"),
    bad("processCode.in.blackList", "当前模板code已被加入黑名单，无法发起审批实例。"),
    bad("permission.error", "没有访问权限"),
    bad("noPermission", "没有权限访问当前表单"),
    errors.PROCESS_CODE_ERROR,
    errors.PROCESS_DISABLED,
    errors.START_PARAMETER,
    errors.START_INSTANCE_PARAMETER,
    errors.START_SYSTEM_ERROR,
    errors.START_NEED_AUTH,
    bad("processSetupNoPermission", "无操作审批流的权限"),
    bad("processInstanceStartFailed", "创建审批实例失败"),
    bad("processGroupGetFailed", "获取审批流分组失败"),
    errors.SELF_SELECT_MISSING,
    errors.SELF_SELECT_SCOPE,
    errors.ILLEGAL_COMPONENT,
    errors.BENEFIT_MISSING,
    errors.BAD_AGENT,
    errors.form_converter(["预计影响行数", "关联库"]),
    bad(
        "autoflowLikeTriggerRateLimited",
        "该操作涉及自动化类业务(业务规则)并且触发限速, 请降速调用或取消相关自动化类业务配置",
    ),
    bad("oaplus.query.limit", "请求过于频繁，稍后重试"),
    bad("required.error", "SQL内容 必填项校验错误"),
    errors.INSTANCE_ID_ERROR,
    errors.INSTANCE_NOT_EXIST,
    errors.FLOW_INSTANCE_NOT_EXIST,
    bad("processFormDataIsNull", "流程表单数据为空"),
    errors.TERMINATE_TOO_EARLY,
    errors.CANNOT_EXECUTE,
    errors.NO_TASK_RIGHT,
    errors.USER_NOT_EXIST,
    bad("forecastError", "流程预测失败"),
    errors.SYSTEM_ERROR,
    NewHostError(500, "unknownError", "未知错误"),
)
_OLD = (
    errors.OLD_BAD_CREDENTIALS,
    old(40089, "不合法的corpId或corpSecret"),
    errors.OLD_BAD_TOKEN,
    old(42001, "access_token超时"),
    gateway("60011", "没有调用该接口的权限"),
    old(43007, "需要授权"),
    errors.USER_OUT_OF_RANGE,
    errors.DEPARTMENT_OUT_OF_RANGE,
    errors.USER_NOT_FOUND,
    errors.BAD_MOBILE,
    errors.BAD_USERID,
    errors.BAD_PARAMETER,
    errors.NO_DEPARTMENT,
    errors.BAD_DEPARTMENT_ID,
    errors.OLD_BUSY,
    old(40078, "不存在的临时授权码"),
    old(41101, "数据内容过长。请求体字符长度不能大于4096"),
    old(90018, errors.OLD_QPS_EXCEEDED.sub_msg),
    old(90020, errors.OLD_QUOTA_EXCEEDED.sub_msg),
    gateway("90002", _TOO_MANY),
    old(810003, "审批流表单格式错误"),
    old(810007, "没有操作审批流的权限"),
    old(810008, "获取审批流失败"),
    old(820001, "发起审批实例失败，错误原因为【系统错误:Could not convert xml to bpmnModel.】"),
    old(820004, "模板不存在"),
    old(820005, "审批单状态异常"),
    old(820006, "审批状态异常，无法执行"),
    old(820008, "审批系统错误"),
    old(830001, ""),
)

REFUSALS: dict[str, NewHostError | OldHostError] = {
    **{refusal.code: refusal for refusal in _NEW},
    **{refusal.sub_code or str(refusal.errcode): refusal for refusal in _OLD},
}
