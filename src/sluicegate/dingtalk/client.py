"""Third layer: one method for each thing we ask of DingTalk; answers are frozen dataclasses."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sluicegate.dingtalk.auth import AppCalls, Retry
from sluicegate.dingtalk.config import Credentials, Hosts
from sluicegate.dingtalk.contacts import ContactCalls
from sluicegate.dingtalk.http import Timeouts, Transport
from sluicegate.dingtalk.limits import RateLimiter
from sluicegate.dingtalk.messages import MessageCalls
from sluicegate.dingtalk.workflow import WorkflowCalls


class DingTalkClient(ContactCalls, WorkflowCalls, MessageCalls):
    """A synchronous client for one app; thread-safe, to be kept and shared (it caches the token).

    Every method raises ``errors.DingTalkError``: ``NotProcessed`` and its subclasses, ``OutcomeInDoubt`` from
    calls that change something, ``TemporarilyUnavailable`` from calls that read. Only reads are tried again.

    Args:
        observe: told each call's name and outcome (``ok`` or an error code).
        clock: monotonic seconds, for the token's age.
    """

    def __init__(
        self,
        credentials: Credentials,
        hosts: Hosts | None = None,
        *,
        timeouts: Timeouts | None = None,
        limiter: RateLimiter | None = None,
        retry: Retry | None = None,
        observe: Callable[[str, str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = Transport(timeouts)
        self._calls = AppCalls(
            credentials,
            hosts or Hosts(),
            self._transport,
            limiter=limiter,
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
