"""The permissions (权限管理) that the app needs, each with a harmless call that DingTalk refuses without it.

Every probe asks for something that doesn't exist. DingTalk looks at the permission first, so that "no such …"
says that the permission is there. Nothing is changed. Which call needs which: the official API pages, "权限".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.models import WORKFLOW_ROOT_DEPARTMENT
from sluicegate.dingtalk.templates import FormValue

_NOBODY = "sluicegate-doctor"
_NO_NUMBER = "10000000000"
_NO_TEMPLATE = "PROC-00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Probe:
    """One permission.

    Args:
        scope: its code, as refusals name it.
        title: its name under 权限管理.
        needed: False for what only syncing the contacts uses.
        ask: the call; returns or raises ``DingTalkError``.
    """

    scope: str
    title: str
    needed: bool
    ask: Callable[[DingTalkClient], object]


PROBES: tuple[Probe, ...] = (
    Probe(
        "qyapi_get_member_by_mobile",
        "根据手机号获取成员基本信息权限",
        True,
        lambda client: client.user_by_mobile(_NO_NUMBER),
    ),
    Probe("qyapi_get_member", "成员信息读权限", True, lambda client: client.user(_NOBODY)),
    Probe(
        "Workflow.Form.Read",
        "工作流模板读权限",
        True,
        lambda client: client.form_schema(_NO_TEMPLATE),
    ),
    Probe(
        "Workflow.Instance.Read",
        "工作流实例读权限",
        True,
        lambda client: client.instance(_NOBODY),
    ),
    Probe(
        "Workflow.Instance.Write",
        "工作流实例写权限",
        True,
        lambda client: client.forecast(
            process_code=_NO_TEMPLATE,
            userid=_NOBODY,
            department_id=WORKFLOW_ROOT_DEPARTMENT,
            values=(FormValue(_NOBODY, _NOBODY),),
        ),
    ),
    Probe(
        "qyapi_get_department_list",
        "通讯录部门信息读权限",
        False,
        lambda client: client.department_children(),
    ),
    Probe(
        "qyapi_get_department_member",
        "通讯录部门成员读权限",
        False,
        lambda client: client.department_userids(),
    ),
)


def apply_link(app_key: str, scope: str) -> str:
    """The page on which to ask for a permission, as DingTalk's own refusals write it."""
    return f"https://open-dev.dingtalk.com/appscope/apply?content={app_key}%23{scope}"
