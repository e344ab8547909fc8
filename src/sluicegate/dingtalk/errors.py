"""What can go wrong with DingTalk, as types.

Two questions decide what a caller does. *Was it processed?* ``NotProcessed`` says definitely not, so that a
changing call may be made again after the cause is gone; ``OutcomeInDoubt`` says nobody knows, so that the
caller must look (list the instances, compare the reference) before it tries again. *Does time help?* is
``retryable``. Which vendor code becomes which type is one table: ``vendor_codes.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from sluicegate.core.errors import Param, SluicegateError

# DingTalk names the refused address in its text and nowhere else; it may be IPv4 or IPv6.
_REQUEST_IP = re.compile(r"request ip=([0-9a-fA-F:.]+)")
# "应用尚未开通所需的权限：[Contact.User.Read]，点击链接…：https://open-dev.dingtalk.com/appscope/apply?content=…"
_SCOPES = re.compile(r"(?:权限[：:]\s*|requiredScopes=)\[([^\]]+)\]")
_APPLY_LINK = re.compile(r"https://open-dev\.[\w.-]+/appscope/apply\?content=[\w%.~#|-]+")
# "表单数据校验失败，失败控件：预计影响行数,关联库"
_FAILED_CONTROLS = re.compile(r"失败控件[：:]\s*(.+)$", re.DOTALL)


@dataclass(frozen=True)
class VendorAnswer:
    """DingTalk's refusal, the same for both hosts.

    ``code`` is the new host's ``code``, or the old host's ``errcode`` (its ``sub_code`` when there is one).
    """

    code: str
    message: str = ""
    request_id: str = ""
    http_status: int = 0
    required_scopes: tuple[str, ...] = ()


class DingTalkError(SluicegateError):
    """Base of all that DingTalk, or the way to it, refuses.

    Args:
        answer: what DingTalk said, where it said anything.
        code: catalogue entry, when not the class's own.
    """

    status = 502
    default_code: ClassVar[str] = "dingtalk_error"

    def __init__(
        self, answer: VendorAnswer | None = None, *, code: str | None = None, **params: Param
    ) -> None:
        self.answer = answer or VendorAnswer(code="")
        facts: dict[str, Param] = {
            "vendor_code": self.answer.code,
            "vendor_message": self.answer.message,
            "request_id": self.answer.request_id,
        }
        facts |= self.details(self.answer)
        super().__init__(code or self.fitting_code(), **{**facts, **params})

    def details(self, answer: VendorAnswer) -> dict[str, Param]:  # noqa: ARG002 - for subclasses
        """What this type reads out of the answer for its message."""
        return {}

    def fitting_code(self) -> str:
        """The catalogue entry; a subclass has another for when DingTalk left the details out."""
        return self.default_code

    @property
    def vendor_code(self) -> str:
        return self.answer.code

    @property
    def vendor_message(self) -> str:
        return self.answer.message

    @property
    def request_id(self) -> str:
        return self.answer.request_id


class NotProcessed(DingTalkError):
    """DingTalk did nothing: it refused first, or was never reached. Also an answer with an unlisted code."""

    default_code = "dingtalk_refused"


class OutcomeInDoubt(DingTalkError):
    """A changing call may or may not have happened: look before trying again. Never raised for a read."""

    default_code = "dingtalk_outcome_in_doubt"


class TemporarilyUnavailable(DingTalkError):
    """A read got no usable answer (time-out, 5xx, unreadable); it may later."""

    status = 503
    retryable = True
    default_code = "dingtalk_unavailable"


class ConnectionLost(TemporarilyUnavailable):
    """The connection broke under a read, as a kept-alive one does when the server closes it first."""


class NotConnected(NotProcessed):
    """No connection came about, so nothing was sent."""

    status = 503
    retryable = True
    default_code = "dingtalk_not_connected"


class CircuitOpen(NotProcessed):
    """The host has failed several times in a row and is left alone for now: nothing was sent.

    Args:
        host: whose circuit is open.
        retry_at: before which nothing is sent to it.
        reason: a word for what failed.
    """

    status = 503
    retryable = True
    default_code = "dingtalk_circuit_open"

    def __init__(self, host: str, retry_at: datetime, reason: str) -> None:
        self.retry_at = retry_at
        super().__init__(host=host, retry_at=f"{retry_at:%H:%M:%S}", reason=reason or "-")

    @property
    def seconds(self) -> float:
        """How long until it is tried again."""
        return max(0.0, (self.retry_at - datetime.now(UTC)).total_seconds())


# --- the app: credentials, address, permissions ---------------------------------------------------------


class InvalidCredentials(NotProcessed):
    status = 409
    default_code = "dingtalk_invalid_credentials"


class TokenInvalid(NotProcessed):
    """The token was refused; the client has already tried once with a new one."""

    retryable = True
    default_code = "dingtalk_token_invalid"


class IpNotWhitelisted(NotProcessed):
    """``ip`` is the address DingTalk saw, to be entered under 服务器出口IP; empty when it didn't say."""

    status = 409
    default_code = "dingtalk_ip_not_whitelisted"

    def details(self, answer: VendorAnswer) -> dict[str, Param]:
        found = _REQUEST_IP.search(answer.message)
        self.ip = found.group(1).rstrip(".:") if found else ""
        return {"ip": self.ip}

    def fitting_code(self) -> str:
        return self.default_code if self.ip else "dingtalk_ip_not_whitelisted_unnamed"


class MissingPermission(NotProcessed):
    """``scopes`` are the permissions' names, ``apply_link`` the page on which to ask for them."""

    status = 409
    default_code = "dingtalk_missing_permission"

    def details(self, answer: VendorAnswer) -> dict[str, Param]:
        self.scopes = answer.required_scopes or _scopes_in(answer.message)
        link = _APPLY_LINK.search(answer.message)
        self.apply_link = link.group(0) if link else ""
        return {"scopes": "、".join(self.scopes), "apply_link": self.apply_link}

    def fitting_code(self) -> str:
        if not self.scopes:
            return "dingtalk_missing_permission_unnamed"
        return "dingtalk_missing_permission_link" if self.apply_link else self.default_code


def _scopes_in(message: str) -> tuple[str, ...]:
    found = _SCOPES.search(message)
    return tuple(s.strip() for s in found.group(1).split(",") if s.strip()) if found else ()


class QpsLimited(NotProcessed):
    """Too many calls a second: refused unprocessed, and not counted against the month."""

    status = 429
    retryable = True
    default_code = "dingtalk_qps_limited"


class AddressThrottled(NotProcessed):
    """Over 10,000 calls in 20 seconds from this address: all of them are refused for five minutes."""

    status = 429
    retryable = True
    default_code = "dingtalk_address_throttled"


class QuotaExhausted(NotProcessed):
    """The organisation's calls of this month are used up."""

    status = 503
    default_code = "dingtalk_quota_exhausted"


# --- people ---------------------------------------------------------------------------------------------


class UserNotFound(NotProcessed):
    status = 404
    default_code = "dingtalk_user_not_found"


class UserOutOfScope(NotProcessed):
    """The person or department lies outside the app's authorised range (授权范围)."""

    status = 409
    default_code = "dingtalk_user_out_of_scope"


class DepartmentNotFound(NotProcessed):
    status = 404
    default_code = "dingtalk_department_not_found"


class InvalidAuthCode(NotProcessed):
    """The one-time login code is unknown, used or too old."""

    status = 401
    default_code = "dingtalk_invalid_auth_code"


# --- templates and forms --------------------------------------------------------------------------------


class TemplateMissing(NotProcessed):
    status = 409
    default_code = "dingtalk_template_missing"


class TemplateDisabled(NotProcessed):
    status = 409
    default_code = "dingtalk_template_disabled"


class TemplateNotPermitted(NotProcessed):
    """This person, or the app, may not use the template (可见范围)."""

    status = 409
    default_code = "dingtalk_template_not_permitted"


class TemplateNameTaken(NotProcessed):
    status = 409
    default_code = "dingtalk_template_name_taken"


class FormMismatch(NotProcessed):
    """``controls`` are the titles DingTalk named; empty when it named none."""

    status = 409
    default_code = "dingtalk_form_mismatch"

    def details(self, answer: VendorAnswer) -> dict[str, Param]:
        found = _FAILED_CONTROLS.search(answer.message)
        names = re.split(r"[,，、;；]", found.group(1)) if found else []
        self.controls = tuple(n.strip().strip("[]") for n in names if n.strip())
        return {"controls": "、".join(self.controls)}

    def fitting_code(self) -> str:
        return self.default_code if self.controls else "dingtalk_form_mismatch_unnamed"


# --- instances ------------------------------------------------------------------------------------------


class OriginatorNotInDepartment(NotProcessed):
    status = 409
    default_code = "dingtalk_originator_not_in_department"


class SelfSelectApproverMissing(NotProcessed):
    """The flow lets the originator choose an approver (发起人自选), and none, or none allowed, was chosen."""

    status = 409
    default_code = "dingtalk_self_select_approver_missing"


class InstanceNotFound(NotProcessed):
    status = 404
    default_code = "dingtalk_instance_not_found"


class InstanceStateConflict(NotProcessed):
    """The instance's state does not allow this; DingTalk has one code for several reasons."""

    status = 409
    default_code = "dingtalk_instance_state_conflict"


class RevokeTooEarly(InstanceStateConflict):
    """An instance can't be withdrawn in its first 15 seconds."""

    retryable = True
    default_code = "dingtalk_revoke_too_early"


class RevokeNotAllowed(InstanceStateConflict):
    """The template forbids withdrawing (允许提交人撤销审批中的审批单 is off)."""

    default_code = "dingtalk_revoke_not_allowed"


class InstanceFinished(InstanceStateConflict):
    default_code = "dingtalk_instance_finished"


class InvalidRequest(NotProcessed):
    """DingTalk doesn't accept a parameter: a mistake of ours or of the settings."""

    status = 409
    default_code = "dingtalk_invalid_request"
