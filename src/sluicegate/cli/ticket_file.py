"""Filing tickets: changes and access requests."""

from __future__ import annotations

import sys
from enum import StrEnum
from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli.ask import moment, usage
from sluicegate.cli.client import Client, Upload, connect
from sluicegate.cli.finding import Targets, ticket_number
from sluicegate.cli.language import say
from sluicegate.cli.options import Json
from sluicegate.cli.output import done, emit
from sluicegate.cli.shapes import Ticket
from sluicegate.cli.ticket_watch import until_reviewed
from sluicegate.core.errors import ConfigurationError

STANDARD_INPUT = "-"
UPLOAD_FROM_BYTES = 1_000_000  # below that, JSON: it takes several targets


class ChangeKind(StrEnum):
    DATA_CHANGE = "data_change"
    SCHEMA_CHANGE = "schema_change"


Title = Annotated[str, typer.Option("--title", "-t", help=say("help_ticket_title"))]
Approver = Annotated[
    list[str] | None, typer.Option("--approver", metavar="NODE=PERSON", help=say("help_approver"))
]
DeptId = Annotated[int | None, typer.Option("--dept-id", metavar="ID", help=say("help_ticket_dept_id"))]
Remark = Annotated[str, typer.Option("--remark", "-m", help=say("help_ticket_remark"))]
TargetsOption = Annotated[
    list[str],
    typer.Option("--target", metavar="NAME[:DATABASE[:SCHEMA]]", help=say("help_ticket_target")),
]
Sql = Annotated[str | None, typer.Option("--sql", metavar="TEXT", help=say("help_ticket_sql"))]
File = Annotated[str | None, typer.Option("--file", "-f", metavar="PATH", help=say("help_ticket_file"))]
Stdin = Annotated[str | None, typer.Argument(metavar="-", help=say("help_ticket_stdin"), show_default=False)]
Wait = Annotated[bool, typer.Option("--wait", help=say("help_ticket_submit_wait"))]


def submit(
    title: Title,
    targets: TargetsOption,
    kind: Annotated[ChangeKind, typer.Option("--kind", "-k", help=say("help_ticket_kind"))] = (
        ChangeKind.DATA_CHANGE
    ),
    remark: Remark = "",
    sql: Sql = None,
    file: File = None,
    source: Stdin = None,
    approver: Approver = None,
    dept_id: DeptId = None,
    count_exactly: Annotated[
        bool, typer.Option("--count-exactly", help=say("help_ticket_count_exactly"))
    ] = False,
    draft: Annotated[bool, typer.Option("--draft", help=say("help_ticket_draft"))] = False,
    wait: Wait = False,
    json: Json = False,
) -> None:
    if draft and wait:
        raise usage("draft_not_reviewed")
    content, filename = _script(sql, file, source)
    with connect() as client:
        found = Targets(client)
        places = [found.target(text) for text in targets]
        approvers = chosen_approvers(approver or [])
        if len(content) > UPLOAD_FROM_BYTES and len(places) == 1 and not draft:
            about = {
                "kind": kind.value,
                "title": title,
                "remark": remark,
                "count_exactly": str(count_exactly).lower(),
                "approvers": dumps(approvers),
            }
            if dept_id is not None:
                about["dept_id"] = str(dept_id)
            ticket = _upload(client, about, places[0], filename, content)
        else:
            body = {
                "kind": kind.value,
                "title": title,
                "remark": remark,
                "targets": places,
                "sql": _text(content),
                "filename": filename,
                "approvers": approvers,
                "dept_id": dept_id,
                "count_exactly": count_exactly,
                "draft": draft,
            }
            ticket = client.create("/tickets", Ticket, body)
        filed(client, ticket, wait=wait, json=json)


def revise(
    number: Annotated[str, typer.Argument(help=say("help_ticket_number"))],
    title: Annotated[str | None, typer.Option("--title", "-t", help=say("help_ticket_title"))] = None,
    remark: Annotated[str | None, typer.Option("--remark", "-m", help=say("help_ticket_remark"))] = None,
    targets: Annotated[
        list[str] | None,
        typer.Option("--target", metavar="NAME[:DATABASE[:SCHEMA]]", help=say("help_ticket_target")),
    ] = None,
    sql: Sql = None,
    file: File = None,
    source: Stdin = None,
    count_exactly: Annotated[
        bool | None,
        typer.Option("--count-exactly/--no-count-exactly", help=say("help_ticket_count_exactly")),
    ] = None,
    dept_id: DeptId = None,
    wait: Wait = False,
    json: Json = False,
) -> None:
    code = ticket_number(number)
    with connect() as client:
        old = client.get(f"/tickets/{code}", Ticket)
        if old.access is not None:
            raise usage("access_not_revised")
        if sql is None and file is None and source is None:
            content, filename = client.get_bytes(f"/tickets/{code}/script"), old.filename
        else:
            content, filename = _script(sql, file, source)
        body = {
            "title": old.title if title is None else title,
            "remark": old.remark if remark is None else remark,
            "targets": _same_targets(old) if not targets else [Targets(client).target(t) for t in targets],
            "sql": _text(content),
            "filename": filename,
            "dept_id": dept_id,
            "count_exactly": old.revisions[-1].count_exactly if count_exactly is None else count_exactly,
        }
        filed(client, client.put(f"/tickets/{code}", Ticket, body), wait=wait, json=json)


def request_access(
    title: Title,
    objects: Annotated[
        list[str],
        typer.Option(
            "--object", metavar="NAME[:DATABASE[:SCHEMA[:TABLE]]]", help=say("help_ticket_access_object")
        ),
    ],
    actions: Annotated[list[str], typer.Option("--action", help=say("help_ticket_access_action"))],
    hours: Annotated[int | None, typer.Option("--hours", min=1, help=say("help_ticket_access_hours"))] = None,
    until: Annotated[str | None, typer.Option("--until", help=say("help_ticket_access_until"))] = None,
    remark: Remark = "",
    dept_id: DeptId = None,
    wait: Wait = False,
    json: Json = False,
) -> None:
    if (hours is None) == (until is None):
        raise usage("access_hours_or_until")
    end = moment(until, "--until", past=False)
    with connect() as client:
        found = Targets(client)
        access = {
            "actions": actions,
            "objects": [found.access_object(text) for text in objects],
            "hours": hours,
            "until": end.isoformat() if end else None,
        }
        body = {
            "kind": "access_request",
            "title": title,
            "remark": remark,
            "access": access,
            "dept_id": dept_id,
        }
        filed(client, client.create("/tickets", Ticket, body), wait=wait, json=json)


def chosen_approvers(texts: list[str]) -> dict[str, list[str]]:
    """``NODE=PERSON``, several for a node that takes several."""
    chosen: dict[str, list[str]] = {}
    for text in texts:
        node, mark, person = text.rpartition("=")
        if not mark or not node.strip() or not person.strip():
            raise usage("approver_invalid", value=text)
        chosen.setdefault(node.strip(), []).append(person.strip())
    return chosen


def filed(client: Client, ticket: Ticket, *, wait: bool, json: bool) -> None:
    """Say what there is now, with ``wait`` only after its review; status 1 when that sent it back."""
    if wait:
        until_reviewed(client, ticket.number)
        ticket = client.get(f"/tickets/{ticket.number}", Ticket)
    emit(
        ticket,
        json,
        lambda it: done("ticket_filed", number=it.number, title=it.title, state=it.state_text),
    )
    if wait and ticket.state == "review_failed":
        raise typer.Exit(1)


def _script(sql: str | None, file: str | None, source: str | None) -> tuple[bytes, str]:
    """The bytes exactly as they are, and the file's name."""
    if source not in (None, STANDARD_INPUT):
        raise usage("argument_unexpected", value=source)
    if source is not None and file is None:
        file = STANDARD_INPUT
    if (sql is None) == (file is None):
        raise usage("one_script_source")
    if sql is not None:
        return sql.encode("utf-8", "surrogateescape"), ""
    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read(), ""
    assert file is not None
    try:
        return Path(file).read_bytes(), Path(file).name
    except OSError as error:
        raise ConfigurationError("file_unreadable", path=file, problem=error.strerror or "") from error


def _text(content: bytes) -> str:
    """JSON holds text only; the service takes UTF-8 only, so nothing is lost by refusing the rest here."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError("script_encoding", offset=error.start) from error


def _same_targets(ticket: Ticket) -> list[dict[str, object]]:
    return [
        {"datasource_id": item.datasource.id, "database": item.database, "schema": item.schema_}
        for item in ticket.targets
    ]


def _upload(
    client: Client, about: dict[str, str], place: dict[str, object], filename: str, content: bytes
) -> Ticket:
    fields = about | {name: str(value) for name, value in place.items()}
    return client.create("/tickets/upload", Ticket, Upload(fields, filename or "stdin.sql", content))
