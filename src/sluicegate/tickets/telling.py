"""Who is told what of a ticket. Called inside the transaction of what it tells: a message is written if, and
only if, that happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q, Sum
from django.utils import timezone

from sluicegate.accounts.access import Place, access_of, live_grants
from sluicegate.accounts.models import AccessGrant, User
from sluicegate.accounts.permissions import Action, Permission
from sluicegate.approvals import services as approvals
from sluicegate.approvals.flows import Flow
from sluicegate.approvals.models import Approval, Decision
from sluicegate.core.config import config
from sluicegate.core.messages import Language, text
from sluicegate.datasources.services import place
from sluicegate.executions.models import StatementRun, Verdict
from sluicegate.notifications import outbox, preferences, texts
from sluicegate.notifications.facts import Fact, Recipient, Where
from sluicegate.notifications.models import Kind
from sluicegate.sql.model import TicketKind
from sluicegate.tickets.models import Target, Ticket
from sluicegate.tickets.selectors import targets_of
from sluicegate.tickets.states import Event

# Reasons that a person or a rule of ours gave. Those of database servers stay on the ticket: they quote values.
_TELLABLE = frozenset({"approval_unused", "approval_revoked", "terminated_at_provider", "datasource_changed"})
_FAILURES_SHOWN = 5
_FAILURES = {Verdict.NOT_APPLIED.value: "result_not_applied", Verdict.UNKNOWN.value: "result_unknown"}

_KINDS = {
    Event.REVIEW_PASSED: Kind.APPROVAL_NEEDED,
    Event.APPROVE: Kind.APPROVED,
    Event.REJECT: Kind.REJECTED,
    Event.SUCCEED: Kind.EXECUTED,
    Event.FAIL: Kind.FAILED,
    Event.FAIL_PARTLY: Kind.FAILED,
    Event.CANCEL: Kind.FAILED,
    Event.EXPIRE: Kind.FAILED,
    Event.DOUBT: Kind.NEEDS_ATTENTION,
}


def tell(ticket: Ticket, event: Event) -> None:
    """Tell of a transition that has just been written. The caller holds the ticket."""
    kind = _KINDS.get(event)
    if kind is None or not preferences.channels_for(kind.value):
        return
    if kind is Kind.APPROVAL_NEEDED:
        if ticket.approval is not None:
            approval_needed(ticket, ticket.approval)
    elif kind is Kind.APPROVED:
        _approved(ticket)
    else:
        outbox.post(_fact(ticket, kind, f"state_{ticket.state}"), _ended(ticket, kind))


def approval_needed(ticket: Ticket, approval: Approval) -> None:
    """Tell whoever can decide now, once per level. DingTalk tells its approvers itself, with its own message and
    to-do: they aren't told twice."""
    if approvals.remote(approval) is not None:
        return
    waiting = list(approval.steps.filter(decision=Decision.WAITING).select_related("user"))
    people = [step.user for step in waiting if step.user is not None and step.user_id != ticket.submitter_id]
    if not people:
        return
    event = f"{approval.reference}:level-{waiting[0].level}"
    fact = _fact(ticket, Kind.APPROVAL_NEEDED, "notice_approval_needed", event)
    outbox.post(fact, [Recipient(user, "notice_todo_approve") for user in people])


def approval_held(ticket: Ticket, approval: Approval, reason: str) -> None:
    """DingTalk says agreed and that isn't taken: nobody there will do anything more, so the submitter and those
    who execute are told why."""
    event = f"{approval.reference}:held-{reason}"
    fact = _fact(ticket, Kind.NEEDS_ATTENTION, "notice_held", event, reason=reason)
    people = [Recipient(ticket.submitter, "notice_todo_held")]
    outbox.post(fact, [*people, *(Recipient(user, "notice_todo_look") for user in executors(ticket))])


def _approved(ticket: Ticket) -> None:
    if ticket.kind == TicketKind.ACCESS_REQUEST or ticket.approval is None:
        return  # granting it follows at once, and is what is told
    automatic = Flow.from_json(ticket.approval.flow).execute_automatically
    todo = "notice_todo_wait_run" if automatic else "notice_todo_wait_confirm"
    people = [] if automatic else [Recipient(user, "notice_todo_confirm") for user in executors(ticket)]
    fact = _fact(ticket, Kind.APPROVED, "state_approved")
    outbox.post(fact, [*people, Recipient(ticket.submitter, todo)])


def _ended(ticket: Ticket, kind: Kind) -> list[Recipient]:
    """The submitter and who confirmed it; where something is to be settled, everybody who could do it."""
    if kind is Kind.NEEDS_ATTENTION:
        resolvers = [user for user in executors(ticket) if user.has(Permission.EXECUTION_RESOLVE)]
        found = [Recipient(user, "notice_todo_resolve") for user in resolvers]
        return [*found, Recipient(ticket.submitter, "notice_todo_look")]
    todo = {Kind.REJECTED: "notice_todo_revise", Kind.EXECUTED: "notice_todo_none"}
    code = todo.get(kind, "notice_todo_look")
    people = [ticket.submitter]
    confirmed = Ticket.objects.select_related("confirmed_by").get(pk=ticket.pk).confirmed_by
    if confirmed is not None:
        people.append(confirmed)
    return [Recipient(user, code) for user in people]


def executors(ticket: Ticket) -> list[User]:
    """Who may execute on every target of the ticket."""
    if ticket.kind == TicketKind.ACCESS_REQUEST:
        return []
    places = [_place(target) for target in targets_of(ticket)]
    return [user for user in _candidates(places) if _may_execute(user, places)]


def _place(target: Target) -> Place:
    return place(target.datasource, target.database or None, target.schema or None)


def _candidates(places: Iterable[Place]) -> Iterable[User]:
    """Those with a grant that could be enough, or with a role that is: not everybody's grants are read."""
    grants = AccessGrant.objects.filter(
        live_grants(),
        Q(datasource_id__in=[found.datasource_id for found in places])
        | Q(environment_id__in=[found.environment_id for found in places])
        | Q(datasource__isnull=True, environment__isnull=True),
        actions__contains=[Action.EXECUTE.value],
    )
    everything = Q(roles__permissions__contains=[Permission.DATASOURCE_ALL.value])
    granted = Q(pk__in=grants.values("user_id")) | Q(groups__in=grants.values("group_id"))
    return User.objects.filter(everything | granted, is_active=True).distinct().order_by("pk")


def _may_execute(user: User, places: Iterable[Place]) -> bool:
    if not user.has(Permission.EXECUTION_CONFIRM):
        return False
    access = access_of(user)
    return all(access.allows(Action.EXECUTE, found) for found in places)


def _fact(ticket: Ticket, kind: Kind, heading: str, event: str = "", reason: str = "") -> Fact:
    """``event`` empty: this transition, which the ticket's version names."""
    told = _reason(ticket, kind) if not reason else (reason, {}, "")
    return Fact(
        kind=kind,
        event=event or f"{ticket.number}:{ticket.version}:{kind.value}",
        heading=heading,
        number=ticket.number,
        ticket_kind=ticket.kind,
        title=ticket.title,
        submitter=ticket.submitter.name,
        places=tuple(_where(target) for target in targets_of(ticket)),
        at=timezone.now(),
        reason=told[0],
        reason_params=told[1],
        words=told[2],
    )


def _reason(ticket: Ticket, kind: Kind) -> tuple[str, Mapping[str, object], str]:
    params = ticket.reason_params
    if kind in (Kind.REJECTED, Kind.FAILED) and ticket.reason_code in ("rejected_by", "cancelled_by"):
        code = "notice_rejected_by" if kind is Kind.REJECTED else "notice_cancelled_by"
        return code, {"name": params.get("name", "-")}, str(params.get("remark") or "")
    if ticket.reason_code in _TELLABLE:
        return ticket.reason_code, params, ""
    return "", {}, ""


def _where(target: Target) -> Where:
    environment = target.datasource.environment
    return Where(
        target.datasource.name,
        target.database if target.datasource.database != target.database else "",
        environment.name_zh,
        environment.name_en,
        environment.production,
    )


# ---------------------------------------------------------------- the comment on the instance


def report(ticket: Ticket) -> None:
    """Tell the approvers, where they approved it, what became of it. Inside the transaction of the result."""
    approval = ticket.approval
    if approval is None or approvals.remote(approval) is None:
        return
    language = config().language
    heading = text(
        "result_heading",
        language,
        number=ticket.number,
        state=text(f"state_{ticket.state}", language),
        at=texts.local(timezone.now()),
    )
    lines = [line for target in targets_of(ticket) for line in _result_lines(target, language)]
    outbox.post_comment(approval, f"{ticket.number}:{ticket.version}:result", heading, lines)


def _result_lines(target: Target, language: Language) -> list[str]:
    """What ran on one target, the rows, and what didn't. No value and no word of the server."""
    execution = target.execution
    if execution is None:
        return []
    runs = execution.statements
    applied = runs.filter(verdict=Verdict.APPLIED)
    line = text(
        "result_line",
        language,
        datasource=target.datasource.name,
        applied=applied.count(),
        total=execution.statements_total,
        rows=applied.aggregate(rows=Sum("affected_rows"))["rows"] or 0,
    )
    failed = runs.filter(verdict__in=[Verdict.NOT_APPLIED, Verdict.UNKNOWN]).order_by("ordinal")
    return [line, *(_failure_line(run, language) for run in failed[:_FAILURES_SHOWN])]


def _failure_line(run: StatementRun, language: Language) -> str:
    return text(
        "result_failure",
        language,
        ordinal=run.ordinal,
        operation=run.operation,
        verdict=text(_FAILURES[run.verdict], language),
        code=run.error_server_code or "-",
    )
