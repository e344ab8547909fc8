"""Every definition has a line for the approver, and what is said of triggers, policies, new tables and their like
is what the servers do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pymysql
import pytest

from sluicegate.core.messages import LANGUAGES
from sluicegate.dialects import registry
from sluicegate.sql.impact import Blocks, Impact, Work, describe
from sluicegate.sql.model import AnalysisContext, Statement, StatementKind
from tests.dialects.targets import Background, Target, wait_until
from tests.servers.postgres import connect
from tests.sql.corpora import CASES, CONTEXTS

CORPORA = {
    "mysql": ("mysql", "mysql8", "mysql_tools"),
    "mariadb": ("mysql", "mariadb", "mysql_tools"),
    "tidb": ("mysql",),
    "postgresql": ("postgresql", "postgresql_builds", "postgresql_tools"),
    "sqlite": ("sqlite", "sqlite_tools"),
}


@pytest.mark.parametrize(
    ("dialect", "corpus"), [(dialect, corpus) for dialect, names in CORPORA.items() for corpus in names]
)
def test_every_definition_has_its_line(dialect: str, corpus: str) -> None:
    script = (CASES / "ordinary" / f"{corpus}.sql").read_text(encoding="utf-8")
    context = CONTEXTS.get(dialect, AnalysisContext(database="mydb"))
    definitions = 0
    for statement in registry.get(dialect).analyse(script, context):
        if statement.kind is not StatementKind.DDL:
            continue
        definitions += 1
        assert statement.impact is not None, statement.text
        for language in LANGUAGES:
            line = describe(statement.impact, language)
            assert line, statement.text
            assert "impact_" not in line, line
            assert "{" not in line, line
            assert "\n" not in line, line
    assert definitions > 5


def foreseen(dialect: str, script: str) -> Impact:
    *_, last = registry.get(dialect).analyse(script, CONTEXTS[dialect])
    assert last.impact is not None
    return last.impact


@pytest.mark.parametrize("dialect", ["mysql", "mariadb", "postgresql", "sqlite"])
def test_tables_of_the_script_itself(dialect: str) -> None:
    made = "CREATE TABLE n (id INT PRIMARY KEY, a INT); "
    assert foreseen(dialect, made).reason == "impact_new_table"
    for more in ("CREATE INDEX i ON n (a)", "ALTER TABLE n ADD COLUMN b INT", "DROP TABLE n"):
        impact = foreseen(dialect, made + more)
        assert (impact.work, impact.blocks) == (Work.METADATA, Blocks.NOBODY)
        assert impact.reason == "impact_made_here", more
    assert foreseen(dialect, "CREATE TEMPORARY TABLE n (id INT)").reason == "impact_of_session"


def test_what_nobody_knows_the_work_of() -> None:
    for dialect in ("mysql", "postgresql", "sqlite"):
        impact = foreseen(dialect, "CREATE TABLE n AS SELECT * FROM t")
        assert (impact.work, impact.reason) == (Work.UNKNOWN, "impact_query_work")
    for operation in ("ADD CHECK (value > 0)", "SET NOT NULL", "VALIDATE CONSTRAINT c"):
        assert foreseen("postgresql", f"ALTER DOMAIN d {operation}").work is Work.SCAN
    assert foreseen("postgresql", "ALTER DOMAIN d ADD CHECK (value > 0) NOT VALID").work is Work.METADATA
    whole = foreseen("postgresql", "REINDEX DATABASE d")
    assert (whole.work, whole.table) == (Work.INDEX, None)


# ---------------------------------------------------------------- PostgreSQL's locks

POSTGRES = """
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
CREATE TABLE parted (id int) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (9);
CREATE INDEX whole ON ONLY parted (id);
CREATE INDEX piece ON part (id);
CREATE DOMAIN d AS int;
ALTER DOMAIN d ADD CONSTRAINT later CHECK (value > 0) NOT VALID;
CREATE TABLE users_of_d (v d);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE RULE r AS ON UPDATE TO t DO ALSO NOTHING;
CREATE POLICY p ON t USING (true)
"""
LOCKING = [
    ("CREATE POLICY n ON t USING (true)", "t"),
    ("ALTER POLICY p ON t USING (false)", "t"),
    ("ALTER POLICY p ON t RENAME TO q", "t"),
    ("DROP POLICY p ON t", "t"),
    ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", "t"),
    ("DROP TRIGGER g ON t", "t"),
    ("ALTER TRIGGER g ON t RENAME TO h", "t"),
    ("DROP RULE r ON t", "t"),
    ("ALTER RULE r ON t RENAME TO q", "t"),
    ("CREATE STATISTICS s ON a, b FROM t", "t"),
    ("CREATE PUBLICATION n FOR TABLE t", "t"),
    ("ALTER INDEX t_pkey RENAME TO k", "t_pkey"),
    ("ALTER INDEX whole ATTACH PARTITION piece", "whole"),
    ("ALTER DOMAIN d ADD CHECK (value > 0)", "users_of_d"),
    ("ALTER DOMAIN d SET NOT NULL", "users_of_d"),
    ("ALTER DOMAIN d VALIDATE CONSTRAINT later", "users_of_d"),
    ("CREATE TABLE n (id int REFERENCES t)", "t"),
]
_LOCKS = "SELECT mode FROM pg_locks WHERE relation = %s::regclass AND pid = pg_backend_pid() AND locktype = 'relation'"
STRENGTH = [
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
]


def strongest(connection: psycopg.Connection[tuple[object, ...]], sql: str, relation: str) -> str:
    with connection.transaction(force_rollback=True):
        oid = connection.execute("SELECT %s::regclass::oid", (relation,)).fetchone()
        assert oid is not None
        connection.execute(sql)
        modes = [str(mode) for (mode,) in connection.execute(_LOCKS, oid)]
    spaced = ["".join(f" {c}" if c.isupper() else c for c in mode.removesuffix("Lock")) for mode in modes]
    return max((mode.strip().upper() for mode in spaced), key=STRENGTH.index)


def test_postgres_takes_the_lock_that_is_named(postgres_target: Target) -> None:
    postgres_target.run(*(part for part in POSTGRES.split(";\n") if part.strip()))
    with (
        closing(connect(postgres_target.endpoint)) as connection,
        postgres_target.session() as session,
    ):
        context = AnalysisContext(
            schema="public", server_version=session.identity.version, catalogue=session.target_schema()
        )
        for sql, relation in LOCKING:
            (statement,) = postgres_target.dialect.analyse(sql, context)
            assert statement.impact is not None, sql
            assert statement.impact.lock == strongest(connection, sql, relation), sql


# ---------------------------------------------------------------- MariaDB's waits


LOCK_WAIT = 1205


@contextmanager
def connected(target: Target) -> Iterator[pymysql.cursors.Cursor]:
    end = target.endpoint
    with (
        closing(
            pymysql.connect(
                host=end.host, port=end.port, user=end.user, password=end.password, database=end.database
            )
        ) as connection,
        connection.cursor() as cursor,
    ):
        yield cursor


def waits(target: Target, sql: str) -> bool:
    """Whether it waits for a transaction that has only read the table."""
    with connected(target) as reader, connected(target) as other:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM t")
        other.execute("SET lock_wait_timeout = 2")
        try:
            other.execute(sql)
        except pymysql.OperationalError as error:
            if error.args[0] == LOCK_WAIT:
                return True
            raise
        return False


def test_triggers_of_mariadb_wait_for_readers(mariadb_target: Target) -> None:
    mariadb_target.run(
        "CREATE TABLE t (id INT PRIMARY KEY)",
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.id = 1",
    )
    for sql in ("DROP TRIGGER g", "CREATE TRIGGER h BEFORE UPDATE ON t FOR EACH ROW SET NEW.id = 1"):
        assert foreseen("mariadb", sql).lock == "LOCK=EXCLUSIVE"
        assert waits(mariadb_target, sql)
    assert foreseen("mariadb", "CREATE VIEW v AS SELECT * FROM t").lock == ""
    assert not waits(mariadb_target, "CREATE VIEW v AS SELECT * FROM t")


def test_copying_a_table_holds_its_rows(mariadb_target: Target) -> None:
    """While CREATE TABLE … SELECT runs, nobody writes what it has read."""
    mariadb_target.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1), (2, 2)")
    sql = "CREATE TABLE n AS SELECT id, SLEEP(IF(id = 2, 120, 0)) AS s FROM t"
    assert foreseen("mariadb", "CREATE TABLE n AS SELECT id, v FROM t").blocks is Blocks.WRITES
    with connected(mariadb_target) as copying, connected(mariadb_target) as writer:
        number = copying.connection.thread_id()  # type: ignore[no-untyped-call]
        copy = Background(lambda: copying.execute(sql))
        state = f"SELECT 1 FROM information_schema.processlist WHERE id = {number} AND state = 'User sleep'"
        wait_until(lambda: bool(mariadb_target.run(state)), "the copy has read its rows")
        writer.execute("SET innodb_lock_wait_timeout = 1")
        with pytest.raises(pymysql.OperationalError) as refused:
            writer.execute("UPDATE t SET v = 5 WHERE id = 1")
        assert refused.value.args[0] == LOCK_WAIT
        writer.execute(f"KILL {number}")
        assert copy.outcome() is not None


def test_a_statement_that_is_no_definition_has_none() -> None:
    found: list[Statement] = list(registry.get("mysql").analyse("SELECT 1; DELETE FROM t", CONTEXTS["mysql"]))
    assert [statement.impact for statement in found] == [None, None]
