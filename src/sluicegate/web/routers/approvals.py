"""Approval settings: flows, the DingTalk connection, and its check."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.approvals import (
    callbacks,
    connecting,
    connection,
    directory,
    doctor,
    flows,
    pacing,
    quota,
    templates,
)
from sluicegate.approvals.flows import FlowFields, Level
from sluicegate.approvals.models import ApprovalFlow
from sluicegate.approvals.templates import Form
from sluicegate.core.errors import Conflict
from sluicegate.core.messages import Language, text
from sluicegate.web.auth import Request, language_of
from sluicegate.web.idempotency import once
from sluicegate.web.problems import PROBLEMS

router = Router()


class LevelIO(Schema):
    """``mode`` is any or all. No roles and no users: everybody who may approve on all targets."""

    name: str = Field("", max_length=80)
    mode: str = "any"
    roles: list[str] = []
    users: list[str] = []


class FlowIn(Schema):
    """``environment`` and ``kind`` empty mean any; the most specific flow applies."""

    provider: str
    environment: str = ""
    kind: str = ""
    levels: list[LevelIO] = [LevelIO(name="")]
    template_name: str = Field("", max_length=80)
    process_code: str = Field("", max_length=80)
    preset: str = "clouddm-classic"
    mapping: dict[str, Any] | None = None
    execute_automatically: bool = False


class FlowOut(FlowIn):
    id: int


class DingTalkIn(Schema):
    app_key: str = Field(max_length=80)
    app_secret: str = Field(max_length=200)
    corp_id: str = Field(max_length=80)
    agent_id: str = Field("", max_length=40)


class ConfirmIn(DingTalkIn):
    """``confirmation``: from ``POST /dingtalk/check`` with the same fields, within a quarter of an hour."""

    confirmation: str = Field("", max_length=1000)


class HostOut(Schema):
    """One of DingTalk's hosts, api or oapi. ``phase`` is closed (it answers), open (left alone until
    ``retry_at``, after failing several times in a row) or half_open (being tried)."""

    host: str
    phase: str
    failures: int
    reason: str
    retry_at: datetime | None


class DingTalkOut(Schema):
    connected: bool
    app_key: str = ""
    corp_id: str = ""
    agent_id: str = ""
    stream_state: str = ""
    callback: bool = False
    hosts: list[HostOut] = []


class SubscriptionIn(Schema):
    """Empty ones are made up."""

    token: str = Field("", max_length=32)
    aes_key: str = Field("", max_length=43)


class SubscriptionOut(Schema):
    """To be entered at DingTalk under 事件订阅; shown this once. ``path`` is that of this service."""

    path: str = "/api/v1/dingtalk/callback"
    token: str
    aes_key: str


class DifferenceOut(Schema):
    """``text`` says it in the reader's language."""

    kind: str
    title: str
    expected: str
    found: str
    text: str


class FormOut(Schema):
    """``status`` is ready, differs or missing; ``created`` by this request."""

    kind: str
    name: str
    preset: str
    process_code: str
    status: str
    differences: list[DifferenceOut]
    created: bool


class FormsIn(Schema):
    """``kind`` empty: all three. ``environment`` empty: the flows that apply anywhere."""

    environment: str = ""
    kind: str = ""


class AdoptIn(Schema):
    """``template``: a form's name or process code. ``preset``, and for custom ``mapping``: how it is filled; empty
    leaves that as it is."""

    kind: str
    template: str = Field(max_length=120)
    environment: str = ""
    preset: str = ""
    mapping: dict[str, Any] | None = None


class TemplateOut(Schema):
    name: str
    process_code: str
    group: str


class SealedIn(Schema):
    encrypt: str = Field(max_length=400_000)


class SealedOut(Schema):
    msg_signature: str
    timeStamp: str  # noqa: N815 - DingTalk's own name
    nonce: str
    encrypt: str


class QuotaOut(Schema):
    """This month's calls and events, as far as this service has counted them. ``plan`` is standard, pro or own;
    ``exhausted``: DingTalk refuses further calls; ``status`` is pass, warn or fail."""

    month: str
    plan: str
    calls: int
    call_limit: int
    events: int
    event_limit: int
    exhausted: bool
    status: str


class PlanIn(Schema):
    """``plan`` is standard, pro, or own with both numbers."""

    plan: str
    calls: int = 0
    events: int = 0


class DirectoryIn(Schema):
    """``sync_hourly``: read people and departments every hour; ``end_leavers``: who left DingTalk then loses
    access here."""

    sync_hourly: bool = False
    end_leavers: bool = False


class DirectoryConflictOut(Schema):
    """Somebody who couldn't be told apart, or wasn't dealt with, and why."""

    code: str
    text: str


class DirectoryOut(DirectoryIn):
    """What the last sync came to; names are usernames. ``left``: DingTalk doesn't know them any more; ``ended``:
    those of them who lost access."""

    synced_at: datetime | None
    departments: int = 0
    people: int = 0
    linked: list[str] = []
    left: list[str] = []
    ended: list[str] = []
    conflicts: list[DirectoryConflictOut] = []


class DepartmentIn(Schema):
    """The root is 1 or -1."""

    department_id: int


class DepartmentOut(Schema):
    """``default``: applies when a ticket names none."""

    department_id: int
    name: str
    default: bool


class CheckOut(Schema):
    """``status`` is pass, warn or fail; ``advice`` says what to do, ``code`` and ``facts`` tell the same to
    programs: the address to enter (``ip``), the link to open (``apply_link``), who it is about (``username``).
    ``essential``: while it fails, no ticket gets through."""

    name: str
    status: str
    text: str
    advice: str
    code: str = ""
    facts: dict[str, str | int | float | bool | None] = {}
    essential: bool = False


class PreviewOut(Schema):
    """``confirmation`` is to be sent with the same credentials to keep them; empty while something essential
    fails."""

    checks: list[CheckOut]
    confirmation: str


def _flow(flow: ApprovalFlow) -> FlowOut:
    return FlowOut(
        id=flow.pk,
        provider=flow.provider,
        environment=flow.environment.code if flow.environment else "",
        kind=flow.kind,
        levels=[LevelIO(**level) for level in flow.levels],
        template_name=flow.template_name,
        process_code=flow.process_code,
        preset=flow.preset,
        mapping=flow.mapping,
        execute_automatically=flow.execute_automatically,
    )


@router.get("/approval-flows", response={200: list[FlowOut], **PROBLEMS})
def list_flows(request: Request) -> list[FlowOut]:
    require(request.auth, Permission.SETTINGS_MANAGE)
    return [_flow(flow) for flow in ApprovalFlow.objects.select_related("environment").order_by("pk")]


@router.post("/approval-flows", response={201: FlowOut, **PROBLEMS})
def save_flow(request: Request, payload: FlowIn) -> tuple[int, FlowOut]:
    """Set the flow of an environment and kind; replaces the one that is there."""
    fields = payload.model_dump(exclude={"levels"})
    levels = [
        Level(level.name, level.mode, tuple(level.roles), tuple(level.users)) for level in payload.levels
    ]
    return 201, once(
        request,
        FlowOut,
        lambda: _flow(flows.save_flow(by=request.auth, values=FlowFields(**fields, levels=levels))),
    )


@router.delete("/approval-flows/{flow_id}", response={204: None, **PROBLEMS})
def delete_flow(request: Request, flow_id: int) -> tuple[int, None]:
    flows.delete_flow(by=request.auth, flow_id=flow_id)
    return 204, None


def _connection() -> DingTalkOut:
    current = connection.current()
    if current is None:
        return DingTalkOut(connected=False)
    return DingTalkOut(
        connected=True,
        app_key=current.app_key,
        corp_id=current.corp_id,
        agent_id=current.agent_id,
        stream_state=current.stream_state,
        callback=current.sealed_callback is not None,
        hosts=[
            HostOut(
                host=state.host,
                phase=state.phase.value,
                failures=state.failures,
                reason=state.reason,
                retry_at=state.retry_at,
            )
            for state in pacing.host_states()
        ],
    )


@router.get("/dingtalk", response={200: DingTalkOut, **PROBLEMS})
def show_dingtalk(request: Request) -> DingTalkOut:
    require(request.auth, Permission.SETTINGS_MANAGE)
    return _connection()


@router.post("/dingtalk/check", response={200: PreviewOut, **PROBLEMS})
def preview_dingtalk(request: Request, payload: DingTalkIn) -> PreviewOut:
    """审批流访问权限: check everything with credentials that aren't stored yet. Nothing is kept."""
    language = language_of(request)
    found = connecting.preview(by=request.auth, **payload.model_dump())
    return PreviewOut(
        checks=[_check(line, language) for line in found.lines], confirmation=found.confirmation
    )


@router.put("/dingtalk", response={200: DingTalkOut, **PROBLEMS})
def connect_dingtalk(request: Request, payload: ConfirmIn) -> DingTalkOut:
    """确认授权访问: keep the credentials sealed, with the confirmation that their check gave."""
    connecting.confirm(by=request.auth, **payload.model_dump())
    return _connection()


@router.delete("/dingtalk", response={204: None, **PROBLEMS})
def disconnect_dingtalk(request: Request) -> tuple[int, None]:
    connection.disconnect(by=request.auth)
    return 204, None


def _form(form: Form, request: Request) -> FormOut:
    language = language_of(request)
    differences = [
        DifferenceOut(
            kind=found.kind.value,
            title=found.title,
            expected=found.expected,
            found=found.found,
            text=text(found.message_code, language, **found.params),
        )
        for found in form.differences
    ]
    return FormOut(
        kind=form.kind,
        name=form.name,
        preset=form.preset,
        process_code=form.process_code,
        status=form.status,
        differences=differences,
        created=form.created,
    )


@router.get("/dingtalk/forms", response={200: list[FormOut], **PROBLEMS})
def list_forms(request: Request, environment: str = "") -> list[FormOut]:
    """The approval forms of the three kinds: found, and how they differ from what is filled in."""
    return [_form(form, request) for form in templates.list_forms(by=request.auth, environment=environment)]


@router.post("/dingtalk/forms", response={200: list[FormOut], **PROBLEMS})
def create_forms(request: Request, payload: FormsIn) -> list[FormOut]:
    """Find or create the forms with the exact controls. Doing it again finds them."""
    made = templates.create_forms(by=request.auth, environment=payload.environment, kind=payload.kind)
    return [_form(form, request) for form in made]


@router.put("/dingtalk/forms", response={200: FormOut, **PROBLEMS})
def adopt_form(request: Request, payload: AdoptIn) -> FormOut:
    """Use a form that the company has already for a kind of ticket."""
    found = templates.adopt_form(by=request.auth, **payload.model_dump())
    return _form(found, request)


@router.get("/dingtalk/templates", response={200: list[TemplateOut], **PROBLEMS})
def list_templates(request: Request) -> list[TemplateOut]:
    """All approval forms of the company, to choose from."""
    return [
        TemplateOut(name=info.name, process_code=info.process_code, group=info.group)
        for info in templates.list_templates(by=request.auth)
    ]


@router.put("/dingtalk/callback", response={200: SubscriptionOut, **PROBLEMS})
def subscribe_dingtalk(request: Request, payload: SubscriptionIn) -> SubscriptionOut:
    """Receive events over HTTP (HTTP 推送) too: keep or make the keys that DingTalk signs and seals with."""
    made = callbacks.subscribe(by=request.auth, token=payload.token, aes_key=payload.aes_key)
    return SubscriptionOut(token=made.token, aes_key=made.aes_key)


@router.delete("/dingtalk/callback", response={204: None, **PROBLEMS})
def unsubscribe_dingtalk(request: Request) -> tuple[int, None]:
    callbacks.unsubscribe(by=request.auth)
    return 204, None


@router.post("/dingtalk/callback", response={200: SealedOut, **PROBLEMS}, auth=None)
def receive_event(
    request: HttpRequest,  # noqa: ARG001 - who calls is told by the signature
    payload: SealedIn,
    timestamp: str = "",
    nonce: str = "",
    signature: str = "",
    msg_signature: str = "",
) -> dict[str, str]:
    """Where DingTalk delivers events; its signature is the authentication."""
    reply = callbacks.receive(
        signature=msg_signature or signature, timestamp=timestamp, nonce=nonce, encrypt=payload.encrypt
    )
    return reply.payload()


def _quota(used: quota.Usage) -> QuotaOut:
    return QuotaOut(
        month=used.month,
        plan=used.plan,
        calls=used.calls,
        call_limit=used.call_limit,
        events=used.events,
        event_limit=used.event_limit,
        exhausted=used.exhausted,
        status=used.status,
    )


@router.get("/dingtalk/quota", response={200: QuotaOut, **PROBLEMS})
def show_quota(request: Request) -> QuotaOut:
    """What is used of the month's DingTalk calls and events."""
    return _quota(quota.show(by=request.auth))


@router.put("/dingtalk/quota", response={200: QuotaOut, **PROBLEMS})
def set_quota(request: Request, payload: PlanIn) -> QuotaOut:
    """Say which plan the organisation has bought."""
    return _quota(quota.set_plan(by=request.auth, **payload.model_dump()))


def _directory(request: Request) -> DirectoryOut:
    current = connection.current()
    if current is None:
        raise Conflict("dingtalk_not_configured")
    result, language = dict(current.sync_result), language_of(request)
    conflicts = [
        DirectoryConflictOut(code=found["code"], text=text(found["code"], language, **found))
        for found in result.pop("conflicts", [])
    ]
    return DirectoryOut(
        sync_hourly=current.sync_hourly,
        end_leavers=current.end_leavers,
        synced_at=current.synced_at,
        conflicts=conflicts,
        **result,
    )


@router.get("/dingtalk/directory", response={200: DirectoryOut, **PROBLEMS})
def show_directory(request: Request) -> DirectoryOut:
    """What the last reading of people and departments came to."""
    require(request.auth, Permission.SETTINGS_MANAGE)
    return _directory(request)


@router.put("/dingtalk/directory", response={200: DirectoryOut, **PROBLEMS})
def set_directory(request: Request, payload: DirectoryIn) -> DirectoryOut:
    directory.configure(by=request.auth, **payload.model_dump())
    return _directory(request)


@router.post("/dingtalk/directory/sync", response={200: DirectoryOut, **PROBLEMS})
def sync_directory(request: Request) -> DirectoryOut:
    """Read people and departments now; about twenty people a second."""
    directory.sync(by=request.auth)
    return _directory(request)


@router.get("/dingtalk/departments", response={200: list[DepartmentOut], **PROBLEMS})
def list_departments(request: Request) -> list[DepartmentOut]:
    """One's own departments, to file tickets from."""
    return [_department(choice) for choice in directory.departments_of(by=request.auth)]


@router.put("/dingtalk/departments", response={200: list[DepartmentOut], **PROBLEMS})
def choose_department(request: Request, payload: DepartmentIn) -> list[DepartmentOut]:
    """Set the one that applies when a ticket names none."""
    found = directory.choose_department(by=request.auth, department_id=payload.department_id)
    return [_department(choice) for choice in found]


def _department(choice: directory.Choice) -> DepartmentOut:
    return DepartmentOut(department_id=choice.department_id, name=choice.name, default=choice.default)


@router.get("/dingtalk/check", response={200: list[CheckOut], **PROBLEMS})
def check_dingtalk(request: Request) -> list[CheckOut]:
    """Everything that has to be right for tickets to reach DingTalk, line by line."""
    language = language_of(request)
    return [_check(line, language) for line in doctor.check(by=request.auth)]


def _check(line: doctor.Line, language: Language) -> CheckOut:
    return CheckOut(
        name=line.name,
        status=line.status,
        text=line.text(language),
        advice=line.advice(language),
        code=line.error.code if line.error is not None else "",
        facts=line.facts(),
        essential=line.essential,
    )
