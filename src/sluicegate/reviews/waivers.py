"""Waivers (豁免): somebody with the right answers for what a policy blocks, in one statement of one revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sluicegate.accounts.models import User
from sluicegate.core.errors import Conflict, InvalidInput
from sluicegate.reviews.models import FindingWaiver, Review
from sluicegate.sql.model import Severity, Statement, Waiver

MAX_REASON = 400

Waivers = Mapping[tuple[int, str], Waiver]
"""(ordinal of the statement, code of the finding) -> who answers for it."""
NO_WAIVERS: Waivers = {}


@dataclass(frozen=True, slots=True)
class Waived:
    """What waivers belong to: one target of one revision of a ticket, and its very bytes."""

    ticket_number: str
    revision: int
    position: int
    sha256: str


def waivers_of(place: Waived) -> dict[tuple[int, str], Waiver]:
    rows = FindingWaiver.objects.filter(
        ticket_number=place.ticket_number,
        revision=place.revision,
        position=place.position,
        sha256=place.sha256,
    ).select_related("created_by")
    return {(row.ordinal, row.code): Waiver(row.created_by.name, row.reason) for row in rows}


def waived(statement: Statement, waivers: Waivers) -> Statement:
    """The statement with its waivers. What blocks by itself stays, whoever waived it."""
    if not waivers:
        return statement
    findings = tuple(
        replace(finding, waiver=waivers.get((statement.ordinal, finding.code)))
        if finding.waivable
        else finding
        for finding in statement.findings
    )
    return replace(statement, findings=findings)


def add_waiver(*, by: User, place: Waived, review: Review, ordinal: int, code: str, reason: str) -> None:
    """Keep a waiver of the findings of this code in this statement. The caller holds the ticket and has
    checked the right to.

    Raises:
        InvalidInput: ``waiver_reason_missing``, ``finding_missing``.
        Conflict: ``finding_not_waivable``, ``finding_waived_already``.
    """
    if not reason.strip() or len(reason) > MAX_REASON or "\0" in reason:
        raise InvalidInput("waiver_reason_missing", max=MAX_REASON)
    statement = review.statements.filter(ordinal=ordinal).first()
    found = [finding for finding in statement.findings if finding["code"] == code] if statement else []
    if not found:
        raise InvalidInput("finding_missing", ordinal=ordinal, code=code[:60])
    if not any(_waivable(finding) for finding in found):
        raise Conflict("finding_not_waivable", ordinal=ordinal, code=code)
    _, fresh = FindingWaiver.objects.get_or_create(
        ticket_number=place.ticket_number,
        revision=place.revision,
        position=place.position,
        ordinal=ordinal,
        code=code,
        defaults={"sha256": place.sha256, "reason": reason.strip(), "created_by": by},
    )
    if not fresh:
        raise Conflict("finding_waived_already", ordinal=ordinal, code=code)


def _waivable(finding: Mapping[str, object]) -> bool:
    params = finding.get("params")
    blocks = finding.get("severity") == Severity.BLOCK.code
    return blocks and isinstance(params, Mapping) and "policy" in params


def blocks_left(review: Review, waivers: Waivers) -> int:
    """How many statements would still be denied."""
    left = 0
    for statement in review.statements.filter(verdict="deny").only("ordinal", "kind", "findings"):
        blocking = [item for item in statement.findings if item["severity"] == Severity.BLOCK.code]
        answered = all(_waivable(item) and (statement.ordinal, item["code"]) in waivers for item in blocking)
        left += not blocking or not answered
    return left
