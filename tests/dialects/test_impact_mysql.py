"""What is foreseen of MySQL, which can't be had here, is what its manual says of each operation:
https://dev.mysql.com/doc/refman/8.0/en/innodb-online-ddl-operations.html (and 8.4's), by version."""

from __future__ import annotations

import pytest

from sluicegate.dialects import registry
from sluicegate.sql.impact import Impact, Work, describe
from sluicegate.sql.model import AnalysisContext

MADE = """
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, a INT, nn INT NOT NULL, v VARCHAR(20), w VARCHAR(80), e ENUM('a','b'),
  txt TEXT, i INT, f INT, gv INT AS (a + 1) VIRTUAL, gs INT AS (a + 2) STORED,
  KEY i (i), CONSTRAINT fk FOREIGN KEY (f) REFERENCES p (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE packed (id INT PRIMARY KEY, a INT) ROW_FORMAT=COMPRESSED;
CREATE TABLE worded (id INT PRIMARY KEY, a INT, t TEXT, FULLTEXT KEY ft (t));
"""
OLD, FIRST, RENAMING, ANYWHERE, LATEST = (5, 7, 44), (8, 0, 12), (8, 0, 28), (8, 0, 29), (8, 4, 3)
Expected = tuple[str, str, Work]
INSTANT: Expected = ("INSTANT", "NONE", Work.METADATA)
INPLACE: Expected = ("INPLACE", "NONE", Work.METADATA)
INDEX: Expected = ("INPLACE", "NONE", Work.INDEX)
REBUILD: Expected = ("INPLACE", "NONE", Work.REWRITE)
COPY: Expected = ("COPY", "SHARED", Work.REWRITE)
# (action, what each version does; a version does as the one before it that is named)
TABLE: list[tuple[str, dict[tuple[int, ...], Expected]]] = [
    ("ADD COLUMN n INT", {OLD: REBUILD, FIRST: INSTANT}),
    ("ADD COLUMN n INT FIRST", {OLD: REBUILD, ANYWHERE: INSTANT}),
    ("ADD COLUMN n INT AFTER a", {OLD: REBUILD, ANYWHERE: INSTANT}),
    ("ADD COLUMN n INT NOT NULL DEFAULT 3", {OLD: REBUILD, FIRST: INSTANT}),
    ("ADD COLUMN n INT AUTO_INCREMENT UNIQUE", {OLD: ("INPLACE", "SHARED", Work.REWRITE)}),
    ("ADD COLUMN n INT, ADD INDEX (n)", {OLD: REBUILD}),
    ("ADD COLUMN n INT, RENAME COLUMN a TO b", {OLD: REBUILD, FIRST: INPLACE, RENAMING: INSTANT}),
    ("DROP COLUMN a", {OLD: REBUILD, ANYWHERE: INSTANT}),
    ("RENAME COLUMN a TO b", {OLD: INPLACE, RENAMING: INSTANT}),
    ("CHANGE a b INT", {OLD: INPLACE, RENAMING: INSTANT}),
    ("MODIFY a INT FIRST", {OLD: REBUILD}),
    ("MODIFY a BIGINT", {OLD: COPY}),
    ("MODIFY v VARCHAR(60)", {OLD: INPLACE}),
    ("MODIFY v VARCHAR(70)", {OLD: COPY}),
    ("MODIFY w VARCHAR(200)", {OLD: INPLACE}),
    ("MODIFY v VARCHAR(10)", {OLD: COPY}),
    ("MODIFY a INT NOT NULL", {OLD: REBUILD}),
    ("MODIFY nn INT NULL", {OLD: REBUILD}),
    ("MODIFY e ENUM('a','b','c')", {OLD: INPLACE, FIRST: INSTANT}),
    ("MODIFY e ENUM('c','a','b')", {OLD: COPY}),
    ("ALTER COLUMN a SET DEFAULT 1", {OLD: INPLACE, FIRST: INSTANT}),
    ("ALTER COLUMN a DROP DEFAULT", {OLD: INPLACE, FIRST: INSTANT}),
    ("AUTO_INCREMENT=9", {OLD: INPLACE}),
    ("ADD COLUMN n INT AS (a + 1) STORED", {OLD: COPY}),
    ("ADD COLUMN n INT AS (a + 1) VIRTUAL", {OLD: INPLACE, FIRST: INSTANT}),
    ("DROP COLUMN gv", {OLD: INPLACE, FIRST: INSTANT}),
    ("ADD INDEX n (a)", {OLD: INDEX}),
    ("ADD UNIQUE n (a)", {OLD: INDEX}),
    ("DROP INDEX i", {OLD: INPLACE}),
    ("RENAME INDEX i TO j", {OLD: INPLACE}),
    ("ADD FULLTEXT n (txt)", {OLD: ("INPLACE", "SHARED", Work.REWRITE)}),
    ("DROP PRIMARY KEY", {OLD: COPY}),
    ("DROP PRIMARY KEY, ADD PRIMARY KEY (id, nn)", {OLD: REBUILD}),
    ("ADD FOREIGN KEY (a) REFERENCES p (id)", {OLD: COPY}),
    ("DROP FOREIGN KEY fk", {OLD: INPLACE}),
    ("ROW_FORMAT=DYNAMIC", {OLD: REBUILD}),
    ("KEY_BLOCK_SIZE=8", {OLD: REBUILD}),
    ("STATS_PERSISTENT=0", {OLD: INPLACE}),
    ("CHARACTER SET latin1", {OLD: REBUILD}),
    ("CHARACTER SET utf8mb4", {OLD: INPLACE}),
    ("CONVERT TO CHARACTER SET latin1", {OLD: COPY}),
    ("FORCE", {OLD: REBUILD}),
    ("ENGINE=InnoDB", {OLD: REBUILD}),
    ("ENGINE=MyISAM", {OLD: COPY}),
    (
        "RENAME TO u",
        {OLD: ("INPLACE", "EXCLUSIVE", Work.METADATA), FIRST: ("INSTANT", "EXCLUSIVE", Work.METADATA)},
    ),
]


def foreseen(statement: str, version: tuple[int, ...] | None) -> Impact:
    dialect = registry.get("mysql")
    context = AnalysisContext(server_version=version, catalogue=dialect.catalogue(MADE))
    impact = next(iter(dialect.analyse(statement, context))).impact
    assert impact is not None
    return impact


def seen(impact: Impact) -> Expected:
    return impact.algorithm, impact.lock.removeprefix("LOCK="), impact.work


@pytest.mark.parametrize("version", [OLD, FIRST, RENAMING, ANYWHERE, LATEST])
@pytest.mark.parametrize(("action", "by_version"), TABLE, ids=[case[0] for case in TABLE])
def test_the_manual_agrees(
    action: str, by_version: dict[tuple[int, ...], Expected], version: tuple[int, ...]
) -> None:
    holding = max(named for named in by_version if named <= version)
    assert seen(foreseen(f"ALTER TABLE t {action}", version)) == by_version[holding]


@pytest.mark.parametrize("action", ["ADD COLUMN n INT", "DROP COLUMN a"])
@pytest.mark.parametrize("table", ["packed", "worded"])
def test_tables_that_are_never_changed_instantly(table: str, action: str) -> None:
    assert foreseen(f"ALTER TABLE {table} {action}", LATEST).work is Work.REWRITE


def test_row_versions_are_limited() -> None:
    for action in ("ADD COLUMN n INT", "DROP COLUMN a"):
        impact = foreseen(f"ALTER TABLE t {action}", LATEST)
        assert impact.reason == "impact_row_versions"
        assert "64" in describe(impact, "zh")
        assert "255" in describe(foreseen(f"ALTER TABLE t {action}", (9, 1, 0)), "zh")
    assert not foreseen("ALTER TABLE t ADD COLUMN n INT", RENAMING).reason
    assert not foreseen("ALTER TABLE t ALTER COLUMN a SET DEFAULT 1", LATEST).reason


def test_where_the_version_decides_it_is_said() -> None:
    assert foreseen("ALTER TABLE t DROP COLUMN a", None).reason == "impact_server_version_unknown"
    assert foreseen("ALTER TABLE t ADD COLUMN n INT", None).reason == "impact_server_version_unknown"
    assert not foreseen("ALTER TABLE t ADD INDEX n (a)", None).reason
