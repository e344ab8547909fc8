"""DingTalk's refusals, word for word, in one place.

The new host answers 4xx/5xx with ``{code, requestid, message}``; the old host answers HTTP 200 with
``errcode`` and ``errmsg``, and wraps what its gateway refuses as errcode 88 with a ``sub_code``.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

FAQ = "https://open.dingtalk.com/document/org-faq/app-faq"
SCOPE_APPLY = "https://open-dev.dingtalk.com/appscope/apply?content="


@dataclass(frozen=True)
class NewHostError:
    """A refusal of api.dingtalk.com. ``scopes`` become ``accessdenieddetail.requiredScopes``."""

    status: int
    code: str
    message: str
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class OldHostError:
    """A refusal of oapi.dingtalk.com; with ``sub_code`` it is the gateway's (errcode 88)."""

    errcode: int
    errmsg: str
    sub_code: str = ""
    sub_msg: str = ""


class Refusal(Exception):
    """Raised by a handler; ``answer`` is what the caller gets."""

    def __init__(self, answer: NewHostError | OldHostError) -> None:
        super().__init__(answer)
        self.answer = answer


def bad(code: str, message: str) -> NewHostError:
    return NewHostError(400, code, message)


def missing(name: str) -> NewHostError:
    """A required field is absent. The code is seen on the wire, the text after its model [?]."""
    return bad(f"Missing{name}", f"{name} is mandatory for this action.")


MISSING_BODY = bad("Missingbody", "body is mandatory for this action.")
BAD_CREDENTIALS = bad("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
NO_TOKEN = bad("AuthenticationFailed.MissingParameter", "缺少参数：x-acs-dingtalk-access-token")
BAD_TOKEN = bad("InvalidAuthentication", "不合法的access_token")
SYSTEM_ERROR = NewHostError(500, "systemError", "系统异常")


def gateway(sub_code: str, sub_msg: str, suffix: str = "") -> OldHostError:
    errmsg = f"ding talk error[subcode={sub_code},submsg={sub_msg}]{suffix}"
    return OldHostError(88, errmsg, sub_code, sub_msg)


def old(errcode: int, errmsg: str) -> OldHostError:
    return OldHostError(errcode, errmsg)


OLD_BAD_CREDENTIALS = old(40096, "不合法的appKey或appSecret")
OLD_MISSING_KEY = old(40035, "缺少参数 corpid or appkey")
OLD_NO_TOKEN = gateway("40000", "access_token is blank")
OLD_BAD_TOKEN = gateway("40014", "不合法的access_token")
USER_NOT_FOUND = old(60121, "找不到该用户")
BAD_MOBILE = old(40104, "企业中无效的手机号")
BAD_USERID = old(33012, "无效的USERID")
BAD_PARAMETER = old(400002, "无效的参数")
NO_DEPARTMENT = old(60003, "部门不存在")
BAD_DEPARTMENT_ID = old(40009, "不合法的部门id")
UNIONID_NOT_FOUND = old(60121, "未找到对应员工")
USER_OUT_OF_RANGE = old(50002, "请求的员工userid不在授权范围内")
DEPARTMENT_OUT_OF_RANGE = old(50004, "请求的部门id不在授权范围内")
OLD_BUSY = old(-1, "系统繁忙")


def unknown_method(path: str) -> OldHostError:
    """``/topapi/v2/user/x`` is the method ``dingtalk.oapi.v2.user.x``."""
    name = "dingtalk.oapi." + path.removeprefix("/topapi/").replace("/", ".")
    text = f"不合法ApiName，ApiName = {name}"
    return OldHostError(22, f"Invalid method[submsg={text}]", "", text)


# --- refusals that either host gives in its own words


def ip_refused(ip: str, app_key: str) -> NewHostError:
    message = f"访问ip不在白名单之中，请参考FAQ：{FAQ},request ip={ip} appKey({app_key})"
    return NewHostError(403, "Forbidden.AccessDenied.IpNotInWhiteList", message)


def old_ip_refused(path: str, ip: str, app_key: str) -> OldHostError:
    if path.startswith("/topapi/"):
        return gateway("60020", f"访问ip不在白名单之中,request ip={ip} appKey({app_key})")
    return old(60020, f"访问ip不在白名单之中，请参考FAQ：{FAQ},request ip={ip} appKey({app_key})")


def _apply_text(scope: str, app_key: str) -> str:
    link = SCOPE_APPLY + quote(f"{app_key}#{scope}", safe="")
    return f"应用尚未开通所需的权限：[{scope}]，点击链接申请并开通即可：{link}"


def scope_missing(scope: str, app_key: str) -> NewHostError:
    code = "Forbidden.AccessDenied.AccessTokenPermissionDenied"
    return NewHostError(403, code, _apply_text(scope, app_key), (scope,))


def old_scope_missing(scope: str, app_key: str) -> OldHostError:
    return gateway("60011", _apply_text(scope, app_key), f", {{requiredScopes=[{scope}]}}")


USER_TOKEN_NEEDED = NewHostError(
    403,
    "Forbidden.AccessDenied.AccessTokenPermissionDenied",
    "没有调用该接口的权限，接口权限申请参考：https://open.dingtalk.com/document/orgapp-server/add-api-permission",
    ("Contact.User.Read",),
)
QPS_EXCEEDED = NewHostError(
    403,
    "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
    "您的企业应用调用钉钉开放平台当前接口的所有请求都被暂时禁用了",
)
# The old host's number is documented, how its gateway wraps it is not [?].
OLD_QPS_EXCEEDED = gateway("90018", "您的企业应用调用钉钉开放平台当前接口的所有请求都被暂时禁用了")
QUOTA_EXCEEDED = NewHostError(
    403, "Forbidden.AccessDenied.ApiCountLimitForOrg", "您的企业调用钉钉开放平台接口的次数已超过本月限额"
)
OLD_QUOTA_EXCEEDED = gateway("90020", "您的企业调用钉钉开放平台接口的次数已超过本月限额")

# --- workflow; the same code has other words in other calls


FORM_NAME_TAKEN = bad("formName.error", "已有相同名称表单")
FORM_CODE_UNKNOWN = bad("processcode.error", "processCode对应的审批流程不存在")
TEMPLATE_NAME_UNKNOWN = bad("process.error", "模板不存在")
FORM_NOT_EXIST = bad("formNotExist", "审批表单模板不存在")

PROCESS_CODE_ERROR = bad("processCodeError", "获取审批模板失败或者模板已被删除")
PROCESS_DISABLED = bad("processGetFailed", "获取审批流失败或审批单状态为非启用状态")
START_PARAMETER = bad(
    "invalidParameter", "发起审批参数错误。具体可能为：企业ID、审批模板code等参数错误，或发起人已离职"
)
START_INSTANCE_PARAMETER = bad(
    "processInstanceInvalidParameter",
    "审批实例参数错误，具体可能为:发起人、审批人、抄送人的userid错误，发起部门id错误，发起人不在发起部门中",
)
START_SYSTEM_ERROR = bad("sysErrror", "创建审批实例系统异常")
START_NEED_AUTH = bad("needAuth", "没有发起审批的权限")
SELF_SELECT_MISSING = bad("targetSelectApproverMissing", "自选审批人缺失")
SELF_SELECT_SCOPE = bad("targetSelectApproverScopeError", "自选审批人不在规定范围内")
ILLEGAL_COMPONENT = bad("illegalComponent", "表单组件入参错误")
BENEFIT_MISSING = bad(
    "benefitStatusInvalid",
    "权益校验失败。指定bizDetailPageUrl为OA高级版专享功能，请开通高级版后再重试。",
)
BAD_AGENT = bad("invalidAgentId", "无效的微应用ID")


def form_converter(labels: list[str]) -> NewHostError:
    return bad("formConverterError", "表单数据校验失败，失败控件：" + "、".join(labels))


INSTANCE_ID_ERROR = bad("processInstanceIdError", "processInstanceId参数无效")
INSTANCE_NOT_EXIST = bad("processInstanceNotExist", "审批实例不存在")
FLOW_INSTANCE_NOT_EXIST = bad("aflowProcessInstNotExist", "审批实例不存在")
USER_NOT_EXIST = bad("userNotExist", "用户不存在")
INSTANCE_ID_BLANK = bad("invalidInstanceId", "审批实例ID不能为空")

TERMINATE_SYSTEM_FLAG = bad("invalidInstanceTerminateIsSystem", "撤销审批实例，是否通过系统操作参数不能为空")
TERMINATE_ACTOR = bad(
    "invalidInstanceTerminateOperatingUserId", "撤销审批实例，当isSystem为false时，操作人的userId不能为空"
)
TERMINATE_PARAMETER = bad("invalidParameter", "撤销审批实例参数错误")
TERMINATE_TOO_EARLY = bad("aflowProcessInstStatusException", "提交审批后 15 秒内不允许撤销")
TERMINATE_ENDED = bad("aflowProcessInstStatusException", "审批单已结束")
NO_TASK_RIGHT = bad("internalError", "您没有任务处理的权限")

LIST_PROCESS_CODE = bad("invalidProcessCode", "审批模板processCode不能为空")
LIST_START_TIME = bad("invalidInstanceListIdsStartTime", "获取审批实例ID列表，审批实例开始时间不能为空")
LIST_NEXT_TOKEN = bad("invalidNextToken", "获取审批实例ID列表，分页参数非法，分页游标不能为空")
LIST_MAX_RESULTS = bad("invalidMaxResults", "获取审批实例ID列表，分页参数非法，每页大小，最多传20。")
LIST_END_TIME = bad(
    "invalidEndTime",
    "获取审批实例ID列表，审批实例结束时间不能小于开始时间；且查询时间范围不能超过120天。",
)
LIST_USER_IDS = bad("invalidUserIds", "获取审批实例ID列表，发起userid列表参数非法，最大列表长度为10。")

COMMENT_PARAMETER = bad("invalidParameter", "添加审批评论参数错误")
COMMENT_TEXT = bad("invalidInstanceCommentText", "添加审批评论，评论内容不能为空")
COMMENT_USER = bad("invalidInstanceCommentUserId", "添加审批评论，评论人的userId不能为空")

EXECUTE_PARAMETER = bad("invalidParameter", "同意或拒绝审批任务参数错误")
EXECUTE_ACTOR = bad("invalidInstanceExecuteActionerUserId", "同意或拒绝审批任务，操作人的userId不能为空")
EXECUTE_TASK = bad("invalidInstanceExecuteTaskId", "同意或拒绝审批任务，任务ID不能为空")
EXECUTE_RESULT = bad("invalidInstanceExecuteResult", "同意或拒绝审批任务，审批操作值必须为agree/refuse")
EXECUTE_NOT_EXIST = bad("aflowProcessNotExist", "审批实例不存在")
EXECUTE_ENDED = bad("aflowProcessInstStatusException", "审批单状态异常")
CANNOT_EXECUTE = bad("aflowProcessInstCanNotBeExecuted", "审批状态异常，无法执行")
EXECUTE_NEED_AUTH = bad("needAuth", "没有处理该审批任务的权限")

REDIRECT_BLANK = bad("param.blank", "参数不能为空")
REDIRECT_ILLEGAL = bad("param.illegal", "参数不合法")
REDIRECT_TASK_STATUS = bad("task.status.error", "当前任务状态不是运行中不支持转交操作")
REDIRECT_INSTANCE_STATUS = bad("instance.status.error", "当前审批单状态不是运行中不支持转交操作")
REDIRECT_ACTOR = bad("param.illegal.operator", "操作人不是任务的处理人")

FORECAST_EMPTY = bad("componentIsNull", "表单数据为空")
TEMPLATES_MAX_RESULTS = bad("invalidMaxResults", "获取模板列表，分页参数非法，每页大小，最多传100。")
TEMPLATES_NEXT_TOKEN = bad("invalidNextToken", "获取模板列表，分页参数非法")
INVALID_USER_ID = bad("invalidUserId", "userId参数无效")
