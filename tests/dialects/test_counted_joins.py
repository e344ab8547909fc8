"""Exact counts of several tables and of INSERT … SELECT: what was counted is what the server then says it changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sluicegate.dialects.base import Session
from sluicegate.reviews.estimates import Estimated, Estimator
from sluicegate.sql.model import AnalysisContext, Statement
from tests.dialects.targets import Target

WORLD = (
    "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
    "CREATE TABLE o (id INT PRIMARY KEY, t_id INT, w INT)",  # ten partners for some rows of t, none for others
    "CREATE TABLE k (a INT, b VARCHAR(5), n INT, PRIMARY KEY (a, b))",
    "CREATE TABLE keyless (t_id INT, z INT)",
    "INSERT INTO t VALUES " + ", ".join(f"({n}, {n % 3})" for n in range(1, 61)),
    "INSERT INTO o VALUES " + ", ".join(f"({n}, {n % 6 + 1}, {n % 5})" for n in range(1, 61)),
    "INSERT INTO k VALUES " + ", ".join(f"({n % 4}, 'b{n}', {n})" for n in range(1, 13)),
    "INSERT INTO keyless VALUES (1, 1), (1, 1), (2, 2)",
)
BOTH = [
    "INSERT INTO t SELECT id + 1000, w FROM o WHERE w > 2",
    "INSERT INTO t (id, v) SELECT id + 1000, 7 FROM o ORDER BY w LIMIT 9",
    "INSERT INTO t SELECT id + 1000, w FROM o LIMIT 50 OFFSET 55",
    "INSERT INTO t SELECT t_id + 1000, COUNT(*) FROM o GROUP BY t_id HAVING COUNT(*) > 3",
    "INSERT INTO t SELECT DISTINCT t_id + 1000, 1 FROM o",
    "INSERT INTO t SELECT MAX(id) + 1000, COUNT(*) FROM o",
    "INSERT INTO t SELECT COALESCE(MAX(id), 0) + 1000, COUNT(*) FROM o WHERE 1 = 0",
    "INSERT INTO t SELECT id + 1000, w FROM o WHERE w = 1 UNION SELECT id + 1000, w FROM o WHERE w < 3",
    "INSERT INTO t SELECT o.id + 1000, 0 FROM o LEFT JOIN t ON t.id = o.t_id + 55 WHERE t.id IS NULL -- rest",
    "INSERT INTO t SELECT 7000, 1",
]
MARIADB = [
    "UPDATE t JOIN o ON o.t_id = t.id SET t.v = t.v + 100",
    "UPDATE t, o SET t.v = t.v + 100 WHERE o.t_id = t.id AND o.w = 2",
    "UPDATE t AS x JOIN o AS y ON y.t_id = x.id SET x.v = x.v + 100, y.w = y.w + 100",
    "UPDATE t JOIN o ON o.t_id = t.id SET v = v + 100, w = w + 100 WHERE w < 3",
    "UPDATE t LEFT JOIN o ON o.t_id = t.id SET t.v = t.v + 100, o.w = 77 WHERE t.v = 1",
    "UPDATE (t JOIN (o JOIN k ON k.n = o.id) ON o.t_id = t.id) SET k.n = k.n + 100",
    "UPDATE t a JOIN t b ON b.id = a.id + 1 SET a.v = 500 WHERE b.v = 1",
    "UPDATE t JOIN (SELECT t_id, COUNT(*) AS c FROM o GROUP BY t_id) d ON d.t_id = t.id SET t.v = d.c + 100",
    "UPDATE t JOIN o USING (id) SET t.v = t.v + 100 WHERE o.w IN (1, 2)",
    "UPDATE t JOIN keyless ON keyless.t_id = t.id SET t.v = 99",
    "DELETE x FROM t x JOIN o ON o.t_id = x.id WHERE o.w > 1",
    "DELETE t, o FROM t JOIN o ON o.t_id = t.id WHERE o.w = 3",
    "DELETE FROM a USING t AS a JOIN o ON o.t_id = a.id",
    "DELETE a FROM t a JOIN o USING (id) WHERE a.v = 0",
    "DELETE t.* FROM t LEFT JOIN o ON o.t_id = t.id WHERE o.id IS NULL",
    "DELETE k FROM k JOIN t ON t.id = k.a WHERE t.v < 2",
    "DELETE FROM t WHERE id IN (SELECT t_id FROM o WHERE w = 1) /* some */",
    "DELETE /* of */ FROM t WHERE id > 50 AND NOW() > '2001-01-01'",
    "UPDATE t SET v = FLOOR(RAND() * 5) + 50 WHERE id < 9",
    "INSERT INTO t SELECT id + 1000, RAND() * 5 FROM o",
    "INSERT INTO t SELECT 0 + id + 1000, 0 + id + 1000 FROM o",  # columns of one name
]
POSTGRES = [
    "UPDATE t SET v = t.v + 100 FROM o WHERE o.t_id = t.id",
    "UPDATE t AS x SET v = 5 FROM o JOIN k ON k.n = o.id WHERE o.t_id = x.id AND k.a > 1",
    "UPDATE t SET v = (random() * 5)::int FROM keyless z WHERE z.t_id = t.id",
    "DELETE FROM t USING o WHERE o.t_id = t.id AND o.w > 1",
    "DELETE FROM t a USING t b WHERE b.v = a.v AND b.id < a.id",
    "DELETE FROM t USING o LEFT JOIN k ON k.n = o.id WHERE o.t_id = t.id AND k.n IS NULL RETURNING t.id",
    "WITH few AS (SELECT t_id FROM o WHERE w = 1) DELETE FROM t USING few WHERE few.t_id = t.id",
    "WITH few AS (SELECT t_id FROM o WHERE w = 1) UPDATE t SET v = 8 WHERE id IN (SELECT t_id FROM few)",
    "WITH few AS (SELECT id FROM o WHERE w = 1) INSERT INTO t SELECT id + 1000, 1 FROM few",
    "INSERT INTO t SELECT id, w FROM o ON CONFLICT (id) DO UPDATE SET v = excluded.v",
    "UPDATE parts SET v = 1 FROM o WHERE o.id = parts.id",  # rows of two parts have the same place
    "DELETE FROM ONLY t USING o WHERE o.id = t.id AND o.w = 4",
    "UPDATE t SET v = now()::date - now()::date FROM o WHERE o.id = t.id AND now() > '2001-01-01'",
]
AT_MOST = {
    "mariadb": [
        "INSERT IGNORE INTO t SELECT id + 30, w FROM o",
        "INSERT INTO t SELECT id + 30, w FROM o ON DUPLICATE KEY UPDATE v = t.v",
        "UPDATE IGNORE t JOIN o ON o.t_id = t.id SET t.id = t.id + 1",
        "DELETE IGNORE x FROM t x JOIN o ON o.t_id = x.id",
    ],
    "postgres": [
        "INSERT INTO t SELECT id + 30, w FROM o ON CONFLICT DO NOTHING",
        "INSERT INTO t SELECT id + 30, w FROM o ON CONFLICT (id) DO UPDATE SET v = 1 WHERE t.v = 2",
    ],
}
NOT_COUNTED = {
    "mariadb": [
        "UPDATE t JOIN keyless ON keyless.t_id = t.id SET keyless.z = 5",  # which row is which
        "DELETE a, b FROM t a JOIN t b ON b.id = a.id + 1",  # a row that both find
        "UPDATE t JOIN (SELECT t_id FROM o LIMIT 3) d ON d.t_id = t.id SET t.v = 1",  # which three
        "REPLACE INTO t SELECT id, w FROM o",
        "DELETE x FROM t x JOIN o ON o.t_id = x.id WHERE RAND() < 0.5",
        "DELETE x FROM t x JOIN o ON o.t_id = x.id WHERE o.w = CHAR_LENGTH(USER())",
        "DELETE x FROM t x JOIN o ON o.t_id = x.id WHERE o.w = CHAR_LENGTH(CURRENT_USER)",
        "INSERT INTO t SELECT id + 1000, 1 FROM o WHERE w > @n",
    ],
    "postgres": [
        "DELETE FROM t USING o WHERE o.t_id = t.id AND random() < 0.5",
        "DELETE FROM t USING (SELECT t_id FROM o LIMIT 3) d WHERE d.t_id = t.id",
        "WITH gone AS (DELETE FROM o RETURNING t_id) DELETE FROM t USING gone WHERE gone.t_id = t.id",
        "MERGE INTO t USING o ON o.id = t.id WHEN MATCHED THEN UPDATE SET v = 1 WHEN NOT MATCHED THEN DO NOTHING",
        "DELETE FROM t USING o WHERE o.t_id = t.id AND o.w = length(current_user)",
        "INSERT INTO t SELECT id + 1000, 1 FROM o FOR UPDATE",
    ],
}


@pytest.fixture
def world(server_target: Target) -> Target:
    server_target.run(*WORLD)
    if server_target.name == "postgres":
        server_target.run(
            "CREATE TABLE parts (id INT, v INT) PARTITION BY RANGE (id)",
            "CREATE TABLE low PARTITION OF parts FOR VALUES FROM (0) TO (30)",
            "CREATE TABLE high PARTITION OF parts FOR VALUES FROM (30) TO (90)",
            "INSERT INTO parts SELECT id, v FROM t",
        )
    return server_target


def counted(target: Target, session: Session, script: str) -> tuple[Statement, Estimated]:
    schema = session.target_schema()
    context = AnalysisContext(server_version=session.identity.version, catalogue=schema, known=schema)
    (statement,) = target.dialect.analyse(script, context)
    return statement, Estimator(target.dialect, session, schema, count_seconds=20.0).estimate(statement)


def changed(session: Session, statement: Statement) -> int | None:
    session.begin()
    try:
        return session.execute(statement.text).affected_rows
    finally:
        session.rollback()


@pytest.fixture
def session(world: Target) -> Iterator[Session]:
    with world.session() as opened:
        yield opened


def test_what_is_counted_is_what_is_changed(world: Target, session: Session) -> None:
    for script in BOTH + (MARIADB if world.name == "mariadb" else POSTGRES):
        statement, found = counted(world, session, script)
        assert (found.exact, found.estimate.reason) == (True, None), script
        assert found.rows == changed(session, statement), script


def test_what_falls_together_is_a_bound(world: Target, session: Session) -> None:
    for script in AT_MOST[world.name]:
        _, found = counted(world, session, script)
        assert (found.exact, found.estimate.reason) == (False, "estimate_at_most"), script
        # Counting an updated row of MariaDB's upserts twice is the client's affair.
        assert found.rows is not None, script
    script = AT_MOST[world.name][0]
    statement, found = counted(world, session, script)
    assert (changed(session, statement), found.rows) == (30, 60)


def test_what_no_query_can_count(world: Target, session: Session) -> None:
    for script in NOT_COUNTED[world.name]:
        _, found = counted(world, session, script)
        assert not found.exact, script
        assert found.estimate.reason is not None, script
        assert (found.rows is None) == (found.estimate.reason != "estimate_not_counted"), (script, found)
    assert world.run("SELECT count(*), sum(v) FROM t") == [(60, 60)]
