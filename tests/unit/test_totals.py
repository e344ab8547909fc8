"""What a review says of a whole script, and the rows it holds on the way."""

from __future__ import annotations

from sluicegate.reviews import spool
from sluicegate.reviews.estimates import Estimated
from sluicegate.reviews.spool import Spool
from sluicegate.reviews.totals import Totals
from sluicegate.sql.model import Estimate, Finding, Severity, Statement, StatementKind, Verdict


def statement(kind: StatementKind = StatementKind.DML, severity: Severity | None = None) -> Statement:
    plain = Statement(1, 0, 1, 1, 1, "x", kind, "UPDATE", ())
    return plain if severity is None else plain.with_findings((Finding("R1", "C", severity, "m", 1, 1),))


def test_nothing() -> None:
    assert Totals() == Totals(0, 0, 0, 0, None, None, None)
    assert Totals().verdict is Verdict.ALLOW


def test_sums_and_worst_of_data_changes_only() -> None:
    totals = Totals()
    totals.add(statement(), Estimated(Estimate(0), 10))
    assert (totals.rows, totals.worst_rows, totals.worst_share) == (0, 0, 0.0)
    totals.add(statement(severity=Severity.WARNING), Estimated(Estimate(30), 40))
    totals.add(statement(), Estimated(Estimate(5)))
    totals.add(statement(), Estimated(Estimate(None, "estimate_failed"), 10))
    totals.add(statement(StatementKind.DDL), Estimated(Estimate(None, "estimate_not_dml")))
    assert (totals.statements, totals.flagged, totals.denied, totals.unknown) == (5, 1, 0, 1)
    assert (totals.rows, totals.worst_rows, totals.worst_share) == (35, 30, 75.0)
    assert totals.verdict is Verdict.FLAG
    totals.add(statement(severity=Severity.BLOCK), Estimated(Estimate(1)))
    assert (totals.denied, totals.verdict) == (1, Verdict.DENY)


def test_what_was_put_comes_back_in_order() -> None:
    values = [{"ordinal": n, "findings": [{"message": "行\n" * 500, "rows": None}]} for n in range(9000)]
    with Spool() as held:
        for value in values:
            held.put(value)
        assert list(held) == values
    assert len(values) * 500 > spool.IN_MEMORY // 8, "some of it was on disk"
