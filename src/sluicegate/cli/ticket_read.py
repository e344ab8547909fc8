"""Looking at tickets: lists, one ticket, its statements, its script."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import Annotated

import typer
from rich.text import Text

from sluicegate.cli.ask import moment
from sluicegate.cli.client import Client, Query, connect
from sluicegate.cli.finding import datasource_id, ticket_number
from sluicegate.cli.language import say
from sluicegate.cli.options import Json, Limit
from sluicegate.cli.output import Cell, console, emit, heading, show_pairs, show_table, styled, visible, word
from sluicegate.cli.shapes import (
    Approval,
    DataSourceRef,
    Finding,
    Statement,
    StatementPage,
    Target,
    Ticket,
    TicketPage,
    TicketRow,
)

_PAGE = 200
_STATEMENTS_PAGE = 500
_SHOWN_STATEMENTS = 20
_SHOWN_CHARACTERS = 160


class Box(StrEnum):
    """Which list of tickets; the values are the API's."""

    FOR_ME = "todo"
    MINE = "mine"
    ALL = "all"


# ---------------------------------------------------------------- lists


def list_(
    box: Annotated[Box, typer.Option("--box", "-b", help=say("help_list_box"))] = Box.ALL,
    state: Annotated[list[str] | None, typer.Option("--state", help=say("help_list_state"))] = None,
    kind: Annotated[list[str] | None, typer.Option("--kind", help=say("help_list_kind"))] = None,
    datasource: Annotated[str | None, typer.Option("--datasource", help=say("help_list_datasource"))] = None,
    submitter: Annotated[str, typer.Option("--submitter", help=say("help_list_submitter"))] = "",
    words: Annotated[str, typer.Option("--words", "-w", help=say("help_list_words"))] = "",
    since: Annotated[str | None, typer.Option("--since", help=say("help_since"))] = None,
    until: Annotated[str | None, typer.Option("--until", help=say("help_until"))] = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    begin, end = moment(since, "--since"), moment(until, "--until")
    with connect() as client:
        query: Query = {
            "box": box.value,
            "state": state or [],
            "kind": kind or [],
            "datasource_id": datasource_id(client, datasource),
            "submitter": submitter,
            "words": words,
            "since": begin.isoformat() if begin else None,
            "until": end.isoformat() if end else None,
        }
        emit(list(islice(_pages(client, query, limit), limit)), json, _show_rows)


def _pages(client: Client, query: Query, limit: int) -> Iterator[TicketRow]:
    """Every ticket, page after page."""
    cursor: int | None = None
    while True:
        page = client.get(
            "/tickets", TicketPage, {**query, "cursor": cursor, "size": max(1, min(limit, _PAGE))}
        )
        yield from page.tickets
        if page.next is None:
            return
        cursor = page.next


def _show_rows(rows: list[TicketRow]) -> None:
    show_table(
        ["number", "state", "kind", "title", "submitter", "environment", "created"],
        [
            (
                row.number,
                styled(row.state, row.state_text),
                word("kind", row.kind),
                row.title,
                row.submitter.name,
                place_name(row.environment, row.production),
                row.created_at,
            )
            for row in rows
        ],
    )


def place_name(environment: str, production: bool) -> Text:
    """An environment; production can't be overlooked, with or without colours."""
    if production:
        return Text(f"{environment} {say('word_production')}", "bold white on red")
    return Text(environment)


# ---------------------------------------------------------------- one ticket


def show(
    number: Annotated[str, typer.Argument(help=say("help_ticket_number"))],
    json: Json = False,
) -> None:
    code = ticket_number(number)
    with connect() as client:
        ticket = client.get(f"/tickets/{code}", Ticket)
        if json:
            emit(ticket, True, lambda _: None)
            return
        _show_ticket(ticket)
        for target in ticket.targets:
            if target.review is not None:
                _show_statements(client, target, code)
        _show_story(ticket)


def _show_ticket(ticket: Ticket) -> None:
    show_pairs(
        [
            ("number", ticket.number),
            ("title", ticket.title),
            ("kind", word("kind", ticket.kind)),
            ("state", styled(ticket.state, ticket.state_text)),
            ("reason", ticket.reason.text if ticket.reason else ""),
            ("turn", whose_turn(ticket)),
            ("you_can", [action for action in ticket.actions if action != "comment"]),
            ("submitter", ticket.submitter.name),
            ("environment", place_name(ticket.environment, ticket.production)),
            ("remark", ticket.remark),
            ("revision", ticket.revision),
            ("sha256", ticket.sha256),
            ("access", _access(ticket)),
            ("run_at", ticket.run_at),
            ("expires", ticket.expires_at),
            ("confirmed_by", ticket.confirmed_by.name if ticket.confirmed_by else ""),
            ("copied_from", ticket.copied_from),
            ("undo_of", ticket.undo_of),
            ("undos", ticket.undos),
        ]
    )
    heading("heading_targets")
    show_table(
        [
            "position",
            "datasource",
            "environment",
            "database",
            "review",
            "flagged",
            "rows_estimated",
            "run",
            "applied",
            "rows_changed",
        ],
        [_target_row(target) for target in ticket.targets],
    )
    if ticket.approval is not None:
        _show_approval(ticket.approval)


def whose_turn(ticket: Ticket) -> str:
    """Who has to do something now."""
    if ticket.state == "awaiting_approval" and ticket.approval is not None:
        waiting = [step.name for step in ticket.approval.steps if step.decision == "waiting"]
        return say("turn_approvers", names=", ".join(waiting)) if waiting else say("turn_provider")
    turn = say(f"turn_{ticket.state}", name=ticket.submitter.name)
    return "" if turn == f"turn_{ticket.state}" else turn


def place_of(datasource: DataSourceRef, database: str, schema: str) -> str:
    return ":".join(part for part in (datasource.name, database, schema) if part)


def _target_row(target: Target) -> list[Cell]:
    review, run = target.review, target.execution
    database = ":".join(part for part in (target.database, target.schema_) if part)
    return [
        target.position,
        f"{target.datasource.name} ({target.datasource.dialect})",
        place_name(target.datasource.environment, target.datasource.production),
        database,
        word("verdict", review.verdict) if review else None,
        f"{review.flagged + review.denied}/{review.statements}" if review else None,
        _estimate(review.estimated_rows) if review else None,
        word("execution_state", run.state) if run else None,
        f"{run.applied}/{run.statements}" if run else None,
        run.affected_rows if run else None,
    ]


def _estimate(rows: int | None) -> Cell:
    return Text(say("word_unknown"), "yellow", justify="right") if rows is None else rows


def _access(ticket: Ticket) -> str:
    if ticket.access is None:
        return ""
    actions = ", ".join(map(str, ticket.access.get("actions", [])))
    hours, until = ticket.access.get("hours"), ticket.access.get("until")
    return say("access_for_hours", actions=actions, hours=hours) if hours else f"{actions} … {until}"


def _show_approval(approval: Approval) -> None:
    heading("heading_approval", provider=word("provider", approval.provider).plain)
    for note in (approval.problem, approval.held):
        if note is not None:
            console().print(Text(visible(note.text), "bold red"))
    if approval.link:
        console().print(Text(visible(approval.link)), soft_wrap=True)
    show_table(
        ["node", "name", "decision", "remark", "at"],
        [
            (step.node, step.name, word("decision", step.decision), step.remark, step.at)
            for step in approval.steps
        ],
    )


def _show_statements(client: Client, target: Target, number: str) -> None:
    heading("heading_statements", place=place_of(target.datasource, target.database, target.schema_))
    query: Query = {"target": target.position, "size": _SHOWN_STATEMENTS}
    page = client.get(f"/tickets/{number}/statements", StatementPage, query)
    show_statements(page.statements)
    if page.next is not None:
        console().print(say("more_statements", number=number, target=target.position))


def _show_story(ticket: Ticket) -> None:
    heading("heading_timeline")
    show_table(
        ["at", "event", "actor"],
        [(event.at, event.text, event.actor) for event in ticket.events],
    )
    if ticket.comments:
        heading("heading_comments")
        show_table(
            ["at", "name", "text"],
            [(comment.at, comment.author.name, comment.text) for comment in ticket.comments],
        )


# ---------------------------------------------------------------- statements and script


def statements(
    number: Annotated[str, typer.Argument(help=say("help_ticket_number"))],
    target: Annotated[int, typer.Option("--target", min=0, help=say("help_statements_target"))] = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    code = ticket_number(number)
    with connect() as client:
        found = list(islice(_all_statements(client, code, target, limit), limit))
    emit(found, json, lambda items: show_statements(items, shorten=False))


def _all_statements(client: Client, number: str, target: int, limit: int) -> Iterator[Statement]:
    after: int | None = 0
    while after is not None:
        query: Query = {"target": target, "after": after, "size": min(limit, _STATEMENTS_PAGE)}
        page = client.get(f"/tickets/{number}/statements", StatementPage, query)
        yield from page.statements
        after = page.next


def show_statements(items: list[Statement], *, shorten: bool = True) -> None:
    show_table(
        ["ordinal", "statement", "review", "rows_estimated", "outcome", "rows_changed", "time", "findings"],
        [
            (
                item.ordinal,
                _shortened(item.text) if shorten else item.text.strip(),
                word("verdict", item.verdict),
                _rows_and_share(item),
                word("cli_outcome", item.outcome),
                item.affected_rows,
                f"{item.milliseconds} ms" if item.milliseconds is not None else None,
                _remarks(item),
            )
            for item in items
        ],
    )


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= _SHOWN_CHARACTERS:
        return line
    return say("shortened", text=line[:_SHOWN_CHARACTERS], more=len(line) - _SHOWN_CHARACTERS)


def _found(finding: Finding) -> str:
    waived = "" if finding.waiver is None else f" [{finding.waiver.text}]"
    return f"{finding.rule} {finding.code}{waived} {finding.message}"


def _rows_and_share(item: Statement) -> Cell:
    if item.estimated_rows is None:
        return item.estimate_reason
    remarks = [say("rows_counted")] if item.estimate_exact else []
    remarks += [] if item.share is None else [f"{item.share:g} %"]
    return f"{item.estimated_rows} ({', '.join(remarks)})" if remarks else item.estimated_rows


def _remarks(item: Statement) -> str:
    lines = [item.impact.text] if item.impact else []
    lines += [_found(finding) for finding in item.findings]
    lines += [item.error.text] if item.error else []
    lines += [item.server_error] if item.server_error else []
    lines += item.warnings
    lines += [say("no_undo", reason=item.undo_reason)] if item.undo_reason else []
    return "\n".join(lines)


def script(
    number: Annotated[str, typer.Argument(help=say("help_ticket_number"))],
    revision: Annotated[
        int | None, typer.Option("--revision", min=1, help=say("help_script_revision"))
    ] = None,
) -> None:
    code = ticket_number(number)
    with connect() as client:
        content = client.get_bytes(f"/tickets/{code}/script", {"revision": revision})
    if sys.stdout.isatty():  # exact bytes for programs, nothing that steers a terminal for people
        print(visible(content.decode("utf-8", "replace")))
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
