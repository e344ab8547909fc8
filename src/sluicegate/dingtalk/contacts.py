"""People and departments: all on the old host, all outside the monthly quota."""

from __future__ import annotations

from sluicegate.dingtalk import endpoints
from sluicegate.dingtalk.auth import AppCalls
from sluicegate.dingtalk.models import ROOT_DEPARTMENT, AuthScopes, Department, LoginIdentity, User
from sluicegate.dingtalk.wire import Json, needed, obj, text, texts


class ContactCalls:
    """The part of the client that deals with people."""

    _calls: AppCalls

    def user_by_mobile(self, mobile: str) -> str:
        """The userid of the employee with this mobile number.

        Raises:
            UserNotFound: nobody, or somebody who has left. Permission: 通讯录手机号获取userid.
        """
        return self._calls.call(endpoints.USER_BY_MOBILE, _userid, payload={"mobile": mobile})

    def user(self, userid: str) -> User:
        """Raises UserNotFound, UserOutOfScope."""
        payload = {"userid": userid, "language": "zh_CN"}
        return self._calls.call(endpoints.USER, User.parse, payload=payload)

    def department_children(self, department_id: int = ROOT_DEPARTMENT) -> tuple[Department, ...]:
        """The departments right under this one; one level only."""
        return self._calls.call(
            endpoints.DEPARTMENT_CHILDREN, Department.parse_list, payload={"dept_id": department_id}
        )

    def department_userids(self, department_id: int = ROOT_DEPARTMENT) -> tuple[str, ...]:
        """Who is in this department itself; those of the departments under it are not listed.

        Raises:
            DepartmentNotFound, UserOutOfScope: no such department, or outside the app's range.
        """
        return self._calls.call(endpoints.DEPARTMENT_USERS, _userids, payload={"dept_id": department_id})

    def auth_scopes(self) -> AuthScopes:
        return self._calls.call(endpoints.AUTH_SCOPES, AuthScopes.parse)

    def user_by_auth_code(self, code: str) -> LoginIdentity:
        """Who opened us inside DingTalk, from the one-time code of ``dd.requestAuthCode`` (5 minutes, once).

        Raises:
            InvalidAuthCode: unknown, used or too old.
        """
        return self._calls.call(endpoints.USER_BY_AUTH_CODE, _identity, payload={"code": code})

    def user_by_browser_code(self, code: str) -> LoginIdentity:
        """Who logged in through the browser, from the ``authCode`` of the redirect.

        Raises:
            InvalidAuthCode, or NotProcessed with another vendor code: the code is no good.
            UserNotFound: a DingTalk user who is not in the app's organisation.
        """
        credentials = self._calls.credentials
        payload = {
            "clientId": credentials.app_key,
            "clientSecret": credentials.app_secret,
            "code": code,
            "grantType": "authorization_code",
        }
        token = self._calls.call_openly(endpoints.USER_TOKEN, _access_token, payload=payload)
        unionid, name = self._calls.call_with(token, endpoints.OWN_PROFILE, _profile)
        userid = self._calls.call(endpoints.USER_BY_UNIONID, _userid, payload={"unionid": unionid})
        return LoginIdentity(userid=userid, unionid=unionid, name=name)


def _userid(body: Json) -> str:
    return needed(obj(body.get("result")).get("userid"))


def _userids(body: Json) -> tuple[str, ...]:
    return texts(obj(body.get("result")).get("userid_list"))


def _identity(body: Json) -> LoginIdentity:
    found = obj(body.get("result"))
    return LoginIdentity(
        userid=needed(found.get("userid")), unionid=text(found.get("unionid")), name=text(found.get("name"))
    )


def _access_token(body: Json) -> str:
    return needed(body.get("accessToken"))


def _profile(body: Json) -> tuple[str, str]:
    return needed(body.get("unionId")), text(body.get("nick"))
