"""The calls we make, as a table: which host, which path, and whether a call changes anything.

Paths are from https://open.dingtalk.com/document/ (server API pages). ``name`` is also the key of the rate
limit and of ``vendor_codes.MEANINGS_OF_CALL``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Host(Enum):
    API = "api"
    """Token in the header ``x-acs-dingtalk-access-token``."""
    OAPI = "oapi"
    """Token in the query as ``access_token``."""


@dataclass(frozen=True)
class Endpoint:
    name: str
    method: str
    host: Host
    path: str
    changing: bool = False


def _get(name: str, path: str) -> Endpoint:
    return Endpoint(name, "GET", Host.API, path)


def _post(name: str, path: str, *, changing: bool = False) -> Endpoint:
    return Endpoint(name, "POST", Host.API, path, changing)


def _old(name: str, path: str, *, method: str = "POST", changing: bool = False) -> Endpoint:
    return Endpoint(name, method, Host.OAPI, path, changing)


APP_TOKEN = _post("app_token", "/v1.0/oauth2/accessToken")
USER_TOKEN = _post("user_token", "/v1.0/oauth2/userAccessToken")
OWN_PROFILE = _get("own_profile", "/v1.0/contact/users/me")

USER_BY_MOBILE = _old("user_by_mobile", "/topapi/v2/user/getbymobile")
USER = _old("user", "/topapi/v2/user/get")
USER_BY_UNIONID = _old("user_by_unionid", "/topapi/user/getbyunionid")
USER_BY_AUTH_CODE = _old("user_by_auth_code", "/topapi/v2/user/getuserinfo")
DEPARTMENT_CHILDREN = _old("department_children", "/topapi/v2/department/listsub")
DEPARTMENT_USERS = _old("department_users", "/topapi/user/listid")
AUTH_SCOPES = _old("auth_scopes", "/auth/scopes", method="GET")

FAILED_CALLBACKS = _old("failed_callbacks", "/call_back/get_call_back_failed_result", method="GET")

SEND_WORK_NOTIFICATION = _old(
    "send_work_notification", "/topapi/message/corpconversation/asyncsend_v2", changing=True
)
SEND_TO_GROUP = _old("send_to_group", "/robot/send", changing=True)
SEND_RESULT = _old("send_result", "/topapi/message/corpconversation/getsendresult")

CREATE_FORM = _post("create_form", "/v1.0/workflow/forms", changing=True)
FORM_SCHEMA = _get("form_schema", "/v1.0/workflow/forms/schemas/processCodes")
PROCESS_CODE_BY_NAME = _get("process_code_by_name", "/v1.0/workflow/processCentres/schemaNames/processCodes")
VISIBLE_TEMPLATES = _get("visible_templates", "/v1.0/workflow/processes/userVisibilities/templates")
START_INSTANCE = _post("start_instance", "/v1.0/workflow/processInstances", changing=True)
INSTANCE = _get("instance", "/v1.0/workflow/processInstances")
TERMINATE_INSTANCE = _post("terminate_instance", "/v1.0/workflow/processInstances/terminate", changing=True)
LIST_INSTANCE_IDS = _post("list_instance_ids", "/v1.0/workflow/processes/instanceIds/query")
COMMENT = _post("comment", "/v1.0/workflow/processInstances/comments", changing=True)
FORECAST = _post("forecast", "/v1.0/workflow/processes/forecast")
