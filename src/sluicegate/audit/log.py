"""Writing and verifying the audit log.

Every use case runs in a ``unit_of_work``: one transaction that writes its audit entries as its very last
act. The lock that orders the chain is so the last one any transaction takes: it is held for the commit
only, and can't be part of a deadlock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import connection, transaction

from sluicegate.audit.models import AuditEntry
from sluicegate.core import crypto

_CHAIN_LOCK = 0x51C6_A0D1
_GENESIS = "0" * 64
_PURPOSE = "audit-chain"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, or the service itself (``id`` None)."""

    id: int | None
    name: str


SYSTEM = Actor(None, "system")


@dataclass(slots=True)
class _Pending:
    actor: Actor
    action: str
    object_type: str
    object_id: str
    data: Mapping[str, object] = field(default_factory=dict)


_unit: ContextVar[list[_Pending] | None] = ContextVar("audit_unit", default=None)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """One transaction with its audit entries. Inside another one it joins that."""
    if _unit.get() is not None:
        yield
        return
    pending: list[_Pending] = []
    token = _unit.set(pending)
    try:
        with transaction.atomic():
            yield
            _append(pending)
    finally:
        _unit.reset(token)


def record(actor: Actor, action: str, object_type: str, object_id: object, **data: object) -> None:
    """Note an entry of the current unit of work.

    ``data`` must be JSON-serialisable and hold no secret.

    Raises:
        RuntimeError: outside a unit of work, where an entry could outlive its change.
    """
    pending = _unit.get()
    if pending is None:
        raise RuntimeError(f"audit entry {action!r} outside a unit of work")
    pending.append(_Pending(actor, action, object_type, str(object_id), data))


def _append(pending: list[_Pending]) -> None:
    if not pending:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    head = AuditEntry.objects.order_by("-sequence").only("sequence", "hash").first()
    sequence, previous = (head.sequence, head.hash) if head else (0, _GENESIS)
    entries: list[AuditEntry] = []
    for item in pending:
        sequence += 1
        entry = AuditEntry(
            sequence=sequence,
            at=now,
            actor_id=item.actor.id,
            actor=item.actor.name,
            action=item.action,
            object_type=item.object_type,
            object_id=item.object_id,
            data=json.loads(json.dumps(item.data, ensure_ascii=False, default=str)),
            previous_hash=previous,
        )
        entry.hash = previous = _digest(entry)
        entries.append(entry)
    AuditEntry.objects.bulk_create(entries)


def _digest(entry: AuditEntry) -> str:
    canonical = json.dumps(
        [
            entry.previous_hash,
            entry.sequence,
            entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            entry.actor_id,
            entry.actor,
            entry.action,
            entry.object_type,
            entry.object_id,
            entry.data,
        ],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return crypto.sign(canonical.encode(), _PURPOSE)


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """``broken_at`` is the sequence of the first entry that isn't what was written there (altered,
    inserted, or following a removed one); None when the whole chain holds."""

    entries: int
    head: str
    broken_at: int | None


def verify() -> ChainCheck:
    """Recompute the whole chain from its beginning."""
    previous, expected = _GENESIS, 0
    for entry in AuditEntry.objects.order_by("sequence").iterator(chunk_size=2000):
        expected += 1
        if entry.sequence != expected:
            return ChainCheck(expected - 1, previous, expected)
        if entry.previous_hash != previous or entry.hash != _digest(entry):
            return ChainCheck(expected - 1, previous, entry.sequence)
        previous = entry.hash
    return ChainCheck(expected, previous, None)
