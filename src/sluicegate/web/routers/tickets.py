"""Tickets: filing, reading, deciding, executing, undoing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpResponse
from ninja import Field, File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import ValidationError

from sluicegate.core.errors import InvalidInput, NotFound
from sluicegate.sql.model import TicketKind
from sluicegate.tickets import approving, executing, submission, waiving
from sluicegate.tickets.content import AccessObject, AccessScope, Content, TargetInput
from sluicegate.tickets.models import Ticket
from sluicegate.tickets.selectors import PAGE, TicketFilter, list_tickets, visible_ticket
from sluicegate.web.auth import Request, language_of
from sluicegate.web.idempotency import once
from sluicegate.web.problems import PROBLEMS
from sluicegate.web.ticket_views import (
    CommentOut,
    StatementPage,
    TicketOut,
    TicketPage,
    statement_page,
    ticket_detail,
    ticket_row,
)
from sluicegate.web.views import person_ref

router = Router()


class TargetIn(Schema):
    datasource_id: int
    database: str = Field("", max_length=512)
    schema_: str = Field("", alias="schema", max_length=128)


class AccessObjectIn(Schema):
    datasource_id: int
    database: str = Field("*", max_length=128)
    schema_: str = Field("*", alias="schema", max_length=128)
    table: str = Field("*", max_length=128)


class AccessIn(Schema):
    """Either ``hours``, counted from the approval, or ``until``."""

    actions: list[str]
    objects: list[AccessObjectIn]
    hours: int | None = None
    until: datetime | None = None


class ContentIn(Schema):
    """``sql`` and ``targets`` for changes, ``access`` for access requests."""

    title: str
    remark: str = ""
    targets: list[TargetIn] = []
    sql: str | None = None
    filename: str = Field("", max_length=200)
    access: AccessIn | None = None
    count_exactly: bool = Field(
        False, description="Let the review count the rows that single-table changes would change"
    )
    approvers: dict[str, list[str]] = Field(
        {},
        description="People by node of the approval flow that the submitter chooses: username, DingTalk userid or name",
    )
    dept_id: int | None = Field(
        None, description="Which of the submitter's DingTalk departments it is filed from; the root is -1"
    )


class CandidateOut(Schema):
    user: str
    name: str


class ChoiceOut(Schema):
    """A node whose approvers the submitter names. No candidates: anybody may be chosen."""

    node: str
    required: bool
    several: bool
    candidates: list[CandidateOut]


class ChoicesIn(Schema):
    approvers: dict[str, list[str]]


class TicketIn(ContentIn):
    kind: Literal["data_change", "schema_change", "access_request"]
    draft: bool = False


class UploadIn(Schema):
    kind: Literal["data_change", "schema_change"]
    title: str
    remark: str = ""
    datasource_id: int
    database: str = Field("", max_length=512)
    schema_: str = Field("", alias="schema", max_length=128)
    count_exactly: bool = False
    approvers: str = Field("", description="As in a ticket filed without a file, written as JSON")
    dept_id: int | None = None


class RemarkIn(Schema):
    """``sha256``: of what the person has read; a ticket revised meanwhile is then not decided."""

    sha256: str | None = None
    remark: str = Field("", max_length=1000)


class ReasonIn(Schema):
    reason: str = Field(max_length=400)


class CommentIn(Schema):
    text: str


class ConfirmIn(Schema):
    """``run_at`` null means now."""

    run_at: datetime | None = None


class WaiveIn(Schema):
    """``code`` of the finding; ``sha256``: of what the person has read, a ticket revised meanwhile is refused."""

    target: int = 0
    ordinal: int
    code: str = Field(max_length=60)
    reason: str = Field(max_length=400)
    sha256: str | None = None


class ResolveIn(Schema):
    """``applied`` says what the server shows; ``resume`` goes on with the run."""

    target: int
    ordinal: int
    applied: bool
    reason: str = Field(max_length=400)
    resume: bool = False


class ListQuery(Schema):
    box: Literal["todo", "mine", "all"] = "all"
    state: list[str] = []
    kind: list[str] = []
    datasource_id: int | None = None
    submitter: str = ""
    since: datetime | None = None
    until: datetime | None = None
    words: str = Field("", max_length=200)
    cursor: int | None = None
    size: int = Field(PAGE, ge=1, le=200)


def _content(payload: ContentIn) -> Content:
    access = payload.access
    return Content(
        title=payload.title,
        remark=payload.remark,
        targets=tuple(TargetInput(t.datasource_id, t.database, t.schema_) for t in payload.targets),
        sql=_encoded(payload.sql) if payload.sql is not None else None,
        filename=payload.filename,
        access=AccessScope(
            tuple(access.actions),
            tuple(
                AccessObject(item.datasource_id, item.database, item.schema_, item.table)
                for item in access.objects
            ),
            access.hours,
            access.until,
        )
        if access is not None
        else None,
        approvers={node: tuple(people) for node, people in payload.approvers.items()},
        count_exactly=payload.count_exactly,
        dept_id=payload.dept_id,
    )


def _approvers(written: str) -> dict[str, tuple[str, ...]]:
    """From a field of a form, which holds text only."""
    try:
        choices = ChoicesIn.model_validate_json(f'{{"approvers": {written or "{}"}}}')
    except ValidationError as error:
        raise InvalidInput("approvers_not_json", example='{"node": ["person"]}') from error
    return {node: tuple(people) for node, people in choices.approvers.items()}


def _encoded(sql: str) -> bytes:
    try:
        return sql.encode()
    except UnicodeEncodeError as error:  # a lone surrogate, which JSON can spell
        raise InvalidInput("script_not_utf8", line=1, column=1) from error


def _detail(request: Request, ticket: Ticket) -> TicketOut:
    fresh = visible_ticket(request.auth, ticket.number)
    return ticket_detail(fresh, request.auth, language_of(request))


@router.get("/tickets", response={200: TicketPage, **PROBLEMS})
def list_(request: Request, query: Annotated[ListQuery, Query()]) -> TicketPage:
    """待我处理 (todo), 我提交的 (mine) or 全部 (all), newest first."""
    wanted = TicketFilter(
        box=query.box,
        states=tuple(query.state),
        kinds=tuple(query.kind),
        datasource_id=query.datasource_id,
        submitter=query.submitter,
        since=query.since,
        until=query.until,
        words=query.words,
    )
    page = list_tickets(request.auth, wanted, cursor=query.cursor, size=query.size)
    language = language_of(request)
    return TicketPage(tickets=[ticket_row(item, language) for item in page.tickets], next=page.next)


@router.post("/tickets", response={201: TicketOut, **PROBLEMS}, by_alias=True)
def submit(request: Request, payload: TicketIn) -> tuple[int, TicketOut]:
    """File a ticket. Its review begins at once, unless it is a draft."""

    def create() -> TicketOut:
        ticket = submission.submit_ticket(
            by=request.auth, kind=TicketKind(payload.kind), values=_content(payload), draft=payload.draft
        )
        return _detail(request, ticket)

    return 201, once(request, TicketOut, create)


@router.post("/tickets/upload", response={201: TicketOut, **PROBLEMS}, by_alias=True)
def upload(
    request: Request, payload: Annotated[UploadIn, Form()], file: Annotated[UploadedFile, File()]
) -> tuple[int, TicketOut]:
    """File a ticket whose SQL is a file, taken byte for byte."""

    def create() -> TicketOut:
        values = Content(
            title=payload.title,
            remark=payload.remark,
            targets=(TargetInput(payload.datasource_id, payload.database, payload.schema_),),
            sql=file.read(),
            filename=file.name or "",
            approvers=_approvers(payload.approvers),
            count_exactly=payload.count_exactly,
            dept_id=payload.dept_id,
        )
        ticket = submission.submit_ticket(by=request.auth, kind=TicketKind(payload.kind), values=values)
        return _detail(request, ticket)

    return 201, once(request, TicketOut, create)


@router.get("/tickets/{number}", response={200: TicketOut, **PROBLEMS}, by_alias=True)
def show(request: Request, number: str) -> TicketOut:
    return _detail(request, visible_ticket(request.auth, number))


@router.get("/tickets/{number}/statements", response={200: StatementPage, **PROBLEMS})
def show_statements(
    request: Request, number: str, target: int = 0, after: int = 0, size: int = 100
) -> StatementPage:
    """The statements of one target: the review's findings and what became of each."""
    ticket = visible_ticket(request.auth, number)
    page = statement_page(ticket, target, language_of(request), after=after, size=max(1, min(size, 500)))
    if page is None:
        raise NotFound("target_missing", position=target)
    return page


@router.get("/tickets/{number}/script")
def show_script(request: Request, number: str, revision: int | None = None) -> HttpResponse:
    """The frozen bytes of a revision, the current one by default."""
    ticket = visible_ticket(request.auth, number)
    found = (
        ticket.revisions.select_related("script").filter(number=revision or ticket.revision_number).first()
    )
    if found is None or found.script is None:
        raise NotFound("script_missing", number=number)
    response = HttpResponse(bytes(found.script.content), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{ticket.number}-{found.number}.sql"'
    return response


@router.put("/tickets/{number}", response={200: TicketOut, **PROBLEMS}, by_alias=True)
def revise(request: Request, number: str, payload: ContentIn) -> TicketOut:
    """Replace the content by a new revision; approval given before doesn't count for it."""
    ticket = submission.revise_ticket(by=request.auth, number=number, values=_content(payload))
    return _detail(request, ticket)


@router.post("/tickets/{number}/submit", response={200: TicketOut, **PROBLEMS}, by_alias=True)
def submit_draft(request: Request, number: str) -> TicketOut:
    return _detail(request, submission.submit_draft(by=request.auth, number=number))


@router.post("/tickets/{number}/withdraw", response={200: TicketOut, **PROBLEMS}, by_alias=True)
def withdraw(request: Request, number: str) -> TicketOut:
    return _detail(request, submission.withdraw_ticket(by=request.auth, number=number))


@router.post("/tickets/{number}/cancel", response={200: TicketOut, **PROBLEMS}, by_alias=True)
def cancel(request: Request, number: str, payload: ReasonIn) -> TicketOut:
    ticket = executing.cancel_ticket(by=request.auth, number=number, reason=payload.reason)
    return _detail(request, ticket)


@router.post("/tickets/{number}/waive", response={200: TicketOut, **PROBLEMS}, by_alias=True)
def waive(request: Request, number: str, payload: WaiveIn) -> TicketOut:
    """Answer for what a policy blocks in one statement; with the last block gone, the ticket is reviewed anew."""
    ticket = waiving.waive_finding(by=request.auth, number=number, **payload.model_dump())
    return _detail(request, ticket)


@router.post("/tickets/{number}/copy", response={201: TicketOut, **PROBLEMS}, by_alias=True)
def copy(request: Request, number: str) -> tuple[int, TicketOut]:
    """File the same content again, as a ticket of one's own."""
    return 201, once(
        request,
        TicketOut,
        lambda: _detail(request, submission.resubmit_copy(by=request.auth, number=number)),
    )


@router.post("/tickets/{number}/comments", response={201: CommentOut, **PROBLEMS})
def comment(request: Request, number: str, payload: CommentIn) -> tuple[int, CommentOut]:
    def create() -> CommentOut:
        item = submission.comment_ticket(by=request.auth, number=number, text=payload.text)
        return CommentOut(id=item.pk, author=person_ref(item.author), text=item.text, at=item.at)

    return 201, once(request, CommentOut, create)


@router.get("/tickets/{number}/approvers", response={200: list[ChoiceOut], **PROBLEMS})
def show_choices(request: Request, number: str) -> list[ChoiceOut]:
    """发起人自选: whom the submitter has to name, and who may be named."""
    return [
        ChoiceOut(
            node=choice.node,
            required=choice.required,
            several=choice.several,
            candidates=[CandidateOut(user=found.user, name=found.name) for found in choice.candidates],
        )
        for choice in approving.approver_choices(by=request.auth, number=number)
    ]


@router.put("/tickets/{number}/approvers", response={200: TicketOut, **PROBLEMS}, by_alias=True)
def choose(request: Request, number: str, payload: ChoicesIn) -> TicketOut:
    approving.choose_approvers(by=request.auth, number=number, choices=payload.approvers)
    return _detail(request, visible_ticket(request.auth, number))


@router.post("/tickets/{number}/approve", response={200: TicketOut, **PROBLEMS}, by_alias=True)
def approve(request: Request, number: str, payload: RemarkIn) -> TicketOut:
    """Agree, within built-in approval."""
    ticket = approving.decide_ticket(
        by=request.auth, number=number, agree=True, remark=payload.remark, sha256=payload.sha256
    )
    return _detail(request, ticket)


@router.post("/tickets/{number}/reject", response={200: TicketOut, **PROBLEMS}, by_alias=True)
def reject(request: Request, number: str, payload: RemarkIn) -> TicketOut:
    """Refuse, with the reason, within built-in approval."""
    ticket = approving.decide_ticket(
        by=request.auth, number=number, agree=False, remark=payload.remark, sha256=payload.sha256
    )
    return _detail(request, ticket)


@router.post("/tickets/{number}/confirm", response={200: TicketOut, **PROBLEMS}, by_alias=True)
def confirm(request: Request, number: str, payload: ConfirmIn) -> TicketOut:
    """执行确认: execute what was approved, now or at a time."""
    ticket = executing.confirm_ticket(by=request.auth, number=number, run_at=payload.run_at)
    return _detail(request, ticket)


@router.post("/tickets/{number}/unschedule", response={200: TicketOut, **PROBLEMS}, by_alias=True)
def unschedule(request: Request, number: str) -> TicketOut:
    return _detail(request, executing.unschedule_ticket(by=request.auth, number=number))


@router.post("/tickets/{number}/resolve", response={200: TicketOut, **PROBLEMS}, by_alias=True)
def resolve(request: Request, number: str, payload: ResolveIn) -> TicketOut:
    """Say what became of a statement whose outcome is unknown, after looking at the server."""
    ticket = executing.resolve_statement(by=request.auth, number=number, **payload.model_dump())
    return _detail(request, ticket)


@router.post("/tickets/{number}/undo", response={201: TicketPage, **PROBLEMS})
def undo(request: Request, number: str) -> tuple[int, TicketPage]:
    """File the inverse of what was applied: one new ticket per target."""

    def create() -> TicketPage:
        filed = submission.undo_ticket(by=request.auth, number=number)
        language = language_of(request)
        rows = [ticket_row(visible_ticket(request.auth, item.number), language) for item in filed]
        return TicketPage(tickets=rows, next=None)

    return 201, once(request, TicketPage, create)
