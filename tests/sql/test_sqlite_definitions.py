"""SQLite's definitions as values, and the truth about them: what SQLite itself makes of the same text."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.dialects.sqlite.analysis import catalogue
from sluicegate.dialects.sqlite.definitions import read_definition
from sluicegate.sql.catalogue import ABSENT, CatalogueCopy
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.structure import definitions as d
from sluicegate.sql.structure.definitions import Definitions, ExpressionKind, IndexKind, Table
from sluicegate.sql.words import words
from tests.sql.corpora import lexers

TABLES = {
    "plain": "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a VARCHAR(10) NOT NULL DEFAULT 'x', b)",
    "names": 'CREATE TABLE IF NOT EXISTS main."t" ([id] INT, `order` TEXT, \'q r\' REAL, "a""b" BLOB)',
    "types": "CREATE TABLE t (a UNSIGNED BIG INT, b DECIMAL(10, 2), c DOUBLE PRECISION, d NATIVE CHARACTER(70), e)",
    "keys": "CREATE TABLE t (a INT, b INT, c TEXT UNIQUE, PRIMARY KEY (b, a DESC), CONSTRAINT u UNIQUE (a, c COLLATE NOCASE))",
    "without rowid": "CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID",
    "strict": "CREATE TABLE t (k TEXT PRIMARY KEY, v INTEGER NOT NULL ON CONFLICT ABORT) STRICT, WITHOUT ROWID",
    "generated": "CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a * (2 + 1)) STORED, c AS (a || 'x') VIRTUAL NOT NULL)",
    "references": "CREATE TABLE t (a INT CONSTRAINT fk REFERENCES u ON DELETE SET NULL ON UPDATE CASCADE, b INT, c INT, "
    "FOREIGN KEY (b, c) REFERENCES v (x, y) ON DELETE CASCADE MATCH FULL DEFERRABLE INITIALLY DEFERRED)",
    "defaults": "CREATE TABLE t (a INT DEFAULT -1, b TEXT DEFAULT (lower('X')), c DEFAULT CURRENT_TIMESTAMP, d DEFAULT +2.5, "
    "e INT DEFAULT (random()) NOT NULL, f DEFAULT NULL, g DEFAULT TRUE)",
    "checks": "CREATE TABLE t (a INT CHECK (a > 0) NOT NULL, b INT CONSTRAINT c CHECK (b IN (1, 2)), CHECK (a < b))",
    "no commas": "CREATE TABLE t (a INT, UNIQUE (a) CHECK (a > 1) FOREIGN KEY (a) REFERENCES u)",
    "alters": "CREATE TABLE t (a INT, b INT, c INT); ALTER TABLE t ADD COLUMN d TEXT NOT NULL DEFAULT ''; "
    "ALTER TABLE t ADD e INT REFERENCES u (x); ALTER TABLE t RENAME COLUMN b TO bb; ALTER TABLE t RENAME c TO cc; "
    "ALTER TABLE t DROP COLUMN a",
    "renames": "CREATE TABLE old (a INT UNIQUE); CREATE INDEX i ON old (a); ALTER TABLE old RENAME TO t",
    "indexes": "CREATE TABLE t (a INT, b TEXT, c); CREATE UNIQUE INDEX i ON t (a, b DESC); CREATE INDEX j ON t (lower(b)) "
    "WHERE a > 1; CREATE INDEX IF NOT EXISTS main.k ON t (c COLLATE NOCASE ASC); CREATE INDEX l ON t (c); DROP INDEX l",
    "recreated": "CREATE TABLE t (a INT); DROP TABLE IF EXISTS t; CREATE TABLE t (b TEXT)",
    "comments": "CREATE TABLE t ( -- the key\n id INT, /* , x INT */ b INT -- last\n)",
}


def read(sql: str) -> Definitions | None:
    return read_definition(sql, lexers()["sqlite"].significant(sql))


def table(found: CatalogueCopy, name: str = "t") -> Table:
    known = found.table(ObjectRef(name))
    assert isinstance(known, Table)
    return known


def collapsed(text: str) -> str:
    return "".join(text.split()).upper()


@pytest.fixture
def server() -> sqlite3.Connection:
    return sqlite3.connect(":memory:")


# ---------------------------------------------------------------- the truth


@pytest.mark.parametrize("script", TABLES.values(), ids=TABLES.keys())
def test_columns(script: str, server: sqlite3.Connection) -> None:
    server.executescript(script)
    said = table(catalogue(script, None))
    rows = server.execute(
        "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo('t')"
    ).fetchall()
    assert [column.name for column in said.columns] == [row[0] for row in rows]
    strict_key = "WITHOUT_ROWID" in said.options
    for column, (_, kind, not_null, default, key, hidden) in zip(said.columns, rows, strict=True):
        # What follows a name in front of GENERATED is part of the type for SQLite's own listing.
        assert collapsed(str(column.type or "")) == collapsed(kind.upper().replace("GENERATED ALWAYS", ""))
        assert (column.nullable is False) == bool(not_null or (strict_key and key))
        assert (None if column.default is None else collapsed(column.default.text).strip("()")) == (
            None if default is None else collapsed(default).strip("()")
        )
        assert column.primary == bool(key)
        assert (column.generated is not None, column.stored) == (hidden in (2, 3), hidden == 3)


@pytest.mark.parametrize("script", TABLES.values(), ids=TABLES.keys())
def test_indexes(script: str, server: sqlite3.Connection) -> None:
    server.executescript(script)
    said = table(catalogue(script, None))
    real = set()
    for _, name, unique, origin, partial in server.execute("PRAGMA index_list('t')"):
        parts = server.execute(
            f"SELECT name, \"desc\" FROM pragma_index_xinfo('{name}') WHERE key = 1"
        ).fetchall()
        columns = tuple((column or "", bool(descending)) for column, descending in parts)
        real.add((columns, bool(unique), origin, bool(partial)))
    kinds = {IndexKind.PRIMARY: "pk", IndexKind.UNIQUE: "u", IndexKind.PLAIN: "c"}
    found = {
        (
            tuple((part.column, part.descending) for part in index.parts),
            index.unique,
            kinds[index.kind] if index.constraint else "c",
            bool(index.where),
        )
        for index in said.indexes
        if not _is_rowid(said, index)
    }
    assert found == real


def _is_rowid(said: Table, index: d.Index) -> bool:
    """INTEGER PRIMARY KEY is the table itself, no index."""
    column = said.column(index.parts[0].column)
    whole = index.kind is IndexKind.PRIMARY and len(index.parts) == 1 and "WITHOUT_ROWID" not in said.options
    return whole and column is not None and column.type is not None and column.type.name == "INTEGER"


@pytest.mark.parametrize("script", TABLES.values(), ids=TABLES.keys())
def test_foreign_keys(script: str, server: sqlite3.Connection) -> None:
    server.executescript(script)
    said = table(catalogue(script, None))
    real: dict[int, list[tuple[str, ...]]] = {}
    for number, _, parent, column, to, on_update, on_delete, _ in server.execute(
        "PRAGMA foreign_key_list('t')"
    ):
        real.setdefault(number, []).append((parent, column, to or "", on_update, on_delete))
    found = [
        [
            (key.references.name, column, to, key.on_update or "NO ACTION", key.on_delete or "NO ACTION")
            for column, to in zip(key.columns, key.referenced or ("",) * len(key.columns), strict=True)
        ]
        for key in said.foreign_keys
    ]
    assert sorted(found) == sorted(real.values())


def test_what_is_dropped_is_gone() -> None:
    found = catalogue(
        "CREATE TABLE t (a INT); CREATE VIEW v (x) AS SELECT a FROM t; DROP VIEW v; DROP TABLE t", None
    )
    assert found.table(ObjectRef("t")) is ABSENT
    assert found.table(ObjectRef("v")) is ABSENT


# ---------------------------------------------------------------- the values


def test_a_table() -> None:
    found = read(
        "CREATE TABLE s.t (a INT CHECK (a > 0), b TEXT DEFAULT (random()) COLLATE NOCASE, c DEFAULT CURRENT_DATE, "
        "d DEFAULT 5, e DEFAULT (abs(-1)), f DEFAULT NULL, CONSTRAINT x CHECK (a < 5)) STRICT"
    )
    assert isinstance(found, d.CreateTable)
    assert (found.table.ref.schema, found.table.ref.name) == ("s", "t")
    assert [(check.name, check.text) for check in found.table.checks] == [(None, "a > 0"), ("x", "a < 5")]
    assert found.table.columns[1].collation == "NOCASE"
    assert [column.default.kind for column in found.table.columns if column.default] == [
        ExpressionKind.VOLATILE,
        ExpressionKind.NOW,
        ExpressionKind.LITERAL,
        ExpressionKind.STABLE,
        ExpressionKind.NULL,
    ]
    assert dict(found.table.options) == {"STRICT": "1"}
    assert found.at == 0


@pytest.mark.parametrize(
    ("sql", "temporary", "optional", "as_query"),
    [
        ("CREATE TEMP TABLE t (a)", True, False, False),
        ("CREATE TABLE IF NOT EXISTS t (a)", False, True, False),
        ("CREATE TABLE t AS SELECT 1 AS a", False, False, True),
        ("CREATE VIRTUAL TABLE t USING fts5(a, b)", False, False, True),
    ],
)
def test_kinds_of_tables(sql: str, temporary: bool, optional: bool, as_query: bool) -> None:
    found = read(sql)
    assert isinstance(found, d.CreateTable)
    assert (found.temporary, found.if_not_exists, found.as_query) == (temporary, optional, as_query)


def test_an_index() -> None:
    found = read(
        "CREATE UNIQUE INDEX IF NOT EXISTS main.i ON t (a, lower(b) DESC, c COLLATE NOCASE) WHERE a > 1 AND b < 2"
    )
    assert isinstance(found, d.CreateIndex)
    assert (found.table.schema, found.table.name, found.index.name) == ("main", "t", "i")
    assert found.index.kind is IndexKind.UNIQUE
    assert [(part.column, part.expression, part.descending) for part in found.index.parts] == [
        ("a", "", False),
        ("", "lower(b)", True),
        ("c", "", False),
    ]
    assert found.index.where == "a > 1 AND b < 2"
    assert found.if_not_exists


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("ALTER TABLE t RENAME TO u", d.RenameTo),
        ("ALTER TABLE t RENAME COLUMN a TO b", d.RenameColumn),
        ("ALTER TABLE t RENAME a TO b", d.RenameColumn),
        ("ALTER TABLE t ADD COLUMN a INT NOT NULL", d.AddColumn),
        ("ALTER TABLE t ADD a INT", d.AddColumn),
        ("ALTER TABLE t DROP COLUMN a", d.DropColumn),
        ("ALTER TABLE t DROP a", d.DropColumn),
    ],
)
def test_alterations(sql: str, expected: type) -> None:
    found = read(sql)
    assert isinstance(found, d.AlterTable)
    assert [type(action) for action in found.actions] == [expected]


def test_what_a_column_brings_along() -> None:
    found = read("ALTER TABLE t ADD COLUMN a INT UNIQUE REFERENCES u (x) ON DELETE CASCADE CHECK (a > 0)")
    assert isinstance(found, d.AlterTable)
    assert [type(action) for action in found.actions] == [d.AddColumn, d.AddForeignKey, d.AddCheck]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("DROP TABLE IF EXISTS main.t", d.DropTable),
        ("DROP INDEX i", d.DropIndex),
        ("DROP VIEW v", d.DropObject),
        ("DROP TRIGGER r", d.DropObject),
        ("CREATE VIEW v (a, b) AS SELECT 1, 2", d.CreateView),
        ("CREATE TRIGGER r AFTER UPDATE OF a ON t BEGIN SELECT 1; END", d.CreateRoutine),
        ("VACUUM", d.Maintenance),
        ("REINDEX t", d.Maintenance),
        ("ANALYZE", d.Maintenance),
    ],
)
def test_other_statements(sql: str, expected: type) -> None:
    assert isinstance(read(sql), expected)


def test_a_trigger_knows_its_table() -> None:
    found = read(
        "CREATE TEMP TRIGGER IF NOT EXISTS r INSTEAD OF DELETE ON main.v WHEN old.a BEGIN SELECT 1; END"
    )
    assert isinstance(found, d.CreateRoutine)
    assert found.ref.name == "r"
    assert found.table is not None
    assert (found.table.schema, found.table.name) == ("main", "v")


# ---------------------------------------------------------------- bounds

WORDS = sorted(
    words(
        """
        CREATE TABLE INDEX VIEW TRIGGER UNIQUE VIRTUAL TEMP IF NOT EXISTS ON ALTER ADD DROP RENAME COLUMN TO PRIMARY KEY
        CHECK DEFAULT COLLATE REFERENCES GENERATED ALWAYS AS STORED FOREIGN CONSTRAINT NULL WITHOUT ROWID STRICT CASCADE
        SET CONFLICT DELETE MATCH DEFERRABLE INITIALLY WHERE DESC AUTOINCREMENT a t INT "q" [s] 'x' 1 - ( ) , . ; VACUUM
        """
    )
)


@given(
    st.lists(st.sampled_from(WORDS), max_size=40),
    st.sampled_from(
        ["", "CREATE TABLE t (", "ALTER TABLE t ADD ", "CREATE INDEX i ON t (", "CREATE TABLE t (a INT "]
    ),
)
def test_it_never_raises(soup: list[str], start: str) -> None:
    read(start + " ".join(soup))


@pytest.mark.parametrize("opener", ["(", "a (", "CHECK (", "a INT DEFAULT (", "UNIQUE ("])
def test_deep_nonsense_is_read_quickly(opener: str) -> None:
    read("CREATE TABLE t (" + opener * 20_000)
