"""Approval in DingTalk: one OA instance per ticket revision, in the submitter's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.utils import timezone

from sluicegate.accounts.models import User
from sluicegate.approvals import connection
from sluicegate.approvals.flows import Flow
from sluicegate.approvals.models import Approval, ApprovalState, Decision
from sluicegate.approvals.port import (
    ApprovalProvider,
    Candidate,
    Choice,
    Outcome,
    Reading,
    StartInDoubt,
    Step,
)
from sluicegate.audit.log import SYSTEM, record, unit_of_work
from sluicegate.core.config import config
from sluicegate.core.errors import Conflict
from sluicegate.core.messages import text
from sluicegate.dingtalk import forms
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.cutting import Limits, Source
from sluicegate.dingtalk.errors import (
    InstanceFinished,
    InstanceNotFound,
    OutcomeInDoubt,
    SelfSelectApproverMissing,
    TemplateMissing,
    UserNotFound,
)
from sluicegate.dingtalk.form_presets import PRESETS
from sluicegate.dingtalk.forms import FieldKey, FieldValue, FormContract
from sluicegate.dingtalk.instances import ApprovalTask, InstanceSnapshot
from sluicegate.dingtalk.models import (
    ROOT_DEPARTMENT,
    WORKFLOW_ROOT_DEPARTMENT,
    Forecast,
    ForecastNode,
)
from sluicegate.dingtalk.references import Reference, find_reference
from sluicegate.dingtalk.templates import FormValue

_LOOK_BACK = timedelta(minutes=2)  # clocks differ, and DingTalk's list goes by its own
_TASK_DECISIONS = {
    "AGREE": Decision.AGREE,
    "REFUSE": Decision.REFUSE,
    "REDIRECTED": Decision.TRANSFERRED,
}


def contract_of(flow: Flow, kind: str) -> FormContract:
    """The form that this flow fills."""
    if flow.preset == "custom" and flow.mapping is not None:
        contract = forms.contract_from_mapping("custom", flow.template_name, flow.mapping)
    else:
        contract = PRESETS[flow.preset][kind]
    return contract


def template_of(client: DingTalkClient, flow: Flow, kind: str) -> str:
    """The process code: as configured, else looked up by the template's name.

    Raises:
        TemplateMissing
    """
    if flow.process_code:
        return flow.process_code
    name = flow.template_name or contract_of(flow, kind).template_name
    try:
        return client.process_code_by_name(name)
    except TemplateMissing:
        # Whether DingTalk finds forms drawn by hand in this way isn't documented; the list has them all.
        found = next((info for info in client.visible_templates() if info.name == name), None)
        if found is None:
            raise
        return found.process_code


def userid_of(client: DingTalkClient, user: User) -> str:
    """The DingTalk userid of one of our users, looked up by mobile number once and then kept.

    Raises:
        Conflict: ``dingtalk_no_mobile`` or ``dingtalk_mobile_unknown``.
    """
    if user.dingtalk_userid:
        return user.dingtalk_userid
    if not user.mobile:
        raise Conflict("dingtalk_no_mobile", username=user.username)
    try:
        userid = client.user_by_mobile(user.mobile)
    except UserNotFound as error:
        raise Conflict("dingtalk_mobile_unknown", username=user.username) from error
    with unit_of_work():
        if User.objects.filter(dingtalk_userid=userid).exclude(pk=user.pk).exists():
            raise Conflict("dingtalk_userid_taken", username=user.username)
        User.objects.filter(pk=user.pk).update(dingtalk_userid=userid)
        record(SYSTEM, "user.dingtalk_linked", "user", user.pk, userid=userid)
    user.dingtalk_userid = userid
    return userid


def check_template(client: DingTalkClient, process_code: str, contract: FormContract) -> FormContract:
    """The contract bound to the live template.

    Raises:
        Conflict: ``dingtalk_template_differs`` naming every control that is missing or wrong.
    """
    schema = client.form_schema(process_code)
    differences = forms.compare(contract, schema)
    if differences:
        language = config().language
        listed = "; ".join(text(found.message_code, language, **found.params) for found in differences)
        raise Conflict("dingtalk_template_differs", template=schema.name, differences=listed)
    return forms.bind(contract, schema)


class DingTalkProvider(ApprovalProvider):
    code = "dingtalk"
    remote = True

    def start(self, approval: Approval) -> str:
        client = connection.client()
        flow = Flow.from_json(approval.flow)
        originator = userid_of(client, approval.submitter)
        process_code = template_of(client, flow, approval.ticket_kind)
        contract = check_template(client, process_code, contract_of(flow, approval.ticket_kind))
        department = _department(client, approval, originator)
        values = _fill(contract, approval)
        selected = None
        if approval.choices:
            forecast = client.forecast(
                process_code=process_code, userid=originator, department_id=department, values=values
            )
            selected = _selected(client, forecast, approval.choices)
        # From here on the instance may exist: what is needed to find it again is kept first.
        wanted = (
            Approval.objects.filter(pk=approval.pk, attempts=approval.attempts)
            .exclude(state=ApprovalState.VOIDED)
            .update(
                submit_started_at=timezone.now(),
                process_code=process_code,
                originator=originator,
                sent_values=[[value.title, value.value, value.component_type] for value in values],
            )
        )
        if not wanted:
            raise Conflict("approval_voided")
        try:
            return client.start_instance(
                process_code=process_code,
                originator=originator,
                department_id=department,
                values=values,
                self_selected=selected,
            )
        except OutcomeInDoubt as error:
            raise StartInDoubt from error
        except SelfSelectApproverMissing as error:
            Approval.objects.filter(pk=approval.pk, attempts=approval.attempts).update(submit_started_at=None)
            nodes = _choices(
                client.forecast(
                    process_code=process_code, userid=originator, department_id=department, values=values
                )
            )
            raise _unmade(nodes) from error

    def choices(self, approval: Approval) -> tuple[Choice, ...]:
        client = connection.client()
        flow = Flow.from_json(approval.flow)
        originator = userid_of(client, approval.submitter)
        process_code = template_of(client, flow, approval.ticket_kind)
        contract = check_template(client, process_code, contract_of(flow, approval.ticket_kind))
        forecast = client.forecast(
            process_code=process_code,
            userid=originator,
            department_id=_department(client, approval, originator),
            values=_fill(contract, approval),
        )
        return _choices(forecast)

    def find(self, approval: Approval) -> str | None:
        client = connection.client()
        assert approval.submit_started_at is not None
        ids = client.list_instance_ids(
            approval.process_code,
            since=approval.submit_started_at - _LOOK_BACK,
            userids=[approval.originator],
        )
        contract = contract_of(Flow.from_json(approval.flow), approval.ticket_kind)
        wanted = _reference(approval)
        for instance_id in ids:
            snapshot = client.instance(instance_id)
            if find_reference(snapshot.values, contract.reference_title) == wanted:
                return instance_id
        return None

    def read(self, approval: Approval) -> Reading:
        client = connection.client()
        try:
            snapshot = client.instance(_instance_id(approval))
        except InstanceNotFound:
            return Reading(Outcome.TERMINATED, (), ())  # deleted: it can never be agreed to
        contract = contract_of(Flow.from_json(approval.flow), approval.ticket_kind)
        found = find_reference(snapshot.values, contract.reference_title)
        sent = [FormValue(title, value, kind) for title, value, kind in approval.sent_values]
        return Reading(
            outcome=_outcome(snapshot),
            steps=tuple(_step(client, task) for task in snapshot.tasks),
            approved_by=_approved_by(snapshot),
            business_id=snapshot.business_id,
            reference=f"{found.number}/{found.revision}" if found else None,
            sha256=found.sha256 if found else None,
            edited=forms.changed_titles(sent, snapshot.values),
        )

    def terminate(self, approval: Approval, remark: str) -> None:
        client = connection.client()
        try:
            snapshot = client.instance(_instance_id(approval))
            if not snapshot.running:
                return
            client.terminate_instance(_instance_id(approval), operator=approval.originator, remark=remark)
        except (InstanceFinished, InstanceNotFound):
            return

    def comment(self, approval: Approval, text_: str) -> None:
        connection.client().comment(_instance_id(approval), userid=approval.originator, text=text_)

    def commented(self, approval: Approval, heading: str) -> bool:
        wanted = " ".join(heading.split())
        records = connection.client().instance(_instance_id(approval)).records
        return any(" ".join(found.remark.split()).startswith(wanted) for found in records)


def _choices(forecast: Forecast) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            node.name or node.activity_id,
            node.required,
            node.allow_several,
            tuple(Candidate(person.userid, person.name) for person in node.candidates),
        )
        for node in forecast.choices
    )


def _unmade(choices: Sequence[Choice]) -> Conflict:
    return Conflict("approver_choice_needed", nodes=", ".join(choice.node for choice in choices) or "-")


def _selected(
    client: DingTalkClient, forecast: Forecast, chosen: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """DingTalk's ids of the people chosen, by the key of each node.

    Raises:
        Conflict: ``approver_choice_needed``, ``approver_choice_invalid``.
    """
    selected: dict[str, list[str]] = {}
    unmade = []
    for node in forecast.choices:
        people = chosen.get(node.name) or chosen.get(node.activity_id) or ()
        if people:
            selected[node.actor_key] = [_person(client, node, person) for person in people]
        elif node.required:
            unmade.append(node)
        if len(people) > 1 and not node.allow_several:
            raise Conflict("approver_choice_invalid", node=node.name, person=", ".join(people))
    if unmade:
        raise Conflict("approver_choice_needed", nodes=", ".join(node.name for node in unmade))
    return selected


def _person(client: DingTalkClient, node: ForecastNode, person: str) -> str:
    """By our username, DingTalk's userid, or the name of a candidate."""
    user = User.objects.filter(username=person, is_active=True).first()
    userid = userid_of(client, user) if user is not None else person
    if not node.candidates:
        return userid
    fitting = [found.userid for found in node.candidates if userid == found.userid or person == found.name]
    if len(fitting) != 1:
        raise Conflict("approver_choice_invalid", node=node.name, person=person)
    return fitting[0]


def _instance_id(approval: Approval) -> str:
    assert approval.external_id is not None
    return approval.external_id


def _department(client: DingTalkClient, approval: Approval, userid: str) -> int:
    """Where the instance is started: as the ticket says, else the submitter's default while they are in it, else
    their first one; the root as approvals number it.

    Raises:
        Conflict: ``dingtalk_department_not_yours``: the ticket names one that they aren't in.
    """
    numbers = client.user(userid).department_ids or (ROOT_DEPARTMENT,)
    wanted = numbers[0]
    if approval.department is not None:
        wanted = ROOT_DEPARTMENT if approval.department < 0 else approval.department
        if wanted not in numbers:
            raise Conflict("dingtalk_department_not_yours", department=approval.department)
    elif approval.submitter.dingtalk_department:
        default = int(approval.submitter.dingtalk_department)
        wanted = default if default in numbers else numbers[0]
    return WORKFLOW_ROOT_DEPARTMENT if wanted == ROOT_DEPARTMENT else wanted


def _reference(approval: Approval) -> Reference:
    return Reference(approval.ticket_number, approval.revision, approval.sha256)


def _fill(contract: FormContract, approval: Approval) -> list[FormValue]:
    request = approval.request
    values: dict[FieldKey, FieldValue] = {
        FieldKey.TICKET_KIND: request["kind_name"],
        FieldKey.TITLE: request["title"],
        FieldKey.REMARK: request["remark"],
        FieldKey.DATASOURCE: request["datasource"],
        FieldKey.DATASOURCE_INFO: request["datasource_info"],
        FieldKey.DIALECT: request["dialect"],
        FieldKey.DATABASE: request["database"],
        FieldKey.ESTIMATED_ROWS: request["estimated_rows"],
        FieldKey.STATEMENT_COUNT: request["statement_count"],
        FieldKey.FINDINGS_SUMMARY: request["findings_summary"],
        FieldKey.SQL: request["sql"],
        FieldKey.REQUESTED_ACCESS: request["requested_access"],
    }
    for control in contract.controls:
        if control.key is FieldKey.REQUESTED_ACCESS and control.columns:
            values[control.key] = _access_rows(request["access_rows"])
    return forms.fill(
        contract,
        values,
        limits=Limits(),
        source=Source(request["link"], approval.sha256, config().language),
        reference=_reference(approval),
    )


def _access_rows(rows: Sequence[Sequence[str]]) -> list[dict[FieldKey, str]]:
    keys = (
        FieldKey.ACCESS_DATASOURCE,
        FieldKey.ACCESS_PATH,
        FieldKey.ACCESS_PERIOD,
        FieldKey.ACCESS_ACTIONS,
    )
    return [dict(zip(keys, row, strict=True)) for row in rows]


def _outcome(snapshot: InstanceSnapshot) -> Outcome:
    if snapshot.agreed:
        return Outcome.AGREED
    if snapshot.refused:
        return Outcome.REFUSED
    if snapshot.withdrawn:
        return Outcome.TERMINATED
    return Outcome.WAITING


def _approved_by(snapshot: InstanceSnapshot) -> tuple[str, ...]:
    """Who agreed by hand: agreement by a rule of the template is nobody's."""
    agreed = (found.userid for found in snapshot.records if found.result == "AGREE" and not found.automatic)
    return tuple(dict.fromkeys(agreed))


def _step(client: DingTalkClient, task: ApprovalTask) -> Step:
    if task.status in ("CANCELED", "TERMINATED"):
        decision = Decision.CANCELLED
    else:
        decision = _TASK_DECISIONS.get(task.result, Decision.WAITING)
    return Step(
        node=task.activity_name,
        user=task.userid,
        name=_name(client, task.userid),
        decision=decision,
        remark=task.remark,
        at=task.finished_at,
    )


def _name(client: DingTalkClient, userid: str) -> str:
    """A person's name: ours if we know them, else DingTalk's."""
    known = User.objects.filter(dingtalk_userid=userid).values_list("name", flat=True).first()
    if known:
        return known
    try:
        return client.user(userid).name or userid
    except UserNotFound:
        return userid  # has left the company
