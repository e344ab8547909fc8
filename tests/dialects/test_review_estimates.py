"""Estimates of one script's statements: what an earlier statement does to a table that a later one names."""

from __future__ import annotations

from sluicegate.reviews.estimates import Estimated, Estimator, share_of
from sluicegate.sql.model import AnalysisContext, FullScan
from tests.dialects.targets import Target


def estimated(target: Target, script: str) -> list[Estimated]:
    with target.session() as session:
        schema = session.target_schema()
        context = AnalysisContext(
            server_version=session.identity.version, catalogue=schema, known=schema, schema=None
        )
        estimator = Estimator(target.dialect, session, schema)
        return [estimator.estimate(statement) for statement in target.dialect.analyse(script, context)]


def filled(target: Target) -> Target:
    numbers = {
        "mariadb": "INSERT INTO t SELECT seq, seq FROM seq_1_to_1000",
        "postgres": "INSERT INTO t SELECT n, n FROM generate_series(1, 1000) n",
    }
    analyze = {"mariadb": "ANALYZE TABLE t", "postgres": "ANALYZE t"}
    create = "CREATE TABLE t (id INT PRIMARY KEY, v INT)"
    target.run(create, numbers[target.name], analyze[target.name])
    return target


def test_what_depends_on_earlier_statements(server_target: Target) -> None:
    found = estimated(
        filled(server_target),
        """UPDATE t SET v = 1 WHERE id = 1;
           UPDATE t SET v = 2 WHERE id = 2;
           INSERT INTO t VALUES (2000, 1), (2001, 1);
           ALTER TABLE t ADD COLUMN w INT;
           UPDATE t SET v = 3 WHERE id = 3;
           INSERT INTO t (id) VALUES (3000)""",
    )
    rows = [item.rows for item in found]
    assert rows == [1, 1, 2, None, None, 1]
    assert [item.estimate.reason for item in found] == [
        None,
        "estimate_depends",
        None,
        "estimate_not_dml",
        "estimate_depends_structure",
        None,
    ]
    assert found[1].estimate.params == {"ordinal": 1}
    assert found[4].estimate.params == {"ordinal": 4}


def test_counted_estimates_depend_on_earlier_statements_too(sqlite_target: Target) -> None:
    sqlite_target.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)"
    )
    found = estimated(
        sqlite_target,
        """DELETE FROM t WHERE id < 3;
           DELETE FROM t WHERE v > 1;
           INSERT INTO t VALUES (7, 1);
           ALTER TABLE t ADD COLUMN w INT;
           UPDATE t SET v = 3""",
    )
    assert [(item.rows, item.exact) for item in found] == [
        (2, True),
        (2, False),
        (1, False),
        (None, False),
        (None, False),
    ]
    assert [item.estimate.reason for item in found] == [
        None,
        "estimate_depends",
        None,
        "estimate_not_dml",
        "estimate_depends_structure",
    ]


def test_share_and_plan(server_target: Target) -> None:
    by_key, all_rows = estimated(
        filled(server_target), "UPDATE t SET v = 1 WHERE id = 7; DELETE FROM t WHERE v > 0"
    )
    assert by_key.share == 0.1
    assert by_key.estimate.plan is not None
    assert by_key.estimate.plan.full_scans == ()
    assert (all_rows.share or 0) > 30
    assert all_rows.estimate.plan is not None
    (scan,) = all_rows.estimate.plan.full_scans
    assert scan.table == "t"
    assert not scan.nested


def test_a_loop_without_a_key(server_target: Target) -> None:
    server_target.run("CREATE TABLE o (n INT)", "INSERT INTO o VALUES (1), (2)")
    text = "DELETE FROM t WHERE EXISTS (SELECT 1 FROM o WHERE o.n + 1 < t.v)"
    (found,) = estimated(filled(server_target), text)
    assert found.estimate.plan is not None
    assert FullScan in {type(scan) for scan in found.estimate.plan.full_scans}


def test_shares() -> None:
    assert share_of(None, 10) is None
    assert share_of(5, None) is None
    assert share_of(5, 0) is None
    assert share_of(5, 10) == 50.0
    assert share_of(50, 10) == 100.0
