"""The client against the local DingTalk, over the socket: two independent readings of one contract."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sluicegate.dingtalk import errors, stream
from sluicegate.dingtalk.auth import Retry
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.config import Credentials
from sluicegate.dingtalk.form_presets import ACCESS_REQUEST, DATA_CHANGE, PRESETS, SCHEMA_CHANGE
from sluicegate.dingtalk.forms import (
    FormValue,
    Reference,
    bind,
    changed_titles,
    compare,
    find_reference,
    form_components,
)
from sluicegate.dingtalk.http import Timeouts
from sluicegate.dingtalk.instances import InstanceSnapshot
from sluicegate.dingtalk.messages import WorkNotification
from sluicegate.dingtalk.stream import StreamEvent, StreamPhase, StreamPolicy, StreamState

from .local import CLASSIC, SHA, WITHIN, Sandbox, developer, eventually, form, http, running_sandbox, start

KINDS = (DATA_CHANGE, SCHEMA_CHANGE, ACCESS_REQUEST)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[DingTalkClient]:
    retry = Retry(sleep=lambda _: None)
    with DingTalkClient(sandbox.credentials(), sandbox.hosts, retry=retry) as ready:
        yield ready


# --- people -------------------------------------------------------------------------------------------


def test_everybody_is_found_by_mobile_but_those_who_left(sandbox: Sandbox, client: DingTalkClient) -> None:
    users = sandbox.state()["users"]
    for known in users:
        if known["active"]:
            assert client.user_by_mobile(known["mobile"]) == known["userid"]
            found = client.user(known["userid"])
            assert (found.name, list(found.department_ids)) == (known["name"], known["dept_id_list"])
            assert found.active
        else:
            with pytest.raises(errors.UserNotFound):
                client.user_by_mobile(known["mobile"])
    assert {u["active"] for u in users} == {True, False}


def test_departments_and_the_range(client: DingTalkClient) -> None:
    assert {d.name for d in client.department_children()} >= {"研发部", "测试部"}
    assert client.auth_scopes().departments == (1,)
    with pytest.raises(errors.DepartmentNotFound):
        client.department_children(999)


def test_a_wrong_secret_is_told(sandbox: Sandbox) -> None:
    right = sandbox.credentials()
    with DingTalkClient(Credentials(right.app_key, "wrong"), sandbox.hosts) as wrong:
        with pytest.raises(errors.InvalidCredentials):
            wrong.check_credentials()
        with pytest.raises(errors.InvalidCredentials):
            wrong.auth_scopes()


# --- templates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_templates_of_a_company_fit_the_classic_contract(client: DingTalkClient, kind: str) -> None:
    contract = CLASSIC[kind]
    code = client.process_code_by_name(contract.template_name)
    schema = client.form_schema(code)
    assert compare(contract, schema) == []
    assert all(c.control_id for c in bind(contract, schema).controls)
    userid, _ = developer(client)
    assert code in {t.process_code for t in client.visible_templates(userid)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_made_through_the_api_fits(client: DingTalkClient, kind: str) -> None:
    contract = PRESETS["clouddm-3"][kind]
    name = f"新版{contract.template_name}"
    code = client.create_form(name, form_components(contract), description="数据库变更")
    assert compare(contract, client.form_schema(code)) == []
    with pytest.raises(errors.TemplateNameTaken):
        client.create_form(name, form_components(contract))
    assert client.process_code_by_name(name) == code
    assert client.create_form(name, form_components(contract), process_code=code) == code


def test_missing_templates_are_told(client: DingTalkClient) -> None:
    with pytest.raises(errors.TemplateMissing):
        client.process_code_by_name("没有这个模板")
    with pytest.raises(errors.TemplateMissing):
        client.form_schema("PROC-00000000-0000-0000-0000-000000000000")


# --- instances ----------------------------------------------------------------------------------------


def test_an_approval_from_start_to_agreement(sandbox: Sandbox, client: DingTalkClient) -> None:
    sent = form(Reference("agree-1", 1, SHA))
    instance_id = start(client, "agree-1")
    running = client.instance(instance_id)
    assert (running.running, running.result) == (True, None)
    assert running.originator == developer(client)[0]
    assert find_reference(running.values, "备注信息") == Reference("agree-1", 1, SHA)
    assert changed_titles(sent, running.values) == ()
    sandbox.decide(client, instance_id, "agree", "可以执行")
    done = eventually(lambda: _over(client, instance_id))
    assert done.agreed
    decided = next(t for t in done.tasks if t.result == "AGREE")
    assert decided.remark == "可以执行"
    client.comment(instance_id, userid=done.originator, text="SQL 已执行")
    assert any(r.remark == "SQL 已执行" for r in client.instance(instance_id).records)


def test_a_refusal(sandbox: Sandbox, client: DingTalkClient) -> None:
    instance_id = start(client, "refuse-1")
    sandbox.decide(client, instance_id, "refuse", "缺少 WHERE")
    done = eventually(lambda: _over(client, instance_id))
    assert (done.refused, done.agreed, done.status) == (True, False, "COMPLETED")
    with pytest.raises(errors.InstanceFinished):
        client.terminate_instance(instance_id)


def _over(client: DingTalkClient, instance_id: str) -> InstanceSnapshot | None:
    found = client.instance(instance_id)
    return None if found.running else found


def test_withdrawing_is_too_early_then_done_then_over(client: DingTalkClient) -> None:
    instance_id = start(client, "withdraw-1")
    with pytest.raises(errors.RevokeTooEarly):
        client.terminate_instance(instance_id)

    def withdrawn() -> bool | None:
        try:
            client.terminate_instance(instance_id, remark="不需要了")
        except errors.RevokeTooEarly:
            return None
        return True

    eventually(withdrawn)
    assert client.instance(instance_id).withdrawn
    with pytest.raises(errors.InstanceFinished):
        client.terminate_instance(instance_id)


def test_long_values_arrive_cut_with_their_mark(client: DingTalkClient) -> None:
    sql = "INSERT INTO t VALUES (1);\n" * 1000
    instance_id = start(client, "long-1", sql=sql, remark="备" * 9000)
    values = client.instance(instance_id).values
    assert SHA in values["SQL内容"]
    assert find_reference(values, "备注信息") == Reference("long-1", 1, SHA)


def test_mistakes_at_the_start_are_told_apart(client: DingTalkClient) -> None:
    userid, department = developer(client)
    code = client.process_code_by_name(CLASSIC[DATA_CHANGE].template_name)
    good: dict[str, Any] = {
        "process_code": code,
        "originator": userid,
        "department_id": department,
        "values": form(Reference("wrong-1", 1, SHA)),
    }
    cases: list[tuple[dict[str, Any], type[errors.DingTalkError]]] = [
        ({"values": [FormValue("没有的控件", "x", "TextField")]}, errors.FormMismatch),
        ({"process_code": "PROC-0"}, errors.TemplateMissing),
        ({"department_id": 100200303}, errors.OriginatorNotInDepartment),
    ]
    for change, expected in cases:
        with pytest.raises(expected):
            client.start_instance(**{**good, **change})
    with pytest.raises(errors.InstanceNotFound):
        client.instance("no-such-instance")
    with pytest.raises(errors.InstanceNotFound):
        client.terminate_instance("no-such-instance")


def test_a_forecast_names_the_approvers(client: DingTalkClient) -> None:
    userid, department = developer(client)
    forecast = client.forecast(
        process_code=client.process_code_by_name(CLASSIC[DATA_CHANGE].template_name),
        userid=userid,
        department_id=department,
        values=form(Reference("forecast-1", 1, SHA)),
    )
    assert forecast.succeeded
    assert forecast.choices == ()
    assert {p.name for node in forecast.nodes for p in node.approvers} == {"李四", "王五"}


# --- faults -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["timeout_after", "http_500", "html_page"])
def test_a_doubtful_start_is_settled_by_the_mark(sandbox: Sandbox, kind: str) -> None:
    """Whether or not it happened, listing says which; nothing is started twice."""
    number = f"doubt-{kind}"
    with DingTalkClient(sandbox.credentials(), sandbox.hosts, timeouts=Timeouts(answer=1.0)) as client:
        userid, _ = developer(client)
        code = client.process_code_by_name(CLASSIC[DATA_CHANGE].template_name)
        since = datetime.now(UTC) - timedelta(minutes=1)
        sandbox.fault(kind, match="/v1.0/workflow/processInstances", method="POST")
        with pytest.raises(errors.OutcomeInDoubt):
            start(client, number)

        def ours() -> list[str]:
            listed = client.list_instance_ids(code, since=since, userids=[userid])
            references = {i: find_reference(client.instance(i).values, "备注信息") for i in listed}
            return [i for i, found in references.items() if found and found.number == number]

        if kind == "timeout_after":
            assert len(eventually(lambda: ours() or None)) == 1
        else:
            assert len(ours()) <= 1


def test_the_refused_address_is_named(sandbox: Sandbox, client: DingTalkClient) -> None:
    asks: dict[str, Callable[[], object]] = {
        "/topapi/v2/user/getbymobile": lambda: client.user_by_mobile("13800000002"),
        "/auth/scopes": client.auth_scopes,
        "/v1.0/workflow": lambda: client.process_code_by_name("x"),
    }
    for path, ask in asks.items():
        sandbox.fault("ip_not_whitelisted", ip="203.0.113.9", match=path)
        with pytest.raises(errors.IpNotWhitelisted) as caught:
            ask()
        assert caught.value.ip == "203.0.113.9"


def test_the_missing_permission_is_named(sandbox: Sandbox, client: DingTalkClient) -> None:
    sandbox.fault("missing_scope", scope="Workflow.Instance.Read", match="/v1.0/workflow")
    with pytest.raises(errors.MissingPermission) as caught:
        client.instance("x")
    assert caught.value.scopes == ("Workflow.Instance.Read",)
    sandbox.fault("missing_scope", scope="qyapi_get_member_by_mobile", match="/topapi")
    with pytest.raises(errors.MissingPermission) as caught:
        client.user_by_mobile("13800000002")
    assert caught.value.scopes == ("qyapi_get_member_by_mobile",)


def test_reads_survive_the_limit_and_expired_tokens(sandbox: Sandbox, client: DingTalkClient) -> None:
    sandbox.fault("qps", times=2, match="/topapi/v2/user/getbymobile")
    assert client.user_by_mobile("13800000002")
    sandbox.fault("qps", match="/v1.0/workflow")
    assert client.visible_templates()
    for _ in range(2):
        sandbox.fault("expire_tokens")
        assert client.user_by_mobile("13800000002")
        sandbox.fault("expire_tokens")
        assert client.visible_templates()


def test_a_limited_start_is_made_again_and_once(sandbox: Sandbox, client: DingTalkClient) -> None:
    path = "/v1.0/workflow/processInstances"
    sandbox.fault("qps", match=path, method="POST", times=3)
    with pytest.raises(errors.QpsLimited):
        start(client, "limited-1")
    sandbox.fault("qps", match=path, method="POST", times=2)
    assert start(client, "limited-1")
    assert len(sandbox.instances_of("limited-1")) == 1


# --- messages -----------------------------------------------------------------------------------------


def test_a_work_notification_and_its_duplicate(client: DingTalkClient) -> None:
    userid, _ = developer(client)
    message = WorkNotification("工单 7", "**已执行**", "查看", "https://sluice.example.com/t/7")
    first = client.send_result(client.send_work_notification([userid], message))
    second = client.send_result(client.send_work_notification([userid], message))
    assert userid in {*first.read_users, *first.unread_users}
    assert second.refused == ((userid, "143106"),)


# --- stream -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["none", "duplicate_events", "disconnect_streams"])
def test_events_arrive_once_each(sandbox: Sandbox, client: DingTalkClient, trouble: str) -> None:
    asyncio.run(asyncio.wait_for(_hear(sandbox, client, trouble), WITHIN * 2))


async def _hear(sandbox: Sandbox, client: DingTalkClient, trouble: str) -> None:
    events: asyncio.Queue[StreamEvent] = asyncio.Queue()
    states: asyncio.Queue[StreamState] = asyncio.Queue()
    stop = asyncio.Event()

    async def connected() -> None:
        while (await asyncio.wait_for(states.get(), WITHIN)).phase is not StreamPhase.CONNECTED:
            pass

    task = asyncio.create_task(
        stream.run(
            sandbox.credentials(),
            sandbox.hosts,
            events.put,
            states.put_nowait,
            stop,
            policy=StreamPolicy(first_delay=0.05, drain=1),
        )
    )
    try:
        await connected()
        if trouble == "disconnect_streams":
            await asyncio.to_thread(sandbox.fault, trouble)
            await connected()
        elif trouble != "none":
            await asyncio.to_thread(sandbox.fault, trouble, times=20)
        instance_id = await asyncio.to_thread(start, client, f"stream-{trouble}")
        await asyncio.to_thread(sandbox.decide, client, instance_id, "agree")
        seen: list[StreamEvent] = []
        while not any(e.event_type == "bpms_instance_change" and e.type == "finish" for e in seen):
            event = await asyncio.wait_for(events.get(), WITHIN)
            if event.process_instance_id == instance_id:
                seen.append(event)
    finally:
        stop.set()
        await asyncio.wait_for(task, WITHIN)
    while not events.empty():
        seen.append(events.get_nowait())
    ids = [e.event_id for e in seen]
    assert len(ids) == len(set(ids))
    finish = next(e for e in seen if e.event_type == "bpms_instance_change" and e.type == "finish")
    assert finish.result == "agree"
    assert finish.corp_id == sandbox.credentials().corp_id
    assert finish.born_at > 0
    assert client.instance(instance_id).agreed


def test_the_notice_before_events_stop_is_heard(sandbox: Sandbox, client: DingTalkClient) -> None:
    settings = f"{sandbox.url}/_sandbox/settings"

    async def hear() -> None:
        states: asyncio.Queue[StreamState] = asyncio.Queue()
        stop = asyncio.Event()

        async def ignore(_: StreamEvent) -> None:
            pass

        async def until(phase: StreamPhase) -> None:
            while (await asyncio.wait_for(states.get(), WITHIN)).phase is not phase:
                pass

        task = asyncio.create_task(
            stream.run(sandbox.credentials(), sandbox.hosts, ignore, states.put_nowait, stop)
        )
        try:
            await until(StreamPhase.CONNECTED)
            await asyncio.to_thread(start, client, "stream-quota")
            await until(StreamPhase.QUOTA_EXHAUSTED)
        finally:
            stop.set()
            await asyncio.wait_for(task, WITHIN)

    http.post(settings, json={"event_quota": 0}).raise_for_status()
    try:
        asyncio.run(asyncio.wait_for(hear(), WITHIN * 2))
    finally:
        http.post(settings, json={"event_quota": None}).raise_for_status()
