"""The command line.

A command's module is imported when that command runs, so that `review` and `--help` start quickly.
"""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import version
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from sluicegate.cli.language import language, say, use
from sluicegate.core.errors import ConfigurationError, SluicegateError
from sluicegate.core.messages import Language, describe

# Each command: where it is. A function is one command, a Typer application has commands of its own.
# Its line in --help is the catalogue's entry `help_<name>`.
COMMANDS = {
    "up": "sluicegate.cli.service:up",
    "web": "sluicegate.cli.service:web",
    "worker": "sluicegate.cli.service:worker",
    "listener": "sluicegate.cli.service:listener",
    "migrate": "sluicegate.cli.service:migrate",
    "sandbox": "sluicegate.cli.service:sandbox",
    "review": "sluicegate.cli.review:review",
    "demo": "sluicegate.cli.demo.command:demo",
    "login": "sluicegate.cli.login:login",
    "logout": "sluicegate.cli.login:logout",
    "whoami": "sluicegate.cli.login:whoami",
    "ticket": "sluicegate.cli.ticket:app",
    "datasource": "sluicegate.cli.datasource:app",
    "environment": "sluicegate.cli.datasource:environments",
    "user": "sluicegate.cli.user:app",
    "access": "sluicegate.cli.access:app",
    "token": "sluicegate.cli.access:tokens",
    "policy": "sluicegate.cli.policy:app",
    "rule": "sluicegate.cli.rule:app",
    "flow": "sluicegate.cli.settings:flows",
    "dingtalk": "sluicegate.cli.settings:dingtalk",
    "notification": "sluicegate.cli.notification:app",
    "audit": "sluicegate.cli.settings:audit",
    "doctor": "sluicegate.cli.doctor:doctor",
    "admin": "sluicegate.cli.admin:app",
}

# Commands whose arguments are another program's.
_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


class _Commands(TyperGroup):
    """Loads a command only to run it."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """What --help shows of it."""
        return TyperCommand(cmd_name, help=say(f"help_{cmd_name}")) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, found, rest = super().resolve_command(ctx, args)
        return name, found if found is None or name is None else _load(name), rest


def _load(name: str) -> Any:
    module, _, attribute = COMMANDS[name].partition(":")
    target = getattr(importlib.import_module(module), attribute)
    if isinstance(target, typer.Typer):
        command: Any = get_group(target)
    else:
        single = typer.Typer(add_completion=False)
        settings = _PASSED_ON if getattr(target, "passes_arguments_on", False) else None
        single.command(name, context_settings=settings, help=say(f"help_{name}"))(target)
        command = get_command(single)
    command.name = name
    command.help = command.help or say(f"help_{name}")
    return command


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"sluicegate {version('sluicegate')}")
        raise typer.Exit


def _set_language(value: Language | None) -> Language | None:
    if value is not None:
        use(value)
    return value


def _root() -> typer.Typer:
    root = typer.Typer(cls=_Commands, add_completion=False, no_args_is_help=True, help=say("help_program"))

    @root.callback()
    def options(
        _language: Annotated[
            Language | None,
            typer.Option("--language", help=say("help_language"), callback=_set_language, is_eager=True),
        ] = None,
        _version: Annotated[
            bool, typer.Option("--version", help=say("help_version"), callback=_show_version, is_eager=True)
        ] = False,
    ) -> None:
        """Options before the command; their callbacks do the work."""

    return root


def main() -> NoReturn:
    """Run the command line.

    Exit status: 0 done, 1 not done, 2 used or configured wrongly. An expected error is one sentence on
    standard error; an unexpected one shows its traceback.
    """
    try:
        get_group(_root())()
    except SluicegateError as error:
        print(describe(error, language()), file=sys.stderr)
        sys.exit(2 if isinstance(error, ConfigurationError) else 1)
    sys.exit(0)


if __name__ == "__main__":
    main()
