"""`sluicegate access` and `sluicegate token`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

import typer

from sluicegate.cli import finding
from sluicegate.cli.ask import moment, sure, usage
from sluicegate.cli.client import Client, Query, connect
from sluicegate.cli.language import say
from sluicegate.cli.options import Json, Limit, Yes, application
from sluicegate.cli.output import Cell, done, emit, show_table
from sluicegate.cli.shapes import Grant, Me, NewToken, Token

app = application("access")
tokens = application("token")

_PAGE = 500

Pattern = Annotated[str, typer.Option("--database", "-d", help=say("help_access_database"))]
All = Annotated[bool, typer.Option("--all", help=say("help_access_all"))]


@app.command("list", help=say("help_access_list"))
def list_(
    user: Annotated[str, typer.Option("--user", help=say("help_access_user_only"))] = "",
    datasource: Annotated[str | None, typer.Option("--datasource", help=say("help_list_datasource"))] = None,
    everything: All = False,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    with connect() as client:
        _show(client, user, finding.datasource_id(client, datasource), everything, limit, json)


@app.command("mine", help=say("help_access_mine"))
def mine(everything: All = False, limit: Limit = 100, json: Json = False) -> None:
    with connect() as client:
        me = client.get("/me", Me)
        grants = _grants(client, {}, everything=everything)
        own = (grant for grant in grants if grant.username == me.username or grant.group in me.groups)
        emit(list(islice(own, limit)), json, _show_rows)


def _show(
    client: Client, user: str, datasource_id: int | None, everything: bool, limit: int, json: bool
) -> None:
    query: Query = {"username": user, "datasource_id": datasource_id}
    emit(list(islice(_grants(client, query, everything=everything), limit)), json, _show_rows)


def _grants(client: Client, query: Query, *, everything: bool) -> Iterator[Grant]:
    """Grants, newest first, page after page; those that ended or were revoked only with ``everything``."""
    before: int | None = None
    while True:
        page = client.get("/grants", list[Grant], {**query, "before": before, "size": _PAGE})
        yield from (grant for grant in page if everything or grant.live)
        if len(page) < _PAGE:
            return
        before = page[-1].id


def _show_rows(grants: list[Grant]) -> None:
    show_table(
        ["id", "subject", "actions", "scope", "objects", "expires", "live", "ticket", "reason"],
        [_row(grant) for grant in grants],
    )


def _row(grant: Grant) -> list[Cell]:
    subject = grant.username or say("group_named", name=grant.group)
    scope = grant.datasource or (
        say("environment_named", name=grant.environment) if grant.environment else say("word_everything")
    )
    objects = f"{grant.database}:{grant.schema_}:{grant.table}"
    expires: Cell = grant.valid_until or say("word_never")
    return [
        grant.id,
        subject,
        grant.actions,
        scope,
        objects,
        expires,
        grant.live,
        grant.ticket,
        grant.reason,
    ]


@app.command("grant", help=say("help_access_grant"))
def grant(
    actions: Annotated[list[str], typer.Option("--action", "-a", help=say("help_ticket_access_action"))],
    user: Annotated[str | None, typer.Option("--user", help=say("help_access_user"))] = None,
    group: Annotated[str | None, typer.Option("--group", help=say("help_access_group"))] = None,
    datasource: Annotated[
        str | None, typer.Option("--datasource", help=say("help_access_datasource"))
    ] = None,
    environment: Annotated[
        str | None, typer.Option("--environment", "-e", help=say("help_access_environment"))
    ] = None,
    everything: Annotated[bool, typer.Option("--everything", help=say("help_access_everything"))] = False,
    database: Pattern = "*",
    schema: Annotated[str, typer.Option("--schema", help=say("help_access_schema"))] = "*",
    table: Annotated[str, typer.Option("--table", help=say("help_access_table"))] = "*",
    until: Annotated[str | None, typer.Option("--until", help=say("help_ticket_access_until"))] = None,
    reason: Annotated[str, typer.Option("--reason", "-r", help=say("help_access_reason"))] = "",
    json: Json = False,
) -> None:
    if (user is None) == (group is None):
        raise usage("user_or_group")
    if [datasource is not None, environment is not None, everything].count(True) != 1:
        raise usage("one_scope")
    end = moment(until, "--until", past=False)
    with connect() as client:
        body = {
            "username": user,
            "group": group,
            "actions": actions,
            "datasource_id": finding.datasource_id(client, datasource),
            "environment": environment,
            "database": database,
            "schema": schema,
            "table": table,
            "valid_until": end.isoformat() if end else None,
            "reason": reason,
        }
        made = client.create("/grants", Grant, body)
    emit(made, json, lambda item: done("access_granted", id=item.id, subject=user or group))


@app.command("revoke", help=say("help_access_revoke"))
def revoke(
    grant_id: Annotated[int, typer.Argument(metavar="ID", help=say("help_access_id"))],
    yes: Yes = False,
    json: Json = False,
) -> None:
    sure(say("ask_revoke_access", id=grant_id), yes=yes)
    with connect() as client:
        ended = client.post(f"/grants/{grant_id}/revoke", Grant)
    emit(ended, json, lambda item: done("access_revoked", id=item.id))


# ---------------------------------------------------------------- tokens


@tokens.command("list", help=say("help_token_list"))
def list_tokens(json: Json = False) -> None:
    with connect() as client:
        emit(client.get("/tokens", list[Token]), json, _show_tokens)


def _show_tokens(items: list[Token]) -> None:
    show_table(
        ["id", "name", "prefix", "created", "last_used", "expires", "revoked"],
        [
            (
                item.id,
                item.name,
                item.prefix + "…",
                item.created_at,
                item.last_used_at,
                item.expires_at,
                item.revoked_at,
            )
            for item in items
        ],
    )


@tokens.command("create", help=say("help_token_create"))
def create_token(
    name: Annotated[str, typer.Argument(help=say("help_token_name"))],
    days: Annotated[int, typer.Option("--days", min=1, max=365, help=say("help_login_days"))] = 90,
    json: Json = False,
) -> None:
    with connect() as client:
        made = client.create("/tokens", NewToken, {"name": name, "days": days})
    emit(made, json, lambda item: done("token_once", name=item.name, token=item.token))


@tokens.command("revoke", help=say("help_token_revoke"))
def revoke_token(
    token_id: Annotated[int, typer.Argument(metavar="ID", help=say("help_token_id"))], yes: Yes = False
) -> None:
    sure(say("ask_revoke_token", id=token_id), yes=yes)
    with connect() as client:
        client.delete(f"/tokens/{token_id}")
    done("token_revoked", id=token_id)
