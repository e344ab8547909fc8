"""The mark by which a started instance is recognised as ours.

Starting an instance has no idempotency key. When the answer is lost, the instances of the template are listed
and the one that carries our mark, ticket, revision and digest, is the one we started. The mark stands at the end
of the remark control, behind anything a person wrote, and is never cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_REFERENCE = re.compile(
    r"\[sluicegate ticket=(?P<number>[0-9A-Za-z_-]{1,64}) revision=(?P<revision>[0-9]{1,9}) "
    r"sha256=(?P<sha256>[0-9a-f]{64})\]\s*\Z"
)


@dataclass(frozen=True)
class Reference:
    """Which revision of which ticket, and the SHA-256 (lower-case hex) of the script that was submitted."""

    number: str
    revision: int
    sha256: str

    def __str__(self) -> str:
        return ticket_reference(self.number, self.revision, self.sha256)


def ticket_reference(number: str | int, revision: int, sha256: str) -> str:
    """The mark, about 120 characters.

    Raises:
        ValueError: a part has not the form that ``find_reference`` reads back.
    """
    mark = f"[sluicegate ticket={number} revision={revision} sha256={sha256}]"
    if _REFERENCE.fullmatch(mark) is None:
        raise ValueError(
            "a ticket reference needs a plain number, a revision and a SHA-256 in lower-case hex"
        )
    return mark


def find_reference(values: Mapping[str, str], title: str | None = None) -> Reference | None:
    """The mark in an instance's values, or None.

    Only a mark at the very end of a value counts: elsewhere a submitter may have typed one.

    Args:
        values: control title -> value.
        title: the control to look in (``FormContract.reference_title``). Without it all are looked at, and two
            different marks are none: one of them is somebody's imitation.
    """
    looked_at = values.values() if title is None else [values.get(title, "")]
    found = {reference for value in looked_at if (reference := _in(value)) is not None}
    return found.pop() if len(found) == 1 else None


def _in(value: str) -> Reference | None:
    match = _REFERENCE.search(value)
    if match is None:
        return None
    return Reference(match["number"], int(match["revision"]), match["sha256"])
