"""The three real targets of the contract suite, behind one face, and hand-made statements."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sluicegate.dialects.base import Dialect, Endpoint, Session, SessionLimits
from sluicegate.sql.model import Access, ImagePlan, ObjectRef, Statement, StatementKind

PLACE = "sluicegate_test"


@dataclass
class Target:
    """One database of the test's own. ``run`` reaches it beside the driver under test; ``slow`` changes
    table slow(id, v) for ever unless it is ended; ``running`` says whether that session is in it."""

    name: str
    dialect: Dialect
    endpoint: Endpoint
    run: Callable[..., list[tuple[Any, ...]]]
    slow: str
    running: Callable[[str], bool]

    @contextmanager
    def session(self, *, label: str = "contract", **limits: float) -> Iterator[Session]:
        session = self.dialect.connect(self.endpoint, SessionLimits(**limits), label=label)
        try:
            yield session
        finally:
            session.close()

    def with_endpoint(self, **changes: Any) -> Target:
        return replace(self, endpoint=replace(self.endpoint, **changes))


def sqlite_runner(path: str) -> Callable[..., list[tuple[Any, ...]]]:
    def run(*statements: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(path, isolation_level=None, timeout=10)
        try:
            rows: list[tuple[Any, ...]] = []
            for statement in statements:
                rows = connection.execute(statement).fetchall()
            return rows
        finally:
            connection.close()

    return run


def statement(text: str, operation: str, *tables: str, kind: StatementKind = StatementKind.DML) -> Statement:
    objects = tuple(ObjectRef(name, access=Access.WRITE) for name in tables)
    return Statement(1, 0, len(text), 1, 1, text, kind, operation, objects)


def plan(operation: str, table: str, tail: str = "", *assigned: str, quote: str = "") -> ImagePlan:
    return ImagePlan(
        operation, ObjectRef(table, access=Access.WRITE), f"{quote}{table}{quote}", "", tail, assigned
    )


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain until {what}")
        time.sleep(0.01)


class Background(threading.Thread):
    """Runs a call in a thread and keeps how it ended."""

    def __init__(self, call: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self.result: object = None
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.result = self._call()
        except Exception as error:  # noqa: BLE001 - handed to the test
            self.error = error

    def outcome(self) -> Exception | None:
        self.join(30)
        assert not self.is_alive(), "the call is still running"
        return self.error
