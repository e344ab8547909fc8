"""`sluicegate dingtalk sync`, `directory` and `departments`: DingTalk's people beside ours."""

from __future__ import annotations

from typing import Annotated

import typer

from sluicegate.cli.client import connect
from sluicegate.cli.language import say
from sluicegate.cli.options import Json
from sluicegate.cli.output import emit, show_pairs, show_table
from sluicegate.cli.shapes import Department, Directory

_PATH = "/dingtalk/directory"


def sync(json: Json = False) -> None:
    with connect() as client:
        emit(client.post(f"{_PATH}/sync", Directory), json, _show)


def directory(
    hourly: Annotated[
        bool | None, typer.Option("--hourly/--no-hourly", help=say("help_directory_hourly"))
    ] = None,
    end_leavers: Annotated[
        bool | None, typer.Option("--end-leavers/--keep-leavers", help=say("help_directory_end_leavers"))
    ] = None,
    json: Json = False,
) -> None:
    with connect() as client:
        found = client.get(_PATH, Directory)
        if hourly is not None or end_leavers is not None:
            body = {
                "sync_hourly": found.sync_hourly if hourly is None else hourly,
                "end_leavers": found.end_leavers if end_leavers is None else end_leavers,
            }
            found = client.put(_PATH, Directory, body)
        emit(found, json, _show)


def departments(
    choose: Annotated[
        int | None, typer.Option("--choose", metavar="ID", help=say("help_departments_choose"))
    ] = None,
    json: Json = False,
) -> None:
    path = "/dingtalk/departments"
    with connect() as client:
        if choose is None:
            found = client.get(path, list[Department])
        else:
            found = client.put(path, list[Department], {"department_id": choose})
        emit(found, json, _show_departments)


def _show(item: Directory) -> None:
    show_pairs(
        [
            ("synced_at", item.synced_at),
            ("sync_hourly", item.sync_hourly),
            ("end_leavers", item.end_leavers),
            ("departments", str(item.departments)),
            ("people", str(item.people)),
            ("linked", ", ".join(item.linked)),
            ("left", ", ".join(item.left)),
            ("ended", ", ".join(item.ended)),
            ("conflicts", "\n".join(found.text for found in item.conflicts)),
        ]
    )


def _show_departments(items: list[Department]) -> None:
    show_table(
        ["id", "name", "default"],
        [(str(item.department_id), item.name, item.default) for item in items],
    )
