"""Writing what became of statements: gathered, and flushed at least every fifth of a second (by the heartbeat
when the statement under way takes longer)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from sluicegate.dialects.base import StatementResult
from sluicegate.executions.claims import Fenced
from sluicegate.executions.models import Execution, StatementRun, Verdict

FLUSH_SECONDS = 0.2
_FLUSH_ROWS = 500
_MAX_WARNINGS = 20
_FIELDS = {
    "verdict": "text",
    "evidence": "text",
    "attempt": "int",
    "affected_rows": "bigint",
    "warnings": "text[]",
    "error_code": "text",
    "error_server_code": "text",
    "error_text": "text",
    "undo_reason": "text",
    "started_at": "timestamptz",
    "finished_at": "timestamptz",
    "milliseconds": "int",
}
# One statement for all rows: bulk_update takes five milliseconds of ours for each of them.
_WRITE = (
    f"UPDATE executions_statementrun AS run SET {', '.join(f'{name} = new.{name}' for name in _FIELDS)} "  # noqa: S608
    f"FROM json_to_recordset(%s) AS new (id bigint, {', '.join(f'{name} {kind}' for name, kind in _FIELDS.items())}) "
    "WHERE run.id = new.id"
)


class Progress:
    """Statement results of one claim on their way into our database."""

    def __init__(self, execution: Execution, notify: Callable[[], None]) -> None:
        self._execution = execution
        self._notify = notify
        self._waiting: list[StatementRun] = []
        self._guard = threading.Lock()
        self._flushed_at = time.monotonic()

    def begun(self, run: StatementRun, *, durable: bool) -> None:
        """A statement is about to be sent. ``durable``: note it before, because nothing in the target will
        tell afterwards whether it was applied."""
        run.started_at = timezone.now()
        run.attempt = self._execution.attempt
        if durable:
            run.verdict = Verdict.RUNNING
            with self._guard:
                self._waiting.append(run)
            self.flush()

    def applied(self, run: StatementRun, result: StatementResult, evidence: str) -> None:
        run.verdict = Verdict.APPLIED
        run.evidence = evidence
        run.error_code = run.error_server_code = run.error_text = ""
        run.affected_rows = result.affected_rows
        run.warnings = list(result.warnings[:_MAX_WARNINGS])
        self._finish(run)

    def not_applied(self, run: StatementRun, code: str, server_code: str = "", text: str = "") -> None:
        run.verdict = Verdict.NOT_APPLIED
        run.evidence = "server"
        run.error_code, run.error_server_code, run.error_text = code, server_code[:20], text[:4000]
        self._finish(run)

    def unknown(self, run: StatementRun, evidence: str, text: str = "") -> None:
        run.verdict = Verdict.UNKNOWN
        run.evidence = evidence
        run.error_code, run.error_text = "outcome_unknown", text[:4000]
        self._finish(run)

    def _finish(self, run: StatementRun) -> None:
        now = timezone.now()
        if run.started_at is not None and run.finished_at is None:
            run.milliseconds = round((now - run.started_at).total_seconds() * 1000)
        run.finished_at = now
        with self._guard:
            self._waiting.append(run)
        if len(self._waiting) >= _FLUSH_ROWS:
            self.flush()
        self.flush_due()

    def flush_due(self) -> None:
        """Flush what has waited long enough."""
        if self._waiting and time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what waits, if the claim still holds.

        Raises:
            Fenced: it doesn't; nothing was written.
        """
        with self._guard:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            with transaction.atomic():
                held = Execution.objects.select_for_update().filter(
                    pk=self._execution.pk, attempt=self._execution.attempt
                )
                if not held.exists():
                    raise Fenced
                with connection.cursor() as cursor:
                    cursor.execute(_WRITE, [_rows(self._waiting)])
            self._waiting.clear()
            self._notify()
        self._flushed_at = time.monotonic()


def _rows(runs: list[StatementRun]) -> str:
    """The fields of each, once, as they are now."""
    last = {run.pk: run for run in runs}
    values = [
        {"id": pk, **{name: _storable(getattr(run, name)) for name in _FIELDS}} for pk, run in last.items()
    ]
    return json.dumps(values)


def _storable(value: object) -> object:
    """PostgreSQL's text holds no NUL, which a server's message may."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
