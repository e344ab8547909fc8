"""The outbox against the local DingTalk, over sockets: each test has messages of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from django.db import transaction
from django.utils import timezone

from dingtalk_sandbox.messages import ROBOT_SECRET
from dingtalk_sandbox.server import SandboxServer
from sluicegate.accounts.models import User
from sluicegate.approvals import connection
from sluicegate.approvals.models import Approval, ApprovalState, CallPace, DingTalkConnection, HostCircuit
from sluicegate.audit.models import AuditEntry
from sluicegate.core import crypto
from sluicegate.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from sluicegate.dingtalk.templates import FormValue
from sluicegate.notifications import channels, delivery, jobs, outbox, preferences, services
from sluicegate.notifications.facts import Fact, Recipient, Where
from sluicegate.notifications.models import (
    Channel,
    Kind,
    Message,
    MessageState,
    NotificationSettings,
    all_kinds,
)
from tests.integration.world import World, at_once, raised
from tests.unit.configuring import configured

WORK = "/topapi/message/corpconversation/asyncsend_v2"
RESULT = "/topapi/message/corpconversation/getsendresult"
COMMENTS = "/processInstances/comments"
GROUP = "/robot/send"
ROBOT = "a1" * 32
PROD = Where("orders-db", "shop", "生产", "Production", production=True)
DEV = Where("orders-dev", "", "开发", "Development", production=False)


class DingTalk:
    """The sandbox as the tests look into it."""

    def __init__(self, server: SandboxServer) -> None:
        self.http = httpx.Client(base_url=f"{server.url}/_sandbox", timeout=30, trust_env=False)

    def ask(self, method: str, path: str, body: dict[str, object] | None = None) -> dict[str, object]:
        answer = self.http.request(method, path, json=body)
        assert answer.status_code < 400, answer.text
        return answer.json() if answer.content else {}

    def fault(self, kind: str, match: str, times: int = 1, **more: object) -> None:
        self.ask("POST", "/faults", {"kind": kind, "match": match, "times": times, **more})

    def received(self, channel: str) -> list[dict[str, object]]:
        found = self.ask("GET", "/messages")["messages"]
        assert isinstance(found, list)
        return [item for item in found if item["channel"] == channel and item["to"]]

    def calls(self, path: str) -> int:
        found = self.ask("GET", "/requests")["requests"]
        assert isinstance(found, list)
        return sum(path in item["path"] for item in found)

    def users(self) -> list[dict[str, object]]:
        found = self.ask("GET", "/state")["users"]
        assert isinstance(found, list)
        return found


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def dingtalk(server: SandboxServer, world: World, database: dict[str, str]) -> Iterator[DingTalk]:
    box = DingTalk(server)
    box.ask("POST", "/reset")
    apps = box.ask("GET", "/state")["apps"]
    assert isinstance(apps, list)
    app = apps[0]
    bases = {"SLUICEGATE_DINGTALK_API_BASE": server.url, "SLUICEGATE_DINGTALK_OAPI_BASE": server.url}
    _forget()
    with configured({**database, **bases}):
        DingTalkConnection.objects.create(
            app_key=app["app_key"],
            sealed_secret=crypto.seal(app["app_secret"], "dingtalk:app_secret"),
            corp_id=app["corp_id"],
            agent_id=str(app["agent_id"]),
        )
        connection.client().visible_templates()  # a token of this sandbox, so that no later call is refused for it
        box.ask("DELETE", "/requests")
        yield box
    _forget()


def _forget() -> None:
    Message.objects.all().delete()
    NotificationSettings.objects.all().delete()
    for model in (CallPace, HostCircuit, DingTalkConnection):
        model.objects.all().delete()
    User.objects.exclude(dingtalk_userid="").update(dingtalk_userid="")


def person(world: World, dingtalk: DingTalk, index: int = 0, language: str = "zh") -> User:
    user = world.person("developer")
    user.dingtalk_userid = str([u for u in dingtalk.users() if u["active"]][index]["userid"])
    user.language = language
    user.save()
    return user


def fact(world: World, kind: Kind = Kind.EXECUTED, **more: object) -> Fact:
    number = world.unique("DC")
    values: dict[str, object] = {
        "kind": kind,
        "event": f"{number}:1",
        "heading": "state_succeeded",
        "number": number,
        "ticket_kind": "data_change",
        "title": "fix the orders",
        "submitter": "张三",
        "places": (PROD,),
        "at": timezone.now(),
        **more,
    }
    return Fact(**values)  # type: ignore[arg-type]


def post(told: Fact, *people: User) -> None:
    with transaction.atomic():
        outbox.post(told, [Recipient(user, "notice_todo_none") for user in people])


def deliver(told: Fact, channel: Channel = Channel.WORK) -> None:
    """What the job does, at a time when everything is due."""
    Message.objects.filter(event=told.event, next_attempt_at__isnull=False).update(
        next_attempt_at=timezone.now() - timedelta(seconds=1)
    )
    delivery.deliver(told.event, channel)


def check(message: Message) -> Message:
    Message.objects.filter(pk=message.pk).update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    delivery.check(message.task_id)
    return Message.objects.get(pk=message.pk)


def only(told: Fact, channel: Channel = Channel.WORK) -> Message:
    return Message.objects.get(event=told.event, channel=channel)


# ---------------------------------------------------------------- work notifications


def test_sent_and_checked(world: World, dingtalk: DingTalk) -> None:
    told, user = fact(world), person(world, dingtalk)
    post(told, user)
    deliver(told)
    message = only(told)
    assert (message.state, message.userid) == (MessageState.SENT, user.dingtalk_userid)
    assert message.task_id
    assert message.checked_at is None
    [notice] = dingtalk.received("work")
    card = notice["message"]["action_card"]  # type: ignore[index]
    assert card["title"].startswith("【生产】")
    assert "生产环境" in card["markdown"]
    assert card["single_url"].endswith(f"/tickets/{told.number}")
    message = check(message)
    assert message.state == MessageState.SENT
    assert message.checked_at is not None
    assert outbox.due_channels() == []
    assert outbox.due_checks() == []


def test_the_same_fact_is_told_once(world: World, dingtalk: DingTalk) -> None:
    told, user = fact(world), person(world, dingtalk)
    post(told, user, user)
    post(told, user)
    assert Message.objects.filter(event=told.event).count() == 1
    deliver(told)
    deliver(told)
    post(told, user)
    deliver(told)
    assert len(dingtalk.received("work")) == 1


def test_nothing_is_told_of_what_did_not_happen(world: World, dingtalk: DingTalk) -> None:
    told, user = fact(world), person(world, dingtalk)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.post(told, [Recipient(user, "notice_todo_none")])
        raise ZeroDivisionError
    assert not Message.objects.filter(event=told.event).exists()


def test_each_in_their_language_and_alike_in_one_call(world: World, dingtalk: DingTalk) -> None:
    told = fact(world)
    people = [person(world, dingtalk, i, "zh" if i < 2 else "en") for i in range(3)]
    post(told, *people)
    deliver(told)
    first, second = sorted(dingtalk.received("work"), key=lambda notice: len(notice["to"]), reverse=True)  # type: ignore[arg-type]
    assert sorted(first["to"]) == sorted(user.dingtalk_userid for user in people[:2])  # type: ignore[call-overload]
    assert "已完成" in json.dumps(first["message"], ensure_ascii=False)
    assert second["to"] == [people[2].dingtalk_userid]
    assert "[PRODUCTION]" in json.dumps(second["message"])
    assert dingtalk.calls(WORK) == 2


def test_time_out_after_commit_tells_once(world: World, dingtalk: DingTalk) -> None:
    """The answer is lost: the same text again is dropped by DingTalk, and its result says so."""
    told, user = fact(world), person(world, dingtalk)
    post(told, user)
    dingtalk.fault("timeout_after", WORK, seconds=0.1)
    deliver(told)
    message = only(told)
    assert (message.state, message.error_code) == (MessageState.DOUBTFUL, "notification_in_doubt")
    assert message.next_attempt_at is not None
    deliver(told)
    message = check(only(told))
    assert message.state == MessageState.SENT
    assert message.checked_at is not None
    assert message.doubt_since is None
    assert len(dingtalk.received("work")) == 1


def test_in_doubt_since_another_day_is_left_to_a_person(world: World, dingtalk: DingTalk) -> None:
    told, user = fact(world), person(world, dingtalk)
    post(told, user)
    dingtalk.fault("timeout_after", WORK, seconds=0.1)
    deliver(told)
    Message.objects.filter(event=told.event).update(first_attempt_at=timezone.now() - timedelta(days=1))
    deliver(told)
    message = only(told)
    assert (message.state, message.next_attempt_at) == (MessageState.DOUBTFUL, None)
    assert len(dingtalk.received("work")) == 1
    services.resend(by=world.admin, message_id=message.pk)
    deliver(told)
    assert only(told).state == MessageState.SENT
    assert len(dingtalk.received("work")) == 2


@pytest.mark.parametrize("kind", ["qps", "error_before", "ip_not_whitelisted", "missing_scope"])
def test_refused_for_now_is_tried_again(world: World, dingtalk: DingTalk, kind: str) -> None:
    told, user = fact(world), person(world, dingtalk)
    post(told, user)
    dingtalk.fault(kind, WORK, times=3, status=429, scope="message", ip="203.0.113.9")
    deliver(told)
    message = only(told)
    assert message.state in (MessageState.PENDING, MessageState.DOUBTFUL), message.error_code
    assert message.next_attempt_at is not None
    assert message.error_code
    dingtalk.ask("DELETE", "/faults")
    HostCircuit.objects.all().delete()
    deliver(told)
    assert only(told).state == MessageState.SENT
    assert len(dingtalk.received("work")) == 1


def test_not_for_ever(world: World, dingtalk: DingTalk) -> None:
    told, user = fact(world), person(world, dingtalk)
    post(told, user)
    Message.objects.filter(event=told.event).update(requested_at=timezone.now() - delivery.KEEP_TRYING)
    dingtalk.fault("missing_scope", WORK, scope="message")
    deliver(told)
    message = only(told)
    assert (message.state, message.next_attempt_at) == (MessageState.FAILED, None)
    assert message.error_code.startswith("dingtalk_missing_permission")


def test_whom_dingtalk_does_not_know(world: World, dingtalk: DingTalk) -> None:
    told = fact(world)
    known, unknown, gone = person(world, dingtalk), world.person("developer"), world.person("developer")
    gone.is_active = False
    gone.save()
    post(told, known, unknown, gone)
    deliver(told)
    states = {m.user_id: (m.state, m.error_code) for m in Message.objects.filter(event=told.event)}
    assert states == {
        known.pk: (MessageState.SENT, ""),
        unknown.pk: (MessageState.UNDELIVERABLE, "dingtalk_no_mobile"),
        gone.pk: (MessageState.UNDELIVERABLE, "notification_user_left"),
    }


def test_delivery_result_is_shown(world: World, dingtalk: DingTalk) -> None:
    """The third person got the same text before, by another's hand: DingTalk takes it and drops it."""
    told, user = fact(world), person(world, dingtalk)
    other = fact(world, number=told.number, at=told.at)
    post(told, user)
    deliver(told)
    post(other, user)
    deliver(other)
    message = check(only(other))
    assert (message.state, message.error_code) == (MessageState.FAILED, "notification_duplicate")
    services.resend(by=world.admin, message_id=message.pk)
    deliver(other)
    assert check(only(other)).checked_at is not None
    assert only(other).state == MessageState.SENT
    assert len(dingtalk.received("work")) == 2


def test_a_wrong_userid_is_shown(world: World, dingtalk: DingTalk) -> None:
    told, known, wrong = fact(world), person(world, dingtalk), world.person("developer")
    wrong.dingtalk_userid = world.unique("nobody")
    wrong.save()
    post(told, known, wrong)
    deliver(told)
    message = Message.objects.get(event=told.event, user=wrong)
    check(message)
    message.refresh_from_db()
    assert (message.state, message.error_code) == (MessageState.FAILED, "notification_user_invalid")
    assert Message.objects.get(event=told.event, user=known).state == MessageState.SENT


def test_a_result_that_is_not_there_yet_is_asked_for_again(world: World, dingtalk: DingTalk) -> None:
    told, user = fact(world), person(world, dingtalk)
    post(told, user)
    deliver(told)
    dingtalk.fault("error_before", RESULT, times=3, status=503)
    message = check(only(told))
    assert (message.state, message.checked_at) == (MessageState.SENT, None)
    assert message.next_attempt_at is not None
    dingtalk.ask("DELETE", "/faults")
    HostCircuit.objects.all().delete()
    assert check(message).checked_at is not None


# ---------------------------------------------------------------- workers


def test_two_workers_send_once(world: World, dingtalk: DingTalk) -> None:
    told, user = fact(world), person(world, dingtalk)
    post(told, user)
    Message.objects.filter(event=told.event).update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    acts = [lambda: delivery.deliver(told.event, Channel.WORK)] * 4
    assert raised(at_once(*acts)) == []
    assert only(told).attempts == 1
    assert dingtalk.calls(WORK) == 1


def test_a_lane_is_one_job_at_a_time(world: World, dingtalk: DingTalk) -> None:
    """A second one gives its place back at once; what is due is sent by the first."""
    assert world
    assert dingtalk
    inside, leave = threading.Event(), threading.Event()

    def holds() -> bool:
        with jobs._lane("work") as mine:
            inside.set()
            assert leave.wait(30)
            return mine

    def comes_second() -> bool:
        assert inside.wait(30)
        try:
            with jobs._lane("robot") as other, jobs._lane("work") as mine:
                return other and not mine
        finally:
            leave.set()

    assert at_once(holds, comes_second) == [True, True]
    with jobs._lane("work") as mine:
        assert mine


def test_a_worker_that_died_while_sending(world: World, dingtalk: DingTalk) -> None:
    """It had sent, and recorded nothing: the message isn't told twice."""
    told, user = fact(world), person(world, dingtalk)
    post(told, user)
    [claimed] = outbox.claim(told.event, Channel.WORK)
    channels.send_work(connection.client(), {claimed.pk: user.dingtalk_userid}, [claimed])
    assert outbox.claim(told.event, Channel.WORK) == []  # its lease still holds
    Message.objects.filter(pk=claimed.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert outbox.due_events(Channel.WORK) == [told.event]
    delivery.deliver(told.event, Channel.WORK)
    assert check(only(told)).state == MessageState.SENT
    assert len(dingtalk.received("work")) == 1


def test_a_worker_that_comes_back_late_writes_nothing(world: World, dingtalk: DingTalk) -> None:
    told, user = fact(world), person(world, dingtalk)
    post(told, user)
    late = outbox.claim(told.event, Channel.WORK)
    Message.objects.filter(event=told.event).update(lease_until=timezone.now() - timedelta(seconds=1))
    delivery.deliver(told.event, Channel.WORK)
    before = only(told)
    assert outbox.held(late).update(state=MessageState.FAILED) == 0
    assert only(told).state == before.state == MessageState.SENT


# ---------------------------------------------------------------- the group's robot


@pytest.fixture
def robot(world: World, dingtalk: DingTalk) -> None:
    webhook = f"https://oapi.dingtalk.com/robot/send?access_token={ROBOT}"
    preferences.set_robot(by=world.admin, webhook=webhook, secret=ROBOT_SECRET)
    preferences.choose_kinds(by=world.admin, work=[], robot=all_kinds())


@pytest.mark.usefixtures("robot")
def test_the_group_is_told(world: World, dingtalk: DingTalk) -> None:
    told = fact(world, words="secret words")
    post(told, person(world, dingtalk))
    deliver(told, Channel.ROBOT)
    assert only(told, Channel.ROBOT).state == MessageState.SENT
    assert not Message.objects.filter(event=told.event, channel=Channel.WORK).exists()
    [notice] = dingtalk.received("group")
    assert told.number in json.dumps(notice["message"])
    assert "secret words" not in json.dumps(notice["message"])


@pytest.mark.usefixtures("robot")
def test_a_doubtful_robot_is_not_repeated_by_itself(world: World, dingtalk: DingTalk) -> None:
    told = fact(world)
    post(told)
    dingtalk.fault("timeout_after", GROUP, seconds=0.1)
    deliver(told, Channel.ROBOT)
    message = only(told, Channel.ROBOT)
    assert (message.state, message.next_attempt_at) == (MessageState.DOUBTFUL, None)
    deliver(told, Channel.ROBOT)
    assert len(dingtalk.received("group")) == 1
    services.resend(by=world.admin, message_id=message.pk)
    deliver(told, Channel.ROBOT)
    assert only(told, Channel.ROBOT).state == MessageState.SENT
    assert len(dingtalk.received("group")) == 2


@pytest.mark.usefixtures("robot")
def test_a_robot_whose_worker_died_stays_in_doubt(world: World, dingtalk: DingTalk) -> None:
    told = fact(world)
    post(told)
    assert outbox.claim(told.event, Channel.ROBOT)
    Message.objects.filter(event=told.event).update(lease_until=timezone.now() - timedelta(seconds=1))
    delivery.deliver(told.event, Channel.ROBOT)
    message = only(told, Channel.ROBOT)
    assert (message.state, message.next_attempt_at) == (MessageState.DOUBTFUL, None)
    assert dingtalk.received("group") == []


@pytest.mark.usefixtures("robot")
def test_the_robot_keeps_below_its_messages_per_minute(world: World, dingtalk: DingTalk) -> None:
    """Seventeen were said just now (as far as a slow machine can tell: later than now), so that one more may be."""
    just_said, facts = fact(world), [fact(world) for _ in range(4)]
    for told in (just_said, *facts):
        post(told)
    row = only(just_said, Channel.ROBOT)
    Message.objects.filter(pk=row.pk).delete()
    row.state, row.next_attempt_at = MessageState.SENT, None
    row.last_attempt_at = timezone.now() + timedelta(hours=1)
    for number in range(17):
        row.pk, row.recipient = None, f"group-{number}"
        row.save(force_insert=True)
    acts = [lambda told=told: deliver(told, Channel.ROBOT) for told in facts]
    assert raised(at_once(*acts)) == []
    assert len(dingtalk.received("group")) == 1
    waiting = Message.objects.filter(state=MessageState.PENDING)
    assert len(waiting) == 3
    assert all(message.next_attempt_at is not None for message in waiting)
    Message.objects.update(last_attempt_at=timezone.now() - timedelta(minutes=2))
    for told in facts:
        deliver(told, Channel.ROBOT)
    assert len(dingtalk.received("group")) == 4


def test_a_wrong_secret_is_shown(world: World, dingtalk: DingTalk) -> None:
    webhook = f"https://oapi.dingtalk.com/robot/send?access_token={ROBOT}"
    preferences.set_robot(by=world.admin, webhook=webhook, secret="SECwrong")
    told = fact(world)
    post(told)
    deliver(told, Channel.ROBOT)
    message = only(told, Channel.ROBOT)
    assert (message.state, message.error_code) == (MessageState.FAILED, "dingtalk_robot_refused")
    assert "SECwrong" not in json.dumps(message.error_params)
    assert ROBOT not in json.dumps(message.error_params)


@pytest.mark.parametrize(
    "webhook",
    [
        "",
        "not an address",
        "http://oapi.dingtalk.com/robot/send?access_token=abc",
        "https://oapi.dingtalk.com.evil.example/robot/send?access_token=abc",
        "https://oapi.dingtalk.com@evil.example/robot/send?access_token=abc",
        "https://169.254.169.254/robot/send?access_token=abc",
        "https://oapi.dingtalk.com/topapi/v2/user/get?access_token=abc",
        "https://oapi.dingtalk.com/robot/send",
        "https://oapi.dingtalk.com/robot/send?access_token=a&access_token=b",
        "https://oapi.dingtalk.com/robot/send?access_token=a%0d%0ab",
        "https://[oapi/robot/send?access_token=abc",
    ],
)
def test_other_addresses_are_refused(world: World, webhook: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        preferences.set_robot(by=world.admin, webhook=webhook, secret="SEC1")
    assert refused.value.code == "robot_webhook_invalid"


def test_the_robot_is_kept_sealed(world: World, dingtalk: DingTalk) -> None:
    webhook = f"https://oapi.dingtalk.com/robot/send?access_token={ROBOT}"
    preferences.set_robot(by=world.admin, webhook=webhook, secret="SECvery")
    [row] = NotificationSettings.objects.all()
    assert row.sealed_robot is not None
    assert b"SECvery" not in bytes(row.sealed_robot)
    assert "SECvery" not in repr(preferences.robot_key())
    entry = AuditEntry.objects.filter(action="notifications.robot_set").order_by("-sequence").first()
    assert entry is not None
    assert "SEC" not in json.dumps(entry.data)
    preferences.remove_robot(by=world.admin)
    assert preferences.robot_key() is None


# ---------------------------------------------------------------- comments


def instance(world: World, dingtalk: DingTalk) -> Approval:
    """An approval with a real instance in the sandbox."""
    state = dingtalk.ask("GET", "/state")
    users, templates = state["users"], state["templates"]
    assert isinstance(users, list)
    assert isinstance(templates, list)
    user = next(u for u in users if u["active"])
    template = next(t for t in templates if t["name"] == "CloudDM数据变更工单")
    client = connection.client()
    schema = client.form_schema(template["process_code"])
    external_id = client.start_instance(
        process_code=template["process_code"],
        originator=user["userid"],
        department_id=client.user(user["userid"]).workflow_department_id,
        values=[FormValue(control.title, "x") for control in schema.controls],
    )
    number = world.unique("DC")
    return Approval.objects.create(
        reference=f"{number}/1",
        ticket_number=number,
        revision=1,
        ticket_kind="data_change",
        sha256="0" * 64,
        submitter=world.admin,
        provider="dingtalk",
        state=ApprovalState.AGREED,
        request={},
        flow={},
        external_id=external_id,
        originator=user["userid"],
    )


def comments(approval: Approval) -> list[str]:
    assert approval.external_id is not None
    records = connection.client().instance(approval.external_id).records
    return [record.remark for record in records if record.kind == "ADD_REMARK"]


def report(approval: Approval, *lines: str) -> Message:
    event, heading = f"{approval.ticket_number}:9:result", f"工单 {approval.ticket_number}：已成功"
    with transaction.atomic():
        outbox.post_comment(
            approval, event, heading, lines or ("orders-db：2 条语句中 2 条已生效，影响 7 行",)
        )
    return Message.objects.get(event=event)


def deliver_comment(message: Message) -> Message:
    Message.objects.filter(pk=message.pk, next_attempt_at__isnull=False).update(
        next_attempt_at=timezone.now() - timedelta(seconds=1)
    )
    delivery.deliver(message.event, Channel.COMMENT)
    return Message.objects.get(pk=message.pk)


def test_the_result_becomes_a_comment(world: World, dingtalk: DingTalk) -> None:
    approval = instance(world, dingtalk)
    message = deliver_comment(report(approval))
    assert message.state == MessageState.SENT
    assert message.checked_at is not None
    [comment] = comments(approval)
    assert comment.splitlines()[0] == message.title
    assert f"/tickets/{approval.ticket_number}" in comment
    assert "影响 7 行" in comment


def test_a_comment_in_doubt_is_looked_for(world: World, dingtalk: DingTalk) -> None:
    approval = instance(world, dingtalk)
    message = report(approval)
    dingtalk.fault("timeout_after", COMMENTS, seconds=0.1)
    message = deliver_comment(message)
    assert message.state == MessageState.DOUBTFUL
    message = deliver_comment(message)
    assert message.state == MessageState.SENT
    assert len(comments(approval)) == 1
    assert dingtalk.calls(COMMENTS) == 1


def test_a_comment_that_did_not_arrive_is_made_again(world: World, dingtalk: DingTalk) -> None:
    approval = instance(world, dingtalk)
    message = report(approval)
    dingtalk.fault("error_before", COMMENTS, status=500)
    message = deliver_comment(message)
    assert message.state == MessageState.DOUBTFUL
    message = deliver_comment(message)  # it may still appear: nothing is sent yet
    assert (message.state, comments(approval)) == (MessageState.DOUBTFUL, [])
    Message.objects.filter(pk=message.pk).update(doubt_since=timezone.now() - timedelta(minutes=1))
    message = deliver_comment(message)
    assert message.state == MessageState.SENT
    assert len(comments(approval)) == 1


def test_a_comment_sent_again_by_hand_is_not_doubled(world: World, dingtalk: DingTalk) -> None:
    approval = instance(world, dingtalk)
    message = deliver_comment(report(approval))
    services.resend(by=world.admin, message_id=message.pk)
    assert deliver_comment(message).state == MessageState.SENT
    assert len(comments(approval)) == 1


def test_a_long_comment_keeps_its_heading_and_link(world: World, dingtalk: DingTalk) -> None:
    approval = instance(world, dingtalk)
    message = deliver_comment(report(approval, *(f"第 {n} 条（UPDATE）：" + "长" * 40 for n in range(60))))
    assert message.state == MessageState.SENT
    [comment] = comments(approval)
    assert len(comment) <= 1024
    assert f"/tickets/{approval.ticket_number}" in comment
    assert comment.splitlines()[-1].startswith("另有 ")


def test_no_instance_to_comment_on(world: World, dingtalk: DingTalk) -> None:
    approval = instance(world, dingtalk)
    Approval.objects.filter(pk=approval.pk).update(external_id=None)
    message = deliver_comment(report(approval))
    assert (message.state, message.error_code) == (MessageState.UNDELIVERABLE, "notification_no_instance")


# ---------------------------------------------------------------- texts


def test_other_peoples_words_stay_words(world: World, dingtalk: DingTalk) -> None:
    hostile = "x](http://evil.example) **[click](http://evil.example)**\n# big\u202e <b>"
    told = fact(world, title=hostile, submitter=hostile, places=(DEV, PROD), words=hostile)
    post(told, person(world, dingtalk))
    body = only(told).body
    assert "](" not in body
    assert "\u202e" not in body
    assert "<b>" not in body
    assert body.count("\n#") == 0
    assert body.count("**") == 2  # those of production


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_longest_message_fits(world: World, dingtalk: DingTalk, language: str) -> None:
    long = "很长的名字" * 40
    where = Where(long, long, long, long, production=True)
    told = fact(world, title=long, submitter=long, places=(where,) * 9, words=long)
    post(told, person(world, dingtalk, language=language))
    deliver(told)
    assert only(told).state == MessageState.SENT
    [notice] = dingtalk.received("work")
    assert len(json.dumps(notice["message"], ensure_ascii=False).encode()) <= 2048


# ---------------------------------------------------------------- the outbox for people


def test_everybody_sees_their_own(world: World, dingtalk: DingTalk) -> None:
    told, user, other = fact(world), person(world, dingtalk, 0), person(world, dingtalk, 1)
    post(told, user, other)
    mine = services.list_messages(user, services.MessageFilter()).messages
    assert [message.user for message in mine] == [user]
    everything = services.list_messages(world.admin, services.MessageFilter(ticket=told.number)).messages
    assert len(everything) == 2
    theirs = next(message for message in everything if message.user == other)
    with pytest.raises(NotFound):
        services.visible_message(user, theirs.pk)
    with pytest.raises(Forbidden):
        services.resend(by=user, message_id=theirs.pk)


def test_pages_and_filters(world: World, dingtalk: DingTalk) -> None:
    people = [person(world, dingtalk, i) for i in range(3)]
    told = fact(world, title="needle in the hay")
    post(told, *people)
    post(fact(world), *people)

    def listed(**wanted: object) -> list[int]:
        found, cursor = [], None
        while True:
            wish = services.MessageFilter(**wanted)  # type: ignore[arg-type]
            page = services.list_messages(world.admin, wish, cursor=cursor, size=2)
            found += [message.pk for message in page.messages]
            cursor = page.next
            if cursor is None:
                return found

    assert len(listed()) == 6
    assert listed() == sorted(listed(), reverse=True)
    assert len(listed(words="needle")) == 3
    assert len(listed(words=f"needle {people[0].username}")) == 1
    assert len(listed(person=people[1].username)) == 2
    assert len(listed(ticket=told.number, states=("pending",), channels=("work",), kinds=("executed",))) == 3
    assert listed(states=("sent",)) == []
    assert listed(until=timezone.now() - timedelta(hours=1)) == []


def test_sending_again_is_audited_and_differs(world: World, dingtalk: DingTalk) -> None:
    told, user = fact(world), person(world, dingtalk)
    post(told, user)
    message = only(told)
    with pytest.raises(Conflict) as early:
        services.resend(by=world.admin, message_id=message.pk)
    assert early.value.code == "notification_under_way"
    deliver(told)
    for times in (1, 2):
        services.resend(by=world.admin, message_id=message.pk)
        deliver(told)
        assert f"第 {times} 次重发" in only(told).body
        assert only(told).body.count("重发") == 1
        assert check(only(told)).checked_at is not None
    assert len(dingtalk.received("work")) == 3
    entries = AuditEntry.objects.filter(action="notification.resent", object_id=str(message.pk))
    assert [entry.actor for entry in entries] == ["admin", "admin"]


def test_switched_off(world: World, dingtalk: DingTalk) -> None:
    kinds = [kind for kind in all_kinds() if kind != "executed"]
    preferences.choose_kinds(by=world.admin, work=kinds, robot=[])
    off, on = fact(world), fact(world, Kind.REJECTED)
    user = person(world, dingtalk)
    post(off, user)
    post(on, user)
    assert not Message.objects.filter(event=off.event).exists()
    assert Message.objects.filter(event=on.event).exists()
    with pytest.raises(InvalidInput):
        preferences.choose_kinds(by=world.admin, work=["result"], robot=[])
    with pytest.raises(Forbidden):
        preferences.choose_kinds(by=user, work=[], robot=[])


def test_without_a_connection_nothing_is_written(world: World, dingtalk: DingTalk) -> None:
    user = person(world, dingtalk)
    DingTalkConnection.objects.all().delete()
    told = fact(world)
    post(told, user)
    assert not Message.objects.filter(event=told.event).exists()


def test_old_messages_are_forgotten(world: World, dingtalk: DingTalk) -> None:
    told, user = fact(world), person(world, dingtalk)
    post(told, user)
    deliver(told)
    assert outbox.forget_old(timezone.now() - timedelta(hours=1)) == 0
    assert outbox.forget_old(timezone.now() + timedelta(hours=1)) == 1
