"""The approver's page in a real browser, as wide as a phone and with fingers."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.sandbox.support import Api, Json, wait_until
from tests.servers.browser import Page

LONG = "A" * 300
ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
SQL = "\n".join(f"UPDATE shop.orders SET amount = amount - {n} WHERE id = {n};" for n in range(60))


def long_form(api: Api) -> str:
    return api.start(
        formComponentValues=[
            {"name": "工单标题", "value": LONG},
            {"name": "备注信息", "value": ATTACK},
            {"name": "SQL内容", "value": SQL},
        ]
    )


def open_approval(page: Page, api: Api, instance_id: str, name: str, lang: str = "zh") -> None:
    page.open(f"{api.url}/i/{instance_id}?as={api.userid(name)}&lang={lang}")


def until(api: Api, instance_id: str, condition: Callable[[Json], bool]) -> Json:
    wait_until(lambda: condition(api.instance(instance_id)))
    return api.instance(instance_id)


def running(instance: Json) -> list[str]:
    return [task["userId"] for task in instance["tasks"] if task["status"] == "RUNNING"]


def test_from_the_list_of_people_to_an_agreement(page: Page, api: Api) -> None:
    instance_id = api.start()
    lead = api.userid("李四")
    page.open(f"{api.url}/")
    page.tap(f'a[href="/as/{lead}"]')
    page.wait_for("document.querySelector('section.pending a')")
    page.tap("section.pending a")
    page.wait_for("document.querySelector('.form')")
    assert "UPDATE t SET a=1" in page.text()
    page.type("textarea", "可以，今晚执行")
    page.tap("button.agree")
    page.wait_for("document.querySelector('.badge.agreed')")
    assert "可以，今晚执行" in page.text()
    found = api.instance(instance_id)
    assert (found["status"], found["result"]) == ("COMPLETED", "agree")
    assert found["operationRecords"][-1]["remark"] == "可以，今晚执行"
    page.tap("main > p a")
    page.wait_for("document.querySelector('section.done a')")
    assert page.evaluate("document.querySelectorAll('section.pending a').length") == 0


def test_refusing_asks_first(page: Page, api: Api) -> None:
    instance_id = api.start()
    open_approval(page, api, instance_id, "李四")
    page.answers_dialogs = False
    page.tap("button.refuse")
    wait_until(lambda: page.evaluate("true") and page.asked == ["确定拒绝这个审批单吗？"])
    page.type("textarea", "请先加索引")
    assert api.instance(instance_id)["status"] == "RUNNING"
    page.answers_dialogs = True
    page.tap("button.refuse")
    page.wait_for("document.querySelector('.badge.refused')")
    found = api.instance(instance_id)
    assert (found["result"], found["operationRecords"][-1]["remark"]) == ("refuse", "请先加索引")


@pytest.mark.parametrize(
    ("action", "record", "waiting"),
    [
        ("redirect", "REDIRECT_TASK", ["赵六"]),
        ("append_before", "APPEND_TASK_BEFORE", ["赵六"]),
        ("append_after", "APPEND_TASK_AFTER", ["李四"]),
    ],
)
def test_handing_over_and_adding_an_approver(
    page: Page, api: Api, action: str, record: str, waiting: list[str]
) -> None:
    flow = [{"approvers": [api.userid("李四")]}]
    code = api.control("POST", "/templates", {"name": "一人", "controls": [control()], "flow": flow})[
        "process_code"
    ]
    instance_id = api.start(processCode=code, formComponentValues=[{"name": "标题", "value": "x"}])
    open_approval(page, api, instance_id, "李四", "en")
    page.tap("summary")
    page.wait_for("document.querySelector('details').open")
    page.choose("select", api.userid("赵六"))
    page.type("textarea", "please look")
    page.tap(f"button[value={action}]")
    page.wait_for("document.querySelectorAll('.history li').length >= 3")
    found = api.instance(instance_id)
    assert (found["operationRecords"][-1]["type"], found["operationRecords"][-1]["remark"]) == (
        record,
        "please look",
    )
    assert running(found) == [api.userid(name) for name in waiting]
    for name in (
        ("赵六",) if action == "redirect" else ("赵六", "李四") if "before" in action else ("李四", "赵六")
    ):
        open_approval(page, api, instance_id, name)
        page.tap("button.agree")
        page.wait_for("!document.querySelector('button.agree')")
    assert api.instance(instance_id)["result"] == "agree"


def control() -> Json:
    return {"componentType": "TextField", "props": {"label": "标题"}}


def test_comments_of_anybody_and_the_originators_withdrawal(page: Page, api: Api) -> None:
    instance_id = api.start()
    open_approval(page, api, instance_id, "吴九")
    assert page.evaluate("[...document.querySelectorAll('button')].map(b => b.value)") == ["comment"]
    page.tap("button[value=comment]")
    page.wait_for("document.querySelector('[role=alert]')")
    assert "请先填写内容" in page.text()
    # The browser itself reports the refusal.
    wait_until(lambda: page.evaluate("true") and page.complaints != [])
    assert "the server responded with a status of 400" in page.complaints.pop()
    page.tap("main a")
    page.wait_for("document.querySelector('textarea')")
    page.type("textarea", "备份了吗？\n请确认")
    page.tap("button[value=comment]")
    page.wait_for("document.querySelector('blockquote')")
    open_approval(page, api, instance_id, "张三", "en")
    assert page.evaluate("document.querySelector('blockquote').innerText") == "备份了吗？\n请确认"
    page.tap("button[value=withdraw]")
    page.wait_for("document.querySelector('.badge.TERMINATED')")
    assert page.asked == ["Withdraw this approval?"]
    found = api.instance(instance_id)
    assert (found["status"], found["operationRecords"][1]["remark"]) == ("TERMINATED", "备份了吗？\n请确认")


def test_the_list_shows_what_arrives_while_it_is_open(page: Page, api: Api) -> None:
    page.open(f"{api.url}/as/{api.userid('王五')}")
    assert "没有审批单" in page.text()
    instance_id = api.start()
    page.wait_for("document.querySelector('section.pending a')")
    api.decide(instance_id, name="李四")
    page.wait_for("!document.querySelector('section.pending a')")


def test_messages_are_read_on_the_page(page: Page, api: Api) -> None:
    lead = api.userid("李四")
    card = {
        "title": "需要审批",
        "markdown": ATTACK,
        "single_title": "查看",
        "single_url": "http://127.0.0.1:1/t/7",
    }
    for message in (
        {"msgtype": "action_card", "action_card": card},
        {"msgtype": "text", "text": {"content": "你好"}},
        {"msgtype": "action_card", "action_card": {**card, "single_url": "javascript:alert(1)"}},
        {"msgtype": "text", "text": "of no shape"},
    ):
        sent = {"agent_id": api.app["agent_id"], "userid_list": lead, "msg": message}
        assert api.old("/topapi/message/corpconversation/asyncsend_v2", sent)["errcode"] == 0
    robot = {"title": "机器人", "text": "写给一个人"}
    body = {"robotCode": "r", "userIds": [lead], "msgKey": "sampleMarkdown", "msgParam": json.dumps(robot)}
    api.ok("POST", "/v1.0/robot/oToMessages/batchSend", body)
    page.open(f"{api.url}/as/{lead}")
    links = page.evaluate("[...document.querySelectorAll('.messages a')].map(a => a.href)")
    assert links == ["http://127.0.0.1:1/t/7"]
    said = page.evaluate("[...document.querySelectorAll('.messages .said')].map(e => e.textContent)")
    assert said == ["写给一个人", "", ATTACK, "你好", ATTACK]
    assert page.asked == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [320, 390])
def test_everything_fits_a_phone(page: Page, api: Api, lang: str, width: int) -> None:
    instance_id = long_form(api)
    screen = {"width": width, "height": 640, "deviceScaleFactor": 2, "mobile": True}
    page.call("Emulation.setDeviceMetricsOverride", **screen)
    lead = api.userid("李四")
    for path in ("/", f"/as/{lead}", f"/i/{instance_id}?as={lead}"):
        page.open(f"{api.url}{path}{'&' if '?' in path else '?'}lang={lang}")
        assert page.evaluate("document.documentElement.scrollWidth") == width
    # However long the form, what one decides with is on the screen, and large enough for a finger.
    buttons = page.evaluate(
        "[...document.querySelectorAll('.actions > .buttons button')].map(b => b.getBoundingClientRect())"
        ".map(b => [b.left >= 0 && b.right <= innerWidth && b.top > 0 && b.bottom <= innerHeight, b.height >= 44])"
    )
    assert buttons == [[True, True]] * 3
    assert page.evaluate("document.documentElement.lang") == ("en" if lang == "en" else "zh-CN")
    assert page.asked == []


def test_signing_in(page: Page, api: Api) -> None:
    back = f"{api.url}/static/page.js"
    asked = f"client_id={api.app['app_key']}&redirect_uri={back}&response_type=code&scope=openid&state=s1"
    page.open(f"{api.url}/oauth2/auth?{asked}")
    assert "登录到 水闸" in page.text()
    page.tap(f'button[value="{api.userid("张三")}"]')
    page.wait_for(f"location.href.startsWith({json.dumps(back)})")
    code, state = page.evaluate("['authCode', 'state'].map(n => new URL(location).searchParams.get(n))")
    assert state == "s1"
    body = {
        "clientId": api.app["app_key"],
        "clientSecret": api.app["app_secret"],
        "code": code,
        "grantType": "authorization_code",
    }
    assert api.http.post("/v1.0/oauth2/userAccessToken", json=body).json()["accessToken"]
