"""The work foreseen for each definition is what SQLite does to a real file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sluicegate.dialects import registry
from sluicegate.sql.impact import Work
from sluicegate.sql.model import AnalysisContext, TicketKind
from tests.sql.corpora import catalogue_of

ROWS = 20_000
PAGE = 4096
SETUP = """
CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b TEXT, c TEXT);
CREATE INDEX t_a ON t (a);
"""
FILLED = f"""
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
INSERT INTO t SELECT i, i % 97, 'text' || i, printf('%0150d', i) FROM n;
"""
FORMS = [
    "ALTER TABLE t RENAME TO renamed",
    "ALTER TABLE t RENAME COLUMN b TO d",
    "ALTER TABLE t ADD COLUMN d INT",
    "ALTER TABLE t ADD COLUMN d INT NOT NULL DEFAULT 0",
    "ALTER TABLE t ADD COLUMN d INT REFERENCES t (id)",
    "ALTER TABLE t ADD COLUMN d INT CHECK (d > 0)",
    "ALTER TABLE t ADD COLUMN d INT GENERATED ALWAYS AS (a + 1) VIRTUAL",
    "ALTER TABLE t ADD COLUMN d INT NOT NULL GENERATED ALWAYS AS (a + 1) VIRTUAL",
    "ALTER TABLE t DROP COLUMN c",
    "CREATE INDEX t_b ON t (b)",
    "CREATE UNIQUE INDEX t_b ON t (b)",
    "CREATE INDEX t_b ON t (b) WHERE a = 3",
    "DROP INDEX t_a",
    "DROP TABLE t",
    "CREATE TRIGGER noted AFTER UPDATE ON t BEGIN DELETE FROM t WHERE id = NEW.a; END",
    "REINDEX t_a",
    "REINDEX",
    "ANALYZE t",
    "VACUUM",
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "target.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA auto_vacuum = NONE")
        connection.executescript(SETUP + FILLED)
    return path


def _pages(path: Path) -> list[bytes]:
    content = path.read_bytes()
    return [content[start : start + PAGE] for start in range(0, len(content), PAGE)]


def observed(path: Path, sql: str) -> Work:
    """From the steps of SQLite's machine, the pages that changed, those that were added, and those set free."""
    before = _pages(path)
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.set_progress_handler(step, 1)
        connection.execute(sql)
        connection.set_progress_handler(None, 0)
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    after = _pages(path)
    changed = sum(old != new for old, new in zip(before, after, strict=False))
    every_row = steps >= ROWS
    if free > len(before) / 2:
        return Work.REMOVE
    if sql.startswith(("VACUUM", "REINDEX")):  # what is rebuilt alike may leave the same bytes
        return Work.REWRITE if sql.startswith("VACUUM") else Work.INDEX if every_row else Work.METADATA
    if changed > len(before) / 2:
        return Work.REWRITE
    if sql.startswith("CREATE") and "INDEX" in sql and every_row:
        assert len(after) > len(before)
        return Work.INDEX
    return Work.SCAN if every_row else Work.METADATA


@pytest.mark.parametrize("sql", FORMS)
def test_what_is_foreseen_happens(file: Path, sql: str) -> None:
    context = AnalysisContext(
        catalogue=catalogue_of("sqlite", SETUP, ROWS), ticket_kind=TicketKind.SCHEMA_CHANGE
    )
    (statement,) = registry.get("sqlite").analyse(sql, context)
    assert statement.impact is not None
    assert statement.impact.work is observed(file, sql)
