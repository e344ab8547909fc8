"""The doctor, each of its states brought about in the local DingTalk."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from sluicegate.accounts.models import User
from sluicegate.approvals import doctor, inbox, selectors
from sluicegate.approvals.doctor import Line, events
from sluicegate.approvals.flows import FlowFields, save_flow
from sluicegate.approvals.models import Approval, ApprovalFlow, DingTalkConnection, ProviderEvent
from sluicegate.core.errors import Forbidden
from sluicegate.dingtalk.config import Hosts
from sluicegate.dingtalk.probes import PROBES
from sluicegate.worker.listener import Listener
from tests.integration.dingtalk_world import FORMS, DingTalk, employee
from tests.integration.world import World


def lines(world: World, name: str, **params: object) -> list[Line]:
    """The lines of this name, and with these parameters."""
    found = doctor.check(by=world.admin)
    for line in found:
        for language in ("zh", "en"):
            assert "{" not in line.text(language) + line.advice(language)
            assert bool(line.advice(language)) or line.status == "pass" or line.name == "people"
    return [line for line in found if line.name == name and params.items() <= line.params.items()]


def line(world: World, name: str, **params: object) -> Line:
    [found] = lines(world, name, **params)
    return found


def test_all_is_well(world: World, dingtalk: DingTalk) -> None:
    User.objects.filter(pk=world.admin.pk).update(is_active=True, mobile="13800000001")
    employee(world, "张三", dingtalk)
    try:
        found = doctor.check(by=world.admin)
    finally:
        User.objects.filter(pk=world.admin.pk).update(mobile="")
    untested = {"events", "sole"}
    assert {(one.name, one.status) for one in found if one.status != "pass"} == {
        (name, "warn") for name in untested
    }
    assert {one.name for one in found} >= {
        *("credentials", "clock", "address", "permission", "range", "people", "template", "published"),
        *("controls", "visible", "choices", "stream", "quota"),
    }
    assert User.objects.exclude(dingtalk_userid="").count() == 0, "the doctor keeps nothing"


def test_only_administrators(world: World, dingtalk: DingTalk) -> None:
    assert dingtalk
    with pytest.raises(Forbidden):
        doctor.check(by=world.person("dba"))


def test_not_connected(world: World, dingtalk: DingTalk) -> None:
    assert dingtalk
    DingTalkConnection.objects.all().delete()
    found = line(world, "configured")
    assert (found.status, found.prevents) == ("fail", True)


def test_a_wrong_secret(world: World, dingtalk: DingTalk) -> None:
    dingtalk.change_app(app_secret="another")
    found = doctor.check(by=world.admin)
    assert [(one.name, one.status) for one in found] == [("credentials", "fail")]
    assert found[0].prevents


@pytest.mark.parametrize("host", ["", "/v1.0/workflow", "/topapi"])
def test_the_address_to_enter_is_named(world: World, dingtalk: DingTalk, host: str) -> None:
    dingtalk.fault("ip_not_whitelisted", ip="203.0.113.77", match=host)
    found = line(world, "address")
    assert found.prevents
    assert found.facts()["ip"] == "203.0.113.77"
    assert "203.0.113.77" in found.advice("zh")
    assert not lines(world, "people"), "nothing that depends on it is shown"


def test_two_hosts_that_see_two_addresses(world: World, dingtalk: DingTalk) -> None:
    dingtalk.fault("ip_not_whitelisted", ip="203.0.113.77", match="/v1.0/workflow")
    dingtalk.fault("ip_not_whitelisted", ip="2001:db8::7", match="/topapi")
    assert line(world, "address").facts()["ip"] == "203.0.113.77, 2001:db8::7" or (
        line(world, "address").facts()["ip"] == "2001:db8::7, 203.0.113.77"
    )


@pytest.mark.parametrize("scope", [probe.scope for probe in PROBES])
def test_each_permission_by_name_with_its_link(world: World, dingtalk: DingTalk, scope: str) -> None:
    needed = next(probe.needed for probe in PROBES if probe.scope == scope)
    dingtalk.change_app(scopes=sorted({probe.scope for probe in PROBES} - {scope}))
    found = {str(one.params["scope"]): one for one in lines(world, "permission")}
    assert {name for name, one in found.items() if one.status != "pass"} == {scope}
    assert found[scope].prevents == needed
    link = f"https://open-dev.dingtalk.com/appscope/apply?content={dingtalk.app['app_key']}%23{scope}"
    assert link in found[scope].advice("zh") and link in found[scope].advice("en")


def test_a_range_that_leaves_people_out(world: World, dingtalk: DingTalk) -> None:
    inside, outside = employee(world, "王五", dingtalk), employee(world, "赵六", dingtalk)
    dingtalk.change_app(authed_depts=[100200302])
    assert line(world, "range").status == "warn"
    assert not lines(world, "person", username=inside.username)
    found = line(world, "person", username=outside.username)
    assert found.error is not None and found.error.code == "dingtalk_person_out_of_range"


def test_people_without_or_with_a_wrong_number(world: World, dingtalk: DingTalk) -> None:
    right = employee(world, "张三", dingtalk)
    expected = {
        employee(world, "", dingtalk).username: "dingtalk_no_mobile",
        employee(world, "", dingtalk, mobile="13999999999").username: "dingtalk_mobile_unknown",
        employee(world, "周八", dingtalk).username: "dingtalk_mobile_unknown",  # has left
    }
    linked = employee(world, "", dingtalk, mobile="13999999998")
    User.objects.filter(pk=linked.pk).update(dingtalk_userid=dingtalk.person("李四")["userid"])
    expected[linked.username] = "dingtalk_mobile_other"
    gone = employee(world, "", dingtalk)
    User.objects.filter(pk=gone.pk).update(dingtalk_userid=dingtalk.person("周八")["userid"])
    expected[gone.username] = "dingtalk_person_gone"
    twice = employee(world, "李四", dingtalk)
    expected[twice.username] = "dingtalk_userid_taken"
    found = {
        str(one.params["username"]): one.error.code for one in lines(world, "person") if one.error is not None
    }
    found.pop("admin", None)
    assert found == expected
    assert right.username not in found


def test_no_flow_goes_through_dingtalk(world: World, dingtalk: DingTalk) -> None:
    assert dingtalk
    ApprovalFlow.objects.all().delete()
    assert line(world, "flows").status == "warn"


def test_a_form_that_is_missing(world: World, dingtalk: DingTalk) -> None:
    dingtalk.change_form(name="another name")
    found = line(world, "template", kind="data_change")
    assert found.status == "fail"
    assert FORMS[0] in found.advice("en") and "create-forms" in found.advice("zh")
    assert not lines(world, "controls", kind="data_change")


def test_a_form_that_is_not_published(world: World, dingtalk: DingTalk) -> None:
    code = dingtalk.process_code()
    save_flow(by=world.admin, values=FlowFields("dingtalk", kind="data_change", process_code=code))
    dingtalk.change_form(status="INVALID")
    assert line(world, "template", kind="data_change").status == "pass"
    assert line(world, "published", kind="data_change").status == "fail"
    assert line(world, "controls", kind="data_change").status == "pass"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"remove_control": "关联库"}, "关联库"),
        ({"rename_control": {"from": "SQL内容", "to": "SQL 内容"}}, "SQL 内容"),
        ({"require_control": "审批意见"}, "审批意见"),
        (
            {"add_control": {"componentType": "TextField", "props": {"label": "工号", "required": True}}},
            "工号",
        ),
        (
            {
                "remove_control": "工单标题",
                "add_control": {"componentType": "NumberField", "props": {"label": "工单标题"}},
            },
            "NumberField",
        ),
    ],
)
def test_controls_that_differ(
    world: World, dingtalk: DingTalk, change: dict[str, object], named: str
) -> None:
    dingtalk.change_form(**change)
    found = line(world, "controls", kind="data_change")
    assert found.status == "fail"
    assert named in found.advice("zh") and named in found.advice("en")
    assert line(world, "controls", kind="schema_change").status == "pass"


def test_a_form_that_submitters_do_not_see(world: World, dingtalk: DingTalk) -> None:
    one, two = employee(world, "张三", dingtalk), employee(world, "李四", dingtalk)
    dingtalk.change_form(visible_to=[dingtalk.person("张三")["userid"]])
    found = line(world, "visible", kind="data_change")
    assert found.status == "warn"
    assert two.username in found.advice("en") and one.username not in found.advice("en")
    dingtalk.change_form(visible_to=[dingtalk.person("王五")["userid"]])
    assert line(world, "visible", kind="data_change").status == "fail"


def test_nodes_where_the_originator_chooses(world: World, dingtalk: DingTalk) -> None:
    employee(world, "张三", dingtalk)
    node = {"name": "负责人", "self_select": True, "selection_range": [dingtalk.person("李四")["userid"]]}
    dingtalk.change_form(flow=[node])
    found = line(world, "choices", kind="data_change")
    assert found.status == "pass"
    assert "负责人" in found.advice("zh") and "--approver" in found.advice("en")


def test_nobody_to_try_a_flow_with(world: World, dingtalk: DingTalk) -> None:
    assert dingtalk
    assert {line(world, name, kind="data_change").status for name in ("visible", "choices")} == {"warn"}


@pytest.mark.parametrize(
    ("skew", "status"),
    [(0, "pass"), (20, "pass"), (-120, "warn"), (180, "warn"), (600, "fail"), (-600, "fail")],
)
def test_clocks(world: World, dingtalk: DingTalk, skew: int, status: str) -> None:
    dingtalk.control("POST", "/settings", {"clock_skew_seconds": skew})
    found = line(world, "clock")
    assert found.status == status
    assert found.prevents == (status == "fail")
    assert ("NTP" in found.advice("zh")) == (status != "pass")


def test_fields_that_no_call_proves(dingtalk: DingTalk) -> None:
    found = doctor.examine(dingtalk.credentials(agent_id="", corp_id="wrong"))
    assert {one.name: one.status for one in found if one.name in ("agent", "corp")} == {
        "agent": "warn",
        "corp": "warn",
    }


# ---------------------------------------------------------------- events


def test_the_stream_is_tried_when_no_listener_runs(world: World, dingtalk: DingTalk) -> None:
    dingtalk.connect()
    found = line(world, "stream")
    assert found.status == "warn"
    assert found.error is not None and found.error.code == "dingtalk_stream_down"
    dingtalk.fault("error_before", match="/gateway/connections/open", status=503)
    assert line(world, "stream").status == "fail"


def test_the_events_of_the_month_are_used_up(world: World, dingtalk: DingTalk) -> None:
    dingtalk.connect("quota_exhausted dingtalk_stream_quota_exhausted")
    assert line(world, "stream").status == "fail"


def test_an_event_arrives(world: World, dingtalk: DingTalk) -> None:
    """Through a real listener; then the doctor knows."""
    assert line(world, "events").status == "warn"

    async def listen() -> None:
        stop, arrived = asyncio.Event(), asyncio.Event()

        def store(event: object) -> None:
            inbox.store(event)  # type: ignore[arg-type]
            loop.call_soon_threadsafe(arrived.set)

        def record(state: str) -> None:
            inbox.record_stream_state(state)
            if state == "connected":
                dingtalk.control("POST", "/events")

        loop = asyncio.get_running_loop()
        listening = asyncio.create_task(Listener(selectors.stream_settings, store, record, 0.1).run(stop))
        async with asyncio.timeout(60):
            await arrived.wait()
        stop.set()
        await listening

    asyncio.run(listen())
    assert line(world, "events").status == "pass"


def started(world: World, instance_id: str, *, told: bool) -> None:
    """An approval that went to DingTalk an hour ago, with or without an event since."""
    Approval.objects.create(
        reference=f"DOCTOR-{instance_id}/1",
        ticket_number=f"DOCTOR-{instance_id}",
        revision=1,
        ticket_kind="data_change",
        sha256="0" * 64,
        submitter=world.admin,
        provider="dingtalk",
        state="agreed",
        request={},
        flow={},
        external_id=instance_id,
        submit_started_at=timezone.now() - timedelta(hours=1),
    )
    if told:
        ProviderEvent.objects.create(
            event_id=f"doctor-{instance_id}",
            event_type="bpms_instance_change",
            instance_id=instance_id,
            payload="{}",
        )


def test_whether_somebody_else_takes_events(world: World, dingtalk: DingTalk) -> None:
    assert dingtalk
    started(world, "one", told=True)
    assert [one.status for one in events.event_lines(events.heard(), stored=True)] == ["pass", "pass"]
    started(world, "two", told=False)
    _, sole = events.event_lines(events.heard(), stored=True)
    assert sole.status == "warn"
    assert sole.facts() == {"lost": 1, "started": 2}
    ProviderEvent.objects.all().delete()
    missing, _ = events.event_lines(events.heard(), stored=True)
    assert missing.error is not None and missing.error.code == "dingtalk_events_missing"


def test_credentials_that_are_not_stored_yet(dingtalk: DingTalk) -> None:
    hosts = Hosts(dingtalk.url, dingtalk.url)
    assert events.stream_line(dingtalk.credentials(), hosts, None).status == "pass"
    assert events.stream_line(dingtalk.credentials(app_secret="x"), hosts, None).status == "fail"
    assert {one.status for one in events.event_lines(events.heard(), stored=False)} == {"warn"}
