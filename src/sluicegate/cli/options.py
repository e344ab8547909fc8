"""Options that many commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli.language import say

Json = Annotated[bool, typer.Option("--json", help=say("help_json"))]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=say("help_yes"))]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help=say("help_password_stdin"))]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help=say("help_password_file"), metavar="PATH")
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help=say("help_limit"))]


def application(name: str) -> typer.Typer:
    """A command that has commands; its line in --help is ``help_<name>``."""
    return typer.Typer(
        name=name,
        help=say(f"help_{name}"),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # Rich cuts long lines of Chinese off
    )
