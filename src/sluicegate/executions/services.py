"""Use cases on executions: granting, preparing, cancelling and resolving."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from django.utils import timezone

from sluicegate.core.errors import Conflict, NotFound
from sluicegate.datasources.models import DataSource
from sluicegate.executions.models import (
    Execution,
    ExecutionGrant,
    ExecutionState,
    Script,
    StatementRun,
    Verdict,
)

_BATCH: Final = 2000  # rows written at once; a script may have a million statements


def freeze(content: bytes) -> Script:
    """Keep the bytes for ever under their SHA-256. Joins the caller's transaction."""
    sha256 = hashlib.sha256(content).hexdigest()
    script, _ = Script.objects.get_or_create(
        sha256=sha256, defaults={"content": content, "size": len(content)}
    )
    return script


@dataclass(frozen=True, slots=True)
class GrantTarget:
    """One target of an approved revision."""

    key: str
    datasource: DataSource
    datasource_revision: int
    database: str
    schema: str


@dataclass(frozen=True, slots=True)
class PlannedStatement:
    """One reviewed statement to run: a byte range of the script."""

    ordinal: int
    byte_start: int
    byte_end: int
    kind: str
    operation: str
    transactional: bool
    estimated_rows: int | None
    undo_reason: str
    partial_possible: bool = False


def grant_execution(
    *,
    script: Script,
    ticket_kind: str,
    target: GrantTarget,
    approvers: Sequence[str],
    expires_at: datetime,
    one_row_each: bool,
    one_session: bool = False,
    statements: Iterable[PlannedStatement],
) -> Execution:
    """Write the leave to execute and the run it allows. Only the transaction that approves a ticket calls
    this; ``key`` being unique, a ticket revision is granted once per target."""
    grant = ExecutionGrant.objects.create(
        key=target.key,
        script=script,
        sha256=script.sha256,
        datasource=target.datasource,
        datasource_revision=target.datasource_revision,
        database=target.database,
        schema=target.schema,
        ticket_kind=ticket_kind,
        one_row_each=one_row_each,
        one_session=one_session,
        approvers=list(approvers),
        expires_at=expires_at,
    )
    execution = Execution.objects.create(grant=grant, target_key=f"{target.datasource.pk}:{target.database}")
    runs = (
        StatementRun(
            execution=execution,
            ordinal=statement.ordinal,
            byte_start=statement.byte_start,
            byte_end=statement.byte_end,
            kind=statement.kind,
            operation=statement.operation,
            transactional=statement.transactional,
            estimated_rows=statement.estimated_rows,
            undo_reason=statement.undo_reason,
            partial_possible=statement.partial_possible,
        )
        for statement in statements
    )
    while batch := list(islice(runs, _BATCH)):
        StatementRun.objects.bulk_create(batch)
    execution.statements_total = execution.statements.count()
    execution.save(update_fields=["statements_total"])
    return execution


def request_cancel(execution_ids: Sequence[int]) -> None:
    """Ask the runs to end: those that wait at once, those that run at the next boundary, with the running
    statement cancelled on the server."""
    Execution.objects.filter(pk__in=execution_ids, state=ExecutionState.WAITING).update(
        state=ExecutionState.CANCELLED, finished_at=timezone.now()
    )
    Execution.objects.filter(pk__in=execution_ids, state=ExecutionState.RUNNING).update(cancel_requested=True)


def resolve(*, execution: Execution, ordinal: int, applied: bool, by: str, reason: str, resume: bool) -> None:
    """A person says what became of an `unknown` statement, having looked at the server.

    With ``resume`` the run goes on: after this statement if it was applied, with it if it wasn't.
    """
    locked = Execution.objects.select_for_update().get(pk=execution.pk)
    if locked.state != ExecutionState.UNKNOWN:
        raise Conflict("nothing_to_resolve")
    run = locked.statements.select_for_update().filter(ordinal=ordinal).first()
    if run is None:
        raise NotFound("statement_missing", ordinal=ordinal)
    if run.verdict != Verdict.UNKNOWN:
        raise Conflict("nothing_to_resolve")
    if applied:
        run.verdict = Verdict.APPLIED
        run.error_code = run.error_server_code = run.error_text = ""
        run.undo_reason = run.undo_reason or "image_resolved_by_person"
    else:
        run.verdict = Verdict.PENDING if resume else Verdict.NOT_APPLIED
    run.evidence = "person"
    run.resolved_by, run.resolution = by, reason[:400]
    run.save()
    open_doubts = locked.statements.filter(verdict=Verdict.UNKNOWN).exists()
    if open_doubts:
        return
    waiting = locked.statements.filter(verdict=Verdict.PENDING).exists()
    failed = locked.statements.filter(verdict=Verdict.NOT_APPLIED).exists()
    if resume and waiting and not failed:
        locked.state = ExecutionState.WAITING
        locked.worker, locked.error_code, locked.error_params, locked.finished_at = "", "", {}, None
        locked.cancel_requested = False
    else:
        locked.state = ExecutionState.FAILED if waiting or failed else ExecutionState.SUCCEEDED
        locked.error_code = "" if locked.state == ExecutionState.SUCCEEDED else "resolved_not_applied"
    locked.save(
        update_fields=["state", "worker", "error_code", "error_params", "finished_at", "cancel_requested"],
    )
