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
        needed: False for what only syncing the contacts uses.
        ask: the call; returns or raises ``DingTalkError``.
    """

    scope: str
    needed: bool
    ask: Callable[[DingTalkClient], object]

    @property
    def title_code(self) -> str:
        """The catalogue entry of its name under 权限管理."""
        return f"scope_{self.scope.replace('.', '_').lower()}"


PROBES: tuple[Probe, ...] = (
    Probe(
        "qyapi_get_member_by_mobile",
        True,
        lambda client: client.user_by_mobile(_NO_NUMBER),
    ),
    Probe("qyapi_get_member", True, lambda client: client.user(_NOBODY)),
    Probe(
        "Workflow.Form.Read",
        True,
        lambda client: client.form_schema(_NO_TEMPLATE),
    ),
    Probe(
        "Workflow.Instance.Read",
        True,
        lambda client: client.instance(_NOBODY),
    ),
    Probe(
        "Workflow.Instance.Write",
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
        False,
        lambda client: client.department_children(),
    ),
    Probe(
        "qyapi_get_department_member",
        False,
        lambda client: client.department_userids(),
    ),
)


def apply_link(app_key: str, scope: str) -> str:
    """The page on which to ask for a permission, as DingTalk's own refusals write it."""
    return f"https://open-dev.dingtalk.com/appscope/apply?content={app_key}%23{scope}"
