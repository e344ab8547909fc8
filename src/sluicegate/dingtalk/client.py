"""Third layer: one method for each thing we ask of DingTalk; answers are frozen dataclasses."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sluicegate.dingtalk.auth import AppCalls, Retry
from sluicegate.dingtalk.circuit import Pace
from sluicegate.dingtalk.config import Credentials, Hosts
from sluicegate.dingtalk.contacts import ContactCalls
from sluicegate.dingtalk.http import Timeouts, Transport
from sluicegate.dingtalk.messages import MessageCalls
from sluicegate.dingtalk.workflow import WorkflowCalls


class DingTalkClient(ContactCalls, WorkflowCalls, MessageCalls):
    """A synchronous client for one app; thread-safe, to be kept and shared (it caches the token).

    Every method raises ``errors.DingTalkError``: ``NotProcessed`` and its subclasses, ``OutcomeInDoubt`` from
    calls that change something, ``TemporarilyUnavailable`` from calls that read. Only reads are tried again, and
    what DingTalk refused for its limit per second.

    Args:
        pace: shared by all processes of an installation; without one this client keeps its own.
        observe: told each call's name and outcome (``ok`` or an error code).
        clock: monotonic seconds, for the token's age.
    """

    def __init__(
        self,
        credentials: Credentials,
        hosts: Hosts | None = None,
        *,
        timeouts: Timeouts | None = None,
        pace: Pace | None = None,
        retry: Retry | None = None,
        observe: Callable[[str, str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = Transport(timeouts)
        self._calls = AppCalls(
            credentials,
            hosts or Hosts(),
            self._transport,
            pace=pace,
            retry=retry,
            clock=clock,
            observe=observe,
        )

    def check_credentials(self) -> None:
        """Raises InvalidCredentials. Proves nothing about addresses and permissions: it is exempt from both."""
        self._calls.check_credentials()

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
