"""`sluicegate notification`: the outbox of messages to people, and its settings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli.ask import moment, secret, sure, usage
from sluicegate.cli.client import Client, Query, connect
from sluicegate.cli.language import say
from sluicegate.cli.options import Json, Limit, Yes, application
from sluicegate.cli.output import done, emit, heading, show_lines, show_pairs, show_table, word
from sluicegate.cli.shapes import Notification, NotificationPage, NotificationSettings

app = application("notification")

_PAGE = 200
_WEBHOOK = "https://oapi.dingtalk.com/robot/send?access_token=…"

Identifier = Annotated[int, typer.Argument(metavar="ID", help=say("help_notification_id"))]


@app.command("list", help=say("help_notification_list"))
def list_notifications(
    state: Annotated[list[str] | None, typer.Option("--state", help=say("help_notification_state"))] = None,
    kind: Annotated[list[str] | None, typer.Option("--kind", help=say("help_notification_kind"))] = None,
    channel: Annotated[
        list[str] | None, typer.Option("--channel", help=say("help_notification_channel"))
    ] = None,
    ticket: Annotated[str, typer.Option("--ticket", help=say("help_notification_ticket"))] = "",
    person: Annotated[str, typer.Option("--person", help=say("help_notification_person"))] = "",
    words: Annotated[str, typer.Option("--words", help=say("help_notification_words"))] = "",
    since: Annotated[str | None, typer.Option("--since", help=say("help_since"))] = None,
    until: Annotated[str | None, typer.Option("--until", help=say("help_until"))] = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    begin, end = moment(since, "--since"), moment(until, "--until")
    query: Query = {
        "state": state,
        "kind": kind,
        "channel": channel,
        "ticket": ticket,
        "person": person,
        "words": words,
        "since": begin.isoformat() if begin else None,
        "until": end.isoformat() if end else None,
    }
    with connect() as client:
        emit(list(islice(_found(client, query, limit), limit)), json, _show_rows)


def _found(client: Client, query: Query, limit: int) -> Iterator[Notification]:
    cursor = None
    while True:
        wanted: Query = {**query, "cursor": cursor, "size": min(limit, _PAGE)}
        page = client.get("/notifications", NotificationPage, wanted)
        yield from page.notifications
        cursor = page.next
        if cursor is None:
            return


def _show_rows(items: list[Notification]) -> None:
    show_table(
        ["id", "at", "ticket", "notification_kind", "channel", "recipient", "state", "problem"],
        [
            (
                str(item.id),
                item.created_at,
                item.ticket,
                word("word_notification", item.kind),
                word("word_channel", item.channel),
                item.recipient.username if item.recipient else "",
                word("word_message", "delivered" if item.delivered else item.state),
                item.problem.text if item.problem else "",
            )
            for item in items
        ],
    )


@app.command("show", help=say("help_notification_show"))
def show_notification(identifier: Identifier, json: Json = False) -> None:
    with connect() as client:
        emit(client.get(f"/notifications/{identifier}", Notification), json, _show)


@app.command("resend", help=say("help_notification_resend"))
def resend_notification(identifier: Identifier, json: Json = False) -> None:
    with connect() as client:
        again = client.post(f"/notifications/{identifier}/resend", Notification)
        emit(again, json, lambda _: done("notification_resent", id=identifier))


def _show(item: Notification) -> None:
    show_pairs(
        [
            ("id", str(item.id)),
            ("ticket", item.ticket),
            ("notification_kind", word("word_notification", item.kind)),
            ("channel", word("word_channel", item.channel)),
            ("recipient", f"{item.recipient.name} ({item.recipient.username})" if item.recipient else ""),
            ("state", word("word_message", "delivered" if item.delivered else item.state)),
            ("problem", item.problem.text if item.problem else ""),
            ("attempts", item.attempts),
            ("resends", item.resends),
            ("created_at", item.created_at),
            ("sent_at", item.sent_at),
            ("next_attempt_at", item.next_attempt_at),
            ("url", item.url),
        ]
    )
    heading("heading_message")
    show_lines(item.body.splitlines())


# ---------------------------------------------------------------- settings


@app.command("settings", help=say("help_notification_settings"))
def show_settings(json: Json = False) -> None:
    with connect() as client:
        emit(client.get("/notification-settings", NotificationSettings), json, _show_settings)


@app.command("set", help=say("help_notification_set"))
def choose_kinds(
    work: Annotated[
        str | None, typer.Option("--work", metavar="KIND,…|none", help=say("help_notification_work"))
    ] = None,
    robot: Annotated[
        str | None, typer.Option("--robot", metavar="KIND,…|none", help=say("help_notification_robot"))
    ] = None,
    json: Json = False,
) -> None:
    with connect() as client:
        now = client.get("/notification-settings", NotificationSettings)
        body = {"work": _kinds(work, now.work), "robot": _kinds(robot, now.robot)}
        emit(client.put("/notification-settings", NotificationSettings, body), json, _show_settings)


def _kinds(given: str | None, now: list[str]) -> list[str]:
    """What stays as it is when the option isn't given; ``none`` is an empty list."""
    if given is None:
        return now
    names = [name.strip() for name in given.split(",") if name.strip()]
    return [] if names == ["none"] else names


@app.command("set-robot", help=say("help_notification_set_robot"))
def set_robot(
    webhook_file: Annotated[
        Path | None, typer.Option("--webhook-file", metavar="PATH", help=say("help_robot_webhook_file"))
    ] = None,
    secret_file: Annotated[
        Path | None, typer.Option("--secret-file", metavar="PATH", help=say("help_robot_secret_file"))
    ] = None,
    json: Json = False,
) -> None:
    webhook = secret("prompt_robot_webhook", file=webhook_file)
    key = secret("prompt_robot_secret", file=secret_file)
    if not webhook or not key:
        raise usage("robot_both_needed", example=_WEBHOOK)
    with connect() as client:
        kept = client.put(
            "/notification-settings/robot", NotificationSettings, {"webhook": webhook, "secret": key}
        )
        emit(kept, json, _show_settings)


@app.command("remove-robot", help=say("help_notification_remove_robot"))
def remove_robot(yes: Yes = False) -> None:
    sure(say("ask_remove_robot"), yes=yes)
    with connect() as client:
        client.delete("/notification-settings/robot")
    done("robot_removed")


def _show_settings(item: NotificationSettings) -> None:
    show_pairs(
        [
            ("work_kinds", ", ".join(item.work) or say("word_none")),
            ("robot_kinds", ", ".join(item.robot) or say("word_none")),
            ("robot_set", item.robot_set),
            ("url", item.url),
        ]
    )
