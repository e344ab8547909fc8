"""Processes that live as long as the demo does, and not a moment longer."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sluicegate.cli.demo.failing import StepFailed
from sluicegate.cli.language import say
from sluicegate.core.parent import die_with
from sluicegate.project.postgres_install import Account, as_account

T = TypeVar("T")

_START_SECONDS = 120.0
_POLL_SECONDS = 0.02
_LAST_LINES = 15


class Child:
    """One process with its output in two files of ``directory``, ``<name>.out`` and ``<name>.err``."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], directory: Path) -> None:
        self.name = name
        self.process = process
        self._out, self._err = _files(directory, name)

    def says(self, pattern: str) -> str:
        """Wait until its standard output matches; the first group of the match."""

        def found() -> re.Match[str] | None:
            return re.search(pattern, self._out.read_text("utf-8", "replace"), re.MULTILINE)

        return self.until(found)[1]

    def until(self, condition: Callable[[], T | None]) -> T:
        """Wait for what the process brings about.

        Raises:
            StepFailed: it ended, or took too long.
        """
        deadline = time.monotonic() + _START_SECONDS
        while (found := condition()) is None:
            status = self.process.poll()
            if status is not None:
                raise StepFailed(
                    say("demo_process_runs", name=self.name),
                    f"{say('demo_process_ended', status=status)}\n{self.last_lines()}",
                )
            if time.monotonic() > deadline:
                raise StepFailed(say("demo_process_runs", name=self.name), say("demo_in_vain"))
            time.sleep(_POLL_SECONDS)
        return found

    def last_lines(self) -> str:
        """The end of what it wrote on standard error."""
        return "\n".join(self._err.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:])


@contextmanager
def running(
    name: str,
    command: Sequence[str | Path],
    directory: Path,
    environment: Mapping[str, str],
    *,
    account: Account | None = None,
    how: signal.Signals = signal.SIGTERM,
    patience: float = 20.0,
) -> Iterator[Child]:
    """Run a process for the time of the block.

    Args:
        account: for root, whom to run it as.
        how: the signal that ends it.
        patience: seconds it has for that before it is killed.
    """
    parent = os.getpid()
    out, err = _files(directory, name)
    with out.open("wb") as output, err.open("wb") as errors:
        # A group of its own, so that Ctrl-C is for us alone, who stop everything in order; and should we be
        # killed, the kernel ends it.
        process = subprocess.Popen(  # noqa: S603
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env=dict(environment),
            process_group=0,
            preexec_fn=lambda: die_with(parent),  # noqa: PLW1509 - we have one thread
            cwd="/" if account else None,
            **as_account(account),
        )
    try:
        yield Child(name, process, directory)
    finally:
        _end(process, how, patience)


def _end(process: subprocess.Popen[bytes], how: signal.Signals, patience: float) -> None:
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _files(directory: Path, name: str) -> tuple[Path, Path]:
    return directory / f"{name}.out", directory / f"{name}.err"


def finish(
    name: str,
    command: Sequence[str | Path],
    directory: Path,
    environment: Mapping[str, str],
    account: Account | None = None,
) -> None:
    """Run a program to its end.

    Raises:
        StepFailed: it ended with another status than 0.
    """
    with running(name, command, directory, environment, account=account) as child:
        status = child.process.wait(_START_SECONDS)
        if status != 0:
            raise StepFailed(
                say("demo_process_done", name=name),
                f"{say('demo_process_ended', status=status)}\n{child.last_lines()}",
            )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port
