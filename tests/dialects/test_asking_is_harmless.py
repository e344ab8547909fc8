"""What a target is asked for estimates and counts: as seen from its other sessions while it is asked, and afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sluicegate.dialects.base import Session, StatementFailed
from sluicegate.reviews.estimates import Estimated, Estimator
from sluicegate.sql.model import AnalysisContext
from tests.dialects.targets import Background, Target, wait_until

# Longer than any test may take, unless it is ended.
ENDLESS = "DELETE FROM t WHERE v < (SELECT count(*) FROM many a, many b, many c, many d WHERE a.n + b.n + c.n + d.n > 7)"
SCRIPTS = {
    "mariadb": [
        "UPDATE t JOIN o ON o.id = t.id SET t.v = t.v + 1",
        "INSERT INTO t SELECT id + 100, NEXTVAL(s) FROM o",
        "INSERT INTO t SELECT id + 100, f() FROM o",
        "DELETE FROM t WHERE id IN (SELECT id FROM o FOR UPDATE)",
        "DELETE FROM t WHERE nothing = 1",
        "DELETE FROM t WHERE SLEEP(100) = 0",
    ],
    "postgres": [
        "UPDATE t SET v = 1 FROM o WHERE o.id = t.id",
        "INSERT INTO t SELECT id + 100, nextval('s') FROM o",
        "INSERT INTO t SELECT id + 100, f() FROM o",
        "WITH gone AS (DELETE FROM o RETURNING id) DELETE FROM t USING gone WHERE gone.id = t.id",
        "INSERT INTO t SELECT id + 100, v FROM o FOR UPDATE",
        "DELETE FROM t WHERE nothing = 1",
        "DELETE FROM t WHERE pg_sleep(100) IS NULL",
    ],
}
MADE = {
    "mariadb": (
        "CREATE SEQUENCE s",
        "CREATE FUNCTION f() RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO called VALUES (1); RETURN 1; END",
    ),
    "postgres": (
        "CREATE SEQUENCE s",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS "  # noqa: ISC003
        + "$$ BEGIN PERFORM nextval('s'); INSERT INTO called VALUES (1); RETURN 1; END $$",
    ),
}
UNUSED = {
    "mariadb": ("SELECT next_not_cached_value FROM s", [(1,)]),
    "postgres": ("SELECT is_called FROM s", [(False,)]),
}


@pytest.fixture
def world(server_target: Target) -> Target:
    numbers = ", ".join(f"({number})" for number in range(400))
    engine = " ENGINE=Aria" if server_target.name == "mariadb" else ""  # no transaction would take this back
    server_target.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
        "CREATE TABLE o (id INT PRIMARY KEY, v INT)",
        "CREATE TABLE many (n INT)",
        f"CREATE TABLE called (n INT){engine}",
        "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)",
        "INSERT INTO o VALUES (2, 2), (3, 3), (4, 4)",
        f"INSERT INTO many VALUES {numbers}",
        *MADE[server_target.name],
    )
    return server_target


def asked(target: Target, session: Session, script: str, seconds: float = 60.0) -> Estimated:
    schema = session.target_schema()
    context = AnalysisContext(server_version=session.identity.version, catalogue=schema, known=schema)
    (statement,) = target.dialect.analyse(script, context)
    return Estimator(target.dialect, session, schema, count_seconds=seconds).estimate(statement)


def test_nothing_is_left_behind(world: Target) -> None:
    """Neither a change nor a lock nor an open transaction, whatever came of it."""
    with world.session(lock_wait=5.0) as session:
        for script in SCRIPTS[world.name]:
            asked(world, session, script, 20.0)
            assert not session.in_transaction(), script
        world.run("ALTER TABLE t ADD COLUMN free_to_be_altered INT", "DROP TABLE o")  # nobody holds them
    assert world.run("SELECT count(*), sum(v) FROM t") == [(3, 6)]
    assert world.run("SELECT count(*) FROM called") == [(0,)]
    query, untouched = UNUSED[world.name]
    assert world.run(query) == untouched


# How to see that the count runs, and then once what it holds: InnoDB's table isn't filled anew while somebody
# looks at it all the time.
WATCHED: dict[str, tuple[str, str, list[tuple[object, ...]]]] = {
    "mariadb": (
        "SELECT 1 FROM information_schema.processlist WHERE id = {} AND info LIKE '%COUNT(*) FROM (SELECT 1%'",
        (
            "SELECT trx_is_read_only, trx_rows_locked, trx_rows_modified FROM information_schema.innodb_trx "
            "WHERE trx_mysql_thread_id = {}"
        ),
        [(1, 0, 0)],
    ),
    "postgres": (
        "SELECT 1 FROM pg_stat_activity WHERE pid = {} AND state = 'active' AND query LIKE '%count(*) FROM (SELECT 1%'",
        (
            "SELECT backend_xid IS NULL, (SELECT bool_and(mode = 'AccessShareLock') FROM pg_locks l "
            "WHERE l.pid = a.pid AND locktype = 'relation') FROM pg_stat_activity a WHERE pid = {}"
        ),
        [(True, True)],
    ),
}


def test_a_count_holds_nobody_up(world: Target) -> None:
    """While it runs: a transaction that can't write, holding no lock that anybody's change waits for."""
    with world.session(statement=600.0) as session, world.session() as other:
        counting = Background(lambda: asked(world, session, ENDLESS))
        number = session.identity.session_id
        running, looked, quiet = WATCHED[world.name]
        wait_until(lambda: bool(world.run(running.format(number))), "the count runs")
        assert world.run(looked.format(number)) == quiet
        other.begin()
        assert other.execute("UPDATE t SET v = v + 1").affected_rows == 3
        other.rollback()
        other.cancel(number)
        assert counting.outcome() is None
        found = counting.result
        assert isinstance(found, Estimated)
        assert not found.exact
        assert not session.in_transaction()


@contextmanager
def reader(target: Target, *tables: str) -> Iterator[Target]:
    """An account that may read these tables and nothing else."""
    name, password = f"reader_{secrets.token_hex(4)}", secrets.token_hex(12)
    mariadb = target.name == "mariadb"
    user = f"'{name}'@'%'" if mariadb else name
    target.run(f"CREATE USER {user} {'IDENTIFIED BY' if mariadb else 'PASSWORD'} '{password}'")
    for table in tables:
        target.run(f"GRANT SELECT ON {table} TO {user}")
    yield target.with_endpoint(user=name, password=password)
    if not mariadb:
        target.run(f"DROP OWNED BY {name}")
    target.run(f"DROP USER {user}")


JOINED = {
    "mariadb": ("UPDATE t JOIN o USING (id) SET t.v = 9, o.v = 9", 4),
    "postgres": ("UPDATE t SET v = 9 FROM o WHERE o.id = t.id", 2),
}


def test_reading_is_enough(world: Target) -> None:
    joined, rows = JOINED[world.name]
    with reader(world, "t", "o") as low, low.session() as session:
        for script, number in ((joined, rows), ("INSERT INTO t SELECT id + 100, v FROM o WHERE id > 2", 2)):
            found = asked(low, session, script)
            assert (found.rows, found.exact) == (number, True), script
        with pytest.raises(StatementFailed):
            session.execute("UPDATE t SET v = 9")


def test_what_may_not_be_read_is_unknown(world: Target) -> None:
    joined, _ = JOINED[world.name]
    with reader(world, "t") as low, low.session() as session:
        found = asked(low, session, joined)
        assert (found.rows, found.exact) == (None, False)
        assert found.estimate.reason in ("estimate_no_privilege", "estimate_refused")
        assert not session.in_transaction()


def test_a_view_that_a_trigger_reaches_too_is_still_a_view(mariadb_target: Target) -> None:
    mariadb_target.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
        "CREATE TABLE o (id INT PRIMARY KEY, v INT)",
        "CREATE FUNCTION f() RETURNS INT RETURN 1",
        "CREATE VIEW seen AS SELECT id, v, f() AS x FROM o",
        "CREATE TRIGGER g AFTER DELETE ON t FOR EACH ROW UPDATE seen SET v = 1",
        "CREATE TRIGGER h AFTER INSERT ON t FOR EACH ROW UPDATE o SET v = 1",
        "INSERT INTO o VALUES (1, 1), (2, 2)",
    )
    with mariadb_target.session() as session:
        found = asked(mariadb_target, session, "DELETE FROM t WHERE id IN (SELECT x FROM seen)")
        assert (found.rows, found.estimate.reason) == (None, "estimate_has_view")
        # What only the trigger reaches doesn't matter to the statement's own rows.
        found = asked(mariadb_target, session, "DELETE FROM t WHERE id > 3")
        assert (found.rows, found.exact) == (0, True)
        found = asked(mariadb_target, session, "INSERT INTO t SELECT id, v FROM o")
        assert (found.rows, found.exact) == (2, True)
