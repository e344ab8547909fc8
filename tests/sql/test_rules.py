"""Rules that depend on more than the statement's text, and the table of all rules."""

from __future__ import annotations

import pytest

from sluicegate.core.messages import catalogue
from sluicegate.sql.model import AnalysisContext, Severity, StatementKind, TicketKind, Verdict
from sluicegate.sql.rules import BY_CODE, RULES
from tests.sql.corpora import analyse, codes


def test_rules_have_names_of_their_own_and_messages() -> None:
    assert (
        len({rule.id for rule in RULES}) == len({rule.code for rule in RULES}) == len(RULES) == len(BY_CODE)
    )
    for rule in RULES:
        assert rule.message is not None
        assert rule.message_code not in catalogue()


@pytest.mark.parametrize(
    ("kind", "sql", "verdict"),
    [
        (TicketKind.DATA_CHANGE, "UPDATE t SET a = 1 WHERE id = 1", Verdict.ALLOW),
        (TicketKind.DATA_CHANGE, "ALTER TABLE t ADD COLUMN a INT", Verdict.DENY),
        (TicketKind.DATA_CHANGE, "SELECT 1", Verdict.FLAG),
        (TicketKind.DATA_CHANGE, "CREATE TABLE t AS SELECT 1 AS a", Verdict.DENY),
        (TicketKind.SCHEMA_CHANGE, "ALTER TABLE t ADD COLUMN a INT", Verdict.ALLOW),
        (TicketKind.SCHEMA_CHANGE, "UPDATE t SET a = 1 WHERE id = 1", Verdict.DENY),
        (TicketKind.SCHEMA_CHANGE, "SELECT 1", Verdict.FLAG),
        (TicketKind.ACCESS_REQUEST, "UPDATE t SET a = 1 WHERE id = 1", Verdict.DENY),
    ],
)
@pytest.mark.parametrize("dialect", ["mysql", "postgresql", "sqlite"])
def test_the_ticket_kind_decides_what_fits(
    dialect: str, kind: TicketKind, sql: str, verdict: Verdict
) -> None:
    [statement] = analyse(dialect, sql, AnalysisContext(ticket_kind=kind))
    assert statement.verdict is verdict


@pytest.mark.parametrize(
    ("version", "sql", "verdict", "operation"),
    [
        (None, "/*!80000 DROP TABLE t */", Verdict.DENY, "DROP TABLE"),
        ((8, 0, 30), "/*!80000 DROP TABLE t */", Verdict.FLAG, "DROP TABLE"),
        ((5, 7, 40), "DELETE FROM t /*!80000 WHERE id = 1 */", Verdict.FLAG, "DELETE"),
        ((8, 0, 30), "DELETE FROM t /*!80000 WHERE id = 1 */", Verdict.FLAG, "DELETE"),
    ],
)
def test_executable_comments_follow_the_server_version(
    version: tuple[int, ...] | None, sql: str, verdict: Verdict, operation: str
) -> None:
    [statement] = analyse("mysql", sql, AnalysisContext(server_version=version))
    assert (statement.verdict, statement.operation) == (verdict, operation)
    assert ("NO_WHERE" in codes([statement])) == (version == (5, 7, 40))


def test_each_server_runs_its_own_executable_comments() -> None:
    sql = "DELETE FROM t /*M! WHERE id = 1 */"
    assert "NO_WHERE" in codes(analyse("mysql", sql))
    assert "NO_WHERE" not in codes(analyse("mariadb", sql))
    sql = "DELETE FROM t /*T! WHERE id = 1 */"
    assert "NO_WHERE" in codes(analyse("mysql", sql))
    assert "NO_WHERE" not in codes(analyse("tidb", sql))
    # MariaDB skips what is meant for MySQL 5.7 and later.
    sql = "DELETE FROM t /*!80000 WHERE id = 1 */"
    assert "NO_WHERE" in codes(analyse("mariadb", sql, AnalysisContext(server_version=(10, 11, 6))))


def test_a_trigger_earlier_in_the_script_is_known() -> None:
    script = "CREATE TRIGGER g AFTER DELETE ON a FOR EACH ROW DELETE FROM b WHERE x = OLD.x; DELETE FROM a WHERE id = 1"
    statements = analyse("mysql", script)
    assert "INDIRECT" in codes(statements[1:])
    assert {ref.name for ref in statements[1].objects} == {"a", "b"}


@pytest.mark.parametrize(
    ("dialect", "sql", "transactional"),
    [
        ("mysql", "UPDATE t SET a = 1 WHERE b = 2", True),
        ("mysql", "ALTER TABLE t ADD a INT", False),
        ("mysql", "CREATE TEMPORARY TABLE t (a INT)", True),
        ("mysql", "ANALYZE TABLE t", False),
        ("postgresql", "ALTER TABLE t ADD a int", True),
        ("postgresql", "CREATE INDEX CONCURRENTLY i ON t (a)", False),
        ("postgresql", "DROP INDEX CONCURRENTLY i", False),
        ("postgresql", "VACUUM t", False),
        ("postgresql", "CREATE DATABASE d", False),
        ("postgresql", "ALTER SYSTEM SET work_mem = '1MB'", False),
        ("postgresql", "REINDEX TABLE CONCURRENTLY t", False),
        ("sqlite", "CREATE TABLE t (a)", True),
        ("sqlite", "VACUUM", False),
        ("sqlite", "PRAGMA user_version = 1", False),
        ("sqlite", "ATTACH 'x' AS y", False),
    ],
)
def test_what_a_transaction_can_hold(dialect: str, sql: str, transactional: bool) -> None:
    [statement] = analyse(dialect, sql)
    assert statement.transactional is transactional


@pytest.mark.parametrize("dialect", ["mysql", "postgresql", "sqlite"])
def test_one_shape_has_one_fingerprint(dialect: str) -> None:
    same = analyse(
        dialect,
        "UPDATE t SET a = 1 WHERE b IN (1, 2);\nupdate  t set a = 'x' /* note */ where b in (3);\n"
        "INSERT INTO t VALUES (1, 2);\nINSERT INTO t VALUES (3, 4), (5, 6);\nUPDATE t SET b = 1 WHERE b IN (1)",
    )
    prints = [statement.fingerprint for statement in same]
    assert prints[0] == prints[1] != prints[4]
    assert prints[2] == prints[3] != prints[0]


def test_hints_and_executable_comments_are_part_of_the_shape() -> None:
    plain, hinted, gated = analyse("mysql", "SELECT 1;\nSELECT /*+ NO_ICP(t) */ 1;\nSELECT 1 /*! + 1 */")
    assert len({plain.fingerprint, hinted.fingerprint, gated.fingerprint}) == 3


_DENIED = [
    ("mysql", "SELECT * FROM mysql.user"),
    ("mysql", "SELECT SYS_EXEC('id')"),
    ("mysql", "CREATE FUNCTION f RETURNS INTEGER SONAME 'x.so'"),
    ("mysql", "CREATE TABLE t (a INT) ENGINE=FEDERATED CONNECTION='mysql://h/d/t'"),
    ("mysql", "DROP DATABASE shop"),
    ("mysql", "SET GLOBAL general_log = 1"),
    ("mysql", "SET @@global.general_log = 1"),
    ("mysql", "SET x = 1, @@persist.max_connections = 5"),
    ("mysql", "SET sql_mode = 'ANSI_QUOTES'"),
    ("mysql", "BEGIN"),
    ("mysql", "START TRANSACTION"),
    ("mysql", "XA START 'x'"),
    ("mysql", "LOCK TABLES t WRITE"),
    ("mysql", "SELECT a FROM t INTO DUMPFILE '/x'"),
    ("mysql", "FROBNICATE t"),
    ("mysql", "SELECT 1 \\G"),
    ("mysql", "source /etc/passwd"),
    ("mysql", "SELECT 1\nGO\n"),
    ("mysql", "EXECUTE IMMEDIATE 0x44"),
    ("mysql", "DO RELEASE_ALL_LOCKS()"),
    ("mysql", "SELECT f(((((LOAD_FILE('x'))))))"),
    ("mysql", "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW SELECT 1 INTO OUTFILE '/x'"),
    ("mariadb", "BEGIN NOT ATOMIC DELETE FROM t; END"),
    ("postgresql", "COPY t TO PROGRAM 'sh'"),
    ("postgresql", "COPY t FROM '/etc/passwd'"),
    ("postgresql", "SELECT lo_export(1, '/x')"),
    ("postgresql", "SELECT * FROM pg_ls_dir('.')"),
    ("postgresql", "SELECT pg_catalog.pg_terminate_backend(1)"),
    ("postgresql", "SELECT query_to_xml('DELETE FROM t', true, true, '')"),
    ("postgresql", "SELECT set_config('search_path', 'x', false)"),
    ("postgresql", "SELECT * FROM pg_authid"),
    ("postgresql", "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'x', 'y'"),
    ("postgresql", "CREATE EXTENSION plpython3u"),
    ("postgresql", "SET ROLE admin"),
    ("postgresql", "CREATE FOREIGN TABLE t (a int) SERVER s"),
    ("postgresql", "UPDATE pg_class SET relname = 'x' WHERE oid = 1; SELECT 1"),
    ("postgresql", "UPDATE pg_catalog.pg_class SET relname = 'x' WHERE oid = 1"),
    ("postgresql", "SELECT $1"),
    ("sqlite", "SELECT load_extension('x')"),
    ("sqlite", "SELECT writefile('a', 'b')"),
    ("sqlite", "PRAGMA writable_schema = 1"),
    ("sqlite", "PRAGMA journal_mode = OFF"),
    ("sqlite", "UPDATE sqlite_master SET sql = ''"),
    ("sqlite", "CREATE VIRTUAL TABLE t USING csv(filename='/etc/passwd')"),
    ("sqlite", ".read x"),
]


@pytest.mark.parametrize(("dialect", "sql"), _DENIED, ids=lambda value: str(value)[:50])
def test_denied(dialect: str, sql: str) -> None:
    assert any(statement.verdict is Verdict.DENY for statement in analyse(dialect, sql))


@pytest.mark.parametrize("dialect", ["mysql", "postgresql", "sqlite"])
@pytest.mark.parametrize(
    "script",
    [
        "SELECT " + "(" * 3000 + "1" + ")" * 3000,
        "SELECT " + "CASE WHEN 1=1 THEN " * 3000 + "1" + " END" * 3000,
    ],
)
def test_what_nests_too_deep_is_denied_or_read(dialect: str, script: str) -> None:
    [statement] = analyse(dialect, script)
    assert statement.verdict is Verdict.DENY or statement.kind is StatementKind.QUERY


def test_a_finding_tells_its_place() -> None:
    script = "SELECT 1;\n\nUPDATE t\n   SET a = 1\n WHERE 1 = 1;"
    _first, second = analyse("mysql", script)
    [tautology] = [finding for finding in second.findings if finding.code == "TAUTOLOGY"]
    assert (second.line, second.column, tautology.line, tautology.column) == (3, 1, 5, 2)
    assert tautology.severity is Severity.ERROR


@pytest.mark.parametrize("dialect", ["mysql", "postgresql", "sqlite"])
def test_reading_and_writing_a_view_is_reading_and_writing_what_is_under_it(dialect: str) -> None:
    script = (
        "CREATE VIEW inner_v AS SELECT id, a FROM base WHERE a > 0;\n"
        "CREATE VIEW v AS SELECT id, a FROM inner_v;\n"
        "INSERT INTO t (id) SELECT id FROM v;\n"
        "UPDATE v SET a = 1 WHERE id = 1"
    )
    read, written = [
        {(ref.name, ref.access.value) for ref in statement.objects}
        for statement in analyse(dialect, script)[2:]
    ]
    assert {("t", "write"), ("v", "read"), ("inner_v", "read"), ("base", "read")} <= read
    assert {("v", "write"), ("inner_v", "write"), ("base", "write")} <= written
