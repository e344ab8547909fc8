"""The audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Router, Schema

from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.audit import log
from sluicegate.audit.models import AuditEntry
from sluicegate.web.auth import Request
from sluicegate.web.problems import PROBLEMS

router = Router()


class AuditOut(Schema):
    sequence: int
    at: datetime
    actor: str
    action: str
    object_type: str
    object_id: str
    data: dict[str, Any]
    hash: str


class ChainOut(Schema):
    """``broken_at`` is the first entry that isn't what was written, None when all hold."""

    entries: int
    head: str
    broken_at: int | None


@router.get("/audit", response={200: list[AuditOut], **PROBLEMS})
def list_entries(
    request: Request,
    object_type: str = "",
    object_id: str = "",
    actor: str = "",
    action: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    size: int = 100,
) -> list[AuditOut]:
    """Entries, newest first; ``before`` is the sequence to go on from."""
    require(request.auth, Permission.AUDIT_VIEW)
    entries = AuditEntry.objects.order_by("-sequence")
    exact = {"object_type": object_type, "object_id": object_id, "actor": actor, "action": action}
    entries = entries.filter(**{name: value for name, value in exact.items() if value})
    if since:
        entries = entries.filter(at__gte=since)
    if until:
        entries = entries.filter(at__lt=until)
    if before is not None:
        entries = entries.filter(sequence__lt=before)
    return [
        AuditOut(
            sequence=entry.sequence,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            object_type=entry.object_type,
            object_id=entry.object_id,
            data=entry.data,
            hash=entry.hash,
        )
        for entry in entries[: max(1, min(size, 500))]
    ]


@router.get("/audit/verification", response={200: ChainOut, **PROBLEMS})
def verify(request: Request) -> ChainOut:
    """Recompute the whole chain."""
    require(request.auth, Permission.AUDIT_VIEW)
    result = log.verify()
    return ChainOut(entries=result.entries, head=result.head, broken_at=result.broken_at)
