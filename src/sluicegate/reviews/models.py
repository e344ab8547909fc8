"""The result of analysing one script for one target (SQL 审核), bound to the script's SHA-256."""

from __future__ import annotations

from django.db import models

from sluicegate.accounts.models import User
from sluicegate.datasources.models import DataSource, Environment


class Review(models.Model):
    """``verdict`` is the worst of all statements. ``estimated_rows`` is the sum of what is known;
    ``unknown_estimates`` counts the statements it isn't known for: unknown is not 0."""

    sha256 = models.CharField(max_length=64)
    datasource = models.ForeignKey("datasources.DataSource", on_delete=models.PROTECT, related_name="+")
    datasource_revision = models.IntegerField()
    database = models.CharField(max_length=512, blank=True)
    schema = models.CharField(max_length=128, blank=True)
    ticket_kind = models.CharField(max_length=20)
    verdict = models.CharField(max_length=8)
    statements_total = models.IntegerField()
    statements_flagged = models.IntegerField()
    statements_denied = models.IntegerField()
    estimated_rows = models.BigIntegerField(null=True)
    unknown_estimates = models.IntegerField()
    server_version = models.CharField(max_length=120, blank=True)
    # Of all changes: the most rows that one may change, and the largest share of a table, in percent.
    worst_rows = models.BigIntegerField(null=True)
    worst_share = models.FloatField(null=True)
    policies = models.JSONField(default=list)  # those that judged it: [{"name": …, "revision": …}]
    created_at = models.DateTimeField(auto_now_add=True)


class ReviewedStatement(models.Model):
    """One statement of the script as the review saw it. Offsets are bytes of the frozen script."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="statements")
    ordinal = models.IntegerField()
    byte_start = models.BigIntegerField()
    byte_end = models.BigIntegerField()
    line = models.IntegerField()
    column = models.IntegerField()
    kind = models.CharField(max_length=12)
    operation = models.CharField(max_length=60)
    objects_touched = models.JSONField(default=list)
    fingerprint = models.TextField(blank=True)
    transactional = models.BooleanField()
    partial_possible = models.BooleanField(default=False)
    needs_session = models.BooleanField(default=False)
    verdict = models.CharField(max_length=8)
    findings = models.JSONField(default=list)
    estimated_rows = models.BigIntegerField(null=True)
    estimate_reason = models.CharField(max_length=60, blank=True)
    estimate_params = models.JSONField(default=dict)
    estimate_exact = models.BooleanField(default=False)  # counted, not estimated
    table_rows = models.BigIntegerField(null=True)  # of the table it changes, as the server estimates
    impact = models.JSONField(null=True)  # ``sql.impact.to_json``, of definitions
    undo_reason = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "ordinal"], name="one_review_per_statement")]


class Policy(models.Model):
    """A team's weights of the rules (审核策略). ``document`` is the policy as ``sql.policy`` writes it, without
    what stands in the other fields. Without environments and data sources it holds everywhere, else for those
    data sources and for all of those environments."""

    name = models.CharField(max_length=80, unique=True)
    document = models.JSONField(default=dict)
    enabled = models.BooleanField(default=True)
    revision = models.IntegerField(default=1)
    environments: models.ManyToManyField[Environment, models.Model] = models.ManyToManyField(
        Environment, related_name="+"
    )
    datasources: models.ManyToManyField[DataSource, models.Model] = models.ManyToManyField(
        DataSource, related_name="+"
    )
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_by = models.CharField(max_length=150)
    updated_at = models.DateTimeField(auto_now=True)


class FindingWaiver(models.Model):
    """Somebody answers for what one rule found in one statement, of one revision of a ticket on one target
    (豁免). It counts for the very bytes of ``sha256`` only, and is never changed."""

    ticket_number = models.CharField(max_length=20)
    revision = models.IntegerField()
    position = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    ordinal = models.IntegerField()
    code = models.CharField(max_length=60)
    reason = models.CharField(max_length=400)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket_number", "revision", "position", "ordinal", "code"],
                name="one_waiver_per_finding",
            )
        ]


class AskingPace(models.Model):
    """Up to when estimates are booked on a data source, by the database's clock (``limits.SharedRate``)."""

    datasource = models.OneToOneField(
        DataSource, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    booked = models.FloatField()
