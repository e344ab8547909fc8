"""Approvals (审批): which system collects them, under which flow, and what it said."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from sluicegate.accounts.models import User


class DingTalkConnection(models.Model):
    """The credentials of the company's DingTalk app (审批流访问权限). At most one row. ``sealed_callback``: the
    keys of the HTTP subscription, None where events come over the Stream only. ``plan``: what the organisation
    has bought of calls and events a month; the numbers are those of the plan ``own``. ``failed_read_at``: when the
    list of events that couldn't be delivered over HTTP was last asked for. ``sync_hourly``: people and departments
    are read again every hour; ``end_leavers``: who has left DingTalk loses access here then. ``synced_at`` and
    ``sync_result``: when that was done last, and what came of it."""

    app_key = models.CharField(max_length=80)
    sealed_secret = models.BinaryField()
    sealed_callback = models.BinaryField(null=True)
    corp_id = models.CharField(max_length=80)
    agent_id = models.CharField(max_length=40)
    enabled = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)
    stream_state = models.CharField(max_length=80, blank=True)
    stream_state_at = models.DateTimeField(null=True)
    plan = models.CharField(max_length=20, default="standard")
    plan_calls = models.IntegerField(default=0)
    plan_events = models.IntegerField(default=0)
    failed_read_at = models.DateTimeField(null=True)
    sync_hourly = models.BooleanField(default=False)
    end_leavers = models.BooleanField(default=False)
    synced_at = models.DateTimeField(null=True)
    sync_result = models.JSONField(default=dict)


class DirectoryDepartment(models.Model):
    """A department of the company, as last read. The root is 1 among contacts, and has no parent."""

    department_id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=200)
    parent_id = models.BigIntegerField(null=True)


class DirectoryPerson(models.Model):
    """An employee, as last read, and who that is here; None for nobody. Mobile numbers aren't kept."""

    userid = models.CharField(max_length=80, primary_key=True)
    unionid = models.CharField(max_length=80, blank=True, db_index=True)
    name = models.CharField(max_length=120)
    departments = models.JSONField(default=list)
    user = models.OneToOneField(User, null=True, on_delete=models.SET_NULL, related_name="directory_person")


class QuotaMonth(models.Model):
    """What was used of a month, which is Asia/Shanghai's: ``2026-11``. ``exhausted_at``: DingTalk refuses."""

    corp_id = models.CharField(max_length=80)
    month = models.CharField(max_length=7)
    calls = models.IntegerField(default=0)
    events = models.IntegerField(default=0)
    exhausted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp_id", "month"], name="one_quota_per_month")]


class CallPace(models.Model):
    """When the last calls of one API began, or will: seconds since 1970 by the database's clock."""

    app_key = models.CharField(max_length=80)
    call = models.CharField(max_length=40)
    starts = ArrayField(models.FloatField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app_key", "call"], name="one_pace_per_call")]


class HostCircuit(models.Model):
    """The circuit breaker of one of DingTalk's hosts; no row while it answers. See ``dingtalk.circuit``."""

    app_key = models.CharField(max_length=80)
    host = models.CharField(max_length=20)
    failures = models.IntegerField(default=0)
    opened = models.IntegerField(default=0)
    retry_at = models.FloatField(null=True)
    probing = models.BooleanField(default=False)
    reason = models.CharField(max_length=80, blank=True)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app_key", "host"], name="one_circuit_per_host")]


class ApprovalFlow(models.Model):
    """Which provider, and how, for tickets of an environment and a kind. None means any; the most specific
    flow wins, the environment before the kind."""

    environment_id: int | None
    environment = models.ForeignKey(
        "datasources.Environment", null=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=20, blank=True)
    provider = models.CharField(max_length=20)
    levels = models.JSONField(default=list)
    template_name = models.CharField(max_length=80, blank=True)
    process_code = models.CharField(max_length=80, blank=True)
    preset = models.CharField(max_length=40, default="clouddm-classic")
    mapping = models.JSONField(null=True)
    execute_automatically = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "kind"], name="one_flow_per_place", nulls_distinct=False
            )
        ]


class ApprovalState(models.TextChoices):
    STARTING = "starting"  # to be sent, or being sent, to the provider
    IN_DOUBT = "in_doubt"  # sent, and no answer says whether it arrived
    WAITING = "waiting"
    AGREED = "agreed"
    REFUSED = "refused"
    TERMINATED = "terminated"
    VOIDED = "voided"  # ours: the ticket went another way; the provider's instance is being terminated


class Approval(models.Model):
    """One request for approval of one ticket revision, and the provider's instance for it.

    ``submit_started_at`` is committed before anything is sent: an approval that has it but no
    ``external_id`` may exist at the provider and is looked for there before it is ever sent again.
    ``choices``: whom the submitter chose, people by node. ``department``: which of their departments, None for their
    default.
    """

    reference = models.CharField(max_length=40, unique=True)  # ticket number / revision
    ticket_number = models.CharField(max_length=20, db_index=True)
    revision = models.IntegerField()
    ticket_kind = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    submitter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    provider = models.CharField(max_length=20)
    state = models.CharField(max_length=12, choices=ApprovalState.choices, default=ApprovalState.STARTING)
    request = models.JSONField()
    choices = models.JSONField(default=dict)
    department = models.BigIntegerField(null=True)
    flow = models.JSONField()
    sent_values = models.JSONField(default=list)
    process_code = models.CharField(max_length=80, blank=True)
    external_id = models.CharField(max_length=120, unique=True, null=True)
    business_id = models.CharField(max_length=40, blank=True)
    originator = models.CharField(max_length=80, blank=True)
    submit_started_at = models.DateTimeField(null=True)
    doubt_since = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    problem_code = models.CharField(max_length=80, blank=True)
    problem_params = models.JSONField(default=dict)
    terminate_done = models.BooleanField(default=False)
    held_reason = models.CharField(max_length=60, blank=True)
    last_read_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["state", "last_read_at"], name="approvals_open")]


class Decision(models.TextChoices):
    WAITING = "waiting"  # this person can act now
    LATER = "later"  # an earlier level comes first
    AGREE = "agree"
    REFUSE = "refuse"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"  # somebody else decided for this node, or it ended


class ApprovalStep(models.Model):
    """One person's part in an approval: for `builtin` the record itself, for others a copy of it."""

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="steps")
    position = models.IntegerField()
    level = models.IntegerField(default=0)
    node = models.CharField(max_length=120, blank=True)
    mode = models.CharField(max_length=12, blank=True)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    external_user = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=80)
    decision = models.CharField(max_length=12, choices=Decision.choices)
    remark = models.TextField(blank=True)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["approval", "position"], name="one_step_per_position")]


class ProviderEvent(models.Model):
    """The inbox: every event of a provider, stored before it is acknowledged. A doorbell only."""

    event_id = models.CharField(max_length=120, unique=True)
    event_type = models.CharField(max_length=80)
    instance_id = models.CharField(max_length=120, blank=True, db_index=True)
    payload = models.TextField()
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True)
