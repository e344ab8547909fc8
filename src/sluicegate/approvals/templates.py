"""The approval forms (审批表单模板) in DingTalk: which there are, how they differ from what we fill, and making them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.approvals import connection
from sluicegate.approvals.flows import Flow, FlowFields, flow_for, save_flow
from sluicegate.approvals.providers.dingtalk import contract_of, template_of
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core.errors import InvalidInput, NotFound
from sluicegate.datasources.models import Environment
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.comparison import Difference, compare
from sluicegate.dingtalk.contracts import FormContract, form_components
from sluicegate.dingtalk.errors import OutcomeInDoubt, TemplateMissing, TemplateNameTaken
from sluicegate.dingtalk.templates import TemplateInfo
from sluicegate.sql.model import TicketKind

READY, DIFFERS, MISSING = "ready", "differs", "missing"


@dataclass(frozen=True, slots=True)
class Form:
    """One kind's form under one flow.

    Attributes:
        name: the template's, as configured or by the preset.
        process_code: "" while there is none.
        status: ready, differs or missing.
        created: this call made it.
    """

    kind: str
    name: str
    preset: str
    process_code: str = ""
    status: str = MISSING
    differences: tuple[Difference, ...] = ()
    created: bool = False


def list_forms(*, by: User, environment: str = "") -> list[Form]:
    """The forms of the three ticket kinds as the flows of this environment (any when empty) have them."""
    require(by, Permission.SETTINGS_MANAGE)
    client = connection.client()
    return [_look(client, _flow(environment, kind), kind) for kind in TicketKind]


def list_templates(*, by: User) -> tuple[TemplateInfo, ...]:
    """All forms that the company has."""
    require(by, Permission.SETTINGS_MANAGE)
    return connection.client().visible_templates()


def create_forms(*, by: User, environment: str = "", kind: str = "") -> list[Form]:
    """Find or create the forms, of one kind or of all three, with the exact controls.

    One that has the name already is left as it is, and its differences are told. Who approves is designed in
    DingTalk afterwards.

    Raises:
        DingTalkError: ``OutcomeInDoubt`` when nobody knows whether it was made; calling again looks first.
    """
    require(by, Permission.SETTINGS_MANAGE)
    client = connection.client()
    kinds = [_kind(kind)] if kind else list(TicketKind)
    return [_find_or_create(by, client, _flow(environment, wanted), wanted) for wanted in kinds]


def adopt_form(
    *,
    by: User,
    kind: str,
    template: str,
    environment: str = "",
    preset: str = "",
    mapping: Mapping[str, object] | None = None,
) -> Form:
    """Use a form that exists, by its name or its process code, for a kind of ticket.

    ``preset`` (and for ``custom`` the mapping) is how it is filled; empty leaves that as the flow has it.

    Raises:
        NotFound: ``dingtalk_template_unknown``.
        Conflict: ``dingtalk_template_differs`` isn't raised: the differences are told, and mended in DingTalk.
    """
    require(by, Permission.SETTINGS_MANAGE)
    wanted = _kind(kind)
    client = connection.client()
    found = _template(client, template)
    flow = _flow(environment, wanted)
    save_flow(
        by=by,
        values=FlowFields(
            provider="dingtalk",
            environment=environment,
            kind=wanted.value,
            levels=flow.levels,
            template_name=found.name,
            process_code=found.process_code,
            preset=preset or flow.preset,
            mapping=mapping if preset else flow.mapping,
            execute_automatically=flow.execute_automatically,
        ),
    )
    return _look(client, _flow(environment, wanted), wanted)


def _template(client: DingTalkClient, wanted: str) -> TemplateInfo:
    """By name or process code: among those that are listed, or by the code alone, since forms that aren't
    published aren't listed."""
    listed = [info for info in client.visible_templates() if wanted in (info.name, info.process_code)]
    if listed:
        return listed[0]
    if wanted.startswith("PROC-"):
        try:
            return TemplateInfo(client.form_schema(wanted).name, wanted, "")
        except TemplateMissing as error:
            raise NotFound("dingtalk_template_unknown", template=wanted) from error
    raise NotFound("dingtalk_template_unknown", template=wanted)


def _kind(kind: str) -> TicketKind:
    if kind not in tuple(TicketKind):
        raise InvalidInput("kind_unknown", kind=kind, known=", ".join(TicketKind))
    return TicketKind(kind)


def _flow(environment: str, kind: TicketKind) -> Flow:
    place = 0  # no environment has it: only flows for any environment apply
    if environment:
        found = Environment.objects.filter(code=environment).first()
        if found is None:
            raise InvalidInput("environment_unknown", code=environment)
        place = found.pk
    return flow_for(place, kind.value)


def _name(flow: Flow, contract: FormContract) -> str:
    return flow.template_name or contract.template_name


def _look(client: DingTalkClient, flow: Flow, kind: TicketKind) -> Form:
    contract = contract_of(flow, kind.value)
    name = _name(flow, contract)
    try:
        process_code = template_of(client, flow, kind.value)
    except TemplateMissing:
        return Form(kind.value, name, flow.preset)
    differences = tuple(compare(contract, client.form_schema(process_code)))
    return Form(kind.value, name, flow.preset, process_code, DIFFERS if differences else READY, differences)


def _find_or_create(by: User, client: DingTalkClient, flow: Flow, kind: TicketKind) -> Form:
    found = _look(client, flow, kind)
    if found.status != MISSING:
        return found
    contract = contract_of(flow, kind.value)
    try:
        process_code = client.create_form(found.name, form_components(contract))
    except TemplateNameTaken:
        return _look(client, flow, kind)  # somebody made it in between
    except OutcomeInDoubt:
        settled = _look(client, flow, kind)
        if settled.status == MISSING:
            raise
        return settled
    with unit_of_work():
        record(by.actor, "dingtalk.form_created", "dingtalk", process_code, name=found.name, kind=kind.value)
    differences = tuple(compare(contract, client.form_schema(process_code)))
    return Form(
        kind.value,
        found.name,
        flow.preset,
        process_code,
        DIFFERS if differences else READY,
        differences,
        created=True,
    )
