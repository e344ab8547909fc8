"""The audit log: append-only, each entry bound to the one before it."""

from __future__ import annotations

from django.db import models


class AuditEntry(models.Model):
    """Who did what to which object, when. The database refuses UPDATE, DELETE and TRUNCATE."""

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=80)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=80)
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "sequence"], name="audit_by_object"),
            models.Index(fields=["actor_id", "sequence"], name="audit_by_actor"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]
