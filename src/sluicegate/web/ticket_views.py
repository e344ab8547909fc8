"""A ticket as the API shows it: where it stands, whose turn it is, and what this person may do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ninja import Field, Schema

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.approvals.models import Approval, ApprovalState, Decision
from sluicegate.approvals.selectors import page_links, problem_of
from sluicegate.core.messages import Language, text
from sluicegate.executions.models import Execution, StatementRun, Verdict
from sluicegate.reviews.estimates import share_of
from sluicegate.reviews.models import Review, ReviewedStatement
from sluicegate.reviews.services import finding_from
from sluicegate.reviews.waivers import Waivers, waivers_of
from sluicegate.sql.findings import say, say_waiver
from sluicegate.sql.impact import describe, from_json
from sluicegate.sql.model import Finding
from sluicegate.tickets import states
from sluicegate.tickets.models import Target, Ticket
from sluicegate.tickets.reviewing import waived_place
from sluicegate.tickets.selectors import may_execute, targets_of
from sluicegate.tickets.states import Event, State
from sluicegate.tickets.waiving import may_waive
from sluicegate.web.routers.datasources import DataSourceRef, datasource_ref
from sluicegate.web.views import PersonRef, person_ref


class ReasonOut(Schema):
    code: str
    text: str


class TicketRow(Schema):
    """One line of a list."""

    number: str
    kind: str
    title: str
    state: str
    state_text: str
    submitter: PersonRef
    environment: str
    production: bool
    created_at: datetime
    updated_at: datetime


class TicketPage(Schema):
    """``next`` is the ``cursor`` of the page after this, null on the last."""

    tickets: list[TicketRow]
    next: int | None


class PolicyRef(Schema):
    name: str
    revision: int


class ReviewOut(Schema):
    """``estimated_rows`` null means unknown, which is not 0. ``policies`` are those that judged it."""

    verdict: str
    statements: int
    flagged: int
    denied: int
    estimated_rows: int | None
    unknown_estimates: int
    worst_rows: int | None  # of the statement that changes most
    worst_share: float | None  # percent of its table
    server_version: str
    policies: list[PolicyRef]


class ExecutionOut(Schema):
    state: str
    attempt: int
    statements: int
    applied: int
    affected_rows: int
    error: ReasonOut | None
    started_at: datetime | None
    finished_at: datetime | None


class TargetOut(Schema):
    position: int
    datasource: DataSourceRef
    database: str
    schema_: str = Field(serialization_alias="schema")
    review: ReviewOut | None
    execution: ExecutionOut | None


class StepOut(Schema):
    node: str
    name: str
    decision: str
    remark: str
    at: datetime | None


class ApprovalOut(Schema):
    provider: str
    state: str
    external_id: str | None
    business_id: str
    link: str
    mobile_link: str
    steps: list[StepOut]
    problem: ReasonOut | None
    held: ReasonOut | None


class EventOut(Schema):
    at: datetime
    type: str
    text: str
    state: str
    actor: str
    data: dict[str, Any]


class CommentOut(Schema):
    id: int
    author: PersonRef
    text: str
    at: datetime


class RevisionOut(Schema):
    """One frozen content; its script is at ``/tickets/{number}/script?revision=``."""

    number: int
    sha256: str
    script_bytes: int | None
    filename: str
    count_exactly: bool
    created_by: PersonRef
    created_at: datetime


class TicketOut(TicketRow):
    remark: str
    reason: ReasonOut | None
    revision: int
    sha256: str
    script_bytes: int | None
    filename: str
    access: dict[str, Any] | None
    run_at: datetime | None
    expires_at: datetime | None
    confirmed_by: PersonRef | None
    copied_from: str | None
    undo_of: str | None
    undos: list[str]
    revisions: list[RevisionOut]
    targets: list[TargetOut]
    approval: ApprovalOut | None
    events: list[EventOut]
    comments: list[CommentOut]
    actions: list[str]


class WaiverOut(Schema):
    by: str
    reason: str
    text: str


class FindingOut(Schema):
    """``policy``: whose level it has, "" for the built-in one. ``waivable``: a policy's block, for which somebody
    with the right to may answer."""

    rule: str
    code: str
    severity: str
    message: str
    line: int
    column: int
    policy: str
    waivable: bool
    waiver: WaiverOut | None


class ImpactOut(Schema):
    """What a definition does to its table while it runs. ``work``: metadata, scan, index, rewrite or unknown;
    ``blocks``: whose work waits meanwhile: nobody, writes, everything or unknown; ``algorithm`` and ``lock``
    are the server's own words; ``rows`` and ``size_bytes`` of the table, null when unknown."""

    work: str
    blocks: str
    table: str
    algorithm: str
    lock: str
    rows: int | None
    size_bytes: int | None
    text: str


class StatementOut(Schema):
    """One statement: what the review found, and what became of it. ``verdict`` of the review is allow, flag
    or deny; ``outcome`` is pending, running, applied, not_applied or unknown."""

    ordinal: int
    line: int
    text: str
    kind: str
    operation: str
    verdict: str
    findings: list[FindingOut]
    objects: list[dict[str, Any]]
    estimated_rows: int | None
    estimate_reason: str
    estimate_exact: bool  # the rows were counted
    table_rows: int | None
    share: float | None
    impact: ImpactOut | None
    undo_reason: str
    outcome: str
    evidence: str
    affected_rows: int | None
    milliseconds: int | None
    warnings: list[str]
    error: ReasonOut | None
    server_error: str


class StatementPage(Schema):
    statements: list[StatementOut]
    next: int | None


def reason(code: str, params: Mapping[str, Any], language: Language) -> ReasonOut | None:
    return ReasonOut(code=code, text=text(code, language, **params)) if code else None


def ticket_row(ticket: Ticket, language: Language) -> TicketRow:
    return TicketRow(
        number=ticket.number,
        kind=ticket.kind,
        title=ticket.title,
        state=ticket.state,
        state_text=text(f"state_{ticket.state}", language),
        submitter=person_ref(ticket.submitter),
        environment=ticket.environment.code,
        production=ticket.environment.production,
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
    )


def ticket_detail(ticket: Ticket, user: User, language: Language) -> TicketOut:
    revision = (
        ticket.revisions.select_related("script").defer("script__content").get(number=ticket.revision_number)
    )
    targets = list(targets_of(ticket))
    return TicketOut(
        **ticket_row(ticket, language).model_dump(),
        remark=ticket.remark,
        reason=reason(ticket.reason_code, ticket.reason_params, language),
        revision=revision.number,
        sha256=revision.sha256,
        script_bytes=revision.script.size if revision.script else None,
        filename=revision.filename,
        access=revision.access_scope,
        run_at=ticket.run_at,
        expires_at=ticket.expires_at,
        confirmed_by=person_ref(ticket.confirmed_by) if ticket.confirmed_by else None,
        copied_from=ticket.copied_from.number if ticket.copied_from else None,
        undo_of=ticket.undo_of.number if ticket.undo_of else None,
        undos=[undo.number for undo in ticket.undos.order_by("pk")],
        revisions=[
            RevisionOut(
                number=item.number,
                sha256=item.sha256,
                script_bytes=item.script.size if item.script else None,
                filename=item.filename,
                count_exactly=item.count_exactly,
                created_by=person_ref(item.created_by),
                created_at=item.created_at,
            )
            for item in ticket.revisions.select_related("created_by", "script")
            .defer("script__content")
            .order_by("number")
        ],
        targets=[_target(target, language) for target in targets],
        approval=_approval(ticket.approval, language) if ticket.approval else None,
        events=[
            EventOut(
                at=event.at,
                type=event.type,
                text=text(f"event_{event.type}", language, **event.data),
                state=event.state,
                actor=event.actor,
                data=event.data,
            )
            for event in ticket.events.order_by("pk")
        ],
        comments=[
            CommentOut(id=item.pk, author=person_ref(item.author), text=item.text, at=item.at)
            for item in ticket.comments.select_related("author").order_by("pk")
        ],
        actions=actions(ticket, user, targets),
    )


def actions(ticket: Ticket, user: User, targets: list[Target]) -> list[str]:
    """What this person may do with the ticket now."""
    state = State(ticket.state)
    own = ticket.submitter_id == user.pk
    execute = may_execute(user, ticket)
    operator = execute or user.has(Permission.TICKET_CANCEL_ANY)

    def possible(event: Event) -> bool:
        return (state, event) in states.TRANSITIONS

    offered = {
        "submit": own and possible(Event.SUBMIT),
        "revise": own and ticket.undo_of_id is None and (possible(Event.REVISE) or state is State.DRAFT),
        "withdraw": own and possible(Event.WITHDRAW),
        "approve": _may_decide(ticket, user),
        "reject": _may_decide(ticket, user),
        "confirm": execute and state in (State.APPROVED, State.SCHEDULED),
        "unschedule": execute and possible(Event.UNSCHEDULE),
        "cancel": operator and possible(Event.CANCEL),
        "resolve": execute and user.has(Permission.EXECUTION_RESOLVE) and state is State.NEEDS_ATTENTION,
        "undo": (own or execute)
        and state in (State.SUCCEEDED, State.PARTIALLY_SUCCEEDED)
        and any(target.execution is not None for target in targets),
        "copy": ticket.undo_of_id is None and user.has(Permission.TICKET_SUBMIT),
        "comment": True,
        "waive": state is State.REVIEW_FAILED and any(may_waive(user, ticket, item) for item in targets),
    }
    return [name for name, allowed in offered.items() if allowed]


def _may_decide(ticket: Ticket, user: User) -> bool:
    approval = ticket.approval
    return (
        approval is not None
        and approval.provider == "builtin"
        and approval.state == ApprovalState.WAITING
        and ticket.submitter_id != user.pk
        and approval.steps.filter(user=user, decision=Decision.WAITING).exists()
    )


def _target(target: Target, language: Language) -> TargetOut:
    return TargetOut(
        position=target.position,
        datasource=datasource_ref(target.datasource),
        database=target.database,
        schema_=target.schema,
        review=_review(target.review) if target.review else None,
        execution=_execution(target.execution, language) if target.execution else None,
    )


def _review(review: Review) -> ReviewOut:
    return ReviewOut(
        verdict=review.verdict,
        statements=review.statements_total,
        flagged=review.statements_flagged,
        denied=review.statements_denied,
        estimated_rows=review.estimated_rows,
        unknown_estimates=review.unknown_estimates,
        worst_rows=review.worst_rows,
        worst_share=review.worst_share,
        server_version=review.server_version,
        policies=[PolicyRef(**item) for item in review.policies],
    )


def _execution(execution: Execution, language: Language) -> ExecutionOut:
    applied = execution.statements.filter(verdict=Verdict.APPLIED)
    rows = [count for count in applied.values_list("affected_rows", flat=True) if count]
    return ExecutionOut(
        state=execution.state,
        attempt=execution.attempt,
        statements=execution.statements_total,
        applied=applied.count(),
        affected_rows=sum(rows),
        error=reason(execution.error_code, execution.error_params, language),
        started_at=execution.started_at,
        finished_at=execution.finished_at,
    )


def _approval(approval: Approval, language: Language) -> ApprovalOut:
    link, mobile_link = page_links(approval)
    return ApprovalOut(
        provider=approval.provider,
        state=approval.state,
        external_id=approval.external_id,
        business_id=approval.business_id,
        link=link,
        mobile_link=mobile_link,
        steps=[
            StepOut(node=step.node, name=step.name, decision=step.decision, remark=step.remark, at=step.at)
            for step in approval.steps.order_by("position")
        ],
        problem=reason(*problem_of(approval), language),
        held=reason(approval.held_reason, {}, language),
    )


def statement_page(
    ticket: Ticket, position: int, language: Language, *, after: int, size: int
) -> StatementPage | None:
    """The statements of one target from ``after`` on; None when there is no such target."""
    target = targets_of(ticket).filter(position=position).first()
    if target is None:
        return None
    if target.review is None:
        return StatementPage(statements=[], next=None)
    revision = ticket.revisions.select_related("script").get(number=ticket.revision_number)
    content = bytes(revision.script.content) if revision.script else b""
    reviewed = list(target.review.statements.filter(ordinal__gt=after).order_by("ordinal")[: size + 1])
    shown = reviewed[:size]
    ordinals = [item.ordinal for item in shown]
    runs = (
        {run.ordinal: run for run in target.execution.statements.filter(ordinal__in=ordinals)}
        if target.execution
        else {}
    )
    waivers = waivers_of(waived_place(ticket, revision, target))
    return StatementPage(
        statements=[_statement(item, runs.get(item.ordinal), content, waivers, language) for item in shown],
        next=shown[-1].ordinal if len(reviewed) > size else None,
    )


def _statement(
    item: ReviewedStatement,
    run: StatementRun | None,
    content: bytes,
    waivers: Waivers,
    language: Language,
) -> StatementOut:
    return StatementOut(
        ordinal=item.ordinal,
        line=item.line,
        text=content[item.byte_start : item.byte_end].decode(errors="replace"),
        kind=item.kind,
        operation=item.operation,
        verdict=item.verdict,
        findings=[
            _finding(finding_from(finding), item.ordinal, waivers, language) for finding in item.findings
        ],
        objects=item.objects_touched,
        estimated_rows=item.estimated_rows,
        estimate_reason=text(item.estimate_reason, language, **item.estimate_params)
        if item.estimate_reason
        else "",
        estimate_exact=item.estimate_exact,
        table_rows=item.table_rows,
        share=share_of(item.estimated_rows, item.table_rows),
        impact=_impact(item, language),
        undo_reason=_undo_reason(item, run, language),
        outcome=run.verdict if run else "pending",
        evidence=run.evidence if run else "",
        affected_rows=run.affected_rows if run else None,
        milliseconds=run.milliseconds if run else None,
        warnings=run.warnings if run else [],
        error=_run_error(run, language) if run else None,
        server_error=f"{run.error_server_code} {run.error_text}".strip() if run else "",
    )


def _finding(finding: Finding, ordinal: int, waivers: Waivers, language: Language) -> FindingOut:
    waiver = waivers.get((ordinal, finding.code)) if finding.waivable else None
    return FindingOut(
        rule=finding.rule,
        code=finding.code,
        severity=finding.severity.code,
        message=say(finding, language),
        line=finding.line,
        column=finding.column,
        policy=str(finding.params.get("policy", "")),
        waivable=finding.waivable,
        waiver=None
        if waiver is None
        else WaiverOut(by=waiver.by, reason=waiver.reason, text=say_waiver(waiver, language)),
    )


def _impact(item: ReviewedStatement, language: Language) -> ImpactOut | None:
    if item.impact is None:
        return None
    impact = from_json(item.impact)
    return ImpactOut(
        work=impact.work.value,
        blocks=impact.blocks.value,
        table=impact.table.name if impact.table is not None else "",
        algorithm=impact.algorithm,
        lock=impact.lock,
        rows=impact.rows,
        size_bytes=impact.size_bytes,
        text=describe(impact, language),
    )


def _run_error(run: StatementRun, language: Language) -> ReasonOut | None:
    params = {"ordinal": run.ordinal, "server_code": run.error_server_code, "message": run.error_text}
    return reason(run.error_code, params, language)


def _undo_reason(item: ReviewedStatement, run: StatementRun | None, language: Language) -> str:
    code = run.undo_reason if run is not None and run.verdict == Verdict.APPLIED else item.undo_reason
    return text(code, language) if code else ""
