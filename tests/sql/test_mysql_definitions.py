"""MySQL's definitions as values: what each form of words says."""

from __future__ import annotations

import pytest

from sluicegate.dialects.mysql.definitions import read
from sluicegate.dialects.mysql.lexicon import lexer
from sluicegate.dialects.mysql.variant import MYSQL
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.structure.definitions import (
    Action,
    AddCheck,
    AddColumn,
    AddForeignKey,
    AddIndex,
    AlterTable,
    ChangeColumn,
    Column,
    ColumnType,
    ConvertCharset,
    CreateDatabase,
    CreateIndex,
    CreateRoutine,
    CreateSequence,
    CreateTable,
    CreateView,
    Definitions,
    DropColumn,
    DropIndex,
    DropObject,
    DropPart,
    DropTable,
    ExpressionKind,
    Grant,
    Index,
    IndexKind,
    KeyPart,
    Maintenance,
    OtherAction,
    PartitionAction,
    RenameColumn,
    RenamePart,
    RenameTable,
    RenameTo,
    SetDefault,
    SetOption,
    SetVariable,
    Truncate,
)

LEXER = lexer(MYSQL, None)


def structure(sql: str) -> Definitions | None:
    return read(sql, LEXER.significant(sql))


def column(definition: str) -> Column:
    made = structure(f"CREATE TABLE t ({definition})")
    assert isinstance(made, CreateTable)
    return made.table.columns[0]


def actions(changes: str) -> tuple[Action, ...]:
    found = structure(f"ALTER TABLE t {changes}")
    assert isinstance(found, AlterTable)
    return found.actions


# ---------------------------------------------------------------- columns


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("INTEGER(11) UNSIGNED", ColumnType("INT", ("11",), unsigned=True)),
        ("int zerofill", ColumnType("INT", unsigned=True, zerofill=True)),
        ("DOUBLE PRECISION", ColumnType("DOUBLE")),
        ("NUMERIC(10, 2)", ColumnType("DECIMAL", ("10", "2"))),
        ("bool", ColumnType("TINYINT", ("1",))),
        ("CHARACTER VARYING(9)", ColumnType("VARCHAR", ("9",))),
        ("NATIONAL VARCHAR(9)", ColumnType("VARCHAR", ("9",))),
        ("LONG VARBINARY", ColumnType("MEDIUMBLOB")),
        ("LONG", ColumnType("MEDIUMTEXT")),
        ("CHAR(3) BYTE", ColumnType("BINARY", ("3",))),
        ("enum('a,b', 'c)')", ColumnType("ENUM", ("'a,b'", "'c)'"))),
        ("FLOAT(53)", ColumnType("DOUBLE")),
        ("TIMESTAMP(3)", ColumnType("TIMESTAMP", ("3",))),
    ],
)
def test_types_have_the_servers_names(written: str, meant: ColumnType) -> None:
    assert column(f"a {written}").type == meant


@pytest.mark.parametrize(
    ("default", "kind", "text"),
    [
        ("'it''s'", ExpressionKind.LITERAL, "'it''s'"),
        ("-1.5", ExpressionKind.LITERAL, "-1.5"),
        ("b'01'", ExpressionKind.LITERAL, "b'01'"),
        ("_utf8mb4'x'", ExpressionKind.LITERAL, "_utf8mb4'x'"),
        ("TRUE", ExpressionKind.LITERAL, "TRUE"),
        ("NULL", ExpressionKind.NULL, "NULL"),
        ("CURRENT_TIMESTAMP", ExpressionKind.NOW, "CURRENT_TIMESTAMP"),
        ("now(3)", ExpressionKind.NOW, "now(3)"),
        ("(uuid())", ExpressionKind.VOLATILE, "(uuid())"),
        ("uuid()", ExpressionKind.VOLATILE, "uuid()"),
        ("(own_function())", ExpressionKind.VOLATILE, "(own_function())"),
        ("(1 + 2)", ExpressionKind.STABLE, "(1 + 2)"),
        ("(concat('a', 'b'))", ExpressionKind.STABLE, "(concat('a', 'b'))"),
        ("NEXT VALUE FOR s", ExpressionKind.SEQUENCE, "NEXT VALUE FOR s"),
    ],
)
def test_defaults_have_a_kind(default: str, kind: ExpressionKind, text: str) -> None:
    for tail in ("", " NOT NULL", " COMMENT 'c'"):
        found = column(f"a INT DEFAULT {default}{tail}")
        assert found.default is not None
        assert (found.default.kind, found.default.text) == (kind, text)
        assert found.nullable is (False if "NOT NULL" in tail else None)


def test_every_attribute_of_a_column() -> None:
    found = column(
        "`a` VARCHAR(9) CHARACTER SET utf8mb4 COLLATE 'utf8mb4_bin' NOT NULL DEFAULT 'x' INVISIBLE "
        "COLUMN_FORMAT DYNAMIC STORAGE DISK COMMENT 'line\\nbreak' ON UPDATE CURRENT_TIMESTAMP UNIQUE KEY"
    )
    assert (found.charset, found.collation, found.nullable) == ("utf8mb4", "utf8mb4_bin", False)
    assert (found.invisible, found.unique, found.comment) == (True, True, "line\nbreak")
    assert found.on_update is not None
    stored = column("a INT GENERATED ALWAYS AS (b + (c)) PERSISTENT NOT NULL")
    assert stored.generated is not None
    assert (stored.generated.text, stored.stored, stored.nullable) == ("(b + (c))", True, False)
    assert not column("a INT AS (b) VIRTUAL").stored
    assert column("a INT KEY").primary
    assert column("a INT PRIMARY KEY").nullable is False
    assert column("a SERIAL").auto_increment


def test_inline_constraints_are_the_tables_too() -> None:
    found = structure(
        "CREATE TABLE t (a INT PRIMARY KEY, b INT UNIQUE CONSTRAINT c CHECK (b > 0), "
        "d INT REFERENCES db.o (x) ON UPDATE NO ACTION ON DELETE SET NULL)"
    )
    assert isinstance(found, CreateTable)
    table = found.table
    assert [(index.kind, index.columns) for index in table.indexes] == [
        (IndexKind.PRIMARY, ("a",)),
        (IndexKind.UNIQUE, ("b",)),
    ]
    assert [(check.name, check.text) for check in table.checks] == [("c", "(b > 0)")]
    key = table.foreign_keys[0]
    assert (key.columns, key.references, key.referenced) == (("d",), ObjectRef("o", database="db"), ("x",))
    assert (key.on_delete, key.on_update) == ("SET NULL", "NO ACTION")


# ---------------------------------------------------------------- tables


def test_keys() -> None:
    found = structure(
        "CREATE TABLE t (a INT, CONSTRAINT pk PRIMARY KEY (a), UNIQUE u (a DESC, b(10)) USING HASH, KEY (a), "
        "FULLTEXT INDEX ft (c) WITH PARSER ngram, INDEX e ((lower(c))) COMMENT 'why' INVISIBLE, "
        "CONSTRAINT cu UNIQUE KEY (d), CONSTRAINT fk FOREIGN KEY i (a, b) REFERENCES o (x, y), PERIOD FOR p (x, y))"
    )
    assert isinstance(found, CreateTable)
    table = found.table
    assert [column.name for column in table.columns] == ["a"]
    assert table.columns[0].nullable is False
    assert [(index.name, index.kind.value, index.method, index.parts) for index in table.indexes] == [
        (None, "primary", "", (KeyPart("a"),)),
        ("u", "unique", "hash", (KeyPart("a", descending=True), KeyPart("b", prefix=10))),
        (None, "plain", "", (KeyPart("a"),)),
        ("ft", "fulltext", "", (KeyPart("c"),)),
        ("e", "plain", "", (KeyPart("", "(lower(c))"),)),
        ("cu", "unique", "", (KeyPart("d"),)),
    ]
    assert [(key.name, key.columns) for key in table.foreign_keys] == [("fk", ("a", "b"))]


def test_options_and_partitions() -> None:
    found = structure(
        "CREATE TABLE t (a INT) ENGINE InnoDB DEFAULT CHARACTER SET = 'utf8mb4', COLLATE utf8mb4_bin "
        "COMMENT='c' AUTO_INCREMENT 7 ROW_FORMAT=DYNAMIC DATA DIRECTORY='/d' "
        "PARTITION BY LINEAR KEY ALGORITHM=2 (a, b) PARTITIONS 8"
    )
    assert isinstance(found, CreateTable)
    assert found.table.options == {
        "ENGINE": "InnoDB",
        "CHARSET": "utf8mb4",
        "COLLATE": "utf8mb4_bin",
        "COMMENT": "c",
        "AUTO_INCREMENT": "7",
        "ROW_FORMAT": "DYNAMIC",
        "DATA DIRECTORY": "/d",
    }
    parts = found.table.partitioning
    assert parts is not None
    assert (parts.method, parts.columns, parts.count) == ("LINEAR KEY", ("a", "b"), 8)


@pytest.mark.parametrize(
    ("sql", "as_query", "columns"),
    [
        ("CREATE TABLE t AS SELECT 1", True, 0),
        ("CREATE TABLE t SELECT 1", True, 0),
        ("CREATE TABLE t (SELECT 1)", True, 0),
        ("CREATE TABLE t ((SELECT 1) UNION (SELECT 2))", True, 0),
        ("CREATE TABLE t (a INT) ENGINE=InnoDB IGNORE AS SELECT 1", True, 1),
        ("CREATE TABLE t (a INT) PARTITION BY HASH (a) SELECT 1", True, 1),
        ("CREATE TABLE t (a INT) ENGINE=InnoDB", False, 1),
    ],
)
def test_tables_of_queries(sql: str, as_query: bool, columns: int) -> None:
    found = structure(sql)
    assert isinstance(found, CreateTable)
    assert (found.as_query, len(found.table.columns)) == (as_query, columns)


def test_like() -> None:
    for sql in ("CREATE TABLE t LIKE db.o", "CREATE TABLE t (LIKE db.o)"):
        found = structure(sql)
        assert isinstance(found, CreateTable)
        assert found.like == ObjectRef("o", database="db")


def test_what_the_server_runs_in_comments_counts() -> None:
    found = structure("CREATE TABLE /*!50000 t */ (/*! a INT, */ b INT /* c INT */)")
    assert isinstance(found, CreateTable)
    assert [column.name for column in found.table.columns] == ["a", "b"]


# ---------------------------------------------------------------- ALTER TABLE


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ("ADD a INT", [AddColumn]),
        ("ADD COLUMN IF NOT EXISTS a INT FIRST", [AddColumn]),
        ("ADD (a INT, b INT UNIQUE, KEY k (a))", [AddColumn, AddColumn, AddIndex]),
        (
            "ADD a INT REFERENCES o (x), ADD b INT CHECK (b > 0)",
            [AddColumn, AddForeignKey, AddColumn, AddCheck],
        ),
        ("ADD period INT, ADD vector INT, ADD system INT", [AddColumn] * 3),
        ("ADD INDEX (a), ADD KEY k (a), ADD UNIQUE (a), ADD FULLTEXT f (a)", [AddIndex] * 4),
        ("ADD PRIMARY KEY (a), ADD CONSTRAINT u UNIQUE (a)", [AddIndex] * 2),
        ("ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES o (x), ADD CHECK (a > 0)", [AddForeignKey, AddCheck]),
        ("DROP a, DROP COLUMN IF EXISTS b, DROP COLUMN c CASCADE", [DropColumn] * 3),
        ("DROP INDEX a, DROP KEY b, DROP PRIMARY KEY, DROP FOREIGN KEY c", [DropPart] * 4),
        ("DROP CONSTRAINT a, DROP CHECK b", [DropPart] * 2),
        ("MODIFY a INT, MODIFY COLUMN b INT AFTER a, CHANGE c d INT", [ChangeColumn] * 3),
        ("ALTER a SET DEFAULT 1, ALTER COLUMN b DROP DEFAULT", [SetDefault] * 2),
        (
            "ALTER COLUMN a SET INVISIBLE, ALTER INDEX i INVISIBLE, ALTER CHECK c NOT ENFORCED",
            [OtherAction] * 3,
        ),
        (
            "RENAME COLUMN a TO b, RENAME INDEX i TO j, RENAME KEY k TO l",
            [RenameColumn, RenamePart, RenamePart],
        ),
        ("RENAME TO x", [RenameTo]),
        ("RENAME x", [RenameTo]),
        ("CONVERT TO CHARSET utf8mb4", [ConvertCharset]),
        ("ENGINE=InnoDB DEFAULT CHARSET utf8mb4, COMMENT 'x'", [SetOption] * 3),
        ("FORCE", [OtherAction]),
        ("ORDER BY a, b DESC", [OtherAction] * 2),
        ("DISABLE KEYS", [OtherAction]),
        ("ADD PARTITION (PARTITION p VALUES LESS THAN (1))", [PartitionAction]),
        ("DROP PARTITION p0, p1", [PartitionAction]),
        ("TRUNCATE PARTITION ALL", [PartitionAction]),
        ("EXCHANGE PARTITION p WITH TABLE o WITHOUT VALIDATION", [PartitionAction]),
        (
            "REORGANIZE PARTITION p INTO (PARTITION a VALUES IN (1), PARTITION b VALUES IN (2))",
            [PartitionAction],
        ),
        ("REMOVE PARTITIONING", [PartitionAction]),
        ("PARTITION BY HASH (a) PARTITIONS 4", [PartitionAction]),
        ("DISCARD TABLESPACE", [OtherAction]),
    ],
)
def test_actions(changes: str, kinds: list[type]) -> None:
    assert [type(action) for action in actions(changes)] == kinds
    for action in actions(changes):
        assert action.at >= len("ALTER TABLE t ")


def test_details_of_actions() -> None:
    first, second = actions("CHANGE COLUMN a b BIGINT NOT NULL AFTER c, MODIFY d INT FIRST")
    assert isinstance(first, ChangeColumn)
    assert isinstance(second, ChangeColumn)
    assert (first.name, first.column.name, first.position) == ("a", "b", "c")
    assert (second.name, second.column.name, second.position) == ("d", "d", "FIRST")
    assert actions("DROP PARTITION p0, p1, p2") == (PartitionAction("DROP", ("p0", "p1", "p2"), at=14),)
    assert actions("EXCHANGE PARTITION p WITH TABLE o")[0] == PartitionAction(
        "EXCHANGE", ("p",), ObjectRef("o"), at=14
    )
    assert [action.kind for action in actions("DROP PRIMARY KEY, DROP FOREIGN KEY f, DROP KEY k")] == [  # type: ignore[union-attr]
        "primary key",
        "foreign key",
        "index",
    ]


def test_how_it_shall_run() -> None:
    found = structure("ALTER IGNORE TABLE IF EXISTS t ADD a INT, ALGORITHM=inplace, LOCK none")
    assert isinstance(found, AlterTable)
    assert (found.algorithm, found.lock, found.ignore, found.if_exists) == ("INPLACE", "NONE", True, True)
    assert len(found.actions) == 1


# ---------------------------------------------------------------- the rest


@pytest.mark.parametrize(
    ("sql", "meant"),
    [
        (
            "CREATE UNIQUE INDEX i USING BTREE ON db.t (a, b(4) DESC) LOCK=NONE",
            CreateIndex(
                ObjectRef("t", database="db"),
                Index(
                    IndexKind.UNIQUE,
                    (KeyPart("a"), KeyPart("b", prefix=4, descending=True)),
                    "i",
                    "btree",
                    at=0,
                ),
                lock="NONE",
                at=0,
            ),
        ),
        (
            "DROP INDEX IF EXISTS i ON t",
            DropIndex((ObjectRef("i", "index"),), ObjectRef("t"), if_exists=True, at=0),
        ),
        (
            "DROP TEMPORARY TABLE IF EXISTS a, db.b",
            DropTable((ObjectRef("a"), ObjectRef("b", database="db")), True, temporary=True, at=0),
        ),
        ("DROP VIEW v", DropObject((ObjectRef("v", "view"),), at=0)),
        ("DROP DATABASE IF EXISTS d", DropObject((ObjectRef("d", "database"),), True, at=0)),
        (
            "RENAME TABLE a TO b, c.d TO e",
            RenameTable(
                ((ObjectRef("a"), ObjectRef("b")), (ObjectRef("d", database="c"), ObjectRef("e"))), at=0
            ),
        ),
        ("TRUNCATE t", Truncate((ObjectRef("t"),), at=0)),
        (
            "CREATE OR REPLACE DEFINER=`a`@`%` SQL SECURITY INVOKER VIEW v (a, b) AS SELECT 1, 2",
            CreateView(ObjectRef("v", "view"), True, False, ("a", "b"), "`a`@`%`", "INVOKER", 0),
        ),
        (
            "CREATE DATABASE IF NOT EXISTS d DEFAULT CHARACTER SET utf8mb4 COLLATE = utf8mb4_bin",
            CreateDatabase(ObjectRef("d", "database"), "utf8mb4", "utf8mb4_bin", True, at=0),
        ),
        ("ALTER DATABASE CHARSET utf8", CreateDatabase(ObjectRef("", "database"), "utf8", alters=True, at=0)),
        (
            "CREATE TRIGGER tr AFTER UPDATE ON t FOR EACH ROW SET @a = 1",
            CreateRoutine(ObjectRef("tr", "trigger"), table=ObjectRef("t"), language="sql", at=0),
        ),
        (
            "CREATE PROCEDURE p() SQL SECURITY INVOKER BEGIN END",
            CreateRoutine(ObjectRef("p", "procedure"), security="INVOKER", language="sql", at=0),
        ),
        ("CREATE SEQUENCE s START WITH 1 CYCLE", CreateSequence(ObjectRef("s", "sequence"), True, 0)),
        ("OPTIMIZE LOCAL TABLE a, b", Maintenance("OPTIMIZE", (ObjectRef("a"), ObjectRef("b")), at=0)),
        (
            "GRANT SELECT (a, b), UPDATE ON db.t TO 'u'@'%' IDENTIFIED BY 'secret', v WITH GRANT OPTION",
            Grant(("SELECT", "UPDATE"), (ObjectRef("t", database="db"),), ("'u'@'%'", "v"), True, at=0),
        ),
        ("REVOKE r FROM u", Grant(("R",), (), ("u",), revokes=True, at=0)),
        ("SET SESSION lock_wait_timeout = 5", SetVariable("lock_wait_timeout", "5", at=0)),
        ("SET @@session.Lock_Wait_Timeout = 5", SetVariable("lock_wait_timeout", "5", at=0)),
        ("SET @a = 1", None),
        ("SELECT 1", None),
        ("CREATE USER u", None),
    ],
)
def test_other_statements(sql: str, meant: Definitions | None) -> None:
    assert structure(sql) == meant


CUT = (
    (
        "CREATE TABLE t (a INT NOT NULL DEFAULT (1 + 2) COMMENT 'x', KEY k (a), FOREIGN KEY (a) REFERENCES o (b) "
        "ON DELETE CASCADE) ENGINE=InnoDB PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (1))"
    ),
    "ALTER TABLE t ADD (a INT, b INT), CHANGE c d ENUM('x') AFTER e, DROP PARTITION p0, p1, RENAME TO x, LOCK=NONE",
    "CREATE DEFINER=u@h TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @a = 1",
    "GRANT SELECT (a), UPDATE ON db.* TO u@h WITH GRANT OPTION",
    "RENAME TABLE a TO b, c TO d",
    "CREATE UNIQUE INDEX i ON t ((a + 1), b(3)) USING BTREE ALGORITHM=INPLACE",
)


@pytest.mark.parametrize("sql", CUT)
def test_it_never_raises(sql: str) -> None:
    tokens = LEXER.significant(sql)
    for place in range(len(tokens)):
        read(sql, tokens[:place])
        read(sql, tokens[:place] + tokens[place + 1 :])
        read(sql, [tokens[0], *tokens[place:]])


@pytest.mark.parametrize(
    "pattern", ["(", "a INT DEFAULT ((", "a INT,", "KEY (a),", "PARTITION ", ", ", "DEFAULT "]
)
def test_long_texts_are_read_too(pattern: str) -> None:
    for opening in ("CREATE TABLE t (", "ALTER TABLE t ADD ("):
        sql = opening + pattern * (30_000 // len(pattern))
        tokens = LEXER.significant(sql)
        read(sql, tokens)
