"""Writes docs/reference/cli.md from the commands themselves.

Usage: python scripts/cli_page.py [--check]    --check: only compare; exit 1 when the page is out of date
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from sluicegate.cli.language import use

use("en")  # before the commands are imported: their help is text by then

from sluicegate.cli.language import say  # noqa: E402
from sluicegate.cli.main import COMMANDS, _load  # noqa: E402

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "cli.md"

HEAD = """\
# Command line

<!-- Written by scripts/cli_page.py from the commands; change their help in core/catalogue, not this. -->

`sluicegate [--language zh|en] COMMAND …`. Exit status: 0 done, 1 not done (one sentence on standard error
says why), 2 used or configured wrongly. `--json` writes the service's own answer to standard output.

| variable | meaning |
|---|---|
| `SLUICEGATE_URL` | Address of the service; otherwise the one that `login` stored. |
| `SLUICEGATE_TOKEN` | Token to use instead of the stored one. |
| `SLUICEGATE_PASSWORD` | Password for `login`. |

`login` keeps address and token in `$XDG_CONFIG_HOME/sluicegate/credentials.json` (`~/.config` where that
variable isn't set), readable by its owner alone. A stored token is sent to the service that it came from and
to no other.
"""


def page() -> str:
    return HEAD + "".join(line for name in COMMANDS for line in _section(name))


def _section(name: str) -> Iterator[str]:
    command = _load(name)
    commands: dict[str, Any] = getattr(command, "commands", {})
    yield f"\n## sluicegate {name}\n\n{say(f'help_{name}')}\n"
    if not commands:
        yield from _command(f"sluicegate {name}", command)
    for sub, found in commands.items():
        yield f"\n### sluicegate {name} {sub}\n\n{found.help}\n"
        yield from _command(f"sluicegate {name} {sub}", found)


def _command(path: str, command: Any) -> Iterator[str]:
    shown = [each for each in command.params if each.name != "help" and not getattr(each, "hidden", False)]
    arguments = [each for each in shown if each.param_type_name == "argument"]
    usage = " ".join([path, *(["[OPTIONS]"] if len(shown) > len(arguments) else []), *map(_place, arguments)])
    yield f"\n```\n{usage}\n```\n"
    if shown:
        yield "\n| | |\n|---|---|\n"
        yield from map(_row, shown)


def _place(argument: Any) -> str:
    name = argument.metavar or str(argument.name).upper()
    return name if argument.required else f"[{name}]"


def _row(param: Any) -> str:
    if param.param_type_name == "argument":
        names = [param.metavar or str(param.name).upper()]
    else:
        names = [*param.opts, *param.secondary_opts]
    notes = ["Required."] if param.required and param.param_type_name == "option" else []
    default = param.default.value if isinstance(param.default, Enum) else param.default
    if isinstance(default, str | int | float) and not isinstance(default, bool) and default != "":
        notes.append(f"Default: `{default}`.")
    shown = ", ".join(f"`{name}`" for name in names)
    text = " ".join([str(getattr(param, "help", "") or ""), *notes]).strip()
    return f"| {shown} | {text} |\n".replace("any|all", r"any\|all").replace("FILE…|-", r"FILE…\|-")


def main() -> int:
    wanted = page()
    if "--check" in sys.argv[1:]:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == wanted:
            return 0
        sys.stderr.write(f"{PAGE.name} is out of date: run scripts/cli_page.py\n")
        return 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
