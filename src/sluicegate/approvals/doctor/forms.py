"""The forms (审批模板) that tickets go through: there, published, seen by those who file, filled by us, and
with a flow that can be passed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sluicegate.approvals.doctor.lines import FAIL, PASS, WARN, Line, Note
from sluicegate.approvals.doctor.people import Found
from sluicegate.approvals.flows import Flow, flow_for
from sluicegate.approvals.providers.dingtalk import contract_of, template_of
from sluicegate.core.errors import Conflict, SluicegateError
from sluicegate.datasources.models import Environment
from sluicegate.dingtalk import forms
from sluicegate.dingtalk.client import DingTalkClient
from sluicegate.dingtalk.comparison import Difference, DifferenceKind
from sluicegate.dingtalk.contracts import TABLE, FormContract
from sluicegate.dingtalk.cutting import Limits, Source
from sluicegate.dingtalk.errors import DingTalkError, TemplateMissing
from sluicegate.dingtalk.references import Reference
from sluicegate.dingtalk.templates import FormSchema, FormValue
from sluicegate.sql.model import TicketKind

MOST_VIEWERS = 20
"""People whose own list of forms is read: each costs a call of the month's."""

_EXAMPLE = "1"


@dataclass(frozen=True)
class _Form:
    """One kind's form under one flow, as it is live."""

    kind: str
    name: str
    process_code: str
    contract: FormContract
    schema: FormSchema


def form_lines(client: DingTalkClient, people: Sequence[Found]) -> Iterator[Line]:
    """Lines for each form that some environment's tickets go through."""
    flows = _flows()
    if not flows:
        yield Line("flows", WARN, Conflict("dingtalk_no_flow"))
        return
    live = []
    for kind, flow in flows:
        lines, form = _look(client, flow, kind)
        yield from lines
        live += [form] if form is not None else []
    if live:
        yield from _visible(client, live, people)
        for form in live:
            yield _choices(client, form, people)


def _flows() -> list[tuple[str, Flow]]:
    found: dict[tuple[str, str, str, str], tuple[str, Flow]] = {}
    for environment in Environment.objects.order_by("position"):
        for kind in TicketKind:
            flow = flow_for(environment.pk, kind.value)
            if flow.provider == "dingtalk":
                key = (kind.value, flow.template_name, flow.process_code, flow.preset)
                found.setdefault(key, (kind.value, flow))
    return list(found.values())


def _look(client: DingTalkClient, flow: Flow, kind: str) -> tuple[list[Line], _Form | None]:
    name = flow.template_name or flow.process_code
    params = {"kind": kind, "template": name}
    try:
        contract = contract_of(flow, kind)
        name = flow.template_name or contract.template_name
        params["template"] = name
        process_code = template_of(client, flow, kind)
        schema = client.form_schema(process_code)
    except TemplateMissing:
        return [Line("template", FAIL, Conflict("dingtalk_template_absent", template=name), params)], None
    except SluicegateError as error:
        return [Line("template", FAIL, error, params)], None
    form = _Form(kind, schema.name or name, process_code, contract, schema)
    differences = forms.compare(contract, schema)
    unpublished = [d for d in differences if d.kind is DifferenceKind.NOT_PUBLISHED]
    others = [d for d in differences if d.kind is not DifferenceKind.NOT_PUBLISHED]
    shown = {**params, "template": form.name}
    lines = [
        Line("template", PASS, None, shown),
        _compared("published", unpublished, shown),
        _compared("controls", others, shown),
    ]
    return lines, form if not differences else None


def _compared(name: str, differences: Sequence[Difference], params: dict[str, str]) -> Line:
    notes = tuple(Note(found.message_code, found.params) for found in differences)
    return Line(name, FAIL if notes else PASS, None, params, notes)


def _visible(client: DingTalkClient, live: Sequence[_Form], people: Sequence[Found]) -> Iterator[Line]:
    """Whom each form's visible range (可见范围) leaves out."""
    asked = people[:MOST_VIEWERS]
    blind: dict[str, list[str]] = {form.process_code: [] for form in live}
    try:
        for person in asked:
            seen = {info.process_code for info in client.visible_templates(person.employee.userid)}
            for process_code in blind.keys() - seen:
                blind[process_code].append(person.user.username)
    except DingTalkError as error:
        yield Line("visible", WARN, error, {"template": ", ".join(form.name for form in live)})
        return
    more = (Note("dingtalk_viewers_more", {"asked": len(asked), "all": len(people)}),)
    for form in live:
        params = {"template": form.name, "kind": form.kind}
        without = blind[form.process_code]
        notes = more if len(people) > len(asked) else ()
        if not asked:
            yield Line("visible", WARN, Conflict("dingtalk_nobody_to_try"), params)
        elif without:
            unseen = Conflict("dingtalk_template_unseen", people=", ".join(without))
            status = FAIL if len(without) == len(asked) else WARN
            yield Line("visible", status, unseen, params, notes)
        else:
            yield Line("visible", PASS, None, params, notes)


def _choices(client: DingTalkClient, form: _Form, people: Sequence[Found]) -> Line:
    """Nodes where the originator chooses (发起人自选): the submitter is asked, unless DingTalk names no key."""
    params = {"template": form.name, "kind": form.kind}
    if not people:
        return Line("choices", WARN, Conflict("dingtalk_nobody_to_try"), params)
    try:
        forecast = client.forecast(
            process_code=form.process_code,
            userid=people[0].employee.userid,
            department_id=people[0].employee.workflow_department_id,
            values=_example(form),
        )
    except SluicegateError as error:
        return Line("choices", WARN, error, params)
    if not forecast.succeeded:
        return Line("choices", WARN, Conflict("dingtalk_forecast_failed"), params)
    nodes = ", ".join(node.name or node.activity_id for node in forecast.choices)
    if any(not node.actor_key for node in forecast.choices):
        return Line("choices", FAIL, Conflict("dingtalk_choice_without_key", nodes=nodes), params)
    notes = (Note("dingtalk_choice_at_submission", {"nodes": nodes}),) if nodes else ()
    return Line("choices", PASS, None, params, notes)


def _example(form: _Form) -> list[FormValue]:
    """Values for a try: nothing is started with them."""
    contract = forms.bind(form.contract, form.schema)
    texts = {
        control.key: _EXAMPLE for control in contract.controls if control.filled and control.types[0] != TABLE
    }
    return forms.fill(
        contract,
        texts,
        limits=Limits(),
        source=Source("", "0" * 64),
        reference=Reference("0", 1, "0" * 64),
    )
