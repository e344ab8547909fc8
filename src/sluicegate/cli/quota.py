"""`sluicegate dingtalk quota`: the month's DingTalk calls and events."""

from __future__ import annotations

from typing import Annotated

import typer

from sluicegate.cli.client import connect
from sluicegate.cli.language import say
from sluicegate.cli.options import Json, application
from sluicegate.cli.output import emit, show_pairs
from sluicegate.cli.shapes import Quota

quota = application("quota")


@quota.command("show", help=say("help_quota_show"))
def show_quota(json: Json = False) -> None:
    with connect() as client:
        emit(client.get("/dingtalk/quota", Quota), json, _show)


@quota.command("set", help=say("help_quota_set"))
def set_quota(
    plan: Annotated[str, typer.Argument(metavar="standard|pro|own", help=say("help_quota_plan"))],
    calls: Annotated[int, typer.Option("--calls", min=0, help=say("help_quota_calls"))] = 0,
    events: Annotated[int, typer.Option("--events", min=0, help=say("help_quota_events"))] = 0,
    json: Json = False,
) -> None:
    body = {"plan": plan, "calls": calls, "events": events}
    with connect() as client:
        emit(client.put("/dingtalk/quota", Quota, body), json, _show)


def _show(item: Quota) -> None:
    show_pairs(
        [
            ("month", item.month),
            ("plan", item.plan),
            ("calls", f"{item.calls} / {item.call_limit}"),
            ("events", f"{item.events} / {item.event_limit}"),
            ("status", item.status),
        ]
    )
