"""Signing in to a service and out again."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from sluicegate.cli import credentials
from sluicegate.cli.ask import interactive, secret, usage
from sluicegate.cli.client import ApiError, Client, connect
from sluicegate.cli.credentials import PASSWORD_VARIABLE, Credentials
from sluicegate.cli.language import say
from sluicegate.cli.options import Json
from sluicegate.cli.output import done, emit, notice, show_pairs
from sluicegate.cli.shapes import Me, NewToken
from sluicegate.core.errors import NotAuthenticated

_LOCAL = ("http://127.0.0.1", "http://localhost", "http://[::1]")


def login(
    url: Annotated[str | None, typer.Option("--url", help=say("help_login_url"))] = None,
    username: Annotated[str | None, typer.Option("--username", "-u", help=say("help_login_username"))] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=365, help=say("help_login_days"))] = 90,
    name: Annotated[str, typer.Option("--name", help=say("help_token_name"))] = "cli",
) -> None:
    address = credentials.service_url(url)
    if address.startswith("http://") and not address.startswith(_LOCAL):
        notice("login_unencrypted", url=address)
    if username is None and not interactive():
        raise usage("login_username_needed")
    who: str = username or typer.prompt(say("prompt_username"), err=True)
    password = secret("prompt_password", variable=PASSWORD_VARIABLE)
    if password is None and not interactive():
        password = sys.stdin.readline().removesuffix("\n")
    if not password:
        raise usage("login_password_needed", variable=PASSWORD_VARIABLE)
    body = {"username": who, "password": password, "name": name, "days": days}
    with Client(address) as client:
        token = client.post("/session/token", NewToken, body)
    credentials.store(Credentials(address, token.token, token.id, who))
    done("login_done", url=address, username=who, path=str(credentials.path()))


def logout() -> None:
    stored = credentials.load()
    if stored is None:
        raise NotAuthenticated("not_logged_in", url=credentials.service_url())
    try:
        with Client(stored.url, stored.token) as client:
            client.delete(f"/tokens/{stored.token_id}")
    except ApiError as error:
        if error.http_status not in (401, 404):  # it has ended already
            raise
    credentials.forget()
    done("logout_done", url=stored.url)


def whoami(json: Json = False) -> None:
    with connect() as client:
        emit(client.get("/me", Me), json, lambda me: _show(me, client.url))


def _show(me: Me, url: str) -> None:
    show_pairs(
        [
            ("service", url),
            ("username", me.username),
            ("name", me.name),
            ("roles", me.roles),
            ("groups", me.groups),
            ("permissions", me.permissions),
        ]
    )
