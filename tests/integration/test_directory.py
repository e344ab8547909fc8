"""People and departments of the local DingTalk, read and matched to our users."""

from __future__ import annotations

import pytest

from sluicegate.accounts.models import ApiToken, User
from sluicegate.accounts.services import create_token
from sluicegate.approvals import directory, jobs
from sluicegate.approvals.models import DingTalkConnection, DirectoryDepartment, DirectoryPerson
from sluicegate.audit.models import AuditEntry
from sluicegate.core.errors import Conflict, Forbidden, InvalidInput
from sluicegate.dingtalk.errors import MissingPermission
from tests.integration.dingtalk_world import DingTalk, employee
from tests.integration.world import World


def now(user: User) -> User:
    return User.objects.get(pk=user.pk)


def leave(dingtalk: DingTalk, name: str) -> None:
    dingtalk.control("POST", "/users", {"userid": dingtalk.person(name)["userid"], "active": False})


def test_people_are_found_and_kept(world: World, dingtalk: DingTalk) -> None:
    zhang = employee(world, "张三", dingtalk)
    hidden = employee(world, "吴九", dingtalk)  # whose number DingTalk doesn't show
    foreign = employee(world, "", dingtalk, mobile="+86 139-0000-0000")
    result = directory.sync(by=world.admin)
    assert (result.departments, result.people) == (4, 7)
    assert set(result.linked) == {zhang.username, hidden.username}
    assert (result.conflicts, result.left) == ([], [])
    assert now(zhang).dingtalk_userid == dingtalk.person("张三")["userid"]
    assert now(foreign).dingtalk_userid == ""
    assert DirectoryDepartment.objects.get(pk=100200302).parent_id == 100200301
    person = DirectoryPerson.objects.get(user=zhang)
    assert (person.name, person.departments) == ("张三", [100200301])
    again = directory.sync(by=world.admin)
    assert again.linked == []


def test_another_number_format_is_the_same_number(world: World, dingtalk: DingTalk) -> None:
    zhang = employee(world, "", dingtalk, mobile="+86 138-0000-0002")
    assert directory.sync(by=world.admin).linked == [zhang.username]


def test_a_new_userid_of_the_same_person(world: World, dingtalk: DingTalk) -> None:
    """They left and joined again: the unionid is the same."""
    zhang = employee(world, "张三", dingtalk)
    directory.sync(by=world.admin)
    before = dingtalk.person("张三")
    leave(dingtalk, "张三")
    again = {"userid": "again1", "unionid": before["unionid"], "name": "张三", "mobile": before["mobile"]}
    dingtalk.control("POST", "/users", again)
    result = directory.sync(by=world.admin)
    assert (result.linked, result.left, result.conflicts) == ([zhang.username], [], [])
    assert now(zhang).dingtalk_userid == "again1"


def test_conflicts_are_shown_and_nothing_is_guessed(world: World, dingtalk: DingTalk) -> None:
    one, two = employee(world, "张三", dingtalk), employee(world, "张三", dingtalk)
    holder, pretender = employee(world, "", dingtalk), employee(world, "李四", dingtalk)
    User.objects.filter(pk=holder.pk).update(dingtalk_userid=dingtalk.person("李四")["userid"])
    moved = employee(world, "王五", dingtalk)
    User.objects.filter(pk=moved.pk).update(dingtalk_userid="gone1")
    DingTalkConnection.objects.update(end_leavers=True)
    result = directory.sync(by=world.admin)
    found = {conflict["users"]: conflict["code"] for conflict in result.conflicts}
    assert found == {
        f"{one.username}, {two.username}": "dingtalk_sync_number_shared",
        pretender.username: "dingtalk_sync_taken",
        moved.username: "dingtalk_sync_relinked",
    }
    assert (result.linked, result.ended) == ([], [])
    assert now(moved).is_active


def test_who_left_loses_access_where_that_is_set(world: World, dingtalk: DingTalk) -> None:
    zhang, li = employee(world, "张三", dingtalk), employee(world, "李四", dingtalk)
    directory.sync(by=world.admin)
    token, _ = create_token(by=now(zhang), name="t", days=1)
    leave(dingtalk, "张三")
    result = directory.sync(by=world.admin)
    assert (result.left, result.ended) == ([zhang.username], [])
    assert now(zhang).is_active
    directory.configure(by=world.admin, sync_hourly=True, end_leavers=True)
    jobs.sync_directory(timestamp=0)
    assert not now(zhang).is_active
    assert now(li).is_active
    assert ApiToken.objects.get(pk=token.pk).revoked_at is not None
    entry = AuditEntry.objects.filter(action="user.access_ended").latest("sequence")
    assert (entry.data["username"], entry.data["because"]) == (zhang.username, "left_dingtalk")
    assert DingTalkConnection.objects.get().sync_result["ended"] == [zhang.username]


def test_never_the_last_administrator(world: World, dingtalk: DingTalk) -> None:
    User.objects.filter(pk=world.admin.pk).update(dingtalk_userid="gone2")
    DingTalkConnection.objects.update(end_leavers=True)
    result = directory.sync(by=world.admin)
    assert result.ended == []
    assert [conflict["code"] for conflict in result.conflicts] == ["last_administrator"]
    User.objects.filter(pk=world.admin.pk).update(dingtalk_userid="")
    assert now(world.admin).is_active


def test_too_many_leavers_are_a_mistake(world: World, dingtalk: DingTalk) -> None:
    people = [employee(world, "", dingtalk) for _ in range(6)]
    for number, user in enumerate(people):
        User.objects.filter(pk=user.pk).update(dingtalk_userid=f"other-company-{number}")
    DingTalkConnection.objects.update(end_leavers=True)
    result = directory.sync(by=world.admin)
    assert (len(result.left), result.ended) == (6, [])
    assert [conflict["code"] for conflict in result.conflicts] == ["dingtalk_sync_many_left"]


def test_out_of_range_is_not_having_left(world: World, dingtalk: DingTalk) -> None:
    zhao = employee(world, "赵六", dingtalk)
    directory.sync(by=world.admin)
    dingtalk.change_app(authed_depts=[100200302])
    result = directory.sync(by=world.admin)
    assert (result.departments, result.left, result.conflicts) == (1, [], [])
    assert now(zhao).dingtalk_userid


def test_nothing_changes_when_it_cannot_be_read(world: World, dingtalk: DingTalk) -> None:
    zhang = employee(world, "张三", dingtalk)
    directory.sync(by=world.admin)
    leave(dingtalk, "张三")
    DingTalkConnection.objects.update(end_leavers=True)
    dingtalk.fault("missing_scope", match="/topapi/user/listid")
    with pytest.raises(MissingPermission):
        directory.sync(by=world.admin)
    assert now(zhang).is_active
    jobs.sync_directory(timestamp=0)  # not asked to: does nothing


def test_departments_to_choose_from(world: World, dingtalk: DingTalk) -> None:
    sun = employee(world, "孙七", dingtalk)
    with pytest.raises(Conflict):
        directory.departments_of(by=sun)
    directory.sync(by=world.admin)
    sun = now(sun)
    found = directory.departments_of(by=sun)
    assert [(one.name, one.default) for one in found] == [("研发部", True), ("测试部", False)]
    found = directory.choose_department(by=sun, department_id=100200303)
    assert [one.default for one in found] == [False, True]
    for wrong in (1, -1, 100200302):
        with pytest.raises(InvalidInput):
            directory.choose_department(by=sun, department_id=wrong)
    body = {"userid": dingtalk.person("孙七")["userid"], "dept_id_list": [100200301]}
    dingtalk.control("POST", "/users", body)
    directory.sync(by=world.admin)
    assert now(sun).dingtalk_department == "", "no longer theirs: the first one applies again"


def test_only_administrators(world: World, dingtalk: DingTalk) -> None:
    assert dingtalk
    with pytest.raises(Forbidden):
        directory.sync(by=world.person("dba"))
