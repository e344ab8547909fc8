"""What the endpoints under ``/_sandbox`` share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dingtalk_sandbox.events import Dispatcher
from dingtalk_sandbox.store import World
from dingtalk_sandbox.stream import StreamHub


class ControlError(Exception):
    """What was asked of the sandbox cannot be done."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(slots=True)
class Sandbox:
    """The parts that the endpoints act on, and what a reset goes back to."""

    world: World
    hub: StreamHub
    dispatcher: Dispatcher
    fill: Callable[[World], None]
