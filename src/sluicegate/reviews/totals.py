"""What a review says of a script as a whole, gathered while its statements go by."""

from __future__ import annotations

from dataclasses import dataclass

from sluicegate.reviews.estimates import Estimated
from sluicegate.sql.model import Statement, StatementKind, Verdict


@dataclass(slots=True)
class Totals:
    """``rows``: the sum of the estimates there are, None when there is none; ``unknown``: data changes without
    one. ``worst_share``: percent of a table."""

    statements: int = 0
    flagged: int = 0
    denied: int = 0
    unknown: int = 0
    rows: int | None = None
    worst_rows: int | None = None
    worst_share: float | None = None

    def add(self, statement: Statement, estimated: Estimated) -> None:
        self.statements += 1
        self.flagged += statement.verdict is Verdict.FLAG
        self.denied += statement.verdict is Verdict.DENY
        if statement.kind is not StatementKind.DML:
            return
        if estimated.rows is None:
            self.unknown += 1
        else:
            self.rows = (self.rows or 0) + estimated.rows
            self.worst_rows = max(self.worst_rows or 0, estimated.rows)
        if estimated.share is not None:
            self.worst_share = max(self.worst_share or 0.0, estimated.share)

    @property
    def verdict(self) -> Verdict:
        return Verdict.DENY if self.denied else Verdict.FLAG if self.flagged else Verdict.ALLOW
