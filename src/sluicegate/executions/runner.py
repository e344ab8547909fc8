"""Running what was approved: exactly those bytes, in order, each at most once.

The protocol, for a statement that the target can roll back: in one transaction on the target insert a
marker (unique per run and statement), read the before-image, send the statement's bytes as one message, write
the row count into the marker, commit. Whoever takes over after a crash first obtains the lock that the old
session held, which proves that nothing of it can still commit; then the markers say what was applied. For a
statement that commits by itself there is no such proof: it is noted before it is sent, and a crash in
between is `unknown`, for a person to resolve.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from django.db import DatabaseError
from django.db.models import Min, QuerySet
from django.utils import timezone

from sluicegate.core.errors import Conflict, Param, SluicegateError
from sluicegate.core.log import logger
from sluicegate.datasources import sessions
from sluicegate.dialects import registry
from sluicegate.dialects.base import (
    ConnectionFailed,
    Dialect,
    ImageSet,
    Marker,
    MarkerExists,
    OutcomeUnknown,
    Session,
    SessionLimits,
    StatementFailed,
    StatementResult,
)
from sluicegate.executions import images
from sluicegate.executions.claims import Fenced, Heartbeat, claim, write
from sluicegate.executions.models import Execution, ExecutionState, StatementRun, Verdict
from sluicegate.executions.progress import Progress
from sluicegate.executions.slices import Slices
from sluicegate.sql.model import AnalysisContext, ImagePlan, NoImage

_log = logger(__name__)

LOCK_WAIT_SECONDS = 20.0  # how long a run waits for the lock of an earlier session before it says so
_PROBE_SECONDS = 20.0
_SOME = 1000  # statements held at a time
_PATIENCE = timedelta(minutes=2)  # with a target or provider that is away, before anything was sent


class End(StrEnum):
    """How a call of ``run`` ended."""

    FINISHED = "finished"  # the execution is in a final state, or unknown
    RELEASED = "released"  # asked to stop at a boundary: somebody should go on
    LOCKED = "locked"  # the target is still held by another session: try again later


class _Stop(Exception):
    """Ends the run in this state."""

    def __init__(
        self, state: ExecutionState, code: str = "", /, **params: str | int | float | bool | None
    ) -> None:
        super().__init__(code)
        self.state, self.code, self.params = state, code, params


class _UndoConflict(Exception):
    """A statement that has to touch exactly one row touched another number."""


class _ImageIncomplete(Exception):
    """The statement changed other rows than were read before it."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the caller lends: ``stopping`` asks whether to stop at the next boundary, ``notify`` tells
    watchers of progress, ``gate`` re-checks the approval right before the first statement and raises
    SluicegateError when it doesn't hold any more."""

    stopping: Callable[[], bool]
    notify: Callable[[], None]
    gate: Callable[[], None]


def run(execution_id: int, worker: str, hooks: Hooks) -> End:
    """Claim the execution and carry it as far as it goes.

    Raises:
        Busy: it isn't to be worked on now.
    """
    execution = claim(execution_id, worker)
    try:
        return _Run(execution, hooks).carry_out()
    except Fenced:
        _log.warning("execution_fenced", execution=execution_id, attempt=execution.attempt)
        return End.FINISHED


class _Run:
    """One claim of one execution."""

    def __init__(self, execution: Execution, hooks: Hooks) -> None:
        self.execution = execution
        self.grant = execution.grant
        self.datasource = execution.grant.datasource
        self.dialect: Dialect = registry.get(self.datasource.dialect)
        self.hooks = hooks
        self.place = self.datasource.marker_place
        self.progress = Progress(execution, hooks.notify)
        self.script = Slices(self.grant.script)
        self._session: Session | None = None
        self._session_id: str | None = None
        self._cancel_guard = threading.Lock()
        # The session is written down before anything is sent in it.
        self._earlier_session = execution.server_session
        self._earlier_uuid = execution.server_uuid
        self._settled = not execution.server_session
        self._sent = False

    # ------------------------------------------------------------ the whole

    def carry_out(self) -> End:
        with Heartbeat(self.execution, self._cancel_statement, self.progress.flush_due) as heartbeat:
            self.heartbeat = heartbeat
            try:
                return self._carry()
            except _Stop as stop:
                self._end(stop)
            except SluicegateError as error:
                if error.retryable and not self._sent:
                    return self._later(error)
                self._end(self._outcome_of(error.code, error.params))
            except (DatabaseError, Fenced):
                raise  # ours is away, or not ours any more: nothing can be written, the claim runs out
            except Exception:  # noqa: BLE001
                # The boundary: whatever it is, the run must not be taken up again and again for ever.
                _log.exception("execution_crashed", execution=self.execution.pk)
                self._end(self._outcome_of("execution_crashed", {}))
            finally:
                self._close()
        return End.FINISHED

    def _carry(self) -> End:
        if not self._settled:
            # Somebody may have sent statements: what became of them comes first, whatever else is wrong.
            if not self._open(LOCK_WAIT_SECONDS):
                return self._locked()
            self._recover()
        if self._any_pending():
            self._check_grant()
        if self._session is None and not self._open(LOCK_WAIT_SECONDS):
            return self._locked()
        if not self._sent:
            self._recover()
        write(self.execution, error_code="", error_params={}, trouble_since=None)
        for statement in self._in_order(self._pending()):
            # What later statements need of this session would be lost with it.
            bound = self.grant.one_session and self._sent
            if self.hooks.stopping() and not bound:
                self.progress.flush()
                write(self.execution, worker="")
                return End.RELEASED
            self._one(statement)
        raise _Stop(ExecutionState.SUCCEEDED)

    def _locked(self) -> End:
        if self.heartbeat.cancelled.is_set() and self._settled:
            raise _Stop(ExecutionState.CANCELLED, "cancelled_by_person")
        write(self.execution, worker="", error_code="target_locked", error_params={})
        self.hooks.notify()
        return End.LOCKED

    def _later(self, error: SluicegateError) -> End:
        """Nothing of this claim was sent, and what is wrong may pass: try again for a while."""
        if self.heartbeat.cancelled.is_set() and self._settled:
            self._end(_Stop(ExecutionState.CANCELLED, "cancelled_by_person"))
            return End.FINISHED
        since = self.execution.trouble_since or timezone.now()
        if timezone.now() - since > _PATIENCE:
            self._end(self._outcome_of(error.code, error.params))
            return End.FINISHED
        write(
            self.execution, worker="", error_code=error.code, error_params=error.params, trouble_since=since
        )
        self.hooks.notify()
        return End.LOCKED

    def _outcome_of(self, code: str, params: dict[str, Param]) -> _Stop:
        """How an error ends the run: failed, unless an earlier claim's statement isn't settled."""
        if self._settled:
            return _Stop(ExecutionState.FAILED, code, **params)
        first = self.execution.statements.exclude(verdict=Verdict.APPLIED).order_by("ordinal").first()
        if first is None:
            return _Stop(ExecutionState.SUCCEEDED)
        self.progress.unknown(first, "not_settled", code)
        return _Stop(ExecutionState.UNKNOWN, "execution_outcome_unknown", ordinal=first.ordinal)

    def _end(self, stop: _Stop) -> None:
        self.progress.flush()
        write(
            self.execution,
            state=stop.state,
            error_code=stop.code,
            error_params=stop.params,
            finished_at=timezone.now(),
            worker="",
        )
        self.hooks.notify()

    def _check_grant(self) -> None:
        """The grant must still be for exactly this; only then does anything happen."""
        if self.grant.script.sha256 != self.grant.sha256:
            raise Conflict("script_altered")
        self.script.check()
        if self.datasource.revision != self.grant.datasource_revision:
            raise Conflict("datasource_changed", name=self.datasource.name)
        if not self._earlier_session and self.grant.expires_at <= timezone.now():
            raise Conflict("approval_expired")
        self.hooks.gate()

    # ------------------------------------------------------------ session and lock

    @property
    def session(self) -> Session:
        assert self._session is not None
        return self._session

    def _open(self, wait_seconds: float) -> bool:
        """Open the session, prepare markers and take the target's lock; False when it stays taken."""
        limits = SessionLimits(
            self.datasource.connect_seconds,
            self.datasource.statement_seconds,
            self.datasource.lock_wait_seconds,
        )
        label = f"sluicegate {self.grant.key}"[:60]
        self._session = sessions.connect(
            self.datasource, self.grant.database or None, limits, label, schema=self.grant.schema
        )
        self._session_id = self.session.identity.session_id
        if self.place:
            self.session.prepare_markers(self.place)
        deadline = time.monotonic() + wait_seconds
        name = f"sluicegate:{self.execution.target_key}"
        while not self.session.acquire_lock(name):
            self.heartbeat.check()
            if time.monotonic() >= deadline:
                self._end_orphan(name)
                return False
            if self.hooks.stopping() or self.heartbeat.cancelled.is_set():
                return False
            time.sleep(0.1)
        identity = self.session.identity
        if self._earlier_uuid and identity.server_uuid != self._earlier_uuid:
            # Behind the same address is another server now: its markers prove nothing.
            self._close()
            raise Conflict("target_is_another_server", name=self.datasource.name)
        write(self.execution, server_session=identity.session_id, server_uuid=identity.server_uuid)
        self._earlier_session, self._earlier_uuid = identity.session_id, identity.server_uuid
        return True

    def _end_orphan(self, name: str) -> None:
        """End the session of an earlier claim of this run, which has been fenced and still holds the lock: a
        worker whose machine is gone leaves one behind for hours."""
        session = self.session
        if (
            self._earlier_session
            and session.identity.server_uuid == self._earlier_uuid
            and session.lock_holder(name) == self._earlier_session
        ):
            _log.warning("orphan_session_ended", execution=self.execution.pk, session=self._earlier_session)
            session.terminate(self._earlier_session)

    def _close(self) -> None:
        with self._cancel_guard:
            session, self._session, self._session_id = self._session, None, None
        if session is not None:
            session.close()

    def _cancel_statement(self) -> None:
        """Called from the heartbeat's thread: end what our session runs, through a second one."""
        with self._cancel_guard:
            session_id = self._session_id
        if session_id is None:
            return
        try:
            limits = SessionLimits(self.datasource.connect_seconds, 10.0, 5.0)
            helper = sessions.connect(
                self.datasource, self.grant.database or None, limits, "sluicegate cancel"
            )
            try:
                helper.cancel(session_id)
            finally:
                helper.close()
        except SluicegateError:
            # The run stops at the next boundary all the same.
            _log.warning("cancel_failed", execution=self.execution.pk, exc_info=True)

    # ------------------------------------------------------------ what is known already

    def _recover(self) -> None:
        """Settle every statement that an earlier claim may have sent. We hold the target's lock."""
        unsettled = self.execution.statements.exclude(verdict=Verdict.APPLIED)
        first = unsettled.aggregate(first=Min("ordinal"))["first"] or 0
        markers = self._markers(since=first)
        for run in self._in_order(unsettled):
            marker = markers.get(run.ordinal)
            if marker is not None:
                self._check_digest(run, marker)
                self.progress.applied(run, StatementResult(marker.affected_rows), "marker")
            elif run.verdict == Verdict.RUNNING:
                self.progress.unknown(run, "no_marker")
            elif run.verdict == Verdict.UNKNOWN:
                raise _Stop(ExecutionState.UNKNOWN, "execution_outcome_unknown", ordinal=run.ordinal)
            elif run.verdict == Verdict.NOT_APPLIED:
                raise _Stop(ExecutionState.FAILED, "execution_statement_failed", ordinal=run.ordinal)
            else:
                break  # in order: whatever follows was never sent
        self.progress.flush()
        self._settled = True
        applied = self.execution.statements.filter(verdict=Verdict.APPLIED).exists()
        doubtful = self.execution.statements.filter(verdict=Verdict.UNKNOWN).order_by("ordinal").first()
        if doubtful is not None:
            raise _Stop(ExecutionState.UNKNOWN, "execution_outcome_unknown", ordinal=doubtful.ordinal)

        self._keep_session_whole(applied)

    def _keep_session_whole(self, applied: bool) -> None:
        """A run whose statements depend on their session doesn't go on in another one."""
        if self.grant.one_session and applied and self._any_pending():
            raise _Stop(ExecutionState.FAILED, "session_state_lost")

    def _check_digest(self, run: StatementRun, marker: Marker) -> None:
        if marker.digest != self._marker(run).digest:
            self.progress.unknown(run, "marker_mismatch")
            raise _Stop(ExecutionState.UNKNOWN, "marker_mismatch", ordinal=run.ordinal)

    def _markers(self, since: int) -> dict[int, Marker]:
        """The target's markers of this run, by ordinal."""
        if not self.place:
            return {}
        found = self.session.read_markers(self.place, self.grant.key, since=since)
        return {marker.ordinal: marker for marker in found}

    def _pending(self) -> QuerySet[StatementRun]:
        return self.execution.statements.filter(verdict=Verdict.PENDING)

    def _any_pending(self) -> bool:
        return self._pending().exists()

    @staticmethod
    def _in_order(statements: QuerySet[StatementRun]) -> Iterator[StatementRun]:
        """Some at a time: what is read after the first of them was changed is still what comes next."""
        last = 0
        while some := list(statements.filter(ordinal__gt=last).order_by("ordinal")[:_SOME]):
            yield from some
            last = some[-1].ordinal

    # ------------------------------------------------------------ one statement

    def _bytes(self, run: StatementRun) -> bytes:
        return self.script.get(run.byte_start, run.byte_end)

    def _marker(self, run: StatementRun) -> Marker:
        digest = hashlib.sha256(self._bytes(run)).hexdigest()
        return Marker(self.grant.key, run.ordinal, digest, self.execution.attempt)

    def _one(self, run: StatementRun) -> None:
        self.heartbeat.check()
        if self.heartbeat.cancelled.is_set():
            raise _Stop(ExecutionState.CANCELLED, "cancelled_by_person")
        protected = bool(self.place) and run.transactional and self.dialect.features.transactional_dml
        self.progress.begun(run, durable=not protected)
        self._sent = True
        try:
            if protected:
                self._in_transaction(run)
            else:
                self._by_itself(run)
        except MarkerExists as found:
            self._rollback()
            self._check_digest(run, found.marker)
            self.progress.applied(run, StatementResult(found.marker.affected_rows), "marker")
        except StatementFailed as error:
            if not protected and run.partial_possible:
                self.progress.unknown(run, "partly_possible", f"{error.server_code} {error.message}")
                raise _Stop(
                    ExecutionState.UNKNOWN, "execution_outcome_unknown", ordinal=run.ordinal
                ) from error
            self._failed(run, "statement_failed", error.server_code, error.message)
        except _UndoConflict:
            self._failed(run, "undo_conflict")
        except _ImageIncomplete:
            self._failed(run, "image_incomplete")
        except OutcomeUnknown as error:
            self._settle(run, protected, error)

    def _failed(self, run: StatementRun, code: str, server_code: str = "", text: str = "") -> None:
        self._rollback()
        images.discard(run)
        self.progress.not_applied(run, code, server_code, text)
        if self.heartbeat.cancelled.is_set():
            raise _Stop(ExecutionState.CANCELLED, "cancelled_by_person")
        # The statement keeps the server's own words; the run says which statement it was.
        why = "execution_statement_failed" if code == "statement_failed" else code
        raise _Stop(ExecutionState.FAILED, why, ordinal=run.ordinal)

    def _rollback(self) -> None:
        try:
            if self.session.in_transaction():
                self.session.rollback()
        except OutcomeUnknown:
            # The connection is gone, and with it the transaction: the server rolls it back.
            _log.info("rollback_on_lost_connection", execution=self.execution.pk)

    def _in_transaction(self, run: StatementRun) -> None:
        marker = self._marker(run)
        self.session.begin()
        self.session.insert_marker(self.place, marker)
        before = self._before(run)
        result = self.session.execute(self._bytes(run).decode())
        if not self.session.in_transaction():
            # The text ended our transaction: analysis should have refused it.
            self.progress.unknown(run, "transaction_escaped")
            raise _Stop(ExecutionState.UNKNOWN, "transaction_escaped", ordinal=run.ordinal)
        if self.grant.one_row_each and result.affected_rows != 1:
            raise _UndoConflict
        if before is not None:
            self._keep(run, before, result)
        self.session.finish_marker(self.place, replace(marker, affected_rows=result.affected_rows))
        self.heartbeat.check()
        if self.heartbeat.cancelled.is_set():
            self._rollback()
            self.progress.not_applied(run, "cancelled_by_person")
            raise _Stop(ExecutionState.CANCELLED, "cancelled_by_person")
        try:
            self.session.commit()
        except StatementFailed as error:
            # An error at COMMIT says nothing for certain: the marker does.
            raise OutcomeUnknown("connection_lost") from error
        self.progress.applied(run, result, "server")

    def _by_itself(self, run: StatementRun) -> None:
        result = self.session.execute(self._bytes(run).decode())
        if self.place and self.dialect.features.transactional_dml:
            # After the fact: it can only prove that the statement was applied, never that it wasn't.
            self._mark_afterwards(run, result)
        self.progress.applied(run, result, "server")

    def _mark_afterwards(self, run: StatementRun, result: StatementResult) -> None:
        marker = self._marker(run)
        try:
            self.session.begin()
            self.session.insert_marker(self.place, marker)
            self.session.finish_marker(self.place, replace(marker, affected_rows=result.affected_rows))
            self.session.commit()
        except (StatementFailed, OutcomeUnknown, MarkerExists):
            # The statement is applied all the same, and we are about to write that down.
            _log.warning("marker_not_written", execution=self.execution.pk, exc_info=True)
            self._rollback()

    # ------------------------------------------------------------ images

    def _before(self, run: StatementRun) -> ImageSet | None:
        if run.kind != "dml":
            run.undo_reason = run.undo_reason or "image_only_dml"
            return None
        context = AnalysisContext(
            database=self.grant.database or None,
            schema=self.grant.schema or None,
            server_version=self.session.identity.version,
        )
        statement = next(iter(self.dialect.analyse(self._bytes(run).decode(), context)), None)
        plan: ImagePlan | NoImage = (
            NoImage("image_only_dml") if statement is None else self.dialect.image_plan(statement)
        )
        found = plan if isinstance(plan, NoImage) else self.session.read_before(plan, limit=images.MAX_ROWS)
        if isinstance(found, NoImage):
            run.undo_reason = found.reason
            return None
        run.undo_reason = ""
        return found

    def _keep(self, run: StatementRun, before: ImageSet, result: StatementResult) -> None:
        if result.affected_rows is not None and result.affected_rows > len(before.rows):
            raise _ImageIncomplete
        complete = self.session.read_after(before) if before.operation == "UPDATE" else before
        if isinstance(complete, NoImage):
            run.undo_reason = complete.reason
        elif before.operation == "UPDATE" and any(row.after is None for row in complete.rows):
            run.undo_reason = "image_row_gone"
        else:
            images.store(run, complete)

    # ------------------------------------------------------------ doubt

    def _settle(self, run: StatementRun, protected: bool, error: OutcomeUnknown) -> None:
        """The connection broke: open another one, take the lock, and ask the marker."""
        earlier = self._earlier_session
        self._close()
        if not protected:
            self._end_session(earlier)
            self.progress.unknown(run, "connection_lost", str(error))
            raise _Stop(ExecutionState.UNKNOWN, "execution_outcome_unknown", ordinal=run.ordinal)
        if not self._reopen():
            self.progress.unknown(run, "target_unreachable", str(error))
            raise _Stop(ExecutionState.UNKNOWN, "execution_outcome_unknown", ordinal=run.ordinal)
        marker = self._markers(since=run.ordinal).get(run.ordinal)
        if marker is None:
            images.discard(run)
            self.progress.not_applied(run, "connection_lost")
            if self.heartbeat.cancelled.is_set():
                raise _Stop(ExecutionState.CANCELLED, "cancelled_by_person")
            raise _Stop(ExecutionState.FAILED, "connection_lost", ordinal=run.ordinal)
        self._check_digest(run, marker)
        self.progress.applied(run, StatementResult(marker.affected_rows), "marker")
        self.progress.flush()
        self._keep_session_whole(True)

    def _end_session(self, session_id: str) -> None:
        """Have the server end what may still be running, so that a person looks at something settled."""
        try:
            limits = SessionLimits(self.datasource.connect_seconds, 10.0, 5.0)
            endpoint = (self.datasource, self.grant.database or None, limits, "sluicegate settle")
            helper = sessions.connect(*endpoint)
            try:
                if helper.session_alive(session_id):
                    helper.terminate(session_id)
            finally:
                helper.close()
        except SluicegateError:
            _log.warning("session_not_ended", execution=self.execution.pk, exc_info=True)

    def _reopen(self) -> bool:
        deadline = time.monotonic() + _PROBE_SECONDS
        while time.monotonic() < deadline:
            self.heartbeat.check()
            try:
                if self._open(max(0.1, deadline - time.monotonic())):
                    return True
            except Conflict:
                return False  # another server answers at this address
            except (ConnectionFailed, OutcomeUnknown):
                _log.info("probe_not_connected", execution=self.execution.pk)
            self._close()
            time.sleep(0.3)
        return False
