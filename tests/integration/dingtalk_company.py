"""Tickets that wait in a real local DingTalk, with the jobs of a worker called one by one: what happens in which
order, and what is lost, is the test's to say."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from dingtalk_sandbox.server import SandboxServer
from sluicegate.accounts.models import User
from sluicegate.accounts.services import Profile, update_user
from sluicegate.approvals import connection, inbox
from sluicegate.approvals.flows import FlowFields, save_flow
from sluicegate.approvals.models import Approval, CallPace, DingTalkConnection, HostCircuit, ProviderEvent
from sluicegate.audit.models import AuditEntry
from sluicegate.core import crypto
from sluicegate.core.messages import Language
from sluicegate.datasources.models import DataSource
from sluicegate.datasources.services import save_environment
from sluicegate.dingtalk.callbacks import CallbackKeys, seal_reply
from sluicegate.dingtalk.events import StreamEvent, event_of_frame
from sluicegate.sql.model import TicketKind
from sluicegate.tickets import jobs, reviewing
from sluicegate.tickets.content import Content, TargetInput
from sluicegate.tickets.models import Ticket
from sluicegate.tickets.submission import submit_ticket
from sluicegate.web.ticket_views import TicketOut, ticket_detail
from tests.integration.world import World
from tests.unit.configuring import configured

Json = dict[str, Any]
ENVIRONMENT = "dingtalk"
SQL = b"UPDATE orders SET total = 1 WHERE id = 1"
_count = itertools.count(1)


class Company:
    """A person, a data source whose tickets go to DingTalk, and the local DingTalk itself."""

    def __init__(self, world: World, url: str) -> None:
        self.world = world
        self.url = url
        self.http = httpx.Client(base_url=url, trust_env=False, verify=False, timeout=30)
        self.reset()
        save_environment(
            by=world.admin, code=ENVIRONMENT, name_zh="钉", name_en="D", position=90, production=True
        )
        save_flow(by=world.admin, values=FlowFields(provider="dingtalk", environment=ENVIRONMENT))
        self.submitter: User = world.person("administrator")
        profile = Profile(name="张三", dingtalk_userid=self.userid("张三"))
        update_user(by=world.admin, user_id=self.submitter.pk, profile=profile)
        self.submitter.refresh_from_db()
        self.datasource: DataSource = world.datasource(environment=ENVIRONMENT)

    def close(self) -> None:
        User.objects.filter(pk=self.submitter.pk).update(dingtalk_userid="")
        for model in (DingTalkConnection, CallPace, HostCircuit):
            model.objects.all().delete()
        self.http.close()

    # the local DingTalk

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = self.http.request(method, f"/_sandbox{path}", json=dict(body) if body is not None else None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reset(self) -> None:
        self.control("POST", "/reset")
        self.control("POST", "/settings", {"terminate_delay": 0})
        self.state: Json = self.control("GET", "/state")
        app = self.state["apps"][0]
        DingTalkConnection.objects.all().delete()
        connection._clients.clear()
        sealed = crypto.seal(app["app_secret"], "dingtalk:app_secret")
        given = {name: str(app[name]) for name in ("app_key", "corp_id", "agent_id")}
        DingTalkConnection.objects.create(sealed_secret=sealed, **given)

    def userid(self, name: str) -> str:
        return next(str(user["userid"]) for user in self.state["users"] if user["name"] == name)

    def fault(self, kind: str, **options: Any) -> None:
        self.control("POST", "/faults", {"kind": kind, **options})

    def flow(self, *nodes: Json) -> None:
        """The approvers, by name, of tickets that change data."""
        code = next(
            found["process_code"]
            for found in self.state["templates"]
            if found["name"] == "CloudDM数据变更工单"
        )
        named = [
            {**node, "approvers": [self.userid(name) for name in node.get("approvers", [])]} for node in nodes
        ]
        self.control("POST", f"/templates/{code}", {"flow": named})

    def instance(self, ticket: Ticket) -> Json:
        return self.control("GET", f"/instances/{self.external_id(ticket)}")  # type: ignore[no-any-return]

    def task(self, ticket: Ticket, who: str) -> str:
        tasks = self.instance(ticket)["tasks"]
        mine = self.userid(who)
        found = next(task for task in tasks if task["userId"] == mine and task["status"] == "RUNNING")
        return f"/instances/{self.external_id(ticket)}/tasks/{found['taskId']}"

    def decide(self, ticket: Ticket, who: str, result: str = "agree", remark: str = "") -> None:
        self.control("POST", self.task(ticket, who), {"result": result, "remark": remark})

    def terminate(self, ticket: Ticket, who: str = "张三") -> None:
        path = f"/instances/{self.external_id(ticket)}/terminate"
        self.control("POST", path, {"userid": self.userid(who)})

    def delete(self, ticket: Ticket) -> None:
        self.control("DELETE", f"/instances/{self.external_id(ticket)}")

    def instances_of(self, ticket: Ticket) -> list[str]:
        """Every instance that carries this ticket's mark."""
        shown = self.control("GET", "/state")["instances"]
        return [i["instance_id"] for i in shown if f"ticket={ticket.number} " in json.dumps(i["values"])]

    def events(self, ticket: Ticket) -> list[StreamEvent]:
        """What DingTalk has sent about the ticket's instance so far, as the Stream client reads it."""
        sent = self.control("GET", "/events")["events"]
        corp_id = self.state["apps"][0]["corp_id"]
        return [
            event_of_frame(
                {"eventType": one["event_type"], "eventId": one["event_id"], "eventCorpId": corp_id},
                json.dumps(one["body"], ensure_ascii=False),
            )
            for one in sent
            if one["body"].get("processInstanceId") == self.external_id(ticket)
        ]

    # ours

    def submitted(self) -> Ticket:
        """A ticket that has passed review; DingTalk knows nothing of it yet."""
        values = Content(f"fix {next(_count)}", "", (TargetInput(self.datasource.pk),), SQL)
        ticket = submit_ticket(by=self.submitter, kind=TicketKind.DATA_CHANGE, values=values)
        reviewing.review(ticket.pk, ticket.revision_number)
        ticket.refresh_from_db()
        assert ticket.state == "awaiting_approval", ticket.reason_code
        return ticket

    def awaiting(self) -> Ticket:
        """A ticket whose instance waits for its approvers."""
        ticket = self.submitted()
        self.start(ticket)
        assert self.approval(ticket).state == "waiting", self.approval(ticket).problem_code
        return ticket

    def start(self, ticket: Ticket) -> None:
        """The job that asks DingTalk, however soon after the last attempt."""
        approval = self.approval(ticket)
        Approval.objects.filter(pk=approval.pk).update(next_attempt_at=None)
        jobs.start_approval(approval_id=approval.pk)

    def read(self, ticket: Ticket) -> None:
        """What the reconciler does."""
        jobs.refresh_approval(approval_id=self.approval(ticket).pk)

    def deliver(self, *events: StreamEvent) -> None:
        """The listener keeps the event; then its job runs."""
        for event in events:
            inbox.store(event)
            jobs.refresh_instance(instance_id=event.process_instance_id)

    def approval(self, ticket: Ticket) -> Approval:
        return Approval.objects.filter(ticket_number=ticket.number).latest("pk")

    def external_id(self, ticket: Ticket) -> str:
        found = self.approval(ticket).external_id
        assert found is not None
        return found

    def state_of(self, ticket: Ticket) -> str:
        return str(Ticket.objects.values_list("state", flat=True).get(pk=ticket.pk))

    def shown(self, ticket: Ticket, language: Language = "en") -> TicketOut:
        """The ticket as REST and the command line show it."""
        return ticket_detail(Ticket.objects.get(pk=ticket.pk), self.submitter, language)

    def decisions(self, ticket: Ticket) -> list[str]:
        """The transitions out of awaiting approval, as the audit log has them."""
        actions = ("ticket.approve", "ticket.reject", "ticket.withdraw")
        found = AuditEntry.objects.filter(object_id=ticket.number, action__in=actions)
        return list(found.order_by("pk").values_list("action", flat=True))

    def kept(self, ticket: Ticket) -> int:
        return ProviderEvent.objects.filter(instance_id=self.external_id(ticket)).count()


@contextmanager
def dingtalk_company(world: World, database: dict[str, str], url: str) -> Iterator[Company]:
    bases = {
        "SLUICEGATE_DINGTALK_API_BASE": url,
        "SLUICEGATE_DINGTALK_OAPI_BASE": url,
        "SLUICEGATE_DINGTALK_CALLS_PER_SECOND": "1000",
    }
    with configured({**database, **bases}):
        company = Company(world, url)
        try:
            yield company
        finally:
            company.close()


@contextmanager
def sandbox_server(speed: float = 20) -> Iterator[str]:
    with SandboxServer(speed=speed) as server:
        yield server.url


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that another process or thread brings about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def silent_after_check(token: str, aes_key: str, app_key: str) -> Iterator[str]:
    """An address that proves to be ours while this lasts; afterwards nobody answers there."""
    keys = CallbackKeys(token, aes_key, app_key)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            reply = json.dumps(seal_reply(keys, timestamp="1", nonce="n").payload()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
