"""Every documented refusal becomes the right type, with the right facts, from either host."""

from __future__ import annotations

import importlib.resources
import re
import tomllib
from string import Formatter

import pytest

from sluicegate.core.messages import LANGUAGES, catalogue, describe
from sluicegate.dingtalk import comparison, contracts, errors, vendor_codes
from sluicegate.dingtalk.errors import DingTalkError, NotProcessed, OutcomeInDoubt, TemporarilyUnavailable
from sluicegate.dingtalk.vendor_codes import refusal
from sluicegate.dingtalk.wire import refusal_in

FAQ = "访问ip不在白名单之中，请参考FAQ：https://open.dingtalk.com/document/org-faq/app-faq"
APPLY = "https://open-dev.dingtalk.com/appscope/apply?content=dingabc%23"


def raised(
    status: int, body: dict[str, object], *, call: str = "user", changing: bool = False
) -> DingTalkError:
    answer = refusal_in(status, body)
    assert answer is not None
    return refusal(answer, call=call, changing=changing)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"code": "invalidClientIdOrSecret"}, errors.InvalidCredentials),
        (200, {"errcode": 40096, "errmsg": "不合法的appKey或appSecret"}, errors.InvalidCredentials),
        (200, {"errcode": "40089"}, errors.InvalidCredentials),
        (400, {"code": "InvalidAuthentication"}, errors.TokenInvalid),
        (400, {"Code": "invalidauthentication", "RequestId": "X"}, errors.TokenInvalid),
        (200, {"errcode": 88, "sub_code": "40014", "sub_msg": "不合法的access_token"}, errors.TokenInvalid),
        (200, {"errcode": 88, "errmsg": "ding talk error[subcode=40014,submsg=不合法]"}, errors.TokenInvalid),
        (200, {"errcode": 42001}, errors.TokenInvalid),
        (200, {"errcode": 60121, "errmsg": "找不到该用户"}, errors.UserNotFound),
        (200, {"errcode": 33012}, errors.UserNotFound),
        (200, {"errcode": 50002}, errors.UserOutOfScope),
        (200, {"errcode": 50004}, errors.UserOutOfScope),
        (200, {"errcode": 40078}, errors.InvalidAuthCode),
        (400, {"code": "processCodeError"}, errors.TemplateMissing),
        (400, {"code": "formNotExist"}, errors.TemplateMissing),
        (400, {"code": "processGetFailed"}, errors.TemplateDisabled),
        (400, {"code": "needAuth"}, errors.TemplateNotPermitted),
        (400, {"code": "formName.error"}, errors.TemplateNameTaken),
        (400, {"code": "sysErrror", "message": "创建审批实例系统异常"}, errors.FormMismatch),
        (400, {"code": "processInstanceInvalidParameter"}, errors.OriginatorNotInDepartment),
        (400, {"code": "targetSelectApproverMissing"}, errors.SelfSelectApproverMissing),
        (400, {"code": "processInstanceIdError"}, errors.InstanceNotFound),
        (400, {"code": "processInstanceNotExist"}, errors.InstanceNotFound),
        (403, {"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}, errors.QpsLimited),
        (200, {"errcode": 90018}, errors.QpsLimited),
        (429, {"code": "somethingNew"}, errors.QpsLimited),
        (200, {"status": 1111, "wait": 5, "source": "x5", "punish": "deny"}, errors.AddressThrottled),
        (403, {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg"}, errors.QuotaExhausted),
        (200, {"errcode": 90020}, errors.QuotaExhausted),
        (200, {"errcode": 404, "errmsg": "请求的URI地址不存在"}, errors.InvalidRequest),
        (400, {"code": "Missingvalue", "message": "value is mandatory for this action."}, NotProcessed),
    ],
)
def test_a_refusal_is_definite_and_typed(
    status: int, body: dict[str, object], expected: type[DingTalkError]
) -> None:
    error = raised(status, body, changing=True)
    assert type(error) is expected
    assert isinstance(error, NotProcessed)


@pytest.mark.parametrize("retryable", [errors.QpsLimited, errors.NotConnected, errors.RevokeTooEarly])
def test_time_helps_against_some(retryable: type[DingTalkError]) -> None:
    assert retryable.retryable
    assert not errors.QuotaExhausted.retryable
    assert not OutcomeInDoubt.retryable


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"code": "systemError", "message": "系统异常"}),
        (500, {"code": "processCodeError"}),
        (503, {"code": "whatever"}),
        (400, {"code": "internalError"}),
        (200, {"errcode": -1, "errmsg": "系统繁忙"}),
    ],
)
def test_a_failure_of_dingtalk_itself_leaves_changes_in_doubt(status: int, body: dict[str, object]) -> None:
    assert type(raised(status, body, changing=True)) is OutcomeInDoubt
    assert type(raised(status, body, changing=False)) is TemporarilyUnavailable


def test_what_a_code_means_can_depend_on_the_call() -> None:
    body: dict[str, object] = {"code": "internalError", "message": "您没有任务处理的权限"}
    assert type(raised(400, body, call="terminate_instance", changing=True)) is errors.RevokeNotAllowed
    assert type(raised(400, body, call="start_instance", changing=True)) is OutcomeInDoubt
    assert raised(400, {"code": "invalidParameter"}, call="start_instance").code == "dingtalk_start_parameter"


@pytest.mark.parametrize(
    ("status", "body", "ip"),
    [
        (
            403,
            {
                "code": "Forbidden.AccessDenied.IpNotInWhiteList",
                "message": f"{FAQ},request ip=8.218.179.113 appKey(dingx)",
            },
            "8.218.179.113",
        ),
        (
            403,
            {
                "code": "Forbidden.AccessDenied.IpNotInWhiteList",
                "message": f"{FAQ},request ip=2408:4001::1f appKey(d)",
            },
            "2408:4001::1f",
        ),
        (
            200,
            {
                "errcode": 88,
                "sub_code": "60020",
                "sub_msg": "访问ip不在白名单之中",
                "errmsg": "ding talk error[subcode=60020,submsg=访问ip不在白名单之中,request ip=14.153.172.241 appKey(ding-example)]",
            },
            "14.153.172.241",
        ),
        (
            200,
            {"errcode": 60020, "errmsg": f"{FAQ},request ip=120.230.136.230 appKey(dingxxx)"},
            "120.230.136.230",
        ),
    ],
)
def test_the_refused_address_is_named(status: int, body: dict[str, object], ip: str) -> None:
    error = raised(status, body)
    assert isinstance(error, errors.IpNotWhitelisted)
    assert error.ip == ip
    for language in LANGUAGES:
        assert ip in describe(error, language)
        assert "服务器出口IP" in describe(error, language)


def test_without_an_address_the_message_still_says_what_to_do() -> None:
    error = raised(200, {"errcode": 60020, "errmsg": "访问ip不在白名单之中"})
    assert isinstance(error, errors.IpNotWhitelisted)
    assert error.ip == ""
    assert "{" not in describe(error, "zh")
    assert "出口 IP" in describe(error, "zh")


@pytest.mark.parametrize(
    ("status", "body", "scopes", "link"),
    [
        (
            403,
            {
                "code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
                "message": "没有调用该接口的权限，接口权限申请参考：https://open.dingtalk.com/document/orgapp-server/add-api-permission",
                "accessdenieddetail": {"requiredScopes": ["Contact.User.Read"]},
            },
            ("Contact.User.Read",),
            "",
        ),
        (
            403,
            {
                "code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
                "message": f"应用尚未开通所需的权限：[Workflow.Instance.Write]，点击链接申请并开通即可：{APPLY}Workflow.Instance.Write",
            },
            ("Workflow.Instance.Write",),
            f"{APPLY}Workflow.Instance.Write",
        ),
        (
            200,
            {
                "errcode": 88,
                "sub_code": "60011",
                "sub_msg": f"应用尚未开通所需的权限：[qyapi_get_department_list]，点击链接申请并开通即可：{APPLY}qyapi_get_department_list",
                "errmsg": "ding talk error[subcode=60011,submsg=…, {requiredScopes=[qyapi_get_department_list]}]",
            },
            ("qyapi_get_department_list",),
            f"{APPLY}qyapi_get_department_list",
        ),
        (
            200,
            {"errcode": 88, "errmsg": "ding talk error[subcode=60011,submsg=没有调用该接口的权限]"},
            (),
            "",
        ),
    ],
)
def test_a_missing_permission_is_named_with_its_link(
    status: int, body: dict[str, object], scopes: tuple[str, ...], link: str
) -> None:
    error = raised(status, body)
    assert isinstance(error, errors.MissingPermission)
    assert (error.scopes, error.apply_link) == (scopes, link)
    shown = describe(error, "zh")
    assert all(scope in shown for scope in scopes)
    assert link in shown


def test_the_controls_that_failed_are_named() -> None:
    error = raised(
        400, {"code": "formConverterError", "message": "表单数据校验失败，失败控件：预计影响行数,关联库"}
    )
    assert isinstance(error, errors.FormMismatch)
    assert error.controls == ("预计影响行数", "关联库")
    assert "预计影响行数、关联库" in describe(error, "zh")


def test_facts_of_the_answer_are_kept() -> None:
    error = raised(400, {"code": "needAuth", "RequestID": "R-9", "message": "没有发起审批的权限"})
    assert (error.vendor_code, error.vendor_message, error.request_id) == (
        "needAuth",
        "没有发起审批的权限",
        "R-9",
    )


def _all_codes() -> set[str]:
    """Every catalogue code that this package can raise or hand out, found in its sources."""
    sources = importlib.resources.files("sluicegate.dingtalk")
    text = "".join(f.read_text(encoding="utf-8") for f in sources.iterdir() if f.name.endswith(".py"))
    return set(re.findall(r'"(dingtalk_[a-z_]+)"', text))


def test_every_code_has_its_text_and_every_text_its_code() -> None:
    differences = {f"dingtalk_form_{kind.value}" for kind in comparison.DifferenceKind}
    in_sources = _all_codes() | differences
    file = importlib.resources.files("sluicegate.core").joinpath("catalogue", "dingtalk.toml")
    assert in_sources == set(tomllib.loads(file.read_text(encoding="utf-8")))
    assert {m.code for m in vendor_codes.MEANINGS.values() if m.code} <= in_sources
    assert contracts.LONGEST_TITLE == 20


@pytest.mark.parametrize("code", sorted(c for c in catalogue() if c.startswith("dingtalk_")))
def test_both_languages_have_the_same_placeholders(code: str) -> None:
    entry = catalogue()[code]
    fields = [{f for _, f, _, _ in Formatter().parse(entry[language]) if f} for language in LANGUAGES]
    assert fields[0] == fields[1]
