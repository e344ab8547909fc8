"""What the commands print: short tables for people, the service's own JSON for programs."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sluicegate.cli.language import say

T = TypeVar("T")
Cell = str | int | bool | datetime | Text | None | Sequence[str]

_WIDTH_OF_A_PIPE = 200
_STYLES = {
    "succeeded": "green",
    "applied": "green",
    "agree": "green",
    "allow": "green",
    "pass": "green",
    "flag": "yellow",
    "warn": "yellow",
    "awaiting_approval": "yellow",
    "approved": "cyan",
    "scheduled": "cyan",
    "executing": "cyan",
    "running": "cyan",
    "deny": "bold red",
    "fail": "bold red",
    "failed": "bold red",
    "refuse": "bold red",
    "rejected": "bold red",
    "review_failed": "bold red",
    "partially_succeeded": "bold red",
    "not_applied": "bold red",
    "unknown": "bold red",
    "needs_attention": "bold red",
}


def console(*, stderr: bool = False) -> Console:
    """A new one, because tests and pagers change the streams."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr,
        width=None if stream.isatty() else _WIDTH_OF_A_PIPE,
        highlight=False,
        markup=False,
        emoji=False,
    )


def emit(value: T, as_json: bool, render: Callable[[T], None]) -> None:
    """Show it the one way or the other."""
    if as_json:
        print(json.dumps(dump(value), ensure_ascii=False, indent=2))
    else:
        render(value)


def emit_line(value: object) -> None:
    """One JSON object on a line of its own, at once."""
    print(json.dumps(dump(value), ensure_ascii=False), flush=True)


def dump(value: object) -> object:
    """Plain values for JSON, with the fields that no command reads."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, dict):
        return {name: dump(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [dump(item) for item in value]
    return value


def visible(text: str) -> str:
    """Other people's text made safe for a terminal: characters that move the cursor, reorder what follows
    or can't be seen are spelt out, so that what an approver reads is what there is."""
    return "".join(char if _plain(char) else _spelt(char) for char in text)


def _plain(char: str) -> bool:
    return char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _spelt(char: str) -> str:
    if char == "\r":
        return "\\r"
    return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"


def styled(code: str, text: str | None = None) -> Text:
    """A state, verdict or outcome in its colour."""
    return Text(visible(text or code), _STYLES.get(code, ""))


def word(prefix: str, code: str) -> Text:
    """The catalogue's word for one of our own codes; the code itself when it is new."""
    key = f"{prefix}_{code}"
    known = say(key)
    return styled(code, code if known == key else known)


def when(moment: datetime | None) -> str:
    """In the time zone of whoever reads."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def cell(value: Cell) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, bool):
        return Text(say("word_yes") if value else say("word_no"))
    if isinstance(value, datetime):
        return Text(when(value))
    if value is None:
        return Text("")
    if isinstance(value, int):
        return Text(f"{value:,}", justify="right")
    return Text(visible(value if isinstance(value, str) else ", ".join(value)))


def show_table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """A table; ``columns`` are catalogue codes without their ``column_``."""
    if not rows:
        console().print(say("nothing_found"))
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(say(f"column_{column}"), overflow="fold")
    for row in rows:
        table.add_row(*map(cell, row))
    console().print(table)


def show_pairs(pairs: Sequence[tuple[str, Cell]]) -> None:
    """What is known of one thing, a line each; what is empty is left out."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        text = cell(value)
        if text.plain:
            text.justify = "left"
            table.add_row(say(f"column_{name}"), text)
    console().print(table)


def show_lines(lines: Sequence[str]) -> None:
    """Names, one a line."""
    for line in lines:
        print(visible(line))


def heading(code: str, **params: object) -> None:
    console().print(Text("\n" + say(code, **params), "bold"))


def done(code: str, **params: object) -> None:
    """What was done, in a sentence."""
    safe = {name: visible(value) if isinstance(value, str) else value for name, value in params.items()}
    console().print(Text(say(code, **safe)), soft_wrap=True)


def notice(code: str, **params: object) -> None:
    """The same on standard error, where it isn't taken for the result."""
    safe = {name: visible(value) if isinstance(value, str) else value for name, value in params.items()}
    console(stderr=True).print(Text(say(code, **safe)), soft_wrap=True)
