"""`sluicegate policy`: what the rules say, and where."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli.ask import sure, usage
from sluicegate.cli.client import connect
from sluicegate.cli.finding import quoted
from sluicegate.cli.language import say
from sluicegate.cli.options import Json, Yes, application
from sluicegate.cli.output import done, emit, show_table
from sluicegate.cli.shapes import Shape
from sluicegate.core.errors import InvalidInput

app = application("policy")

Name = Annotated[str, typer.Argument(metavar="NAME", help=say("help_policy_name"))]


class Policy(Shape):
    name: str
    enabled: bool
    revision: int
    environments: list[str]
    datasources: list[str]
    updated_by: str
    updated_at: datetime


@app.command("list", help=say("help_policy_list"))
def list_(json: Json = False) -> None:
    with connect() as client:
        emit(client.get("/policies", list[Policy]), json, _show)


def _show(items: list[Policy]) -> None:
    show_table(
        ["name", "enabled", "revision", "environments", "datasources", "updated_by", "updated"],
        [
            (
                item.name,
                item.enabled,
                item.revision,
                item.environments,
                item.datasources,
                item.updated_by,
                item.updated_at,
            )
            for item in items
        ],
    )


@app.command("show", help=say("help_policy_show"))
def show(name: Name, json: Json = False) -> None:
    with connect() as client:
        if json:
            emit(client.get(f"/policies/{quoted(name)}", Policy), json, lambda _: None)
        else:
            _write(client.get_bytes(f"/policies/{quoted(name)}/export"))


@app.command("export", help=say("help_policy_export"))
def export(
    name: Name,
    output: Annotated[Path | None, typer.Option("--output", "-o", help=say("help_policy_output"))] = None,
) -> None:
    with connect() as client:
        content = client.get_bytes(f"/policies/{quoted(name)}/export")
    if output is None:
        _write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        problem = error.strerror or str(error)
        raise InvalidInput("policy_file_unwritable", file=str(output), problem=problem) from error
    done("policy_exported", name=name, file=str(output))


def _write(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


@app.command("import", help=say("help_policy_import"))
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help=say("help_policy_file"))] = "",
    preset: Annotated[str, typer.Option("--preset", help=say("help_policy_preset"))] = "",
    json: Json = False,
) -> None:
    if bool(file) == bool(preset):
        raise usage("policy_import_source")
    body = {"preset": preset} if preset else {"yaml": read(file)}
    with connect() as client:
        made = client.create("/policies/import", Policy, body)
    emit(made, json, lambda item: done("policy_saved", name=item.name, revision=item.revision))


def read(file: str) -> str:
    """A policy file's text; ``-`` is standard input.

    Raises:
        InvalidInput: ``review_file_unreadable``.
    """
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return content.decode()
    except OSError as error:
        problem = error.strerror or str(error)
        raise InvalidInput("review_file_unreadable", file=file, problem=problem) from error
    except UnicodeDecodeError as error:
        raise InvalidInput("review_file_unreadable", file=file, problem="not UTF-8") from error


@app.command("delete", help=say("help_policy_delete"))
def delete(name: Name, yes: Yes = False) -> None:
    sure(say("ask_delete_policy", name=name), yes=yes)
    with connect() as client:
        client.delete(f"/policies/{quoted(name)}")
    done("policy_deleted", name=name)
