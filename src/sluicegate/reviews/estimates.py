"""How many rows each statement of a script would change, asked of the target without executing anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from sluicegate.core.errors import SluicegateError
from sluicegate.core.log import logger
from sluicegate.dialects.base import Dialect, Session
from sluicegate.dialects.common.target_schema import TargetSchema
from sluicegate.sql.known import reached
from sluicegate.sql.model import Access, Estimate, ObjectRef, Statement, StatementKind, Verdict
from sluicegate.sql.structure.definitions import Table

_log = logger(__name__)

MAX_EXPLAINED: Final = 500  # per target; what comes after is unknown, and says so
_FOLLOWED: Final = 10  # objects of one statement whose triggers and cascades are followed
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Estimated:
    """``table_rows``: of the one table that is changed, as the server estimates; None when it isn't known or
    there are several."""

    estimate: Estimate
    table_rows: int | None = None

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
    in its order."""

    def __init__(self, dialect: Dialect, session: Session, schema: TargetSchema | None) -> None:
        self._dialect = dialect
        self._session = session
        self._schema = schema
        self._explained = 0
        # (place, name) -> the last statement so far that made, altered or dropped it, or changed its rows
        self._defined: dict[_Key, int] = {}
        self._filled: dict[_Key, int] = {}

    def estimate(self, statement: Statement) -> Estimated:
        estimate = self._estimate(self._by_itself(statement))
        self._remember(statement)
        return Estimated(estimate, self._table_rows(self._by_itself(statement)))

    def _by_itself(self, statement: Statement) -> Statement:
        """Without what only triggers, rules and cascades reach: the statement's own rows are counted."""
        if self._schema is None or statement.kind is not StatementKind.DML:
            return statement
        further = {
            _key(target)
            for ref in statement.objects[:_FOLLOWED]
            for kind, target in reached(ref, statement.operation, self._schema)
            if ref.access is Access.WRITE and kind != "view"
        }
        own = tuple(ref for ref in statement.objects if ref.type != "function" and _key(ref) not in further)
        return replace(statement, objects=own) if own else statement

    def _estimate(self, statement: Statement) -> Estimate:
        if statement.kind is not StatementKind.DML:
            return Estimate(None, "estimate_not_dml")
        if statement.verdict is Verdict.DENY:
            return Estimate(None, "estimate_denied")
        if not self._dialect.features.explains_dml:
            return Estimate(None, "estimate_unsupported")
        if self._explained >= MAX_EXPLAINED:
            return Estimate(None, "estimate_too_many")
        self._explained += 1
        estimate = self._asked(statement)
        if estimate.rows is not None and estimate.plan is None:  # counted in the statement itself
            return estimate
        structure = self._earlier(statement, self._defined)
        if structure is not None:
            return Estimate(None, "estimate_depends_structure", {"ordinal": structure})
        data = self._earlier(statement, self._filled)
        if data is not None and estimate.rows is not None:
            return replace(estimate, reason="estimate_depends", params={"ordinal": data})
        return estimate

    def _asked(self, statement: Statement) -> Estimate:
        try:
            with self._read_only():
                return self._session.estimate(statement)
        except SluicegateError as error:
            _log.info("estimate_failed", code=error.code)
            return Estimate(None, "estimate_failed")

    @contextmanager
    def _read_only(self) -> Iterator[None]:
        self._session.begin(read_only=True)
        try:
            yield
        finally:
            self._session.rollback()

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


def _key(ref: ObjectRef) -> _Key:
    return (ref.schema or ref.database or "").casefold(), ref.name.casefold()
