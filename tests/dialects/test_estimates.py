"""Estimates: right in size, or unknown with a reason, and never anything executed."""

from __future__ import annotations

import contextlib
import re

import pytest

from sluicegate.dialects.base import Session
from sluicegate.dialects.common import scan
from sluicegate.sql.model import Estimate, StatementKind
from tests.dialects.targets import Target, statement

NUMBERS = {
    "mariadb": "INSERT INTO t SELECT seq, seq FROM seq_1_to_1000",
    "postgres": "INSERT INTO t SELECT n, n FROM generate_series(1, 1000) n",
    "sqlite": "INSERT INTO t WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000) SELECT n, n FROM c",
}
ANALYZE = {"mariadb": "ANALYZE TABLE t", "postgres": "ANALYZE t", "sqlite": "ANALYZE"}


@pytest.fixture
def filled(target: Target) -> Target:
    """t(id, v) with 1..1000."""
    target.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)", NUMBERS[target.name], ANALYZE[target.name])
    return target


def ask(session: Session, text: str, operation: str, *tables: str) -> Estimate:
    """As a review does: in a read-only transaction that is rolled back."""
    session.begin(read_only=True)
    try:
        return session.estimate(statement(text, operation, *(tables or ("t",))))
    finally:
        session.rollback()


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("UPDATE t SET v = 1", 900, 1100),
        ("UPDATE t SET v = 1 WHERE id = 7", 1, 1),
        ("UPDATE t SET v = 1 WHERE id IN (1, 2, 3);", 1, 3),
        ("DELETE FROM t", 900, 1100),
        ("DELETE FROM t WHERE id <= 100 -- the old ones", 90, 110),
        ("DELETE FROM t WHERE 1 = 0", 0, 1),
        ("INSERT INTO t VALUES (2001, 1), (2002, '),(('), /* ,(1) */ (2003, (3))", 3, 3),
        ("INSERT INTO t (id, v) VALUES (2001, 1)", 1, 1),
    ],
)
def test_size(filled: Target, text: str, low: int, high: int) -> None:
    with filled.session() as session:
        estimate = ask(session, text, text.split(maxsplit=1)[0])
    assert estimate.reason is None
    assert estimate.rows is not None
    assert low <= estimate.rows <= high
    assert filled.run("SELECT count(*), sum(v) FROM t") == [(1000, 500500)]


def test_a_query_changes_nothing(filled: Target) -> None:
    with filled.session() as session:
        query = statement("SELECT * FROM t", "SELECT", "t", kind=StatementKind.QUERY)
        assert session.estimate(query) == Estimate(0)


MARIADB = [
    ("UPDATE t SET v = v + 1 ORDER BY id LIMIT 5", "UPDATE", 5, 5),
    ("INSERT INTO t SELECT id + 5000, v FROM t AS o WHERE id <= 50", "INSERT", 40, 60),
    ("REPLACE INTO t (id, v) VALUES (1, 1), (2, 2)", "REPLACE", 2, 2),
    ("INSERT INTO t SET id = 2001", "INSERT", 1, 1),
    (
        "INSERT INTO t SELECT o.id, 1 FROM t o JOIN t p ON p.id = o.id ON DUPLICATE KEY UPDATE v = 1",
        "INSERT",
        900,
        1100,
    ),
    ("DELETE FROM a USING t a JOIN t b ON b.id = a.id WHERE a.id < 11", "DELETE", 8, 12),
    ("DELETE a FROM t a WHERE a.id < 11", "DELETE", 8, 12),
    ("DELETE LOW_PRIORITY FROM t WHERE id < 11 RETURNING id", "DELETE", 8, 12),
    (
        "UPDATE IGNORE t AS x SET v = (SELECT 1 WHERE 1) WHERE x.id IN (SELECT id FROM t WHERE id < 11)",
        "UPDATE",
        8,
        12,
    ),
    ("INSERT INTO t VALUES (1, 1) ON DUPLICATE KEY UPDATE v = VALUES(v) + (1)", "INSERT", 1, 1),
    ("UPDATE t JOIN (SELECT 1 AS n) d ON d.n = t.id SET t.v = CONCAT(t.v, UPPER('x'))", "UPDATE", 1, 1),
    ("INSERT INTO t SELECT COALESCE(MAX(id), 0) + 1, COUNT(*) FROM t o", "INSERT", 1, 1),
    ("INSERT INTO t SELECT 5000, COUNT(*) FROM t o WHERE 1 = 0", "INSERT", 1, 1),
    ("INSERT INTO t SELECT 5000, 1", "INSERT", 1, 1),
    ("INSERT INTO t SELECT id + 5000, v FROM t o WHERE 1 = 0", "INSERT", 0, 0),
    ("INSERT INTO t SELECT id + 5000, v FROM t o ORDER BY id LIMIT 10, 20", "INSERT", 20, 20),
    ("INSERT INTO t SELECT id + 5000, v FROM t o LIMIT 20 OFFSET 5", "INSERT", 20, 20),
    (
        "INSERT INTO t SELECT id + 5000, v FROM t o WHERE id <= 50 UNION ALL SELECT id + 9000, v FROM t p WHERE id <= 20",
        "INSERT",
        60,
        80,
    ),
    (
        "INSERT INTO t SELECT a.id + 5000, a.v FROM t a WHERE EXISTS (SELECT 1 FROM t b WHERE b.v = a.v)",
        "INSERT",
        900,
        1100,
    ),
    (
        "INSERT INTO t SELECT a.id + 5000, a.v FROM t a LEFT JOIN t b ON b.id = a.id + 5000 WHERE a.id <= 50",
        "INSERT",
        40,
        60,
    ),
]


@pytest.mark.parametrize(("text", "operation", "low", "high"), MARIADB)
def test_size_mariadb(mariadb_target: Target, text: str, operation: str, low: int, high: int) -> None:
    mariadb_target.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)", NUMBERS["mariadb"], ANALYZE["mariadb"])
    with mariadb_target.session() as session:
        estimate = ask(session, text, operation)
    assert low <= (estimate.rows if estimate.rows is not None else -1) <= high, estimate


def test_what_is_only_bounded_says_so(mariadb_target: Target) -> None:
    mariadb_target.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)", NUMBERS["mariadb"], ANALYZE["mariadb"])
    mariadb_target.run("CREATE TABLE o (id INT PRIMARY KEY, w INT)", "INSERT INTO o SELECT id, v FROM t")
    cases = [
        ("INSERT INTO t SELECT v + 5000, COUNT(*) FROM t o GROUP BY v", "INSERT", 900, 1100),
        ("INSERT INTO t SELECT DISTINCT v + 5000, 1 FROM t o", "INSERT", 900, 1100),
        ("INSERT INTO t SELECT v, 1 FROM t o UNION SELECT id, 2 FROM t p", "INSERT", 1900, 2100),
        # Whose column it is, only the catalogue could say.
        ("UPDATE t JOIN o ON o.id = t.id SET v = 1, w = 1", "UPDATE", 1900, 2100),
    ]
    with mariadb_target.session() as session:
        for text, operation, low, high in cases:
            tables = ("t", "o") if operation == "UPDATE" else ("t",)
            estimate = ask(session, text, operation, *tables)
            assert estimate.reason == "estimate_at_most", text
            assert low <= (estimate.rows or 0) <= high, (text, estimate)


POSTGRES = [
    ("INSERT INTO t SELECT id + 5000, v FROM t WHERE id <= 50", "INSERT", 40, 60),
    ("UPDATE t SET v = upper(v::text)::int FROM (SELECT 1 AS n) d WHERE d.n = t.id", "UPDATE", 1, 1),
    ("INSERT INTO t VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET v = (excluded.v)", "INSERT", 1, 1),
    ("DELETE FROM t WHERE id <= (SELECT 10) AND v = ANY (ARRAY[1, 2])", "DELETE", 0, 400),
    ("DELETE FROM t WHERE id <= 100 RETURNING id", "DELETE", 90, 110),
    ("INSERT INTO t DEFAULT VALUES", "INSERT", 1, 1),
    # Both changes count: the rows deleted in the WITH, and those updated.
    ("WITH d AS (DELETE FROM t WHERE id <= 100 RETURNING id) UPDATE t SET v = 1", "UPDATE", 1000, 1200),
    ("WITH d AS (DELETE FROM t WHERE id <= 100 RETURNING id) SELECT count(*) FROM d", "SELECT", 90, 110),
    (
        "WITH few AS (SELECT id FROM t WHERE id <= 50) DELETE FROM t USING few WHERE t.id = few.id",
        "DELETE",
        40,
        60,
    ),
]


@pytest.mark.parametrize(("text", "operation", "low", "high"), POSTGRES)
def test_size_postgres(postgres_target: Target, text: str, operation: str, low: int, high: int) -> None:
    postgres_target.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)", NUMBERS["postgres"], ANALYZE["postgres"]
    )
    with postgres_target.session() as session:
        estimate = ask(session, text, operation)
    assert low <= (estimate.rows if estimate.rows is not None else -1) <= high, estimate


def test_whatever_may_execute_is_not_explained_in_mariadb(mariadb_target: Target) -> None:
    mariadb_target.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
        "CREATE TABLE log (v INT) ENGINE=Aria",  # no transaction would take this back
        "CREATE FUNCTION f() RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO log VALUES (1); RETURN 1; END",
        "CREATE VIEW harmless AS SELECT * FROM t",
        "CREATE ALGORITHM=TEMPTABLE VIEW trap AS SELECT f() AS id",
    )
    cases = [
        ("UPDATE t SET v = f()", "UPDATE", "estimate_has_function", ("t",)),
        (
            "UPDATE t JOIN (SELECT f() AS n) d ON d.n = t.id SET v = 1",
            "UPDATE",
            "estimate_has_function",
            ("t",),
        ),
        ("UPDATE t SET v = `f` ()", "UPDATE", "estimate_has_function", ("t",)),
        (
            f"UPDATE t SET v = {mariadb_target.endpoint.database} . f()",
            "UPDATE",
            "estimate_has_function",
            ("t",),
        ),
        ("DELETE FROM t WHERE SLEEP(1)", "DELETE", "estimate_has_function", ("t",)),
        ("DELETE FROM t WHERE id IN (SELECT id FROM trap)", "DELETE", "estimate_has_view", ("t", "trap")),
        ("UPDATE harmless SET v = 1", "UPDATE", "estimate_has_view", ("harmless",)),
        ("UPDATE t SET v = 1", "UPDATE", "estimate_has_view", ()),
        ("UPDATE t SET v = 1 /*! + f() */", "UPDATE", "estimate_unclear", ("t",)),
        ("UPDATE t SET v = 1; DELETE FROM t", "UPDATE", "estimate_unclear", ("t",)),
        ("ANALYZE DELETE FROM t", "DELETE", "estimate_unclear", ("t",)),
        ("DELETE FROM t WHERE id = 'open", "DELETE", "estimate_unclear", ("t",)),
        ("DELETE FROM t WHERE nothing = 1", "DELETE", "estimate_refused", ("t",)),
        ("TRUNCATE t", "TRUNCATE", "estimate_unsupported", ("t",)),
    ]
    with mariadb_target.session() as session:
        for text, operation, reason, tables in cases:
            session.begin(read_only=True)
            assert session.estimate(statement(text, operation, *tables)) == Estimate(None, reason), text
            session.rollback()
    assert mariadb_target.run("SELECT count(*) FROM log") == [(0,)]


def test_whatever_may_execute_is_not_explained_in_postgres(postgres_target: Target) -> None:
    postgres_target.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
        "CREATE SEQUENCE s",  # nextval survives every rollback
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql IMMUTABLE AS "
        "$$ BEGIN PERFORM nextval('s'); RETURN 1; END $$",
        'CREATE FUNCTION "Upper"(int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT f() $$',
        "CREATE VIEW harmless AS SELECT * FROM t",
        "CREATE TABLE ruled (id int)",
        "CREATE RULE r AS ON UPDATE TO ruled DO ALSO SELECT f()",
    )
    cases = [
        ("UPDATE t SET v = 1 WHERE id = f()", "UPDATE", "estimate_has_function", ("t",)),
        ('UPDATE t SET v = 1 WHERE id = "f" ()', "UPDATE", "estimate_has_function", ("t",)),
        ("UPDATE t SET v = public.f()", "UPDATE", "estimate_has_function", ("t",)),
        ('UPDATE t SET v = "Upper"(1)', "UPDATE", "estimate_has_function", ("t",)),
        ("UPDATE harmless SET v = 1", "UPDATE", "estimate_has_view", ("harmless",)),
        ("UPDATE ruled SET id = 1", "UPDATE", "estimate_has_view", ("ruled",)),
        ("ANALYZE DELETE FROM t", "DELETE", "estimate_unclear", ("t",)),
        ("(ANALYZE) DELETE FROM t", "DELETE", "estimate_unclear", ("t",)),
        ("UPDATE t SET v = 1; COMMIT; DELETE FROM t", "UPDATE", "estimate_unclear", ("t",)),
        ("UPDATE t SET v = $1", "UPDATE", "estimate_unclear", ("t",)),
        (
            "WITH d AS (DELETE FROM t WHERE id = f() RETURNING id) UPDATE t SET v = 1",
            "UPDATE",
            "estimate_has_function",
            ("t",),
        ),
        ("TRUNCATE t", "TRUNCATE", "estimate_unsupported", ("t",)),
    ]
    with postgres_target.session() as session:
        for text, operation, reason, tables in cases:
            session.begin(read_only=True)
            assert session.estimate(statement(text, operation, *tables)) == Estimate(None, reason), text
            session.rollback()
    assert postgres_target.run("SELECT is_called FROM s") == [(False,)]


def test_planning_in_postgres_runs_nothing_of_others_behind_the_text(postgres_target: Target) -> None:
    """Every one of these runs its function while it is planned; this function leaves a message, even in a read-only
    transaction that is rolled back."""
    postgres_target.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
        "CREATE TABLE plain (id INT PRIMARY KEY, v INT)",
        "CREATE FUNCTION f(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE EXCEPTION 'ran'; END $$",
        "CREATE FUNCTION of_row(t) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE EXCEPTION 'ran'; END $$",
        "CREATE TABLE with_default (id INT, v INT DEFAULT f(1))",
        "CREATE TABLE parent (id INT, v INT)",
        "CREATE TABLE heir (CHECK (f(1) = 1)) INHERITS (parent)",
        "CREATE TABLE secured (id INT, v INT)",
        "ALTER TABLE secured ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY rows ON secured USING (f(1) = 1)",
    )
    cases = [
        ("INSERT INTO with_default (id) SELECT id FROM t", "INSERT", ("with_default", "t")),
        ("UPDATE with_default SET v = DEFAULT", "UPDATE", ("with_default",)),
        ("UPDATE parent SET v = 1 WHERE id > 3", "UPDATE", ("parent",)),
        ("DELETE FROM t WHERE EXISTS (SELECT 1 FROM secured)", "DELETE", ("t", "secured")),
        ("UPDATE t SET v = ('(1,2)'::t).of_row", "UPDATE", ("t",)),
        ("UPDATE t SET v = d.x.of_row FROM (SELECT '(1,2)'::t AS x) d", "UPDATE", ("t",)),
    ]
    with postgres_target.session() as session:
        for text, operation, tables in cases:
            session.begin(read_only=True)
            found = session.estimate(statement(text, operation, *tables))
            session.rollback()
            assert found == Estimate(None, "estimate_has_function"), text
        assert ask(session, "UPDATE plain SET v = 1", "UPDATE", "plain").rows is not None
    postgres_target.run(
        "CREATE FUNCTION same(int, int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE EXCEPTION 'ran'; END $$",
        "CREATE OPERATOR === (FUNCTION = same, LEFTARG = int, RIGHTARG = int)",
    )
    with postgres_target.session() as session:
        found = ask(session, "UPDATE plain SET v = 1 WHERE 1 === 2", "UPDATE", "plain")
    assert found == Estimate(None, "estimate_has_function")


def test_foreign_parts_are_not_planned(postgres_target: Target) -> None:
    """Their server would be asked."""
    postgres_target.run(
        "CREATE FOREIGN DATA WRAPPER nobody",
        "CREATE SERVER elsewhere FOREIGN DATA WRAPPER nobody",
        "CREATE TABLE parts (id INT, v INT) PARTITION BY RANGE (id)",
        "CREATE FOREIGN TABLE far PARTITION OF parts FOR VALUES FROM (0) TO (9) SERVER elsewhere",
    )
    with postgres_target.session() as session:
        for table in ("parts", "far"):
            found = ask(session, f"UPDATE {table} SET v = 1", "UPDATE", table)
            assert found == Estimate(None, "estimate_has_view")


def test_stored_functions_in_disguise_are_not_explained(mariadb_target: Target) -> None:
    """Named like built-in ones, and run by MariaDB while it plans a derived table."""
    mariadb_target.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
        "CREATE SEQUENCE s",
        "CREATE FUNCTION `count` (a INT) RETURNS INT RETURN 1",
        "CREATE FUNCTION `if` (a INT) RETURNS INT RETURN 1",
        "INSERT INTO t VALUES (1, 1), (2, 2)",
    )
    assert mariadb_target.run("SELECT count (NULL), `if`(NULL)") == [(1, 1)]  # it is these that are called
    derived = "UPDATE t JOIN (SELECT {} AS n) d ON d.n = t.id SET v = 1"
    cases = [
        (derived.format("count (1)"), "estimate_has_function"),
        (derived.format("count/* */(1)"), "estimate_has_function"),
        (derived.format("`if`(1)"), "estimate_has_function"),
        (derived.format("NEXT VALUE FOR s"), "estimate_has_function"),
        (
            "DELETE FROM t WHERE id = (SELECT v FROM (SELECT v FROM t WHERE id = 1 FOR UPDATE) x)",
            "estimate_locks",
        ),
        ("DELETE FROM t WHERE id = (SELECT 1 FROM t o WHERE o.id = 2 LOCK IN SHARE MODE)", "estimate_locks"),
        ("INSERT INTO `t` (id) SELECT COUNT(*) + 9 FROM `t` o", None),
    ]
    with mariadb_target.session() as session:
        for text, reason in cases:
            assert ask(session, text, text.split(maxsplit=1)[0]).reason == reason, text


def test_a_huge_value_is_not_made_to_count(sqlite_target: Target) -> None:
    sqlite_target.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1)")
    with sqlite_target.session() as session:
        found = ask(session, "DELETE FROM t WHERE length(zeroblob(500000000)) > id", "DELETE")
        assert found == Estimate(None, "estimate_refused")


def test_what_sqlite_cannot_count_is_unknown(sqlite_target: Target) -> None:
    sqlite_target.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1)")
    cases = [
        ("UPDATE t SET v = o.v FROM t o WHERE o.id = t.id", "UPDATE", "estimate_unsupported"),
        (
            "INSERT INTO t SELECT id, v FROM t WHERE 1 ON CONFLICT DO NOTHING",
            "INSERT",
            "estimate_unsupported",
        ),
        ("UPDATE OR REPLACE t SET v = 1", "UPDATE", "estimate_unsupported"),
        ("DELETE FROM t WHERE id = 1; DELETE FROM t", "DELETE", "estimate_unclear"),
        ("DELETE FROM t WHERE nothing = 1", "DELETE", "estimate_refused"),
    ]
    with sqlite_target.session() as session:
        for text, operation, reason in cases:
            assert ask(session, text, operation) == Estimate(None, reason), text
        assert ask(session, "INSERT INTO t SELECT id + 1, v FROM t -- all", "INSERT").rows == 1
        assert ask(session, "UPDATE t AS x SET v = (SELECT 1 WHERE 1) WHERE x.id = 1", "UPDATE").rows == 1


def test_sqlite_stops_counting_in_time(sqlite_target: Target) -> None:
    sqlite_target.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1)")
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
    with sqlite_target.session(statement=0.2) as session:
        text = f"DELETE FROM t WHERE v = ({endless})"
        assert ask(session, text, "DELETE") == Estimate(None, "estimate_timeout")


@pytest.mark.parametrize(
    "grammar", [scan.MYSQL, scan.POSTGRES, scan.SQLITE], ids=["mysql", "postgres", "sqlite"]
)
@pytest.mark.parametrize("piece", ["/*", "/* * ", "'", '"', "`", "$a$", "--", "(", "/*/", "E'\\", "1e"])
def test_scanning_takes_linear_time(grammar: re.Pattern[str], piece: str) -> None:
    """A quarter of a megabyte of what makes careless patterns start over and over: the suite's time limit
    is the judge."""
    with contextlib.suppress(scan.Unclear):
        scan.tokens(piece * (250_000 // len(piece)), grammar)
