"""The lock and the work foreseen for each definition are what a real PostgreSQL does.

Observed within the transaction: the strongest lock on the table (pg_locks), whether its file is another one
afterwards (rewritten), and whether it was read from end to end (its statistics).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from sluicegate.dialects.postgres.dialect import PostgreSql
from sluicegate.sql.impact import Blocks, Impact, Work
from sluicegate.sql.model import AnalysisContext, ObjectRef
from tests.dialects.targets import Target
from tests.servers.postgres import PostgresServer, connect

TABLES = """
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (
  id int PRIMARY KEY, a int, nn int NOT NULL DEFAULT 0, v varchar(20), d numeric(10,2), s text, ts timestamp(3),
  ck int CONSTRAINT never_null CHECK (ck IS NOT NULL), f int, u int);
ALTER TABLE t ADD CONSTRAINT later CHECK (a > 0) NOT VALID;
INSERT INTO t (id, a, v, ck, u) SELECT n, n, 'x', n, n FROM generate_series(1, 200) n;
CREATE INDEX i ON t (a);
CREATE UNIQUE INDEX ui ON t (u);
CREATE UNIQUE INDEX nni ON t (nn, id);
CREATE INDEX vi ON t (v);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE DOMAIN positive AS int CHECK (value > 0);
CREATE TYPE mood AS ENUM ('so', 'well');
CREATE COLLATION plain (locale = 'C');
ALTER TABLE t ADD CONSTRAINT unchecked FOREIGN KEY (f) REFERENCES p (id) NOT VALID;
CREATE TABLE parted (id int, a int) PARTITION BY RANGE (id);
CREATE TABLE part1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
ANALYZE t
"""
T = "ALTER TABLE t "
FORMS = [
    T + "ADD COLUMN n int",
    T + "ADD COLUMN n int DEFAULT 5",
    T + "ADD COLUMN n int NOT NULL DEFAULT 5",
    T + "ADD COLUMN n timestamptz DEFAULT now()",
    T + "ADD COLUMN n float DEFAULT random()",
    T + "ADD COLUMN n uuid DEFAULT gen_random_uuid()",
    T + "ADD COLUMN n serial",
    T + "ADD COLUMN n int GENERATED ALWAYS AS IDENTITY",
    T + "ADD COLUMN n int GENERATED ALWAYS AS (a + 1) STORED",
    T + "ADD COLUMN n int UNIQUE",
    T + "ADD COLUMN n int CHECK (n > 0)",
    T + "ADD COLUMN n int REFERENCES p (id)",
    T + "DROP COLUMN a",
    T + "RENAME COLUMN a TO b",
    T + "RENAME TO renamed",
    T + "RENAME CONSTRAINT later TO sooner",
    T + "ALTER COLUMN v TYPE varchar(40)",
    T + "ALTER COLUMN v TYPE varchar(10)",
    T + "ALTER COLUMN v TYPE text",
    T + "ALTER COLUMN s TYPE varchar",
    T + "ALTER COLUMN s TYPE varchar(100)",
    T + "ALTER COLUMN a TYPE bigint",
    T + "ALTER COLUMN u TYPE text USING u::text",
    T + "ALTER COLUMN d TYPE numeric(12,2)",
    T + "ALTER COLUMN d TYPE numeric(12,3)",
    T + "ALTER COLUMN d TYPE numeric",
    T + "ALTER COLUMN ts TYPE timestamp(6)",
    T + "ALTER COLUMN ts TYPE timestamp(0)",
    T + "ALTER COLUMN a SET DEFAULT 9",
    T + "ALTER COLUMN a DROP DEFAULT",
    T + "ALTER COLUMN a SET NOT NULL",
    T + "ALTER COLUMN nn SET NOT NULL",
    T + "ALTER COLUMN ck SET NOT NULL",
    T + "ALTER COLUMN nn DROP NOT NULL",
    T + "ALTER COLUMN a SET STATISTICS 500",
    T + "ADD CONSTRAINT c CHECK (a > 0)",
    T + "ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
    T + "VALIDATE CONSTRAINT later",
    T + "ADD CONSTRAINT fk FOREIGN KEY (f) REFERENCES p (id)",
    T + "ADD CONSTRAINT fk FOREIGN KEY (f) REFERENCES p (id) NOT VALID",
    T + "ADD CONSTRAINT un UNIQUE (a)",
    T + "ADD CONSTRAINT un UNIQUE USING INDEX ui",
    T + "DROP CONSTRAINT later",
    T + "DROP CONSTRAINT t_pkey",
    T + "SET (fillfactor = 70)",
    T + "SET (autovacuum_enabled = false)",
    T + "SET UNLOGGED",
    T + "DISABLE TRIGGER g",
    T + "REPLICA IDENTITY FULL",
    T + "ENABLE ROW LEVEL SECURITY",
    T + "CLUSTER ON i",
    T + "ADD COLUMN n int, ALTER COLUMN a TYPE bigint",
    T + "ADD CONSTRAINT c CHECK (a > 0) NOT VALID, ALTER COLUMN a SET DEFAULT 1",
    "CREATE INDEX n ON t (a)",
    "CREATE UNIQUE INDEX n ON t (u)",
    "DROP INDEX i",
    "REINDEX TABLE t",
    "CREATE TRIGGER n BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()",
    "COMMENT ON TABLE t IS 'x'",
    "COMMENT ON COLUMN t.a IS 'x'",
    "DROP TABLE t",
    "CLUSTER t USING i",
    "CREATE TABLE n (id int REFERENCES t (id))",
    "ANALYZE t",
    T + "ADD COLUMN n int DEFAULT NULL",
    T + "ADD COLUMN n text DEFAULT 'x' || 'y'",
    T + "ADD COLUMN n timestamptz DEFAULT clock_timestamp()",
    T + "ADD COLUMN n date DEFAULT current_date",
    T + "ADD COLUMN n mood DEFAULT 'so'",
    T + "ADD COLUMN n int[] DEFAULT '{}'",
    T + "ADD COLUMN n jsonb NOT NULL DEFAULT '{}'",
    T + "ADD COLUMN IF NOT EXISTS a int",
    T + "ADD COLUMN n int DEFAULT 5 CHECK (n > 0)",
    T + "ADD COLUMN n int, ADD COLUMN m int DEFAULT 1",
    T + "ADD COLUMN n int, DROP COLUMN s",
    T + "ADD COLUMN n int NOT NULL DEFAULT 1, ADD UNIQUE (id, n)",
    T + "DROP COLUMN IF EXISTS nowhere",
    T + "DROP COLUMN a CASCADE",
    T + "ALTER COLUMN v TYPE varchar(20)",
    T + "ALTER COLUMN v TYPE varchar",
    T + "ALTER COLUMN v TYPE char(20)",
    T + "ALTER COLUMN v TYPE varchar(40) COLLATE plain",
    T + "ALTER COLUMN s TYPE text COLLATE plain",
    T + "ALTER COLUMN s TYPE varchar, ALTER COLUMN v TYPE text",
    T + "ALTER COLUMN a TYPE smallint",
    T + "ALTER COLUMN a TYPE int",
    T + "ALTER COLUMN a TYPE numeric",
    T + "ALTER COLUMN a TYPE bigint USING a * 2",
    T + "ALTER COLUMN nn DROP DEFAULT, ALTER COLUMN nn TYPE bigint",
    T + "ALTER COLUMN d TYPE numeric(10,2)",
    T + "ALTER COLUMN d TYPE numeric(8,2)",
    T + "ALTER COLUMN d TYPE double precision",
    T + "ALTER COLUMN ts TYPE timestamp",
    T + "ALTER COLUMN ts TYPE date",
    T + "ALTER COLUMN s SET STORAGE EXTERNAL",
    T + "ALTER COLUMN s SET (n_distinct = 5)",
    T + "ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY",
    T + "ALTER COLUMN nn SET DEFAULT random()",
    T + "ADD CONSTRAINT c CHECK (a > 0) NOT VALID, VALIDATE CONSTRAINT later",
    T + "VALIDATE CONSTRAINT unchecked",
    T + "ADD CONSTRAINT e EXCLUDE USING btree (a WITH =)",
    T + "ADD PRIMARY KEY USING INDEX nni, DROP CONSTRAINT t_pkey",
    T + "DROP CONSTRAINT unchecked",
    T + "DROP CONSTRAINT IF EXISTS nowhere",
    T + "RENAME CONSTRAINT t_pkey TO pk",
    T + "RESET (fillfactor)",
    T + "SET (autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_enabled = false)",
    T + "ENABLE TRIGGER g",
    T + "ENABLE ALWAYS TRIGGER g",
    T + "DISABLE TRIGGER ALL",
    T + "DISABLE ROW LEVEL SECURITY",
    T + "FORCE ROW LEVEL SECURITY",
    T + "REPLICA IDENTITY USING INDEX nni",
    T + "SET WITHOUT CLUSTER",
    T + "OWNER TO current_user",
    T + "SET LOGGED",
    T + "REPLICA IDENTITY NOTHING",
    "CREATE INDEX n ON t (a) WHERE a > 100",
    "CREATE INDEX n ON t USING hash (a)",
    "CREATE INDEX n ON t (lower(v))",
    "CREATE INDEX n ON t (a) INCLUDE (v)",
    "CREATE INDEX n ON t USING brin (a)",
    "CREATE INDEX IF NOT EXISTS n ON t (a)",
    "DROP INDEX IF EXISTS i",
    "REINDEX INDEX i",
    "CREATE RULE r AS ON UPDATE TO t DO ALSO NOTHING",
]
_STRONGEST = {
    mode: rank
    for rank, mode in enumerate(
        (
            "ShareUpdateExclusiveLock",
            "ShareLock",
            "ShareRowExclusiveLock",
            "ExclusiveLock",
            "AccessExclusiveLock",
        )
    )
}
_LOCKS = "SELECT mode FROM pg_locks WHERE relation = %s AND pid = pg_backend_pid() AND locktype = 'relation'"
_FILE = "SELECT relfilenode FROM pg_class WHERE oid = %s"
_SCANS = "SELECT coalesce(pg_catalog.max(seq_scan), 0) FROM pg_stat_xact_all_tables WHERE relid = %s"


class Observer:
    """Runs a definition in a transaction that it rolls back, and looks at what it did."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        self._connection = connection
        self._oid = self._one("SELECT 't'::regclass::oid", False)

    def _one(self, sql: str, given: object = True) -> object:
        row = self._connection.execute(sql, (self._oid,) if given else ()).fetchone()
        return row[0] if row else None

    def see(self, sql: str) -> tuple[str, bool, bool]:
        """(strongest lock, rewritten, read from end to end) of table t."""
        connection = self._connection
        with connection.transaction(force_rollback=True):
            before, scans = self._one(_FILE), self._one(_SCANS)
            connection.execute(sql)  # type: ignore[call-overload]
            modes = [str(mode) for (mode,) in connection.execute(_LOCKS, (self._oid,))]
            strongest = max((mode for mode in modes if mode in _STRONGEST), key=lambda mode: _STRONGEST[mode])
            after = self._one(_FILE)
            rewritten = after is not None and after != before
            return strongest, rewritten, int(str(self._one(_SCANS))) > int(str(scans))


@pytest.fixture(scope="module")
def database(postgres_server: PostgresServer) -> Iterator[str]:
    name = postgres_server.create_database()
    postgres_server.run(*(part for part in TABLES.split(";\n") if part.strip()), database=name)
    yield name
    postgres_server.drop_database(name)


@pytest.fixture(scope="module")
def target(postgres_server: PostgresServer, database: str) -> Target:
    endpoint = postgres_server.endpoint(database)
    return Target("postgres", PostgreSql(), endpoint, lambda *_: [], "", lambda _: False)


@pytest.fixture(scope="module")
def observer(target: Target) -> Iterator[Observer]:
    with closing(connect(target.endpoint)) as connection:
        yield Observer(connection)


@pytest.fixture(scope="module")
def foreseen(target: Target) -> dict[str, Impact | None]:
    """What the analysis says of each form alone, with the target's catalogue."""
    with target.session() as session:
        context = AnalysisContext(
            schema="public", server_version=session.identity.version, catalogue=session.target_schema()
        )
        return {sql: next(target.dialect.analyse(sql, context)).impact for sql in FORMS}


def words(mode: str) -> str:
    """ShareRowExclusiveLock as the manual has it."""
    spaced = "".join(f" {letter}" if letter.isupper() else letter for letter in mode.removesuffix("Lock"))
    return spaced.strip().upper()


@pytest.mark.parametrize("sql", FORMS)
def test_the_server_agrees(observer: Observer, foreseen: dict[str, Impact | None], sql: str) -> None:
    impact = foreseen[sql]
    assert impact is not None
    lock, rewritten, read = observer.see(sql)
    assert (impact.lock, impact.work is Work.REWRITE) == (words(lock), rewritten)
    if not rewritten:
        assert (impact.work in (Work.SCAN, Work.INDEX)) == read
    if impact.work is Work.METADATA:
        assert impact.blocks is Blocks.NOBODY


def test_domains_are_warned_of(target: Target, observer: Observer) -> None:
    """Whether the table is written anew depends on what the type is."""
    with target.session() as session:
        context = AnalysisContext(
            schema="public", server_version=session.identity.version, catalogue=session.target_schema()
        )
        for kind, warned in (("positive", True), ("mood", True), ("int", False)):
            impact = next(target.dialect.analyse(f"{T}ADD COLUMN n {kind}", context)).impact
            assert impact is not None
            assert (impact.reason == "impact_domain") is warned
    assert observer.see(f"{T}ADD COLUMN n positive")[0] == "AccessExclusiveLock"


def test_size_and_rows(foreseen: dict[str, Impact | None]) -> None:
    impact = foreseen[T + "ALTER COLUMN a TYPE bigint"]
    assert impact is not None
    assert impact.rows == 200
    assert (impact.size_bytes or 0) > 8192
    assert impact.table == ObjectRef("t")
    assert impact.blocks is Blocks.EVERYTHING


@pytest.mark.parametrize(
    ("sql", "lock", "work"),
    [
        ("CREATE INDEX CONCURRENTLY n ON t (a)", "SHARE UPDATE EXCLUSIVE", Work.INDEX),
        ("REINDEX TABLE CONCURRENTLY t", "SHARE UPDATE EXCLUSIVE", Work.INDEX),
        ("DROP INDEX CONCURRENTLY i", "SHARE UPDATE EXCLUSIVE", Work.METADATA),
        ("VACUUM FULL t", "ACCESS EXCLUSIVE", Work.REWRITE),
        ("VACUUM t", "SHARE UPDATE EXCLUSIVE", Work.SCAN),
    ],
)
def test_what_runs_outside_transactions(target: Target, sql: str, lock: str, work: Work) -> None:
    with target.session() as session:
        context = AnalysisContext(schema="public", catalogue=session.target_schema())
        impact = next(target.dialect.analyse(sql, context)).impact
    assert impact is not None
    assert (impact.lock, impact.work) == (lock, work)
