"""What tickets tell: values, so that the outbox knows no ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sluicegate.accounts.models import User
from sluicegate.notifications.models import Kind


@dataclass(frozen=True, slots=True)
class Where:
    """One target: where something is to be done, or was."""

    datasource: str
    database: str
    environment_zh: str
    environment_en: str
    production: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to a ticket.

    Args:
        event: names this happening and no other; what makes a message unique.
        heading, reason: catalogue codes; ``reason`` empty where there is none that may be told. Nothing of the
            SQL and nothing a database server said is among the parameters.
        words: what a person wrote about it; told to persons, not to the group.
    """

    kind: Kind
    event: str
    heading: str
    number: str
    ticket_kind: str
    title: str
    submitter: str
    places: tuple[Where, ...]
    at: datetime
    reason: str = ""
    reason_params: Mapping[str, object] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be told; ``todo`` is the catalogue code of what they are asked to do."""

    user: User
    todo: str
