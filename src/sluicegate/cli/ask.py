"""Questions to the person at the terminal: secrets, and the last word before something dangerous."""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer
from rich.text import Text

from sluicegate.cli.language import say
from sluicegate.cli.output import console
from sluicegate.core.errors import ConfigurationError

_AGO = re.compile(r"(\d+)([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def interactive() -> bool:
    return sys.stdin.isatty()


def usage(code: str, **params: object) -> typer.BadParameter:
    """The error of a command that was used wrongly: exit status 2."""
    return typer.BadParameter(say(code, **params))


def secret(
    prompt: str, *, from_stdin: bool = False, file: Path | None = None, variable: str | None = None
) -> str | None:
    """A secret from the first of: standard input, a file, an environment variable, the terminal.

    Returns:
        None when nobody gave one: no source was named and there is no terminal to ask at.
    """
    if from_stdin and file is not None:
        raise usage("one_password_source")
    if from_stdin:
        return _first_line(sys.stdin.read())
    if file is not None:
        return _first_line(_read(file))
    if variable and os.environ.get(variable):
        return os.environ[variable]
    if not interactive():
        return None
    answer: str = typer.prompt(say(prompt), hide_input=True, default="", show_default=False, err=True)
    return answer or None


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0].removesuffix("\r")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("file_unreadable", path=str(file), problem=str(error)) from error


def sure(question: str, *, yes: bool) -> None:
    """Ask once, unless ``--yes`` was given.

    Raises:
        typer.BadParameter: there is nobody to ask.
        typer.Exit: the answer was no (status 1).
    """
    if yes:
        return
    if not interactive():
        raise usage("yes_needed")
    if not typer.confirm(question, err=True):
        console(stderr=True).print(Text(say("nothing_done")))
        raise typer.Exit(1)


def moment(value: str | None, option: str, *, past: bool = True) -> datetime | None:
    """A time as people write it: ``2026-11-23``, ``2026-11-23T18:30``, or ``7d`` (ago, or from now on)."""
    if value is None:
        return None
    relative = _AGO.fullmatch(value)
    if relative:
        span = timedelta(**{_UNITS[relative[2]]: int(relative[1])})
        return datetime.now(UTC) - span if past else datetime.now(UTC) + span
    try:
        return datetime.fromisoformat(value).astimezone()
    except ValueError as error:
        raise usage("time_invalid", option=option, value=value) from error
