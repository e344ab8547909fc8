"""The one table from DingTalk's codes to our errors.

New-host codes (``api.dingtalk.com``) are words, old-host codes (``oapi.dingtalk.com``) are numbers, so one
table holds both without a clash. A code that means something else for one call has a row of its own under
that call's name. Codes are as the official API pages list them, spelling mistakes included (``sysErrror``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sluicegate.dingtalk import errors as e
from sluicegate.dingtalk.errors import DingTalkError, NotProcessed, VendorAnswer


@dataclass(frozen=True)
class Meaning:
    """An error type, and a catalogue entry where it is not the type's own."""

    error: type[NotProcessed]
    code: str | None = None


# Codes with which DingTalk says that it failed itself: what became of a changing call is unknown.
SYSTEM_FAILURES = frozenset(
    {
        "systemerror",
        "system.error",
        "internalerror",
        "unknownerror",
        "server.error",
        "-1",
        "processinstancestartfailed",
    }
)

_ACCESS = "Forbidden.AccessDenied."

MEANINGS: Mapping[str, Meaning] = {
    # the app
    "invalidClientIdOrSecret": Meaning(e.InvalidCredentials),
    "invalid.client": Meaning(e.InvalidCredentials),
    "unauthorized.client": Meaning(e.InvalidCredentials),
    "40096": Meaning(e.InvalidCredentials),
    "40089": Meaning(e.InvalidCredentials),
    "InvalidAuthentication": Meaning(e.TokenInvalid),
    "AuthenticationFailed.MissingParameter": Meaning(e.TokenInvalid),
    "40000": Meaning(e.TokenInvalid),
    "40001": Meaning(e.TokenInvalid),
    "40014": Meaning(e.TokenInvalid),
    "42001": Meaning(e.TokenInvalid),
    _ACCESS + "IpNotInWhiteList": Meaning(e.IpNotWhitelisted),
    "60020": Meaning(e.IpNotWhitelisted),
    _ACCESS + "AccessTokenPermissionDenied": Meaning(e.MissingPermission),
    "60011": Meaning(e.MissingPermission),
    "43007": Meaning(e.MissingPermission),
    # limits
    _ACCESS + "QpsLimitForAppkeyAndApi": Meaning(e.QpsLimited),
    _ACCESS + "QpmLimitForAppkeyAndApi": Meaning(e.QpsLimited),
    _ACCESS + "QpsLimitForApi": Meaning(e.QpsLimited),
    "autoflowLikeTriggerRateLimited": Meaning(e.QpsLimited),
    "oaplus.query.limit": Meaning(e.QpsLimited),
    "90018": Meaning(e.QpsLimited),
    "90002": Meaning(e.QpsLimited),
    "1111": Meaning(e.AddressThrottled),
    _ACCESS + "ApiCountLimitForOrg": Meaning(e.QuotaExhausted),
    "90020": Meaning(e.QuotaExhausted),
    "20001": Meaning(e.QuotaExhausted),
    # people
    "60121": Meaning(e.UserNotFound),
    "33012": Meaning(e.UserNotFound),
    "40104": Meaning(e.UserNotFound),
    "userNotExist": Meaning(e.UserNotFound),
    "invalidUserId": Meaning(e.UserNotFound),
    "invalidParameter.user.notFound": Meaning(e.UserNotFound),
    "50002": Meaning(e.UserOutOfScope),
    "50004": Meaning(e.UserOutOfScope),
    "60003": Meaning(e.DepartmentNotFound),
    "40009": Meaning(e.DepartmentNotFound),
    "40078": Meaning(e.InvalidAuthCode),
    "invalidParameter.authCode.notFound": Meaning(e.InvalidAuthCode),
    # templates and forms
    "processCodeError": Meaning(e.TemplateMissing),
    "processcode.error": Meaning(e.TemplateMissing),
    "process.error": Meaning(e.TemplateMissing),
    "formNotExist": Meaning(e.TemplateMissing),
    "aflowProcessCodeIsError": Meaning(e.TemplateMissing),
    "aflowProcessNotExist": Meaning(e.TemplateMissing),
    "processCode.in.blackList": Meaning(e.TemplateDisabled),
    "820001": Meaning(e.TemplateMissing),
    "820004": Meaning(e.TemplateMissing),
    "830001": Meaning(e.TemplateMissing),
    "processGetFailed": Meaning(e.TemplateDisabled),
    "810008": Meaning(e.TemplateDisabled),
    "needAuth": Meaning(e.TemplateNotPermitted),
    "processSetupNoPermission": Meaning(e.TemplateNotPermitted),
    "permission.error": Meaning(e.TemplateNotPermitted),
    "noPermission": Meaning(e.TemplateNotPermitted),
    "810007": Meaning(e.TemplateNotPermitted),
    "8100017": Meaning(e.TemplateNotPermitted),
    "formName.error": Meaning(e.TemplateNameTaken),
    "formConverterError": Meaning(e.FormMismatch),
    "required.error": Meaning(e.FormMismatch),
    "illegalComponent": Meaning(e.FormMismatch),
    "sysErrror": Meaning(e.FormMismatch),
    "810003": Meaning(e.FormMismatch),
    "41101": Meaning(e.InvalidRequest, "dingtalk_too_long"),
    # instances
    "processInstanceInvalidParameter": Meaning(e.OriginatorNotInDepartment),
    "targetSelectApproverMissing": Meaning(e.SelfSelectApproverMissing),
    "targetSelectApproverScopeError": Meaning(
        e.SelfSelectApproverMissing, "dingtalk_self_select_approver_out_of_range"
    ),
    "processInstanceIdError": Meaning(e.InstanceNotFound),
    "processInstanceNotExist": Meaning(e.InstanceNotFound),
    "aflowProcessInstNotExist": Meaning(e.InstanceNotFound),
    "aflowProcessInstStatusException": Meaning(e.InstanceStateConflict),
    "aflowProcessInstCanNotBeExecuted": Meaning(e.InstanceStateConflict),
    "820005": Meaning(e.InstanceStateConflict),
    "820006": Meaning(e.InstanceStateConflict),
    "820008": Meaning(e.RevokeNotAllowed),
    # parameters
    "invalidParameter": Meaning(e.InvalidRequest),
    "400002": Meaning(e.InvalidRequest),
    "40035": Meaning(e.InvalidRequest),
    "22": Meaning(e.InvalidRequest),
    "404": Meaning(e.InvalidRequest),
}

# Endpoint name -> code -> meaning, looked at first.
MEANINGS_OF_CALL: Mapping[str, Mapping[str, Meaning]] = {
    "start_instance": {
        # "企业ID、审批模板code等参数错误，或发起人已离职": one code for several causes.
        "invalidParameter": Meaning(e.InvalidRequest, "dingtalk_start_parameter"),
    },
    # The page's prose: withdrawing is off in the template's settings; it is answered before anything happens.
    "terminate_instance": {"internalError": Meaning(e.RevokeNotAllowed)},
    "send_to_group": {
        "300005": Meaning(e.InvalidRequest, "dingtalk_robot_unknown"),
        "310000": Meaning(e.InvalidRequest, "dingtalk_robot_refused"),
        "410100": Meaning(e.QpsLimited),
        "660026": Meaning(e.QpsLimited),
    },
}


def _folded(table: Mapping[str, Meaning]) -> dict[str, Meaning]:
    return {code.lower(): meaning for code, meaning in table.items()}


_COMMON = _folded(MEANINGS)
_BY_CALL = {call: _folded(table) for call, table in MEANINGS_OF_CALL.items()}


def refusal(answer: VendorAnswer, *, call: str, changing: bool) -> DingTalkError:
    """The typed error for a refusal of the call of this name; codes are compared without regard to case."""
    code = answer.code.lower()
    meaning = _BY_CALL.get(call, {}).get(code) or _COMMON.get(code)
    if meaning is None or answer.http_status >= 500:
        if code in SYSTEM_FAILURES or answer.http_status >= 500:
            return undecided(changing, answer=answer)
        throttled = answer.http_status == 429
        return (e.QpsLimited if throttled else NotProcessed)(answer)
    return meaning.error(answer, code=meaning.code)


def undecided(changing: bool, *, answer: VendorAnswer | None = None, reason: str = "") -> DingTalkError:
    """No usable answer: doubt for a change, a nuisance for a read. ``reason`` is a word for the log."""
    if changing:
        return e.OutcomeInDoubt(answer, reason=reason or "system_error")
    return e.TemporarilyUnavailable(answer, reason=reason or "system_error")
