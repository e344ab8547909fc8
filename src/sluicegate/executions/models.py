"""What was approved for execution, what was attempted, and what is known of each statement."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Script(models.Model):
    """A frozen SQL script: its bytes never change, the database refuses it."""

    sha256 = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()
    size = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)


class ExecutionGrant(models.Model):
    """Leave to execute one script on one target, made in the transaction that approved the ticket.

    The executor takes nothing else. ``key`` names ticket, revision and target for ever; it is what the
    markers in the target carry. ``one_session``: statements depend on what earlier ones left in the session, so
    that the run can't go on in another one.
    """

    key = models.CharField(max_length=80, unique=True)
    script = models.ForeignKey(Script, on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    datasource = models.ForeignKey("datasources.DataSource", on_delete=models.PROTECT, related_name="+")
    datasource_revision = models.IntegerField()
    database = models.CharField(max_length=512, blank=True)
    schema = models.CharField(max_length=128, blank=True)
    ticket_kind = models.CharField(max_length=20)
    one_row_each = models.BooleanField(default=False)
    one_session = models.BooleanField(default=False)
    approvers = models.JSONField(default=list)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)


class ExecutionState(models.TextChoices):
    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Execution(models.Model):
    """The run of one grant on its target. ``attempt`` is the fencing number: it grows with every worker that
    takes the run over, and whoever holds an older one can't write here any more."""

    grant = models.OneToOneField(ExecutionGrant, on_delete=models.PROTECT, related_name="execution")
    target_key = models.CharField(max_length=560)
    state = models.CharField(max_length=12, choices=ExecutionState.choices, default=ExecutionState.WAITING)
    attempt = models.IntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True)
    beat_at = models.DateTimeField(null=True)
    server_session = models.CharField(max_length=64, blank=True)
    server_uuid = models.CharField(max_length=80, blank=True)
    cancel_requested = models.BooleanField(default=False)
    error_code = models.CharField(max_length=60, blank=True)
    error_params = models.JSONField(default=dict)
    statements_total = models.IntegerField(default=0)
    trouble_since = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target_key"], condition=models.Q(state="running"), name="one_run_per_target"
            )
        ]
        indexes = [models.Index(fields=["state", "beat_at"], name="executions_alive")]


class Verdict(models.TextChoices):
    """What is known of a statement's effect on the target."""

    PENDING = "pending"
    RUNNING = "running"
    APPLIED = "applied"
    NOT_APPLIED = "not_applied"
    UNKNOWN = "unknown"


class StatementRun(models.Model):
    """One statement of a run: a slice of the frozen bytes, and its verdict with the evidence.
    ``partial_possible``: an error of the server doesn't prove that nothing was applied."""

    execution = models.ForeignKey(Execution, on_delete=models.CASCADE, related_name="statements")
    ordinal = models.IntegerField()
    byte_start = models.BigIntegerField()
    byte_end = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    operation = models.CharField(max_length=60)
    transactional = models.BooleanField()
    partial_possible = models.BooleanField(default=False)
    verdict = models.CharField(max_length=12, choices=Verdict.choices, default=Verdict.PENDING)
    evidence = models.CharField(max_length=40, blank=True)
    attempt = models.IntegerField(default=0)
    estimated_rows = models.BigIntegerField(null=True)
    affected_rows = models.BigIntegerField(null=True)
    warnings: models.Field[list[str], list[str]] = ArrayField(models.TextField(), default=list)
    error_code = models.CharField(max_length=60, blank=True)
    error_server_code = models.CharField(max_length=20, blank=True)
    error_text = models.TextField(blank=True)
    undo_reason = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    milliseconds = models.IntegerField(null=True)
    resolved_by = models.CharField(max_length=150, blank=True)
    resolution = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["execution", "ordinal"], name="one_run_per_statement")]


class BeforeImage(models.Model):
    """The rows that one statement changed, as they were and as it left them: compressed and sealed."""

    statement = models.OneToOneField(StatementRun, on_delete=models.CASCADE, related_name="image")
    rows = models.IntegerField()
    sealed = models.BinaryField()
