"""Following a ticket as it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from sluicegate.cli.client import ApiError, Client, ForeignAnswer, connect
from sluicegate.cli.finding import ticket_number
from sluicegate.cli.language import say
from sluicegate.cli.options import Json
from sluicegate.cli.output import console, emit_line, visible, word
from sluicegate.cli.shapes import Snapshot, Ticket
from sluicegate.core.errors import Unavailable

# Nothing goes on from there unless somebody does something about it.
STUCK = frozenset({"review_failed", "needs_attention"})
_SILENCE_SECONDS = 45.0  # the service says something every 15
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
_FAILURES_BORNE = 20


def watch(
    number: Annotated[str, typer.Argument(help=say("help_ticket_number"))],
    json: Json = False,
) -> None:
    with connect() as client:
        code = ticket_number(number)
        follow(client, code, json=json)


def follow(client: Client, number: str, *, json: bool = False) -> None:
    """Show the ticket's progress to its end.

    Raises:
        typer.Exit: status 1 when it ended otherwise than well, or waits for somebody to mend it.
    """
    with _shown(json) as show:
        state = _until(client, number, lambda snapshot: snapshot.final or snapshot.state in STUCK, show)
    if state == "succeeded":
        return
    if not json:
        _explain(client.get(f"/tickets/{number}", Ticket))
    raise typer.Exit(1)


def until_reviewed(client: Client, number: str) -> str:
    """Wait, silently, for the end of the review; gives the state then."""
    return _until(
        client, number, lambda snapshot: snapshot.state not in ("draft", "reviewing"), lambda _: None
    )


def _explain(ticket: Ticket) -> None:
    if ticket.reason is not None:
        console().print(visible(ticket.reason.text))
    for target in ticket.targets:
        if target.execution is not None and target.execution.error is not None:
            console().print(visible(f"{target.datasource.name}: {target.execution.error.text}"))


def _until(
    client: Client, number: str, over: Callable[[Snapshot], bool], show: Callable[[Snapshot], None]
) -> str:
    """Read events until ``over``, taking up a broken stream again.

    Returns:
        The state then.

    Raises:
        Unavailable: the service stayed away.
    """
    pause, failures = _FIRST_PAUSE, 0
    while True:
        try:
            for snapshot in _events(client, number):
                pause, failures = _FIRST_PAUSE, 0
                show(snapshot)
                if over(snapshot):
                    return snapshot.state
        except Unavailable:
            failures += 1
            if failures > _FAILURES_BORNE:
                raise
        except ApiError as error:
            if error.http_status < 500:
                raise
            failures += 1
            if failures > _FAILURES_BORNE:
                raise
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _events(client: Client, number: str) -> Iterator[Snapshot]:
    """The ``data`` of each event (HTML standard, 9.2: server-sent events). Ours is always one line."""
    path = f"/tickets/{number}/events"
    with client.stream(path, _SILENCE_SECONDS) as lines:
        for line in lines:
            name, _, value = line.partition(":")
            if name != "data":
                continue
            try:
                yield Snapshot.model_validate_json(value)
            except ValidationError as error:
                first = error.errors()[0]
                raise ForeignAnswer(
                    "answer_unexpected", path=path, field=str(first["loc"]), problem=first["msg"]
                ) from error


@contextmanager
def _shown(json: bool) -> Iterator[Callable[[Snapshot], None]]:
    """How to show a snapshot: JSON lines, bars at a terminal, otherwise a line per change."""
    if json:
        yield emit_line
    elif console().is_terminal:
        with _Bars() as bars:
            yield bars.show
    else:
        yield _Lines().show


class _Lines:
    def __init__(self) -> None:
        self._last = ""

    def show(self, snapshot: Snapshot) -> None:
        counts = "  ".join(f"#{item.position} {item.done}/{item.total}" for item in snapshot.targets)
        line = f"{snapshot.number}  {word('state', snapshot.state).plain}  {counts}".rstrip()
        if line != self._last:
            print(line, flush=True)
        self._last = line


class _Bars:
    """One bar per target."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console(),
        )
        self._state: TaskID | None = None
        self._bars: dict[int, TaskID] = {}

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, snapshot: Snapshot) -> None:
        if self._state is None:
            self._state = self._progress.add_task("", total=None)
        state = f"{snapshot.number}  {word('state', snapshot.state).plain}"
        self._progress.update(self._state, description=state, total=1 if snapshot.final else None)
        if snapshot.final:
            self._progress.update(self._state, completed=1)
        for item in snapshot.targets:
            if item.position not in self._bars:
                self._bars[item.position] = self._progress.add_task("", total=item.total)
            self._progress.update(
                self._bars[item.position],
                description=f"  #{item.position}  {word('execution_state', item.state).plain}",
                completed=item.done,
                total=item.total,
            )
