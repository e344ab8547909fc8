"""The page where a person plays the approver, and the sign-in page."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.sandbox.support import Api

ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def show(api: Api, path: str, lang: str = "zh") -> str:
    response = api.http.get(path, params={"lang": lang} if "?" not in path else None)
    assert response.status_code == 200, response.text
    return response.text


def act(api: Api, instance_id: str, name: str, **form: str) -> httpx.Response:
    page = show(api, f"/i/{instance_id}?as={api.userid(name)}")
    match = re.search(r'name="task_id" value="(\d*)"', page)
    assert match
    path = f"/i/{instance_id}/act?as={api.userid(name)}"
    return api.http.post(path, data={"task_id": match[1], **form})


def test_choosing_who_one_is(api: Api) -> None:
    api.start()
    page = show(api, "/")
    for name in ("张三", "李四", "王五"):
        assert f'href="/as/{api.userid(name)}"' in page
    assert f'href="/as/{api.userid("周八")}"' not in page
    assert page.count("1 项待处理") == 2
    assert "Who are you?" in show(api, "/", "en")


def test_an_approver_reads_and_agrees(api: Api) -> None:
    instance_id = api.start()
    inbox = show(api, f"/as/{api.userid('李四')}")
    assert f"/i/{instance_id}?as={api.userid('李四')}" in inbox
    page = show(api, f"/i/{instance_id}?as={api.userid('李四')}")
    assert "UPDATE t SET a=1" in page
    assert "SQL内容" in page
    response = act(api, instance_id, "李四", action="agree", remark="可以")
    assert response.status_code == 303
    found = api.instance(instance_id)
    assert (found["result"], found["operationRecords"][-1]["remark"]) == ("agree", "可以")
    assert "已同意" in show(api, f"/i/{instance_id}?as={api.userid('李四')}")


def test_refusing_handing_over_commenting_and_withdrawing(api: Api) -> None:
    instance_id = api.start()
    act(api, instance_id, "李四", action="redirect", to=api.userid("赵六"), remark="请看")
    act(api, instance_id, "张三", action="comment", remark="着急")
    act(api, instance_id, "赵六", action="refuse", remark="不行")
    found = api.instance(instance_id)
    assert found["result"] == "refuse"
    assert [record["remark"] for record in found["operationRecords"]] == ["", "请看", "着急", "不行"]
    mine = api.start()
    assert act(api, mine, "李四", action="withdraw").status_code == 400
    act(api, mine, "张三", action="withdraw", remark="写错了")
    assert api.instance(mine)["status"] == "TERMINATED"


def test_who_is_too_late_is_told(api: Api) -> None:
    instance_id = api.start()
    page = f"/i/{instance_id}/act?as={api.userid('王五')}"
    task = api.running_task(instance_id, api.userid("王五"))
    api.decide(instance_id, name="李四")
    response = api.http.post(page, data={"task_id": str(task), "action": "agree"})
    assert response.status_code == 409
    assert "已经不等你处理了" in response.text
    assert api.http.get("/i/none", params={"as": api.userid("李四")}).status_code == 404
    assert api.http.get("/as/550193847256").status_code == 404


def test_nothing_that_was_submitted_becomes_html(api: Api) -> None:
    api.control("POST", "/users", {"userid": "1", "name": ATTACK, "dept_id_list": [1]})
    values = [{"name": "工单标题", "value": ATTACK}, {"name": "SQL内容", "value": ATTACK}]
    instance_id = api.start(formComponentValues=values, originatorUserId="1")
    act(api, instance_id, "李四", action="comment", remark=ATTACK)
    lead = api.userid("李四")
    for path in ("/", f"/as/{lead}", f"/i/{instance_id}?as={lead}"):
        page = show(api, path)
        assert "<script>alert" not in page
        assert "<img" not in page
    assert show(api, f"/i/{instance_id}?as={lead}").count("&lt;script&gt;alert(1)") >= 4
    policy = api.http.get("/").headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy


def test_nothing_comes_from_elsewhere(api: Api) -> None:
    for path in ("/", "/static/page.css", "/static/page.js"):
        assert not re.search(r"(src|href)=\"(https?:)?//|url\(|@import", show(api, path))


def test_forms_of_other_sites_are_refused(api: Api) -> None:
    instance_id = api.start()
    path = f"/i/{instance_id}/act?as={api.userid('张三')}"
    form = {"action": "withdraw"}
    foreign = api.http.post(path, data=form, headers={"origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert api.instance(instance_id)["status"] == "RUNNING"
    assert api.http.post(path, data=form, headers={"origin": api.url}).status_code == 303


# --- signing in


def sign_in(
    api: Api, method: str = "GET", data: dict[str, str] | None = None, **query: str
) -> httpx.Response:
    asked = {
        "client_id": api.app["app_key"],
        "redirect_uri": "http://127.0.0.1:1/back?x=1",
        "response_type": "code",
        "scope": "openid",
        "state": "a&b",
    } | query
    return api.http.request(method, "/oauth2/auth", params=asked, data=data)


def exchange(api: Api, code: str) -> httpx.Response:
    body = {
        "clientId": api.app["app_key"],
        "clientSecret": api.app["app_secret"],
        "code": code,
        "grantType": "authorization_code",
    }
    return api.http.post("/v1.0/oauth2/userAccessToken", json=body)


def test_signing_in_gives_a_code_that_works_once(api: Api) -> None:
    assert "登录到 水闸" in sign_in(api).text
    response = sign_in(api, "POST", {"userid": api.userid("张三")})
    assert response.status_code == 303
    back = httpx.URL(response.headers["location"])
    assert (back.params["x"], back.params["state"]) == ("1", "a&b")
    tokens = exchange(api, back.params["authCode"]).json()
    assert "corpId" not in tokens
    assert exchange(api, back.params["authCode"]).status_code == 400
    token_header = "x-acs-dingtalk-access-token"
    me = api.http.get("/v1.0/contact/users/me", headers={token_header: tokens["accessToken"]}).json()
    assert me["unionId"] == api.users["张三"]["unionid"]
    as_app = api.http.get("/v1.0/contact/users/me", headers={token_header: api.token})
    assert as_app.status_code == 403
    assert as_app.json()["accessdenieddetail"] == {"requiredScopes": ["Contact.User.Read"]}


def test_signing_in_refused(api: Api) -> None:
    denied = sign_in(api, "POST", {"deny": "1"})
    assert httpx.URL(denied.headers["location"]).params["error"] == "access_denied"
    assert sign_in(api, client_id="dingx").status_code == 400
    assert sign_in(api, redirect_uri="javascript:alert(1)").status_code == 400
    registered = {"redirect_uris": ["http://127.0.0.1:1/other"]}
    api.control("POST", f"/apps/{api.app['app_key']}", registered)
    assert sign_in(api).status_code == 400


@pytest.mark.parametrize("again", [1, 2])
def test_in_app_codes(api: Api, again: int) -> None:
    code = api.control("POST", "/codes", {"userid": api.userid("张三")})["code"]
    path = "/topapi/v2/user/getuserinfo"
    assert api.old(path, {"code": code})["result"]["userid"] == api.userid("张三")
    for _ in range(again):
        assert api.old(path, {"code": code})["errcode"] == 40078
