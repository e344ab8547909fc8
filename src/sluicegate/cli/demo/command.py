"""The command: a directory, everything in it, the tour, and nothing left."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from sluicegate.cli.demo import screen, tour
from sluicegate.cli.demo.cast import Person
from sluicegate.cli.demo.failing import StepFailed
from sluicegate.cli.demo.installation import Installation, installed, without_proxy
from sluicegate.cli.language import say

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Stopped(BaseException):
    """A signal asked us to end; like KeyboardInterrupt it is nobody's to catch on the way."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def demo(
    once: Annotated[bool, typer.Option("--once", help=say("help_demo_once"))] = False,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help=say("help_demo_port"))] = None,
) -> None:
    # The tour talks to this machine alone; a proxy of the environment's would not find it.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = without_proxy()
    finished = False
    try:
        for number in _SIGNALS:
            signal.signal(number, _stop)
        with _directory() as directory:
            screen.chapter("demo_chapter_start", directory=directory)
            with installed(directory, port) as installation:
                people = tour.run(installation)
                finished = people is not None
                if people is not None and not once:
                    _stay(installation, people)
    except StepFailed as step:
        screen.failed(say("demo_step_failed"), step.expected, step.found, "")
        raise typer.Exit(1) from step
    except _Stopped as stopped:
        # Told to stop while it stood there for people to look at: that is how it ends.
        raise typer.Exit(0 if finished else 128 + stopped.number) from stopped
    raise typer.Exit(0 if finished else 1)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    # Once is enough: what follows is the orderly end.
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise _Stopped(number)


@contextmanager
def _directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sluicegate-demo-") as name:
        yield Path(name).resolve()


def _stay(installation: Installation, people: tuple[Person, ...]) -> None:
    """Leave everything running until told to stop."""
    lead = people[2]
    screen.chapter("demo_stays")
    screen.pairs(
        [
            (say("demo_address_console"), installation.url),
            (say("demo_address_api"), f"{installation.url}/api/v1/docs"),
            (say("demo_address_approver"), installation.company.page(lead.employee)),
        ]
    )
    screen.table(
        [say(column) for column in ("demo_column_who", "demo_column_login", "demo_column_password")],
        [
            (f"{person.employee.name} ({say(person.role)})", person.username, person.password)
            for person in people
        ],
    )
    screen.plain("demo_how_to_stop")
    status = installation.service.process.wait()
    raise StepFailed(
        say("demo_process_runs", name=installation.service.name),
        f"{say('demo_process_ended', status=status)}\n{installation.service.last_lines()}",
    )
