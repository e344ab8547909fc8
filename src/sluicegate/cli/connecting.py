"""`sluicegate dingtalk connect`: the app's credentials are tried, the result is shown, then they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli.ask import secret, sure, usage
from sluicegate.cli.client import connect
from sluicegate.cli.doctor import show_checks
from sluicegate.cli.language import say
from sluicegate.cli.options import Json, Yes
from sluicegate.cli.output import done, emit, notice
from sluicegate.cli.shapes import DingTalk, Preview


def connect_dingtalk(
    app_key: Annotated[str, typer.Option("--app-key", help=say("help_dingtalk_app_key"))],
    corp_id: Annotated[str, typer.Option("--corp-id", help=say("help_dingtalk_corp_id"))],
    agent_id: Annotated[str, typer.Option("--agent-id", help=say("help_dingtalk_agent_id"))] = "",
    secret_stdin: Annotated[
        bool, typer.Option("--secret-stdin", help=say("help_dingtalk_secret_stdin"))
    ] = False,
    secret_file: Annotated[
        Path | None, typer.Option("--secret-file", metavar="PATH", help=say("help_dingtalk_secret_file"))
    ] = None,
    check_only: Annotated[bool, typer.Option("--check-only", help=say("help_dingtalk_check_only"))] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    app_secret = secret("prompt_app_secret", from_stdin=secret_stdin, file=secret_file)
    if not app_secret:
        raise usage("app_secret_needed")
    body = {"app_key": app_key, "app_secret": app_secret, "corp_id": corp_id, "agent_id": agent_id}
    with connect() as client:
        found = client.post("/dingtalk/check", Preview, body)
        keep = bool(found.confirmation) and not check_only
        if not json:
            show_checks(found.checks)
        if keep:
            sure(say("ask_connect"), yes=yes)
            client.put("/dingtalk", DingTalk, body | {"confirmation": found.confirmation})
    if json:
        emit({"connected": keep, "checks": found.checks}, json, lambda _: None)
    elif keep:
        done("dingtalk_connected")
    elif not found.confirmation:
        notice("dingtalk_connection_prevented")
    if not found.confirmation:
        raise typer.Exit(1)
