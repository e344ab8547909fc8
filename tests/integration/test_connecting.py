"""确认授权访问: nothing is stored but what was checked, by whom it was checked."""

from __future__ import annotations

from typing import Any

import pytest

from sluicegate.accounts.models import User
from sluicegate.approvals import connecting, connection
from sluicegate.approvals.models import DingTalkConnection
from sluicegate.audit.models import AuditEntry
from sluicegate.core.errors import Conflict, Forbidden, InvalidInput
from tests.integration.dingtalk_world import DingTalk
from tests.integration.world import World


@pytest.fixture
def fields(dingtalk: DingTalk) -> dict[str, Any]:
    DingTalkConnection.objects.all().delete()
    return {name: str(dingtalk.app[name]) for name in ("app_key", "app_secret", "corp_id", "agent_id")}


def test_checked_then_kept(world: World, fields: dict[str, Any]) -> None:
    found = connecting.preview(by=world.admin, **fields)
    assert connection.current() is None
    assert found.confirmation
    assert {line.name for line in found.lines} >= {"credentials", "address", "permission", "stream", "clock"}
    assert fields["app_secret"] not in repr(found) + found.confirmation
    stored = connecting.confirm(by=world.admin, **fields, confirmation=found.confirmation)
    assert connection.credentials(stored).app_secret == fields["app_secret"]
    assert fields["app_secret"].encode() not in bytes(stored.sealed_secret)
    entry = AuditEntry.objects.filter(action="dingtalk.connected").latest("sequence")
    assert entry.data["checks"]["pass"] >= 9
    assert fields["app_secret"] not in str(entry.data)


def test_nothing_is_kept_unchecked(world: World, fields: dict[str, Any]) -> None:
    good = connecting.preview(by=world.admin, **fields).confirmation
    another = world.person("administrator")
    tries: list[tuple[User, dict[str, Any], str]] = [
        (world.admin, fields, ""),
        (world.admin, fields, "x"),
        (world.admin, fields, good[:-1] + ("0" if good[-1] != "0" else "1")),
        (world.admin, {**fields, "app_secret": "another"}, good),
        (world.admin, {**fields, "corp_id": "dinganother"}, good),
        (another, fields, good),
    ]
    for by, given, confirmation in tries:
        with pytest.raises(Conflict) as refused:
            connecting.confirm(by=by, **given, confirmation=confirmation)
        assert refused.value.code == "dingtalk_confirmation_needed"
    assert connection.current() is None


def test_a_check_grows_old(world: World, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "_VALID_SECONDS", -1)
    old = connecting.preview(by=world.admin, **fields).confirmation
    with pytest.raises(Conflict):
        connecting.confirm(by=world.admin, **fields, confirmation=old)


def test_what_is_essential_prevents(world: World, fields: dict[str, Any], dingtalk: DingTalk) -> None:
    dingtalk.fault("ip_not_whitelisted", ip="203.0.113.77")
    found = connecting.preview(by=world.admin, **fields)
    assert found.confirmation == ""
    assert [line.name for line in found.lines if line.prevents] == ["address"]


def test_what_is_not_essential_does_not(world: World, fields: dict[str, Any], dingtalk: DingTalk) -> None:
    dingtalk.change_form(name="another name")
    found = connecting.preview(by=world.admin, **fields)
    assert "fail" in {line.status for line in found.lines}
    assert found.confirmation


def test_another_app_takes_the_place(world: World, fields: dict[str, Any]) -> None:
    DingTalkConnection.objects.create(app_key="older", sealed_secret=b"", corp_id="c", agent_id="")
    found = connecting.preview(by=world.admin, **fields)
    connecting.confirm(by=world.admin, **fields, confirmation=found.confirmation)
    assert [row.app_key for row in DingTalkConnection.objects.all()] == [fields["app_key"]]


def test_who_may_and_with_what(world: World, fields: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        connecting.preview(by=world.person("dba"), **fields)
    with pytest.raises(InvalidInput):
        connecting.preview(by=world.admin, **{**fields, "app_secret": " "})
