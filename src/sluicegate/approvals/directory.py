"""The company's people and departments (通讯录), read whole and matched to our users.

Somebody here is somebody there by what was linked before, by the unionid, which outlives a new userid, or by
mobile number; and only where that is one to one. What isn't is shown and left for a person to settle. The root
department is 1 among contacts and -1 in approvals: what is kept here are contacts' numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from django.utils import timezone

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import end_access, require
from sluicegate.approvals import connection
from sluicegate.approvals.models import DingTalkConnection, DirectoryDepartment, DirectoryPerson
from sluicegate.audit.log import SYSTEM, Actor, record, unit_of_work
from sluicegate.core.errors import Conflict, InvalidInput
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.errors import UserNotFound, UserOutOfScope
from sluicegate.dingtalk.models import ROOT_DEPARTMENT, Department
from sluicegate.dingtalk.models import User as Employee

_DIGITS_OF_A_NUMBER = 11
_MOST_LEAVERS = 5
_MOST_LEAVERS_PERCENT = 20


@dataclass(frozen=True)
class Contacts:
    """Everybody and every department that the app may see."""

    departments: tuple[Department, ...]
    people: tuple[Employee, ...]


@dataclass
class Result:
    """What a sync came to. ``conflicts``: who couldn't be told apart, as catalogue code and names."""

    departments: int = 0
    people: int = 0
    linked: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    conflicts: list[dict[str, str]] = field(default_factory=list)

    def conflict(self, code: str, **params: str) -> None:
        self.conflicts.append({"code": code, **params})

    def doubts(self, user: User) -> bool:
        """Whether it isn't sure who this user is: then nothing is done about them."""
        return any(user.username in found.get("users", "").split(", ") for found in self.conflicts)


def sync(*, by: User | None = None) -> Result:
    """Read the directory, link people, and (where that is set) end the access of those who left.

    Nothing is changed unless all of it could be read. ``by`` None: the hourly job.

    Raises:
        Conflict: ``dingtalk_not_configured``; DingTalkError: it can't be read.
    """
    if by is not None:
        require(by, Permission.SETTINGS_MANAGE)
    current = _current()
    client = connection.client()
    contacts = read(client)
    result = Result(len(contacts.departments), len(contacts.people))
    actor = by.actor if by is not None else SYSTEM
    matched = _match(client, contacts.people, result)
    leavers = [user for user in _leavers(client, contacts.people, matched) if not result.doubts(user)]
    _keep(contacts, matched, actor, result)
    _end(current, leavers, result)
    DingTalkConnection.objects.filter(pk=current.pk).update(
        synced_at=timezone.now(), sync_result=asdict(result)
    )
    return result


def configure(*, by: User, sync_hourly: bool, end_leavers: bool) -> DingTalkConnection:
    """Whether the directory is read every hour, and whether who left loses access."""
    require(by, Permission.SETTINGS_MANAGE)
    with unit_of_work():
        current = _current()
        current.sync_hourly, current.end_leavers = sync_hourly, end_leavers
        current.save(update_fields=["sync_hourly", "end_leavers", "updated_at"])
        record(
            by.actor,
            "dingtalk.directory_set",
            "dingtalk",
            current.pk,
            sync_hourly=sync_hourly,
            end_leavers=end_leavers,
        )
    return current


def _current() -> DingTalkConnection:
    current = connection.current()
    if current is None:
        raise Conflict("dingtalk_not_configured")
    return current


# ---------------------------------------------------------------- reading


def read(client: DingTalkClient) -> Contacts:
    """All departments under those that the app may see, and who is in them."""
    scopes = client.auth_scopes()
    departments: dict[int, Department] = {
        number: Department(number, "", None) for number in scopes.departments or (ROOT_DEPARTMENT,)
    }
    waiting = list(departments)
    userids = dict.fromkeys(scopes.users)
    while waiting:
        number = waiting.pop()
        userids.update(dict.fromkeys(client.department_userids(number)))
        for child in client.department_children(number):
            if departments.get(child.department_id) is None or not departments[child.department_id].name:
                waiting += [] if child.department_id in departments else [child.department_id]
                departments[child.department_id] = child
    people = []
    for userid in userids:
        try:
            people.append(client.user(userid))
        except (UserNotFound, UserOutOfScope):
            continue  # left, or was moved away, while we were reading
    return Contacts(tuple(departments.values()), tuple(people))


# ---------------------------------------------------------------- matching


def _match(client: DingTalkClient, people: Iterable[Employee], result: Result) -> dict[str, User]:
    """Our user of each userid. Only what is one to one."""
    employees = {employee.userid: employee for employee in people}
    users = list(User.objects.order_by("username"))
    matched = {user.dingtalk_userid: user for user in users if user.dingtalk_userid in employees}
    linked = {user.pk for user in matched.values()}
    former = {
        person.unionid: person.user_id
        for person in DirectoryPerson.objects.exclude(user=None).exclude(unionid="")
    }
    by_pk = {user.pk: user for user in users}
    for userid, employee in employees.items():
        user = by_pk.get(former.get(employee.unionid) or 0)  # their unionid came back under another userid
        if userid not in matched and user is not None and user.pk not in linked:
            matched[userid] = user
            linked.add(user.pk)
    unlinked = [user for user in users if user.is_active and user.pk not in linked and user.mobile]
    for number, holders in _by_number(unlinked).items():
        wanted = _by_mobile(client, employees.values(), number, holders[0].mobile)
        names = ", ".join(user.username for user in holders)
        if not wanted or wanted == [holders[0].dingtalk_userid]:
            continue  # nobody's, or theirs already and merely out of our sight
        if len(holders) > 1 or len(wanted) > 1:
            result.conflict("dingtalk_sync_number_shared", users=names, people=", ".join(wanted))
        elif wanted[0] in matched:
            other = matched[wanted[0]].username
            result.conflict("dingtalk_sync_taken", users=names, people=wanted[0], other=other)
        elif holders[0].dingtalk_userid:
            kept = holders[0].dingtalk_userid
            result.conflict("dingtalk_sync_relinked", users=names, people=wanted[0], other=kept)
        else:
            matched[wanted[0]] = holders[0]
    return matched


def _by_number(users: Iterable[User]) -> Mapping[str, list[User]]:
    found: defaultdict[str, list[User]] = defaultdict(list)
    for user in users:
        found[_digits(user.mobile)].append(user)
    return found


def _by_mobile(client: DingTalkClient, employees: Iterable[Employee], number: str, mobile: str) -> list[str]:
    """Whose number this is: as shown, or asked for where numbers are hidden from us."""
    shown = [employee.userid for employee in employees if _digits(employee.mobile) == number]
    if shown:
        return shown
    try:
        return [client.user_by_mobile(mobile)]
    except UserNotFound:
        return []


def _digits(mobile: str) -> str:
    """Without country code and separators; "-" for none, which is nobody's."""
    return "".join(char for char in mobile if char.isdigit())[-_DIGITS_OF_A_NUMBER:] or "-"


def _leavers(client: DingTalkClient, people: Iterable[Employee], matched: Mapping[str, User]) -> list[User]:
    """Linked users whom DingTalk says it doesn't know. Being out of the app's range isn't having left."""
    seen = {employee.userid for employee in people}
    found = {user.pk for user in matched.values()}
    left = []
    for user in User.objects.filter(is_active=True).exclude(dingtalk_userid="").order_by("username"):
        if user.dingtalk_userid in seen or user.pk in found:
            continue
        try:
            client.user(user.dingtalk_userid)
        except UserNotFound:
            left.append(user)
        except UserOutOfScope:
            continue
    return left


# ---------------------------------------------------------------- keeping


def _keep(contacts: Contacts, matched: Mapping[str, User], actor: Actor, result: Result) -> None:
    with unit_of_work():
        DirectoryPerson.objects.all().delete()
        DirectoryDepartment.objects.all().delete()
        DirectoryDepartment.objects.bulk_create(
            DirectoryDepartment(
                department_id=found.department_id, name=found.name[:200], parent_id=found.parent_id
            )
            for found in contacts.departments
        )
        DirectoryPerson.objects.bulk_create(
            DirectoryPerson(
                userid=employee.userid,
                unionid=employee.unionid,
                name=employee.name[:120],
                departments=list(employee.department_ids),
                user=matched.get(employee.userid),
            )
            for employee in contacts.people
        )
        for employee in contacts.people:
            if employee.userid in matched:
                _link(matched[employee.userid], employee, result)
        record(
            actor, "dingtalk.directory_synced", "dingtalk", "1", people=result.people, linked=result.linked
        )


def _link(user: User, employee: Employee, result: Result) -> None:
    chosen = user.dingtalk_department
    if chosen and int(chosen) not in employee.department_ids:
        chosen = ""  # moved: the first department applies until they choose again
    if user.dingtalk_userid == employee.userid and chosen == user.dingtalk_department:
        return
    if user.dingtalk_userid != employee.userid:
        result.linked.append(user.username)
        record(SYSTEM, "user.dingtalk_linked", "user", user.pk, userid=employee.userid)
    User.objects.filter(pk=user.pk).update(dingtalk_userid=employee.userid, dingtalk_department=chosen)


def _end(current: DingTalkConnection, leavers: list[User], result: Result) -> None:
    """End the access of those who left, unless that is so many that something else must be wrong."""
    result.left = [user.username for user in leavers]
    if not current.end_leavers or not leavers:
        return
    linked = User.objects.filter(is_active=True).exclude(dingtalk_userid="").count()
    if len(leavers) > max(_MOST_LEAVERS, linked * _MOST_LEAVERS_PERCENT // 100):
        result.conflict("dingtalk_sync_many_left", users=", ".join(result.left))
        return
    for user in leavers:
        try:
            end_access(user_id=user.pk, because="left_dingtalk")
        except Conflict as error:
            result.conflict(error.code, users=user.username)
        else:
            result.ended.append(user.username)


# ---------------------------------------------------------------- departments of a person


@dataclass(frozen=True)
class Choice:
    """A department that somebody may file tickets from; ``default``: the one that applies when they don't say."""

    department_id: int
    name: str
    default: bool


def departments_of(*, by: User) -> tuple[Choice, ...]:
    """One's own departments, as DingTalk has them now. The root is 1.

    Raises:
        Conflict: ``dingtalk_not_linked`` for somebody whom DingTalk isn't known to know.
    """
    if not by.dingtalk_userid:
        raise Conflict("dingtalk_not_linked", username=by.username)
    numbers = connection.client().user(by.dingtalk_userid).department_ids or (ROOT_DEPARTMENT,)
    names = dict(DirectoryDepartment.objects.filter(pk__in=numbers).values_list("department_id", "name"))
    chosen = int(by.dingtalk_department) if by.dingtalk_department else numbers[0]
    default = chosen if chosen in numbers else numbers[0]
    return tuple(Choice(number, names.get(number, ""), number == default) for number in numbers)


def choose_department(*, by: User, department_id: int) -> tuple[Choice, ...]:
    """Set the department that one's tickets are filed from when nothing else is said; -1 and 1 are the root."""
    wanted = ROOT_DEPARTMENT if department_id < 0 else department_id
    known = [choice.department_id for choice in departments_of(by=by)]
    if wanted not in known:
        raise InvalidInput("dingtalk_department_not_yours", department=department_id)
    with unit_of_work():
        User.objects.filter(pk=by.pk).update(dingtalk_department=str(wanted))
        record(by.actor, "user.department_chosen", "user", by.pk, department=wanted)
    by.dingtalk_department = str(wanted)
    return departments_of(by=by)
