"""A company in the local DingTalk beside the service's database, for tests of what connects the two."""

from __future__ import annotations

from typing import Any

import httpx

from sluicegate.accounts.models import User
from sluicegate.accounts.services import Profile, create_user
from sluicegate.approvals import connection
from sluicegate.approvals.models import (
    Approval,
    ApprovalFlow,
    DingTalkConnection,
    DirectoryDepartment,
    DirectoryPerson,
    HostCircuit,
    ProviderEvent,
    QuotaMonth,
)
from sluicegate.core import crypto
from sluicegate.dingtalk.config import Credentials
from tests.integration.world import World

Json = dict[str, Any]
FORMS = ("CloudDM数据变更工单", "CloudDM结构变更工单", "CloudDM权限申请工单")


class DingTalk:
    """The sandbox, as its administrator and as the test's nemesis."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/_sandbox", timeout=30, trust_env=False)
        self.url = url
        self.control("POST", "/reset")
        self.app = self.state()["apps"][0]

    def control(self, method: str, path: str, body: Json | None = None) -> Any:
        response = self.http.request(method, path, json=body)
        assert response.status_code < 400, response.text
        return response.json()

    def state(self) -> Json:
        found: Json = self.control("GET", "/state")
        return found

    def fault(self, kind: str, **options: Any) -> None:
        self.control("POST", "/faults", {"kind": kind, **options})

    def change_app(self, **changes: Any) -> None:
        self.control("POST", f"/apps/{self.app['app_key']}", changes)

    def person(self, name: str) -> Json:
        return next(user for user in self.state()["users"] if user["name"] == name)

    def process_code(self, name: str = FORMS[0]) -> str:
        return next(str(t["process_code"]) for t in self.state()["templates"] if t["name"] == name)

    def change_form(self, **changes: Any) -> None:
        """Of data changes."""
        self.control("POST", f"/templates/{self.process_code()}", changes)

    def credentials(self, **changes: str) -> Credentials:
        given = {name: str(self.app[name]) for name in ("app_key", "app_secret", "corp_id", "agent_id")}
        return Credentials(**{**given, **changes})

    def connect(self, stream_state: str = "") -> DingTalkConnection:
        """Store the credentials, as confirming does."""
        given = self.credentials()
        DingTalkConnection.objects.all().delete()
        return DingTalkConnection.objects.create(
            app_key=given.app_key,
            sealed_secret=crypto.seal(given.app_secret, connection._CONTEXT),
            corp_id=given.corp_id,
            agent_id=given.agent_id,
            stream_state=stream_state,
        )


def employee(world: World, name: str, dingtalk: DingTalk, mobile: str = "") -> User:
    """One of our users, with the mobile number that this person has in DingTalk unless another is given."""
    number = mobile or (str(dingtalk.person(name)["mobile"]) if name else "")
    made = create_user(
        by=world.admin,
        username=world.unique("employee"),
        profile=Profile(name=name, roles=("developer",), mobile=number),
    )
    return User.objects.get(pk=made.pk)


def forget() -> None:
    """Nobody but the administrator, nothing of DingTalk."""
    User.objects.exclude(username="admin").update(is_active=False, dingtalk_userid="")
    User.objects.update(mobile="")
    ApprovalFlow.objects.all().delete()
    DingTalkConnection.objects.all().delete()
    HostCircuit.objects.all().delete()
    QuotaMonth.objects.all().delete()
    Approval.objects.filter(reference__startswith="DOCTOR-").delete()
    ProviderEvent.objects.all().delete()
    DirectoryPerson.objects.all().delete()
    DirectoryDepartment.objects.all().delete()
