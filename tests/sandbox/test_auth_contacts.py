"""Tokens, the words of refusals, and contacts."""

from __future__ import annotations

import pytest

from tests.sandbox.support import Api, Json

TOKEN = "/v1.0/oauth2/accessToken"
GET_USER = "/topapi/v2/user/get"
INSTANCES = "/v1.0/workflow/processInstances"


def test_the_same_token_while_it_lasts_and_both_hosts_take_both(api: Api) -> None:
    assert api.new_token() == api.token
    query = {"appkey": api.app["app_key"], "appsecret": api.app["app_secret"]}
    answer = api.http.get("/gettoken", params=query).json()
    assert answer == {
        "errcode": 0,
        "access_token": answer["access_token"],
        "errmsg": "ok",
        "expires_in": 7200,
    }
    for token in (api.token, answer["access_token"]):
        api.token = token
        assert api.old(GET_USER, {"userid": api.userid("张三")})["errcode"] == 0
        code, _ = api.refused("GET", INSTANCES, processInstanceId="x")
        assert code == "processInstanceIdError"


def test_expired_tokens_are_refused_in_each_hosts_words(api: Api) -> None:
    api.fault("expire_tokens")
    assert api.refused("GET", INSTANCES, processInstanceId="x") == (
        "InvalidAuthentication",
        "不合法的access_token",
    )
    answer = api.old(GET_USER, {"userid": "x"})
    assert (answer["errcode"], answer["sub_code"], answer["sub_msg"], answer["errmsg"]) == (
        88,
        "40014",
        "不合法的access_token",
        "ding talk error[subcode=40014,submsg=不合法的access_token]",
    )
    assert answer["request_id"]
    old, api.token = api.token, api.new_token()
    assert api.token != old
    assert api.old(GET_USER, {"userid": api.userid("张三")})["errcode"] == 0


def test_a_token_expires_after_its_time(api: Api) -> None:
    api.control("POST", "/settings", {"token_ttl": 0.0})
    api.fault("expire_tokens")
    api.token = api.new_token()
    assert api.refused("GET", INSTANCES, processInstanceId="x")[0] == "InvalidAuthentication"


@pytest.mark.parametrize(
    ("settings", "seconds"),
    [
        ({"speed": 20}, 360),
        ({"speed": 10_000}, 60),  # using a token takes real time
        ({"speed": 10_000, "token_ttl": 5.0}, 5),
    ],
)
def test_tokens_live_shorter_in_faster_time(api: Api, settings: Json, seconds: int) -> None:
    api.control("POST", "/settings", settings)
    body = {"appKey": api.app["app_key"], "appSecret": api.app["app_secret"]}
    assert api.http.post("/v1.0/oauth2/accessToken", json=body).json()["expireIn"] == seconds
    keys = {"appkey": api.app["app_key"], "appsecret": api.app["app_secret"]}
    assert api.http.get("/gettoken", params=keys).json()["expires_in"] == seconds


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            {"appKey": "dingx", "appSecret": "x"},
            "invalidClientIdOrSecret",
            "无效的clientId或者clientSecret",
        ),
        ({"appKey": "dingx"}, "MissingappSecret", "appSecret is mandatory for this action."),
    ],
)
def test_refused_credentials(api: Api, body: dict[str, str], code: str, message: str) -> None:
    assert api.refused("POST", TOKEN, body) == (code, message)


def test_a_body_that_is_not_json(api: Api) -> None:
    response = api.http.post(TOKEN, content=b"appKey=x", headers={"content-type": "text/plain"})
    assert response.status_code == 400
    assert response.json()["code"] == "Missingbody"
    assert response.headers["content-type"] == "application/json;charset=utf-8"


def test_gettoken_refusals(api: Api) -> None:
    assert api.http.get("/gettoken").json() == {
        "errcode": 40035,
        "errmsg": "缺少参数 corpid or appkey",
    }
    assert api.http.get("/gettoken", params={"appkey": "a", "appsecret": "b"}).json() == {
        "errcode": 40096,
        "errmsg": "不合法的appKey或appSecret",
    }


def test_missing_tokens_and_unknown_paths(api: Api) -> None:
    assert api.http.get(INSTANCES).json()["code"] == "AuthenticationFailed.MissingParameter"
    assert api.http.post(GET_USER, json={}).json()["sub_msg"] == "access_token is blank"
    response = api.http.get("/v1.0/nowhere")
    assert (response.status_code, response.json()) == (
        200,
        {"errcode": 404, "errmsg": "请求的URI地址不存在"},
    )
    answer = api.old("/topapi/v2/user/notexist")
    assert answer["errcode"] == 22
    assert answer["sub_msg"] == "不合法ApiName，ApiName = dingtalk.oapi.v2.user.notexist"


def test_the_unified_token_endpoint(api: Api) -> None:
    body = {
        "client_id": api.app["app_key"],
        "client_secret": api.app["app_secret"],
        "grant_type": "client_credentials",
    }
    api.token = api.ok("POST", f"/v1.0/oauth2/{api.app['corp_id']}/token", body)["access_token"]
    assert api.old(GET_USER, {"userid": api.userid("张三")})["errcode"] == 0
    assert api.call("POST", "/v1.0/oauth2/dingother/token", body).json()["code"] == "unknownError"


def test_from_a_mobile_number_to_the_person(api: Api) -> None:
    answer = api.old("/topapi/v2/user/getbymobile", {"mobile": api.users["张三"]["mobile"]})
    assert {key: answer[key] for key in ("errcode", "errmsg", "result")} == {
        "errcode": 0,
        "errmsg": "ok",
        "result": {"userid": "0166525500211234"},
    }
    detail = api.old(GET_USER, {"userid": "0166525500211234"})["result"]
    assert detail["name"] == "张三"
    assert detail["dept_id_list"] == [100200301]
    assert detail["active"] is True
    back = api.old("/topapi/user/getbyunionid", {"unionid": detail["unionid"]})["result"]
    assert back == {"contact_type": 0, "userid": "0166525500211234"}


def test_forms_are_read_like_json(api: Api) -> None:
    query = {"access_token": api.token}
    mobile = {"mobile": api.users["李四"]["mobile"]}
    for response in (
        api.http.post("/topapi/v2/user/getbymobile", params=query, data=mobile),
        api.http.post(
            "/topapi/v2/user/getbymobile",
            params=query,
            content=f'{{"mobile": "{mobile["mobile"]}"}}',
            headers={"content-type": "application/octet-stream"},
        ),
    ):
        assert response.json()["result"]["userid"] == api.userid("李四")


@pytest.mark.parametrize(
    ("path", "body", "errcode", "errmsg"),
    [
        ("/topapi/v2/user/getbymobile", {"mobile": "13900000000"}, 60121, "找不到该用户"),
        ("/topapi/v2/user/getbymobile", {"mobile": "13800000007"}, 60121, "找不到该用户"),
        ("/topapi/v2/user/getbymobile", {"mobile": "abc"}, 40104, "企业中无效的手机号"),
        ("/topapi/v2/user/getbymobile", {}, 400002, "无效的参数"),
        (GET_USER, {"userid": "550193847256"}, 60121, "找不到该用户"),
        (GET_USER, {"userid": "166525500211234"}, 60121, "找不到该用户"),
        ("/topapi/user/getbyunionid", {"unionid": "x"}, 60121, "未找到对应员工"),
        ("/topapi/v2/department/get", {"dept_id": 7}, 60003, "部门不存在"),
        ("/topapi/v2/department/get", {"dept_id": "x"}, 40009, "不合法的部门id"),
        ("/topapi/user/listid", {"dept_id": 7}, 60003, "部门不存在"),
    ],
)
def test_contacts_refusals(api: Api, path: str, body: dict[str, object], errcode: int, errmsg: str) -> None:
    answer = api.old(path, body)
    assert (answer["errcode"], answer["errmsg"]) == (errcode, errmsg)


def test_departments(api: Api) -> None:
    top = api.old("/topapi/v2/department/listsub")["result"]
    assert [(item["name"], item["parent_id"]) for item in top] == [("研发部", 1), ("测试部", 1)]
    below = api.old("/topapi/v2/department/listsubid", {"dept_id": top[0]["dept_id"]})["result"]
    assert below == {"dept_id_list": [100200302]}
    members = api.old("/topapi/user/listid", {"dept_id": 100200301})["result"]["userid_list"]
    assert api.userid("张三") in members
    assert api.userid("周八") not in members
    chain = api.old("/topapi/v2/department/listparentbyuser", {"userid": api.userid("孙七")})["result"]
    assert chain == {
        "parent_list": [
            {"parent_dept_id_list": [100200301, 1]},
            {"parent_dept_id_list": [100200303, 1]},
        ]
    }
    detail = api.old("/topapi/v2/department/get", {"dept_id": 100200302})["result"]
    assert (detail["name"], detail["parent_id"]) == ("DBA组", 100200301)


def test_rights_range_and_address(api: Api) -> None:
    key = api.app["app_key"]
    api.control("POST", f"/apps/{key}", {"scopes": ["qyapi_get_member"]})
    detail = api.old(GET_USER, {"userid": api.userid("张三")})["result"]
    assert "mobile" not in detail
    answer = api.old("/topapi/v2/department/listsub")
    assert (answer["errcode"], answer["sub_code"]) == (88, "60011")
    assert f"content={key}%23qyapi_get_department_list" in answer["sub_msg"]
    assert answer["errmsg"].endswith(", {requiredScopes=[qyapi_get_department_list]}")
    response = api.call("POST", INSTANCES, api.start_body())
    assert response.status_code == 403
    assert response.json()["accessdenieddetail"] == {"requiredScopes": ["Workflow.Instance.Write"]}

    api.control("POST", f"/apps/{key}", {"scopes": None, "authed_depts": [100200303]})
    assert api.old(GET_USER, {"userid": api.userid("张三")})["errcode"] == 50002
    assert api.old(GET_USER, {"userid": api.userid("孙七")})["errcode"] == 0
    assert api.old("/topapi/v2/department/get", {"dept_id": 100200301})["errcode"] == 50004
    granted = api.http.get("/auth/scopes", params={"access_token": api.token}).json()
    assert granted["auth_org_scopes"] == {"authed_dept": [100200303], "authed_user": []}

    api.control("POST", f"/apps/{key}", {"authed_depts": [1], "ip_whitelist": ["203.0.113.9"]})
    assert api.new_token() == api.token
    refusal = api.call("POST", INSTANCES, api.start_body())
    assert refusal.status_code == 403
    assert refusal.json()["code"] == "Forbidden.AccessDenied.IpNotInWhiteList"
    assert f",request ip=127.0.0.1 appKey({key})" in refusal.json()["message"]
    assert api.old(GET_USER, {"userid": "x"})["sub_code"] == "60020"
    api.control("POST", f"/apps/{key}", {"ip_whitelist": None})
    assert api.old(GET_USER, {"userid": api.userid("张三")})["errcode"] == 0


def test_people_and_departments_can_be_changed(api: Api) -> None:
    api.control("POST", "/departments", {"name": "运维组", "parent_id": 100200301, "dept_id": 9})
    api.control("POST", "/users", {"userid": "000777", "name": "郑十", "mobile": "1390", "dept_id_list": [9]})
    assert api.old(GET_USER, {"userid": "000777"})["result"]["dept_id_list"] == [9]
    api.control("POST", "/users", {"userid": "000777", "active": False})
    assert api.old(GET_USER, {"userid": "000777"})["errcode"] == 60121
    api.control("POST", "/users", {"userid": "1", "dept_id_list": [404]}, status=400)
    api.control("POST", "/reset")
    assert "000777" not in {user["userid"] for user in api.state()["users"]}
