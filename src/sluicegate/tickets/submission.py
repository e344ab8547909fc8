"""Use cases of the submitter: file, revise, withdraw, copy, comment, undo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from sluicegate.accounts.access import Access, access_of
from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Action, Permission
from sluicegate.accounts.services import require
from sluicegate.approvals.flows import flow_for
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core.config import config
from sluicegate.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from sluicegate.core.messages import text
from sluicegate.datasources.models import DataSource
from sluicegate.datasources.services import place, visible_to
from sluicegate.dialects import registry
from sluicegate.executions import images
from sluicegate.executions import services as executions
from sluicegate.executions.models import ExecutionState
from sluicegate.sql.model import TicketKind
from sluicegate.tickets import approving, content, enqueue, transitions
from sluicegate.tickets.content import AccessScope, Content, TargetInput
from sluicegate.tickets.models import Comment, Revision, Target, Ticket
from sluicegate.tickets.selectors import may_execute, visible_ticket
from sluicegate.tickets.states import EDITABLE, Event, State

MAX_COMMENT = 4000
_SEARCHED_SQL = 20_000  # characters of the script that a search by words looks at


@dataclass(frozen=True, slots=True)
class _Place:
    """One target with its data source."""

    datasource: DataSource
    database: str
    schema: str


# ---------------------------------------------------------------- filing


def submit_ticket(
    *,
    by: User,
    kind: TicketKind,
    values: Content,
    draft: bool = False,
    copied_from: Ticket | None = None,
    undo_of: Ticket | None = None,
) -> Ticket:
    """File a ticket. Its content is frozen; its review begins at once, unless it is a draft.

    Raises:
        InvalidInput: the content isn't acceptable.
        NotFound: ``datasource_missing`` for a data source that the person may not see.
        Forbidden: ``access_missing`` naming the right that lacks and where.
    """
    require(by, Permission.TICKET_SUBMIT)
    checked = content.check(kind, values)
    places = _places(by, kind, checked)
    with unit_of_work():
        ticket = Ticket.objects.create(
            number=_next_number(),
            kind=kind.value,
            title=checked.title,
            remark=checked.remark,
            submitter=by,
            environment=places[0].datasource.environment,
            approvers=_approvers(checked),
            dept_id=checked.dept_id,
            state=State.DRAFT.value,
            copied_from=copied_from,
            undo_of=undo_of,
        )
        _write_revision(ticket, by, checked, places)
        transitions.note(ticket, "created", by.actor)
        record(by.actor, "ticket.created", "ticket", ticket.number, kind=kind.value, sha256=checked.sha256)
        if not draft:
            _send_to_review(ticket, Event.SUBMIT, by)
    return ticket


def submit_draft(*, by: User, number: str) -> Ticket:
    with unit_of_work():
        ticket = _own(by, number)
        _send_to_review(ticket, Event.SUBMIT, by)
    return ticket


def revise_ticket(*, by: User, number: str, values: Content) -> Ticket:
    """Replace the content by a new revision. Approval given to an earlier one doesn't count for it."""
    ticket = visible_ticket(by, number)
    kind = TicketKind(ticket.kind)
    checked = content.check(kind, values)
    places = _places(by, kind, checked)
    with unit_of_work():
        ticket = _own(by, number)
        if ticket.undo_of_id is not None:
            raise Conflict("undo_not_editable")
        if State(ticket.state) not in EDITABLE | {State.DRAFT}:
            raise Conflict("transition_impossible", state=ticket.state, event=Event.REVISE.value)
        approving.void_approval(ticket)
        ticket.revision_number += 1
        ticket.title, ticket.remark = checked.title, checked.remark
        ticket.approvers = _approvers(checked)
        ticket.dept_id = checked.dept_id
        ticket.environment = places[0].datasource.environment
        ticket.run_at = ticket.expires_at = ticket.confirmed_by = ticket.confirmed_at = None
        _write_revision(ticket, by, checked, places)
        ticket.save(
            update_fields=[
                "revision_number",
                "title",
                "remark",
                "approvers",
                "dept_id",
                "environment",
                "run_at",
                "expires_at",
                "confirmed_by",
                "confirmed_at",
            ]
        )
        record(
            by.actor,
            "ticket.revised",
            "ticket",
            ticket.number,
            revision=ticket.revision_number,
            sha256=checked.sha256,
        )
        if State(ticket.state) is not State.DRAFT:
            _send_to_review(ticket, Event.REVISE, by)
    return ticket


def _approvers(values: Content) -> dict[str, list[str]]:
    return {node: list(people) for node, people in values.approvers.items()}


def _own(by: User, number: str) -> Ticket:
    """The locked ticket, which must be this person's own."""
    ticket = transitions.lock(visible_ticket(by, number).pk)
    if ticket.submitter_id != by.pk:
        raise Forbidden("not_your_ticket", number=number)
    return ticket


def _next_number() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_number')")
        return f"SG-{cursor.fetchone()[0]}"


def _send_to_review(ticket: Ticket, event: Event, by: User) -> None:
    transitions.apply(ticket, event, by.actor)
    enqueue.review(ticket)


def _write_revision(ticket: Ticket, by: User, values: Content, places: Sequence[_Place]) -> Revision:
    script = executions.freeze(values.sql) if values.sql is not None else None
    revision = Revision.objects.create(
        ticket=ticket,
        number=ticket.revision_number,
        script=script,
        filename=values.filename,
        access_scope=values.access.as_json() if values.access else None,
        count_exactly=values.count_exactly,
        sha256=values.sha256,
        remark=values.remark,
        created_by=by,
    )
    Target.objects.bulk_create(
        Target(
            revision=revision,
            position=position,
            datasource=item.datasource,
            datasource_revision=item.datasource.revision,
            database=item.database,
            schema=item.schema,
        )
        for position, item in enumerate(places)
    )
    words = [ticket.number, values.title, values.remark, *(item.datasource.name for item in places)]
    if values.sql is not None:
        words.append(values.sql.decode()[:_SEARCHED_SQL])
    Ticket.objects.filter(pk=ticket.pk).update(search_text="\n".join(words))
    return revision


# ---------------------------------------------------------------- where it goes


def _places(by: User, kind: TicketKind, values: Content) -> list[_Place]:
    """The targets, each seen and allowed, all under one approval flow."""
    access = access_of(by)
    visible = {item.pk: item for item in visible_to(by, access)}
    if values.access is not None:
        places = [_access_place(visible, item.datasource_id) for item in values.access.objects]
        places = list({item.datasource.pk: item for item in places}.values())
    else:
        places = [_change_place(visible, target) for target in values.targets]
        for item in places:
            _require_action(access, kind, item)
    flows = [flow_for(item.datasource.environment_id, kind.value) for item in places]
    if any(flow != flows[0] for flow in flows):
        raise InvalidInput("targets_need_different_approvals")
    return places


def _visible(visible: dict[int, DataSource], datasource_id: int) -> DataSource:
    datasource = visible.get(datasource_id)
    if datasource is None:
        raise NotFound("datasource_missing", id=datasource_id)
    if not datasource.enabled:
        raise Conflict("datasource_disabled", name=datasource.name)
    return datasource


def _access_place(visible: dict[int, DataSource], datasource_id: int) -> _Place:
    return _Place(_visible(visible, datasource_id), "", "")


def _change_place(visible: dict[int, DataSource], target: TargetInput) -> _Place:
    datasource = _visible(visible, target.datasource_id)
    features = registry.get(datasource.dialect).features
    database = "" if features.file_based else (target.database or datasource.database)
    if not features.file_based and not database:
        raise InvalidInput("target_database_needed", name=datasource.name)
    if target.schema and not features.has_schemas:
        raise InvalidInput("target_schema_unexpected", name=datasource.name)
    return _Place(datasource, database, target.schema)


def _require_action(access: Access, kind: TicketKind, item: _Place) -> None:
    action = Action(kind.value)
    where = place(item.datasource, item.database or None, item.schema or None)
    if not access.allows_somewhere(action, where):
        raise Forbidden(
            "access_missing", action=action.value, name=item.datasource.name, database=item.database or "-"
        )


# ---------------------------------------------------------------- afterwards


def withdraw_ticket(*, by: User, number: str) -> Ticket:
    """The submitter takes the ticket back; its instance at the provider is terminated."""
    with unit_of_work():
        ticket = _own(by, number)
        transitions.apply(ticket, Event.WITHDRAW, by.actor)
        approving.void_approval(ticket)
    return ticket


def resubmit_copy(*, by: User, number: str) -> Ticket:
    """File the content of a ticket again, as a new ticket of one's own."""
    original = visible_ticket(by, number)
    if original.undo_of_id is not None:
        raise Conflict("undo_not_editable")
    revision = original.revisions.select_related("script").get(number=original.revision_number)
    scope = AccessScope.from_json(revision.access_scope) if revision.access_scope else None
    values = Content(
        title=original.title,
        remark=original.remark,
        targets=()
        if scope
        else tuple(
            TargetInput(target.datasource_id, target.database, target.schema)
            for target in revision.targets.order_by("position")
        ),
        sql=bytes(revision.script.content) if revision.script else None,
        filename=revision.filename,
        access=scope,
        count_exactly=revision.count_exactly,
    )
    return submit_ticket(by=by, kind=TicketKind(original.kind), values=values, copied_from=original)


def comment_ticket(*, by: User, number: str, text: str) -> Comment:
    if not text.strip() or len(text) > MAX_COMMENT or content.unstorable(text):
        raise InvalidInput("comment_invalid", max=MAX_COMMENT)
    with unit_of_work():
        ticket = transitions.lock(visible_ticket(by, number).pk)
        comment = Comment.objects.create(ticket=ticket, author=by, text=text.strip())
        transitions.note(ticket, "commented", by.actor, {"comment": comment.pk})
        record(by.actor, "ticket.commented", "ticket", ticket.number, comment=comment.pk)
    return comment


def undo_ticket(*, by: User, number: str) -> list[Ticket]:
    """File the inverse of what a ticket applied, one new ticket per target. They are reviewed and approved
    like any other, and each statement changes its one row only if that still holds what we wrote.

    Raises:
        Conflict: ``nothing_to_undo``, or ``undo_impossible`` naming the statement and why.
    """
    original = visible_ticket(by, number)
    if original.submitter_id != by.pk and not may_execute(by, original):
        raise Forbidden("not_your_ticket", number=number)
    revision = original.revisions.get(number=original.revision_number)
    scripts = list(
        _rollback_scripts(revision.targets.select_related("datasource", "execution__grant__datasource"))
    )
    if not scripts:
        raise Conflict("nothing_to_undo", number=number)
    tickets = []
    language = config().language
    with unit_of_work():
        for target, script in scripts:
            values = Content(
                title=text("undo_title", language, number=original.number, title=original.title)[
                    : content.MAX_TITLE
                ],
                remark=text(
                    "undo_remark", language, number=original.number, datasource=target.datasource.name
                ),
                targets=(TargetInput(target.datasource_id, target.database, target.schema),),
                sql=script.encode(),
            )
            tickets.append(submit_ticket(by=by, kind=TicketKind.DATA_CHANGE, values=values, undo_of=original))
    return tickets


def _rollback_scripts(targets: Iterable[Target]) -> Iterable[tuple[Target, str]]:
    for target in targets:
        execution = target.execution
        if execution is None:
            continue
        if execution.state in (ExecutionState.RUNNING, ExecutionState.WAITING, ExecutionState.UNKNOWN):
            raise Conflict("undo_while_running")
        script = images.rollback_script(execution)
        if script:
            yield target, script
