"""The inbox of provider events: stored before they are acknowledged, and each only a doorbell."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from sluicegate.approvals import quota
from sluicegate.approvals.models import DingTalkConnection, ProviderEvent
from sluicegate.core.queue import app
from sluicegate.dingtalk.stream import StreamEvent

_KEPT_DAYS = 30
REFRESH_TASK = "tickets.refresh_instance"


def store(event: StreamEvent) -> bool:
    """Keep the event and have its instance read again. False for one that was there already."""
    with transaction.atomic():  # kept and rung for together: a redelivery of it rings no more
        _, created = ProviderEvent.objects.get_or_create(
            event_id=_identity(event),
            defaults={
                "event_type": event.event_type[:80],
                "instance_id": (event.process_instance_id or "")[:120],
                "payload": event.data,
                # An event of no approval, of a kind unknown perhaps, is done with when it is counted.
                "processed_at": None if event.process_instance_id else timezone.now(),
            },
        )
        if created and event.process_instance_id:
            _ring(event.process_instance_id)
        if created:
            quota.count_event(event.event_type, event.corp_id)
    return created


def _identity(event: StreamEvent) -> str:
    """Its own, or what it says: two deliveries of an event without one are the same bytes."""
    return event.event_id[:120] or "sha256:" + sha256(event.data.encode()).hexdigest()


def _ring(instance_id: str) -> None:
    with suppress(AlreadyEnqueued), transaction.atomic():
        # Already there is as good: a reading that hasn't begun yet will see this event's effect too.
        app.configure_task(REFRESH_TASK, queueing_lock=f"refresh:{instance_id}").defer(
            instance_id=instance_id
        )


def mark_processed(instance_id: str) -> None:
    ProviderEvent.objects.filter(instance_id=instance_id, processed_at=None).update(processed_at=Now())


def forget_processed() -> None:
    """Remove events that nobody will be asked about again."""
    ProviderEvent.objects.filter(received_at__lt=Now() - timedelta(days=_KEPT_DAYS)).delete()


def record_stream_state(state: str) -> None:
    """Show on the health page how the listener stands."""
    DingTalkConnection.objects.filter(enabled=True).update(stream_state=state[:80], stream_state_at=Now())
