"""The port through which a ticket is approved: what we ask of a provider, and what it answers.

A provider is a module of ``approvals/providers``. Values only; no provider sees a ticket.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sluicegate.approvals.models import Approval, Decision


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """All that an approver is shown. Texts are in the language approvers read; ``access_rows`` are data
    source, path, period and actions of each object of an access request.

    ``number`` and ``revision`` name the ticket, ``sha256`` what exactly is to be approved.
    """

    number: str
    revision: int
    kind: str
    kind_name: str
    title: str
    remark: str
    datasource: str
    datasource_info: str
    dialect: str
    database: str
    estimated_rows: str
    statement_count: str
    findings_summary: str
    sql: str
    requested_access: str
    access_rows: tuple[tuple[str, str, str, str], ...]
    sha256: str
    link: str

    def as_json(self) -> dict[str, object]:
        return asdict(self)


class Outcome(StrEnum):
    WAITING = "waiting"
    AGREED = "agreed"
    REFUSED = "refused"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class Step:
    """One person's part, as the provider shows it."""

    node: str
    user: str
    name: str
    decision: Decision
    remark: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What an instance is now. ``approved_by`` are the provider's ids of those who really agreed:
    automatic agreement isn't among them. ``reference`` and ``sha256`` are read back out of the
    instance's own form, None where it has none; ``edited`` are the controls whose value isn't any more what
    we filled in."""

    outcome: Outcome
    steps: tuple[Step, ...]
    approved_by: tuple[str, ...]
    business_id: str = ""
    reference: str | None = None
    sha256: str | None = None
    edited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be chosen: the provider's id and the name."""

    user: str
    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A node whose approvers the submitter names (发起人自选). No candidates: anybody may be chosen."""

    node: str
    required: bool
    several: bool
    candidates: tuple[Candidate, ...] = ()


class ApprovalProvider(ABC):
    """A system that collects approvals. Calls may block on the network and are never made inside a
    transaction."""

    code: ClassVar[str]
    remote: ClassVar[bool]

    @abstractmethod
    def start(self, approval: Approval) -> str:
        """Ask for approval; returns the instance's id.

        Raises:
            SluicegateError: ``retryable`` tells whether the same call may succeed later; known not to
                have started anything.
            StartInDoubt: it may have started.
        """

    def choices(self, approval: Approval) -> tuple[Choice, ...]:  # noqa: ARG002
        """The nodes for which the submitter has to name somebody; none where the provider has no such."""
        return ()

    @abstractmethod
    def find(self, approval: Approval) -> str | None:
        """Look whether an earlier ``start`` did arrive; the instance's id or None."""

    @abstractmethod
    def read(self, approval: Approval) -> Reading: ...

    @abstractmethod
    def terminate(self, approval: Approval, remark: str) -> None:
        """End the instance. An instance that has ended already is no error."""

    @abstractmethod
    def comment(self, approval: Approval, text: str) -> None: ...

    @abstractmethod
    def commented(self, approval: Approval, heading: str) -> bool:
        """Whether the instance has a comment that begins with this line, however it is spaced."""


class StartInDoubt(Exception):
    """No answer says whether the instance was started."""
