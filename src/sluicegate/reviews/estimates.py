"""How many rows each statement of a script would change, asked of the target without executing anything."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from sluicegate.core.errors import SluicegateError
from sluicegate.core.log import logger
from sluicegate.dialects.base import Dialect, Session
from sluicegate.dialects.common.target_schema import TargetSchema
from sluicegate.reviews.limits import Rate, SharedRate
from sluicegate.sql.known import operations_of, reached
from sluicegate.sql.model import Access, Estimate, ImagePlan, ObjectRef, Statement, StatementKind, Verdict
from sluicegate.sql.structure.definitions import Table

_log = logger(__name__)

MAX_EXPLAINED: Final = 500  # per target; what comes after is unknown, and says so
_ESTIMATING: Final = 20.0  # seconds that one script may spend where estimates are counts
_COUNTING: Final = 20  # longest counts' worth of time that one script may spend on counting
_FOLLOWED: Final = 10  # objects of one statement whose triggers and cascades are followed
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Estimated:
    """``table_rows``: of the one table that is changed, as the server estimates; None when it isn't known or
    there are several. ``exact``: the rows were counted."""

    estimate: Estimate
    table_rows: int | None = None
    exact: bool = False

    @property
    def rows(self) -> int | None:
        return self.estimate.rows

    @property
    def share(self) -> float | None:
        """Percent of the table, never more than all of it."""
        return share_of(self.rows, self.table_rows)


def share_of(rows: int | None, table_rows: int | None) -> float | None:
    """Percent of a table; None when either isn't known."""
    if rows is None or not table_rows:
        return None
    return min(100.0, round(100 * rows / table_rows, 1))


class Estimator:
    """Asks the target, each time in a read-only transaction that is rolled back. One script; statements come
    in its order. ``session`` None: there is nobody to ask. ``count_seconds``: rows are counted where that is possible, each for so long at most."""

    def __init__(
        self,
        dialect: Dialect,
        session: Session | None,
        schema: TargetSchema | None,
        *,
        rate: Rate | SharedRate | None = None,
        count_seconds: float | None = None,
    ) -> None:
        self._dialect = dialect
        self._session = session
        self._schema = schema
        self._rate = rate
        self._count_seconds = count_seconds
        self._counting_left = (count_seconds or 0.0) * _COUNTING
        self._estimating_left = _ESTIMATING
        self._explained = 0
        # (place, name) -> the last statement so far that made, altered or dropped it, or changed its rows
        self._defined: dict[_Key, int] = {}
        self._filled: dict[_Key, int] = {}

    def estimate(self, statement: Statement) -> Estimated:
        itself = self._by_itself(statement)
        estimate = self._estimate(itself)
        exact = self._dialect.features.counts_dml and estimate.plan is not None and estimate.reason is None
        if self._count_seconds is not None:
            estimate, exact = self._counted(itself, estimate, exact, self._count_seconds)
        self._remember(statement)
        return Estimated(estimate, self._table_rows(itself), exact)

    def _counted(
        self, statement: Statement, estimate: Estimate, exact: bool, seconds: float
    ) -> tuple[Estimate, bool]:
        """(the number that holds, whether it was counted). What earlier statements change can't be counted yet;
        what wasn't counted keeps the estimate and says why."""
        if exact or not self._countable(statement, estimate):
            return estimate, exact
        plan = self._dialect.count_plan(statement)
        chosen = plan if isinstance(plan, ImagePlan) else None
        if self._counting_left <= 0:
            counted = Estimate(None, "estimate_count_timeout")
        else:
            begun = time.monotonic()
            counted = self._asked(lambda asked: asked.count(statement, chosen, seconds=seconds))
            self._counting_left -= time.monotonic() - begun
        if counted.rows is not None:
            return replace(counted, plan=estimate.plan), counted.reason is None
        if counted.reason == "estimate_count_timeout":
            return replace(estimate, reason=counted.reason, params={}), False
        return (
            estimate if estimate.rows is None else replace(estimate, reason="estimate_not_counted")
        ), False

    def _countable(self, statement: Statement, estimate: Estimate) -> bool:
        """Not where the number is the text's own, as of INSERT … VALUES."""
        if statement.kind is not StatementKind.DML or statement.verdict is Verdict.DENY:
            return False
        if estimate.rows is not None and estimate.plan is None:
            return False
        return all(self._earlier(statement, changed) is None for changed in (self._defined, self._filled))

    def _by_itself(self, statement: Statement) -> Statement:
        """Without what only triggers, rules and cascades reach: the statement's own rows are counted."""
        if self._schema is None or statement.kind is not StatementKind.DML:
            return statement
        operations = operations_of(statement.operation, statement.text)
        further = {
            _key(target)
            for ref in statement.objects[:_FOLLOWED]
            for kind, target in reached(ref, operations, self._schema)
            if ref.access is Access.WRITE and kind != "view"
        }
        text = statement.text.casefold()
        own = tuple(
            replace(ref, access=Access.READ) if _key(ref) in further else ref
            for ref in statement.objects
            # What the text names stays to be looked at, whatever else reaches it.
            if ref.type != "function" and (_key(ref) not in further or ref.name.casefold() in text)
        )
        return replace(statement, objects=own) if own else statement

    def _estimate(self, statement: Statement) -> Estimate:
        if statement.kind is not StatementKind.DML:
            return Estimate(None, "estimate_not_dml")
        if statement.verdict is Verdict.DENY:
            return Estimate(None, "estimate_denied")
        features = self._dialect.features
        if not (features.explains_dml or features.counts_dml):
            return Estimate(None, "estimate_unsupported")
        if self._explained >= MAX_EXPLAINED:
            return Estimate(None, "estimate_too_many")
        self._explained += 1
        if self._estimating_left <= 0:
            return Estimate(None, "estimate_timeout")
        begun = time.monotonic()
        estimate = self._asked(lambda asked: asked.estimate(statement))
        if features.counts_dml:
            self._estimating_left -= time.monotonic() - begun
        if estimate.rows is not None and estimate.plan is None:  # counted in the statement itself
            return estimate
        structure = self._earlier(statement, self._defined)
        if structure is not None:
            return Estimate(None, "estimate_depends_structure", {"ordinal": structure})
        data = self._earlier(statement, self._filled)
        if data is not None and estimate.rows is not None:
            return replace(estimate, reason="estimate_depends", params={"ordinal": data})
        return estimate

    def _asked(self, ask: Callable[[Session], Estimate]) -> Estimate:
        if self._session is None:
            return Estimate(None, "estimate_review_account")
        if self._rate is not None:
            self._rate.take()
        try:
            with _read_only(self._session):
                return ask(self._session)
        except SluicegateError as error:
            _log.info("estimate_failed", code=error.code)
            return Estimate(None, "estimate_failed")

    # ---------------------------------------------------------------- what came before

    def _earlier(self, statement: Statement, changed: Mapping[_Key, int]) -> int | None:
        """The last of them that concerns a table which this one names."""
        found = [changed.get(_key(ref)) for ref in statement.objects]
        return max((ordinal for ordinal in found if ordinal is not None), default=None)

    def _remember(self, statement: Statement) -> None:
        changed = {StatementKind.DDL: self._defined, StatementKind.DML: self._filled}.get(statement.kind)
        if changed is None or statement.verdict is Verdict.DENY:
            return
        for ref in statement.objects:
            if ref.access is Access.WRITE:
                changed[_key(ref)] = statement.ordinal

    def sizes(self, statement: Statement, estimated: Estimated) -> dict[str, int]:
        """Rows of the tables that the plan reads from end to end, by folded name."""
        plan = estimated.estimate.plan
        scanned = {scan.table.casefold() for scan in plan.full_scans} if plan is not None else set()
        found = {}
        for ref in statement.objects:
            if self._schema is not None and ref.name.casefold() in scanned:
                table = self._schema.table(ref)
                if isinstance(table, Table) and table.rows is not None:
                    found[ref.name.casefold()] = table.rows
        return found

    def _table_rows(self, statement: Statement) -> int | None:
        changed = [ref for ref in statement.objects if ref.access is Access.WRITE and ref.type == "table"]
        if self._schema is None or statement.kind is not StatementKind.DML or len(changed) != 1:
            return None
        table = self._schema.table(changed[0])
        return table.rows if isinstance(table, Table) else None


@contextmanager
def _read_only(session: Session) -> Iterator[None]:
    session.begin(read_only=True)
    try:
        yield
    finally:
        session.rollback()


def _key(ref: ObjectRef) -> _Key:
    return (ref.schema or ref.database or "").casefold(), ref.name.casefold()
