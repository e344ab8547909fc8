"""Acting on tickets: deciding, executing, ending, undoing."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from sluicegate.cli.ask import moment, sure, usage
from sluicegate.cli.client import connect
from sluicegate.cli.finding import ticket_number
from sluicegate.cli.language import say
from sluicegate.cli.options import Json, Yes
from sluicegate.cli.output import console, done, emit, show_table, visible, when
from sluicegate.cli.shapes import Choice, Comment, Ticket, TicketPage, TicketRow
from sluicegate.cli.ticket_file import Wait, chosen_approvers, filed
from sluicegate.cli.ticket_read import place_name, place_of
from sluicegate.cli.ticket_watch import follow, until_reviewed

Number = Annotated[str, typer.Argument(help=say("help_ticket_number"))]
DecisionRemark = Annotated[str, typer.Option("--remark", "-m", help=say("help_decision_remark"))]
Sha256 = Annotated[str | None, typer.Option("--sha256", help=say("help_sha256"))]


# ---------------------------------------------------------------- the submitter


def send(number: Number, wait: Wait = False, json: Json = False) -> None:
    code = ticket_number(number)
    with connect() as client:
        filed(client, client.post(f"/tickets/{code}/submit", Ticket), wait=wait, json=json)


def withdraw(number: Number, json: Json = False) -> None:
    _step(number, "withdraw", json)


def copy(number: Number, wait: Wait = False, json: Json = False) -> None:
    with connect() as client:
        made = client.create(f"/tickets/{ticket_number(number)}/copy", Ticket)
        filed(client, made, wait=wait, json=json)


def comment(
    number: Number,
    text: Annotated[str, typer.Argument(help=say("help_comment_text"))],
    json: Json = False,
) -> None:
    code = ticket_number(number)
    with connect() as client:
        made = client.create(f"/tickets/{code}/comments", Comment, {"text": text})
    emit(made, json, lambda _: done("commented_done", number=code))


def choices(number: Number, json: Json = False) -> None:
    with connect() as client:
        emit(client.get(f"/tickets/{ticket_number(number)}/approvers", list[Choice]), json, _show_choices)


def _show_choices(items: list[Choice]) -> None:
    show_table(
        ["node", "required", "several", "candidates"],
        [
            (
                item.node,
                item.required,
                item.several,
                ", ".join(f"{found.name} ({found.user})" for found in item.candidates) or say("word_anybody"),
            )
            for item in items
        ],
    )


def choose(
    number: Number,
    approver: Annotated[
        list[str], typer.Option("--approver", metavar="NODE=PERSON", help=say("help_approver"))
    ],
    json: Json = False,
) -> None:
    body = {"approvers": chosen_approvers(approver)}
    with connect() as client:
        _say_state(client.put(f"/tickets/{ticket_number(number)}/approvers", Ticket, body), json)


# ---------------------------------------------------------------- approvers


def approve(number: Number, remark: DecisionRemark = "", sha256: Sha256 = None, json: Json = False) -> None:
    code = ticket_number(number)
    with connect() as client:
        if sha256 is not None and client.get(f"/tickets/{code}", Ticket).sha256 != sha256.lower():
            raise usage("content_differs", number=code)
        _say_state(client.post(f"/tickets/{code}/approve", Ticket, {"remark": remark}), json)


def reject(
    number: Number,
    remark: Annotated[str, typer.Option("--remark", "-m", help=say("help_reject_remark"))],
    json: Json = False,
) -> None:
    _step(number, "reject", json, {"remark": remark})


# ---------------------------------------------------------------- operators


def confirm(
    number: Number,
    at: Annotated[str | None, typer.Option("--at", help=say("help_confirm_at"))] = None,
    wait: Annotated[bool, typer.Option("--wait", help=say("help_confirm_wait"))] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    start = moment(at, "--at", past=False)
    if start is not None and wait:
        raise usage("wait_or_at")
    code = ticket_number(number)
    with connect() as client:
        ticket = client.get(f"/tickets/{code}", Ticket)
        time = when(start) if start else say("word_now")
        _announce(ticket, "about_to_execute", time=time)
        sure(say("ask_execute", number=code), yes=yes)
        body = {"run_at": start.isoformat() if start else None}
        confirmed = client.post(f"/tickets/{code}/confirm", Ticket, body)
        if wait:
            follow(client, code, json=json)
        else:
            _say_state(confirmed, json)


def unschedule(number: Number, json: Json = False) -> None:
    _step(number, "unschedule", json)


def cancel(
    number: Number,
    reason: Annotated[str, typer.Option("--reason", "-r", help=say("help_cancel_reason"))],
    yes: Yes = False,
    json: Json = False,
) -> None:
    code = ticket_number(number)
    with connect() as client:
        ticket = client.get(f"/tickets/{code}", Ticket)
        running = ticket.state == "executing"
        _announce(ticket, "about_to_cancel_running" if running else "about_to_cancel")
        sure(say("ask_cancel", number=code), yes=yes)
        _say_state(client.post(f"/tickets/{code}/cancel", Ticket, {"reason": reason}), json)


def undo(number: Number, yes: Yes = False, wait: Wait = False, json: Json = False) -> None:
    code = ticket_number(number)
    with connect() as client:
        _announce(client.get(f"/tickets/{code}", Ticket), "about_to_undo")
        sure(say("ask_undo", number=code), yes=yes)
        made = client.create(f"/tickets/{code}/undo", TicketPage).tickets
        states = {until_reviewed(client, item.number) for item in made} if wait else set()
    emit(made, json, lambda tickets: _say_undo(tickets, code))
    if "review_failed" in states:
        raise typer.Exit(1)


def _say_undo(tickets: list[TicketRow], of: str) -> None:
    for item in tickets:
        done("undo_filed", number=item.number, of=of)


def resolve(
    number: Number,
    ordinal: Annotated[int, typer.Option("--ordinal", min=1, help=say("help_resolve_ordinal"))],
    applied: Annotated[
        bool, typer.Option("--applied/--not-applied", help=say("help_resolve_applied"), show_default=False)
    ],
    reason: Annotated[str, typer.Option("--reason", "-r", help=say("help_resolve_reason"))],
    target: Annotated[int, typer.Option("--target", min=0, help=say("help_statements_target"))] = 0,
    resume: Annotated[bool, typer.Option("--resume", help=say("help_resolve_resume"))] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    code = ticket_number(number)
    with connect() as client:
        if resume:
            _announce(client.get(f"/tickets/{code}", Ticket), "about_to_resume")
            sure(say("ask_resume", number=code), yes=yes)
        body = {
            "target": target,
            "ordinal": ordinal,
            "applied": applied,
            "reason": reason,
            "resume": resume,
        }
        _say_state(client.post(f"/tickets/{code}/resolve", Ticket, body), json)


def waive(
    number: Number,
    statement: Annotated[int, typer.Option("--statement", "-s", min=1, help=say("help_waive_statement"))],
    rule: Annotated[str, typer.Option("--rule", help=say("help_waive_rule"))],
    reason: Annotated[str, typer.Option("--reason", "-r", help=say("help_waive_reason"))],
    target: Annotated[int, typer.Option("--target", min=0, help=say("help_statements_target"))] = 0,
    sha256: Sha256 = None,
    json: Json = False,
) -> None:
    body = {"target": target, "ordinal": statement, "code": rule.upper(), "reason": reason, "sha256": sha256}
    _step(number, "waive", json, body)


# ---------------------------------------------------------------- what they share


def _step(number: str, name: str, json: bool, body: object = None) -> None:
    code = ticket_number(number)
    with connect() as client:
        _say_state(client.post(f"/tickets/{code}/{name}", Ticket, body), json)


def _say_state(ticket: Ticket, json: bool) -> None:
    emit(
        ticket, json, lambda now: done("ticket_now", number=now.number, title=now.title, state=now.state_text)
    )


def _announce(ticket: Ticket, code: str, **params: object) -> None:
    """What is about to happen, and on which data sources: on standard error, also with ``--yes``."""
    screen = console(stderr=True)
    screen.print(Text(say(code, number=ticket.number, title=visible(ticket.title), **params), "bold"))
    for target in ticket.targets:
        line = Text(f"  {visible(place_of(target.datasource, target.database, target.schema_))}  ")
        line.append(f"{target.datasource.dialect}  ")
        line.append_text(place_name(target.datasource.environment, target.datasource.production))
        if target.review is not None:
            line.append("  " + say("statements_count", count=target.review.statements))
        screen.print(line)
