"""Exact counts: right, within their time, and never running what the statement's condition alone wouldn't."""

from __future__ import annotations

import pytest

from sluicegate.reviews.estimates import Estimated, Estimator
from sluicegate.reviews.limits import Rate
from sluicegate.sql.model import AnalysisContext
from tests.dialects.targets import Target


def counted(target: Target, script: str, seconds: float = 20.0) -> list[Estimated]:
    with target.session() as session:
        schema = session.target_schema()
        context = AnalysisContext(server_version=session.identity.version, catalogue=schema, known=schema)
        estimator = Estimator(target.dialect, session, schema, count_seconds=seconds)
        return [estimator.estimate(statement) for statement in target.dialect.analyse(script, context)]


@pytest.fixture
def filled(target: Target) -> Target:
    """t(id, v): 1..60, of which 20 have v = 1."""
    values = ", ".join(f"({number}, {number % 3})" for number in range(1, 61))
    target.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)", f"INSERT INTO t VALUES {values}")
    return target


@pytest.mark.parametrize(
    ("script", "rows"),
    [
        ("UPDATE t SET v = 9 WHERE v = 1", 20),
        ("DELETE FROM t", 60),
        ("DELETE FROM t WHERE v = 1 AND id > 30 -- the newer ones", 10),
        ("UPDATE t SET v = 9 WHERE id IN (1, 2, 1000)", 2),
        ("DELETE FROM t WHERE abs(v) = 7", 0),
    ],
)
def test_counts(filled: Target, script: str, rows: int) -> None:
    (found,) = counted(filled, script)
    assert (found.rows, found.exact, found.estimate.reason) == (rows, True, None)
    assert filled.run("SELECT count(*), sum(v) FROM t") == [(60, 60)]


def test_order_and_limit(filled: Target) -> None:
    if filled.name != "mariadb":  # the others have no such UPDATE
        return
    (found,) = counted(filled, "DELETE FROM t WHERE v = 1 ORDER BY id")
    assert (found.rows, found.exact) == (20, True)
    # Which ones isn't certain, but how many.
    (found,) = counted(filled, "DELETE FROM t WHERE v = 1 ORDER BY id LIMIT 7")
    assert (found.rows, found.exact) == (7, True)
    (found,) = counted(filled, "UPDATE t SET v = 5 WHERE v = 1 LIMIT 100")
    assert (found.rows, found.exact) == (20, True)
    (found,) = counted(
        filled, "DELETE FROM t WHERE id <= (SELECT v FROM (SELECT v FROM t LIMIT 1) x) LIMIT 100"
    )
    assert not found.exact  # these could be others


def test_what_came_before_is_not_counted(filled: Target) -> None:
    first, second = counted(filled, "DELETE FROM t WHERE v = 1; DELETE FROM t WHERE v = 2")
    assert (first.exact, second.exact) == (True, False)


def test_inserts_are_not_counted(filled: Target) -> None:
    (found,) = counted(filled, "INSERT INTO t VALUES (100, 1)")
    assert not found.exact


def test_time_out_keeps_the_estimate(filled: Target) -> None:
    numbers = ", ".join(f"({number})" for number in range(400))
    filled.run("CREATE TABLE many (n INT)", f"INSERT INTO many VALUES {numbers}")
    slow = "DELETE FROM t WHERE v < (SELECT count(*) FROM many a, many b, many c, many d WHERE a.n + b.n + c.n + d.n > 7)"
    (found,) = counted(filled, slow, 0.1)
    assert not found.exact
    assert found.estimate.reason == "estimate_count_timeout"
    if filled.dialect.features.explains_dml:
        assert found.rows is not None
    with filled.session() as session:  # nothing is left behind
        assert not session.in_transaction()


@pytest.mark.parametrize(
    "condition",
    [
        "touched(id) = 1",
        "t.touched = 1",
        "pg_sleep(0) IS NOT NULL",
        "id OPERATOR(public.===) 1",
        "id === 1",
    ],
)
def test_functions_of_others_do_not_run(postgres_target: Target, condition: str) -> None:
    postgres_target.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
        "INSERT INTO t VALUES (1, 1)",
        "CREATE SEQUENCE calls",
        """CREATE FUNCTION touched(int) RETURNS int LANGUAGE plpgsql STABLE AS
           $$ BEGIN RETURN 1; END $$""",
        "CREATE FUNCTION touched(t) RETURNS int LANGUAGE sql STABLE AS 'SELECT touched(1)'",
        "CREATE FUNCTION same(int, int) RETURNS bool LANGUAGE sql STABLE AS 'SELECT touched(1) = 1'",
        "CREATE OPERATOR === (FUNCTION = same, LEFTARG = int, RIGHTARG = int)",
    )
    if "===" not in condition:
        postgres_target.run("DROP OPERATOR === (int, int)")
    (found,) = counted(postgres_target, f"DELETE FROM t WHERE {condition}")
    assert not found.exact


def test_row_security_is_not_run(postgres_target: Target) -> None:
    postgres_target.run("CREATE TABLE t (id INT PRIMARY KEY)", "ALTER TABLE t ENABLE ROW LEVEL SECURITY")
    (found,) = counted(postgres_target, "DELETE FROM t WHERE id = 1")
    assert (found.exact, found.estimate.reason) == (False, "estimate_not_counted")


def test_functions_and_locks_of_mariadb(mariadb_target: Target) -> None:
    mariadb_target.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)", "CREATE TABLE o (n INT)")
    for condition in ("SLEEP(0) = 0", "RAND() < 2", "v = @a", "v IN (SELECT n FROM o FOR UPDATE)"):
        (found,) = counted(mariadb_target, f"DELETE FROM t WHERE {condition}")
        assert not found.exact, condition


def test_rate() -> None:
    now = 0.0
    waited: list[float] = []
    rate = Rate(10, clock=lambda: now, wait=waited.append)
    for _ in range(13):
        rate.take()
    assert waited == pytest.approx([0.1, 0.2, 0.3])
    now = 100.0  # never more than a second's worth is saved up
    for _ in range(11):
        rate.take()
    assert waited[3:] == pytest.approx([0.1])
