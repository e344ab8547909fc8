"""What a change touches beyond what it names, by a real server's catalogue: through nested views, triggers of the
tables under them, cascades in several steps, and after earlier statements of the script changed any of it."""

from __future__ import annotations

import pytest

from sluicegate.sql.model import Access, AnalysisContext, Statement
from tests.dialects.targets import Target

COMMON = (
    "CREATE TABLE base (id INT PRIMARY KEY, v INT)",
    "CREATE TABLE other (id INT PRIMARY KEY, v INT)",
    "CREATE TABLE log (n INT)",
    "CREATE TABLE noted (n INT)",
    "CREATE VIEW v1 AS SELECT id, v FROM base",
    "CREATE VIEW v2 AS SELECT id, v FROM v1",
    "CREATE VIEW v3 AS SELECT id, v FROM v2 WHERE v > 0",
    "CREATE TABLE p (id INT PRIMARY KEY)",
    "CREATE TABLE c (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE)",
    "CREATE TABLE g (id INT PRIMARY KEY, cid INT, FOREIGN KEY (cid) REFERENCES c (id) ON DELETE SET NULL)",
)
TRIGGERS = {
    "mariadb": (
        "CREATE TRIGGER changed AFTER UPDATE ON base FOR EACH ROW INSERT INTO log VALUES (NEW.id)",
        "CREATE TRIGGER written AFTER INSERT ON log FOR EACH ROW INSERT INTO noted VALUES (1)",
    ),
    "postgres": (
        """CREATE FUNCTION log_it() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN INSERT INTO log VALUES (NEW.id); RETURN NEW; END $$""",
        "CREATE TRIGGER changed AFTER UPDATE ON base FOR EACH ROW EXECUTE FUNCTION log_it()",
        "CREATE RULE written AS ON UPDATE TO other DO ALSO INSERT INTO noted VALUES (1)",
    ),
    "sqlite": (
        "CREATE TRIGGER changed AFTER UPDATE ON base BEGIN INSERT INTO log VALUES (NEW.id); END",
        "CREATE TRIGGER written AFTER INSERT ON log BEGIN INSERT INTO noted VALUES (1); END",
        "CREATE TRIGGER instead INSTEAD OF UPDATE ON v1 BEGIN UPDATE base SET v = NEW.v WHERE id = NEW.id; END",
    ),
}  # fmt: skip
# What an update of base sets off.
SET_OFF = {"mariadb": {"log", "noted"}, "postgres": {"log_it"}, "sqlite": {"log", "noted"}}


@pytest.fixture
def made(target: Target) -> Target:
    target.run(*COMMON, *TRIGGERS[target.name])
    return target


def last(target: Target, script: str) -> Statement:
    with target.session() as session:
        schema = session.target_schema()
        context = AnalysisContext(server_version=session.identity.version, catalogue=schema, known=schema)
        return list(target.dialect.analyse(script, context))[-1]


def touched(statement: Statement) -> set[str]:
    return {ref.name for ref in statement.objects}


def written(statement: Statement) -> set[str]:
    return {ref.name for ref in statement.objects if ref.access is Access.WRITE}


def test_through_nested_views(made: Target) -> None:
    found = last(made, "UPDATE v3 SET v = 1 WHERE id = 1")
    assert written(found) >= {"v3", "v2", "v1", "base"}
    assert touched(found) == {"v3", "v2", "v1", "base"} | SET_OFF[made.name]
    assert "INDIRECT" in {finding.code for finding in found.findings}
    assert touched(last(made, "SELECT v FROM v3")) == {"v3", "v2", "v1", "base"}


def test_cascades_write(made: Target) -> None:
    assert written(last(made, "DELETE FROM p WHERE id = 1")) == {"p", "c", "g"}
    assert written(last(made, "UPDATE p SET id = 2 WHERE id = 1")) == {"p"}


UPSERT = {
    "mariadb": "INSERT INTO base VALUES (1, 2) ON DUPLICATE KEY UPDATE v = 3",
    "postgres": "INSERT INTO base VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET v = 3",
    "sqlite": "INSERT INTO base VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET v = 3",
}


def test_an_upsert_updates_too(made: Target) -> None:
    assert touched(last(made, UPSERT[made.name])) == {"base"} | SET_OFF[made.name]
    assert touched(last(made, "INSERT INTO base VALUES (1, 2)")) == {"base"}


def test_replace_deletes_too(made: Target) -> None:
    if made.name == "postgres":  # has none
        return
    assert written(last(made, "REPLACE INTO p VALUES (1)")) == {"p", "c", "g"}
    if made.name == "sqlite":
        assert written(last(made, "INSERT OR REPLACE INTO p VALUES (1)")) == {"p", "c", "g"}


def test_postgres_has_more_ways(postgres_target: Target) -> None:
    postgres_target.run(*COMMON, *TRIGGERS["postgres"], "CREATE TABLE heir () INHERITS (base)")
    for script, expected in (
        ("MERGE INTO p USING c ON p.id = c.id WHEN MATCHED THEN DELETE", {"p", "c", "g"}),
        ("WITH d AS (DELETE FROM p RETURNING id) UPDATE other SET v = 1", {"p", "c", "g", "other", "noted"}),
        ("WITH d AS (DELETE FROM p RETURNING id) SELECT * FROM d", {"p", "c", "g"}),
        ("TRUNCATE p CASCADE", {"p", "c", "g"}),
        ("UPDATE base SET v = 1", {"base", "heir", "log_it"}),
    ):
        assert touched(last(postgres_target, script)) == expected, script


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE base RENAME TO moved; UPDATE moved SET v = 1 WHERE id = 1",
        "ALTER TABLE base RENAME TO between; ALTER TABLE between RENAME TO moved; UPDATE moved SET v = 1 WHERE id = 1",
    ],
)
def test_triggers_go_along_with_a_renamed_table(made: Target, change: str) -> None:
    assert touched(last(made, change)) == {"moved"} | SET_OFF[made.name]


def test_mariadb_renames_several_at_once(mariadb_target: Target) -> None:
    mariadb_target.run(*COMMON, *TRIGGERS["mariadb"])
    swap = "RENAME TABLE base TO gone, other TO base; UPDATE gone SET v = 1"
    assert touched(last(mariadb_target, swap)) == {"gone", "log", "noted"}


def test_views_changed_in_the_script(made: Target) -> None:
    """A statement that fails may be passed over, so that what was there before still counts."""
    change = "DROP VIEW v2; CREATE VIEW v2 AS SELECT id, v FROM other; UPDATE v3 SET v = 1 WHERE id = 1"
    assert written(last(made, change)) >= {"v3", "v2", "other"}
    fresh = "CREATE VIEW v4 AS SELECT id, v FROM v3; UPDATE v4 SET v = 1 WHERE id = 1"
    assert touched(last(made, fresh)) == {"v4", "v3", "v2", "v1", "base"} | SET_OFF[made.name]


def test_what_the_server_did_was_foreseen(made: Target) -> None:
    """The tables that really changed are among those named."""
    made.run(
        "INSERT INTO base VALUES (1, 1)",
        "INSERT INTO p VALUES (1)",
        "INSERT INTO c VALUES (1, 1)",
        "INSERT INTO g VALUES (1, 1)",
    )
    tables = ("base", "other", "log", "noted", "p", "c", "g")

    def rows() -> dict[str, list[object]]:
        return {name: list(made.run(f"SELECT * FROM {name}")) for name in tables}

    view = "v1" if made.name == "sqlite" else "v3"  # there only the one with a trigger can be written
    for script in (f"UPDATE {view} SET v = 5 WHERE id = 1", "DELETE FROM p WHERE id = 1"):
        foreseen = touched(last(made, script)) | (
            {"log"} if made.name == "postgres" else set()
        )  # by its function
        before = rows()
        with made.session() as session:
            session.execute(script)
        changed = {name for name in tables if rows()[name] != before[name]}
        assert len(changed) >= 2
        assert changed <= foreseen
