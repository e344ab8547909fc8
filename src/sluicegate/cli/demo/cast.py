"""The people of the tour, set up as an administrator would: accounts, data sources, grants, DingTalk."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from sluicegate.cli.client import Client
from sluicegate.cli.demo import screen
from sluicegate.cli.demo.company import Company, Employee
from sluicegate.cli.demo.failing import StepFailed
from sluicegate.cli.demo.installation import Installation
from sluicegate.cli.demo.targets import Target
from sluicegate.cli.language import language, say
from sluicegate.cli.output import styled
from sluicegate.cli.shapes import (
    Check,
    DataSource,
    DingTalk,
    Flow,
    Grant,
    Me,
    NewToken,
    Preview,
    Tested,
    User,
)

ENVIRONMENT = "prod"
_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.1
# The people of the local DingTalk's company, by what they have in common with ours: the mobile number.
_MANAGER = "13800000001"
_DEVELOPER, _LEAD, _DBA = "13800000002", "13800000003", "13800000004"


@dataclass(frozen=True)
class Person:
    """Somebody with an account; ``role`` is the catalogue code of what they do here."""

    username: str
    employee: Employee
    role: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Cast:
    """Who acts, each with a client of their own, and where."""

    people: tuple[Person, ...]
    admin: Client
    developer: Client
    dba: Client
    lead: Person
    company: Company
    sources: Mapping[str, DataSource]
    """By the target's name."""


@contextmanager
def assembled(installation: Installation) -> Iterator[Cast]:
    """Everybody set up, until the end of the block.

    Raises:
        StepFailed, SluicegateError: something isn't as it should be.
    """
    with ExitStack() as stack:

        def sign_in(username: str, password: str) -> Client:
            return stack.enter_context(_signed_in(installation.url, username, password))

        admin = sign_in(installation.administrator, installation.password)
        manager = _administrator(admin, installation)
        others = [
            _person(admin, installation.company, *who)
            for who in (
                ("zhangsan", _DEVELOPER, "developer", "demo_role_developer"),
                ("lisi", _LEAD, "developer", "demo_role_lead"),
                ("wangwu", _DBA, "dba", "demo_role_dba"),
            )
        ]
        people = (manager, *others)
        names = {"names": ", ".join(f"{person.username} {person.employee.name}" for person in people)}
        screen.proved("demo_people", [p.username for p in people], _usernames(admin), **names)
        sources = {target.name: _source(admin, target) for target in installation.targets}
        _grants(admin, others[0], others[1], installation.targets, sources)
        _dingtalk(admin, installation.company)
        developer, lead, dba = others
        yield Cast(
            people=people,
            admin=admin,
            developer=sign_in(developer.username, developer.password),
            dba=sign_in(dba.username, dba.password),
            lead=lead,
            company=installation.company,
            sources=sources,
        )


@contextmanager
def _signed_in(url: str, username: str, password: str) -> Iterator[Client]:
    body = {"username": username, "password": password, "name": "demo", "days": 1}
    with Client(url) as nobody:
        token = nobody.create("/session/token", NewToken, body)
    with Client(url, token.token) as client:
        yield client


def _administrator(admin: Client, installation: Installation) -> Person:
    """The first administrator is the company's manager."""
    employee = installation.company.employee(_MANAGER)
    me = admin.get("/me", Me)
    profile = {"name": employee.name, "mobile": employee.mobile, "language": language()}
    admin.patch(f"/users/{me.id}", User, profile)
    return Person(installation.administrator, employee, "demo_role_admin", installation.password)


def _person(admin: Client, company: Company, username: str, mobile: str, role: str, part: str) -> Person:
    employee = company.employee(mobile)
    person = Person(username, employee, part, secrets.token_urlsafe(12))
    admin.create(
        "/users",
        User,
        {
            "username": username,
            "name": employee.name,
            "mobile": mobile,
            "language": language(),
            "roles": [role],
            "password": person.password,
        },
    )
    return person


def _usernames(admin: Client) -> list[str]:
    users = admin.get("/users", list[User])
    return [user.username for user in sorted(users, key=lambda user: user.id)]


def _source(admin: Client, target: Target) -> DataSource:
    fields = target.registration() | {
        "name": target.name,
        "dialect": target.dialect,
        "environment": ENVIRONMENT,
        "remark": say("demo_source_remark"),
    }
    source = admin.create("/datasources", DataSource, fields)
    tested = admin.post(f"/datasources/{source.id}/test", Tested)
    screen.done("demo_source_tested", name=target.name, version=tested.version, ms=tested.milliseconds)
    return source


def _grants(
    admin: Client,
    developer: Person,
    lead: Person,
    targets: tuple[Target, ...],
    sources: Mapping[str, DataSource],
) -> None:
    """The developer may change everything but one, which has to be asked for."""
    for target in targets:
        may = ["see"] if target is asked_for(targets) else ["see", "data_change", "schema_change"]
        _grant(admin, developer, may, {"datasource_id": sources[target.name].id})
    _grant(admin, lead, ["see", "approve"], {"environment": ENVIRONMENT})
    held = admin.get("/grants", list[Grant], {"live": True})
    screen.proved("demo_grants", len(targets) + 1, len(held))


def asked_for(targets: tuple[Target, ...]) -> Target | None:
    """The data source that the developer may only see at first; None when there is but one."""
    return targets[1] if len(targets) > 1 else None


def _grant(admin: Client, person: Person, actions: list[str], where: Mapping[str, object]) -> None:
    admin.create("/grants", Grant, {"username": person.username, "actions": actions, **where})


def _dingtalk(admin: Client, company: Company) -> None:
    app = company.app
    credentials = {"app_key": app.app_key, "app_secret": app.app_secret, "corp_id": app.corp_id}
    credentials |= {"agent_id": str(app.agent_id)}
    checked = admin.post("/dingtalk/check", Preview, credentials)
    connected = admin.put("/dingtalk", DingTalk, credentials | {"confirmation": checked.confirmation})
    screen.proved("demo_dingtalk_connected", (True, app.app_key), (connected.connected, connected.app_key))
    flow = admin.create("/approval-flows", Flow, {"provider": "dingtalk", "environment": ENVIRONMENT})
    screen.proved("demo_flow", ("dingtalk", ENVIRONMENT), (flow.provider, flow.environment))
    _wait_for_stream(admin)
    lines = admin.get("/dingtalk/check", list[Check])
    screen.table(
        (say("demo_column_check"), say("demo_column_result")),
        [(line.text, styled(line.status, line.advice or "✓")) for line in lines],
    )
    failing = [f"{line.text}: {line.advice}" for line in lines if line.status == "fail"]
    screen.proved("demo_check_passed", [], failing, count=len(lines))


def _wait_for_stream(admin: Client) -> None:
    """The listener connects by itself, once it notices that there is something to connect to."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (state := admin.get("/dingtalk", DingTalk).stream_state) != "connected":
        if time.monotonic() > deadline:
            raise StepFailed(say("demo_stream_expected"), state or say("demo_nothing"))
        time.sleep(_POLL_SECONDS)
