"""What the demo prints: a line for each thing that really happened, and a table where rows are shown."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sluicegate.cli.demo.failing import require
from sluicegate.cli.language import say
from sluicegate.cli.output import console, visible

Cell = str | int | Text | None
_INDENT = (0, 0, 0, 4)


def chapter(code: str, **params: object) -> None:
    console().print(Text("\n▌ " + _sentence(code, params), "bold cyan"))


def done(code: str, **params: object) -> None:
    """It happened, and that was checked."""
    console().print(Text.assemble(("  ✓ ", "bold green"), _sentence(code, params)), soft_wrap=True)


def proved(code: str, expected: object, found: object, **params: object) -> None:
    """``done``, if both are equal.

    Raises:
        StepFailed: they aren't.
    """
    require(code, expected, found, **params)
    done(code, **params)


def note(code: str, **params: object) -> None:
    """Something worth knowing that isn't a step."""
    console().print(Text.assemble(("  · ", "dim"), _sentence(code, params)), soft_wrap=True)


def plain(code: str, **params: object) -> None:
    console().print(Text(_sentence(code, params)), soft_wrap=True)


def failed(heading: str, expected: str, found: str, log: str) -> None:
    """A step that did not happen, and what the service said last."""
    out = console(stderr=True)
    out.print(Text.assemble(("\n  ✗ ", "bold red"), (heading, "bold")), soft_wrap=True)
    for code, text in (("demo_expected", expected), ("demo_found", found), ("demo_log", log)):
        out.print(Text("    " + say(code), "bold"))
        out.print(Padding(Text(visible(text)), (0, 0, 0, 6)))


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """A table with these headings, already in the reader's language."""
    shown = Table(box=box.SIMPLE, pad_edge=False, header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*map(_cell, row))
    console().print(Padding(shown, _INDENT, expand=False))


def pairs(rows: Sequence[tuple[str, Cell]]) -> None:
    """Names and what belongs to them."""
    shown = Table.grid(padding=(0, 3, 0, 0))
    shown.add_column(style="bold", no_wrap=True)
    shown.add_column(overflow="fold")
    for name, value in rows:
        shown.add_row(Text(visible(name)), _cell(value))
    console().print(Padding(shown, _INDENT, expand=False))


def _cell(value: Cell) -> Text:
    if isinstance(value, Text):
        return value
    return Text("" if value is None else visible(str(value)))


def _sentence(code: str, params: dict[str, object]) -> str:
    return say(code, **{name: visible(str(value)) for name, value in params.items()})
