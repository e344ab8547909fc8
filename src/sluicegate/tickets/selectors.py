"""Reading tickets. Every way to a ticket goes through ``visible_to``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from sluicegate.accounts.access import Access, access_of
from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Action, Permission
from sluicegate.approvals.models import ApprovalState, ApprovalStep, Decision
from sluicegate.core.errors import InvalidInput, NotFound
from sluicegate.datasources.models import DataSource
from sluicegate.datasources.services import place
from sluicegate.sql.model import TicketKind
from sluicegate.tickets.models import Target, Ticket
from sluicegate.tickets.states import State

PAGE = 50
MAX_PAGE = 200


def visible_to(user: User) -> QuerySet[Ticket]:
    """The tickets a person may know of: their own, those they have a part in, and those on data sources
    where they may approve or execute; all of them for who oversees."""
    tickets = Ticket.objects.select_related("submitter", "environment", "approval")
    if user.has(Permission.TICKET_VIEW_ALL):
        return tickets
    responsible = _datasources(access_of(user), Action.APPROVE, Action.EXECUTE)
    asked = ApprovalStep.objects.filter(approval__ticket_number=OuterRef("number"), user=user)
    there = Target.objects.filter(revision__ticket=OuterRef("pk"), datasource_id__in=responsible)
    return tickets.filter(Q(submitter=user) | Exists(asked) | Exists(there))


def visible_ticket(user: User, number: str) -> Ticket:
    """Raises NotFound ``ticket_missing``, whether there is none or the person may not know of it."""
    ticket = visible_to(user).filter(number=number).first()
    if ticket is None:
        raise NotFound("ticket_missing", number=number)
    return ticket


def _datasources(access: Access, *actions: Action) -> list[int]:
    return [
        item.pk
        for item in DataSource.objects.only("pk", "environment_id")
        if any(_anywhere(access, action, item) for action in actions)
    ]


def _anywhere(access: Access, action: Action, datasource: DataSource) -> bool:
    where = place(datasource)
    return access.everything or any(
        action.value in scope.actions and scope.reaches(where) for scope in access.scopes
    )


def targets_of(ticket: Ticket) -> QuerySet[Target]:
    """The targets of the current revision, in the order in which they run."""
    return (
        Target.objects.filter(revision__ticket=ticket, revision__number=ticket.revision_number)
        .select_related("datasource", "datasource__environment", "review", "execution", "execution__grant")
        .order_by("position")
    )


def may_execute(user: User, ticket: Ticket) -> bool:
    """The execute right on every target."""
    if ticket.kind == TicketKind.ACCESS_REQUEST or not user.has(Permission.EXECUTION_CONFIRM):
        return False
    access = access_of(user)
    return all(
        access.allows(
            Action.EXECUTE, place(target.datasource, target.database or None, target.schema or None)
        )
        for target in targets_of(ticket)
    )


# ---------------------------------------------------------------- lists


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """What a list shows. ``box`` is todo (待我处理), mine (我提交的) or all (全部)."""

    box: str = "all"
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    datasource_id: int | None = None
    submitter: str = ""
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """``next`` is the cursor of the page after this, None on the last."""

    tickets: list[Ticket]
    next: int | None


def list_tickets(user: User, wanted: TicketFilter, *, cursor: int | None = None, size: int = PAGE) -> Page:
    """One page, newest first, by keyset: as quick at any depth."""
    tickets = _filtered(_boxed(user, wanted.box), wanted)
    if cursor is not None:
        tickets = tickets.filter(pk__lt=cursor)
    size = max(1, min(size, MAX_PAGE))
    found = list(tickets.order_by("-pk").defer("search_text", "remark")[: size + 1])
    return Page(found[:size], found[size - 1].pk if len(found) > size else None)


def _boxed(user: User, box: str) -> QuerySet[Ticket]:
    if box == "all":
        return visible_to(user)
    if box == "mine":
        return visible_to(user).filter(submitter=user)
    if box == "todo":
        return waiting_for(user)
    raise InvalidInput("box_unknown", box=box)


def _filtered(tickets: QuerySet[Ticket], wanted: TicketFilter) -> QuerySet[Ticket]:
    if wanted.states:
        tickets = tickets.filter(state__in=wanted.states)
    if wanted.kinds:
        tickets = tickets.filter(kind__in=wanted.kinds)
    if wanted.datasource_id is not None:
        there = Target.objects.filter(revision__ticket=OuterRef("pk"), datasource_id=wanted.datasource_id)
        tickets = tickets.filter(Exists(there))
    if wanted.submitter:
        tickets = tickets.filter(
            Q(submitter__username=wanted.submitter) | Q(submitter__name=wanted.submitter)
        )
    if wanted.since:
        tickets = tickets.filter(created_at__gte=wanted.since)
    if wanted.until:
        tickets = tickets.filter(created_at__lt=wanted.until)
    for word in wanted.words.split():
        tickets = tickets.filter(search_text__icontains=word)
    return tickets


def waiting_for(user: User) -> QuerySet[Ticket]:
    """What this person can do something about now: approve, confirm, resolve, or mend their own."""
    mine = ApprovalStep.objects.filter(
        approval_id=OuterRef("approval_id"),
        approval__state=ApprovalState.WAITING,
        user=user,
        decision=Decision.WAITING,
    )
    condition = Q(Q(Exists(mine)), ~Q(submitter=user), state=State.AWAITING_APPROVAL.value)
    condition |= Q(submitter=user, state__in=[State.DRAFT.value, State.REVIEW_FAILED.value])
    if user.has(Permission.EXECUTION_CONFIRM):
        executable = _datasources(access_of(user), Action.EXECUTE)
        elsewhere = Target.objects.filter(
            revision__ticket=OuterRef("pk"), revision__number=OuterRef("revision_number")
        ).exclude(datasource_id__in=executable)
        states = [State.APPROVED.value]
        if user.has(Permission.EXECUTION_RESOLVE):
            states.append(State.NEEDS_ATTENTION.value)
        condition |= Q(state__in=states) & ~Q(kind=TicketKind.ACCESS_REQUEST.value) & ~Q(Exists(elsewhere))
    return visible_to(user).filter(condition)
