"""Tickets (工单), their revisions and targets, and what happened to them."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper

from sluicegate.accounts.models import User
from sluicegate.sql.model import TicketKind
from sluicegate.tickets.states import State


class Ticket(models.Model):
    """A request to change data or schema, or to be given access. ``state`` is written by
    ``tickets.transitions`` alone, by compare-and-set on ``version``. ``approvers``: whom the submitter chose
    (发起人自选), people by node of the provider's flow. ``dept_id``: which of the submitter's departments in DingTalk
    its approval is started in; None for their default."""

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in TicketKind])
    title = models.CharField(max_length=200)
    remark = models.TextField(blank=True)
    submitter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tickets")
    environment = models.ForeignKey("datasources.Environment", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=[(state.value, state.value) for state in State])
    version = models.IntegerField(default=0)
    reason_code = models.CharField(max_length=60, blank=True)
    reason_params = models.JSONField(default=dict)
    revision_number = models.IntegerField(default=1)
    approvers = models.JSONField(default=dict)
    dept_id = models.BigIntegerField(null=True)
    approval_id: int | None
    approval = models.ForeignKey("approvals.Approval", null=True, on_delete=models.PROTECT, related_name="+")
    run_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    copied_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="copies")
    undo_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undos")
    search_text = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(fields=["-id", "state"], name="tickets_by_state"),
            models.Index(fields=["submitter", "-id"], name="tickets_by_submitter"),
            models.Index(fields=["state", "run_at"], name="tickets_by_due"),
            GinIndex(OpClass(Upper("search_text"), name="gin_trgm_ops"), name="tickets_by_words"),
        ]


class Revision(models.Model):
    """One frozen content of a ticket: what is reviewed, approved and executed. Any edit makes a new one."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="revisions")
    number = models.IntegerField()
    script = models.ForeignKey("executions.Script", null=True, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200, blank=True)
    access_scope = models.JSONField(null=True)
    count_exactly = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64)
    remark = models.TextField(blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "number"], name="one_revision_per_number")]


class Target(models.Model):
    """Where a revision runs: data source + database (+ schema)."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="targets")
    position = models.IntegerField()
    datasource_id: int
    datasource = models.ForeignKey("datasources.DataSource", on_delete=models.PROTECT, related_name="+")
    datasource_revision = models.IntegerField()
    database = models.CharField(max_length=512, blank=True)
    schema = models.CharField(max_length=128, blank=True)
    review = models.ForeignKey("reviews.Review", null=True, on_delete=models.PROTECT, related_name="+")
    execution = models.ForeignKey(
        "executions.Execution", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "position"], name="one_target_per_position")
        ]


class TicketEvent(models.Model):
    """What happened to a ticket: its timeline."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    type = models.CharField(max_length=40)
    state = models.CharField(max_length=20)
    actor = models.CharField(max_length=150)
    data = models.JSONField(default=dict)


class Comment(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)
