"""Who is told what on a ticket's way, by which channel, and what they see of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from dingtalk_sandbox.messages import ROBOT_SECRET
from tests.journey.acting import approved, executed, grant, person, shop
from tests.journey.installation import Api, Company, Json, until
from tests.journey.target import SqliteTarget, Target

SQL = "UPDATE orders SET total = 4711 WHERE id = 1"
FAILING = "UPDATE orders SET total = 4711 WHERE id = 1; INSERT INTO orders VALUES (1, 'secret-literal', 0)"
WORK = "/topapi/message/corpconversation/asyncsend_v2"
COMMENTS = "/processInstances/comments"


def told(company: Company, number: str, **wanted: str) -> list[Json]:
    """The outbox about one ticket, oldest first."""
    found = company.admin.get("/notifications", ticket=number, size=200, **wanted)["notifications"]
    return list(reversed(found))


def brief(rows: list[Json]) -> set[tuple[str, str]]:
    return {
        (row["kind"], row["recipient"]["username"] if row["recipient"] else row["channel"]) for row in rows
    }


def settled(company: Company, number: str) -> list[Json]:
    """The same, once nothing more will be sent by itself."""

    def done() -> list[Json]:
        rows = told(company, number)
        open_ = [row for row in rows if row["next_attempt_at"] or row["state"] in ("pending", "sending")]
        return [] if open_ else rows

    found: list[Json] = until(done, f"the messages about {number} to be delivered")
    return found


def inbox(company: Company, channel: str, number: str) -> list[Json]:
    """What the sandbox delivered about a ticket."""
    found = company.sandbox.control("GET", "/messages")["messages"]
    return [item for item in found if item["channel"] == channel and number in json.dumps(item["message"])]


def comments(company: Company, instance: str) -> list[str]:
    records = company.sandbox.instance(instance)["operationRecords"]
    return [record["remark"] for record in records if record["type"] == "ADD_REMARK"]


def in_dingtalk(company: Company, target: Target, sql: str = SQL) -> tuple[str, str]:
    number = company.developer.submit(target.datasource, sql)
    company.developer.wait(number, "awaiting_approval")
    return number, company.developer.instance(number)


def test_a_ticket_with_built_in_approval(company: Company) -> None:
    target = shop(company)
    number = approved(company, target, SQL)
    executed(company, number)
    rows = settled(company, number)
    assert ("approval_needed", "li") in brief(rows)
    assert ("approval_needed", "zhang") not in brief(rows)
    assert {("approved", "zhang"), ("approved", "wang")} <= brief(rows)  # 王五 may execute it
    assert {("executed", "zhang"), ("executed", "wang")} <= brief(rows)  # and confirmed it
    reached = [row for row in rows if row["state"] == "sent"]
    received = inbox(company, "work", number)
    assert sum(len(item["to"]) for item in received) == len(reached)
    assert "4711" not in json.dumps(received)
    assert f"/tickets/{number}" in json.dumps(received)
    # Who has neither a userid nor a mobile number is shown with the reason.
    lacking = [row for row in rows if row["recipient"]["username"] == "admin"]
    assert {row["state"] for row in lacking} == {"undeliverable"}
    assert "mobile" in lacking[0]["problem"]["text"]


def test_the_result_in_dingtalk(company: Company) -> None:
    """DingTalk tells its approvers itself; the result comes as a comment, with rows and no values."""
    target = SqliteTarget(company)
    number, instance = in_dingtalk(company, target)
    company.sandbox.decide(instance)
    company.developer.wait(number, "approved")
    executed(company, number)
    rows = settled(company, number)
    assert not [row for row in rows if row["kind"] == "approval_needed"]
    assert ("result", "comment") in brief(rows)
    [comment] = comments(company, instance)
    assert number in comment.splitlines()[0]
    assert "1 条语句中 1 条已生效，影响 1 行" in comment
    assert f"/tickets/{number}" in comment
    assert "4711" not in comment
    card = inbox(company, "work", number)[-1]["message"]["action_card"]
    assert card["title"].startswith("【生产】")


def test_failures_are_told_without_values(company: Company) -> None:
    target = SqliteTarget(company)
    number, instance = in_dingtalk(company, target, FAILING)
    company.sandbox.decide(instance)
    company.developer.wait(number, "approved")
    executed(company, number, "failed", "partially_succeeded")
    rows = settled(company, number)
    assert ("failed", "zhang") in brief(rows)
    [comment] = comments(company, instance)
    assert "第 2 条（INSERT）：未生效" in comment
    everything = comment + json.dumps(inbox(company, "work", number), ensure_ascii=False)
    assert "secret-literal" not in everything
    assert "4711" not in everything


def test_rejected(company: Company) -> None:
    number, instance = in_dingtalk(company, SqliteTarget(company))
    company.sandbox.decide(instance, "refuse", "王五", "WHERE 条件不对")
    company.developer.wait(number, "rejected")
    [row] = settled(company, number)
    assert (row["kind"], row["recipient"]["username"]) == ("rejected", "zhang")
    shown = company.developer.get(f"/notifications/{row['id']}")
    assert "WHERE 条件不对" in shown["body"]
    assert company.stranger.refused("GET", f"/notifications/{row['id']}") == (404, "notification_missing")


def test_held(company: Company) -> None:
    """Agreed by the submitter alone: that isn't taken, and the submitter and those who execute are told."""
    number, instance = in_dingtalk(company, SqliteTarget(company))
    userid = company.sandbox.user("张三")["userid"]
    task = next(t for t in company.sandbox.instance(instance)["tasks"] if t["status"] == "RUNNING")
    company.sandbox.control(
        "POST",
        f"/instances/{instance}/tasks/{task['taskId']}/redirect",
        {"to": userid, "userid": task["userId"]},
    )
    company.sandbox.decide(instance, who="张三")
    until(lambda: told(company, number), "somebody to be told")
    rows = settled(company, number)
    assert {("needs_attention", "zhang"), ("needs_attention", "wang")} <= brief(rows)
    [mine] = company.developer.get("/notifications", ticket=number)["notifications"]
    body = company.developer.get(f"/notifications/{mine['id']}")["body"]
    assert "采信" in body


def test_each_level_is_told_in_its_turn(company: Company) -> None:
    first, first_name = person(company, "dba", mobile="")
    second, second_name = person(company, "dba", language="en")
    environment = company.admin.post(
        "/environments",
        {"code": "steps", "name_zh": "两级", "name_en": "Steps", "position": 9, "production": False},
    )
    assert environment
    levels = [{"users": [first_name]}, {"users": [second_name]}]
    company.admin.post("/approval-flows", {"provider": "builtin", "environment": "steps", "levels": levels})
    number = company.developer.submit(SqliteTarget(company, "steps").datasource, SQL)
    company.developer.wait(number, "awaiting_approval")
    assert brief(told(company, number)) == {("approval_needed", first_name)}
    first.post(f"/tickets/{number}/approve")
    assert brief(told(company, number)) == {("approval_needed", first_name), ("approval_needed", second_name)}
    mine = second.get("/notifications")["notifications"]
    assert [row["title"].split(":")[0] for row in mine] == ["Approval needed"]


@pytest.fixture
def robot(company: Company) -> Iterator[None]:
    webhook = "https://oapi.dingtalk.com/robot/send?access_token=" + "b2" * 32
    company.admin.put("/notification-settings/robot", {"webhook": webhook, "secret": ROBOT_SECRET})
    yield
    company.admin.delete("/notification-settings/robot")


@pytest.mark.usefixtures("robot")
def test_the_group_is_told_what_is_switched_on(company: Company) -> None:
    settings = company.admin.get("/notification-settings")
    company.admin.put("/notification-settings", {"work": [], "robot": ["executed"]})
    try:
        number = approved(company, shop(company), SQL)
        executed(company, number)
    finally:
        company.admin.put("/notification-settings", {"work": settings["work"], "robot": settings["robot"]})
    until(lambda: inbox(company, "group", number), "the group to be told")
    assert brief(told(company, number)) == {("executed", "robot")}
    assert len(inbox(company, "group", number)) == 1


def test_a_worker_killed_while_it_sends(company: Company) -> None:
    """DingTalk had the message, the worker died before it could write that down: nobody is told twice."""
    company.sandbox.fault("timeout_after", match=WORK, seconds=30, times=1)
    installation = company.installation
    number = company.developer.submit(shop(company).datasource, SQL)
    until(lambda: inbox(company, "work", number), "DingTalk to have the message")
    installation.kill(installation.worker)
    installation.query("UPDATE notifications_message SET lease_until = now() WHERE state = 'sending'")
    installation.worker = installation.start_worker()
    rows = settled(company, number)
    assert {row["state"] for row in rows} <= {"sent", "undeliverable"}
    people = [userid for item in inbox(company, "work", number) for userid in item["to"]]
    assert len(people) == len(set(people))


def test_comment_when_dingtalk_answers_nothing(company: Company) -> None:
    number, instance = in_dingtalk(company, SqliteTarget(company))
    company.sandbox.decide(instance)
    company.developer.wait(number, "approved")
    company.sandbox.fault("timeout_after", match=COMMENTS, seconds=0.1, times=1)
    executed(company, number)
    settled(company, number)
    assert len(comments(company, instance)) == 1


def resent(api: Api, row: Json) -> httpx.Response:
    return api.call("POST", f"/notifications/{row['id']}/resend", {})


def test_sent_again_by_a_person(company: Company) -> None:
    number, instance = in_dingtalk(company, SqliteTarget(company))
    company.sandbox.decide(instance, "refuse", "王五", "no")
    company.developer.wait(number, "rejected")
    [row] = settled(company, number)
    assert resent(company.developer, row).status_code == 403
    assert resent(company.admin, row).status_code == 200
    [row] = settled(company, number)
    assert (row["resends"], row["state"]) == (1, "sent")
    assert len(inbox(company, "work", number)) == 2
    audited = company.admin.get("/audit", object_type="notification", object_id=str(row["id"]))
    assert [entry["action"] for entry in audited] == ["notification.resent"]


def test_people_without_the_right_to_execute_are_not_asked_to(company: Company) -> None:
    target = shop(company)
    _, may = person(company, "developer")
    _, elsewhere = person(company, "developer")
    grant(company, may, ["execute"], datasource_id=target.datasource["id"])
    grant(company, elsewhere, ["execute"], datasource_id=target.datasource["id"], database="other")
    number = approved(company, target, SQL)
    people = {name for kind, name in brief(told(company, number)) if kind == "approved"}
    assert may in people
    assert elsewhere not in people
    assert "stranger" not in people
