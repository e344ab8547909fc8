"""The algorithm and lock foreseen for each action are the first that a real MariaDB accepts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pymysql
import pytest

from sluicegate.dialects.base import SessionLimits
from sluicegate.dialects.mariadb import VARIANT, MariaDb
from sluicegate.dialects.mysql.impact import foresight
from sluicegate.sql.impact import Blocks, Work
from sluicegate.sql.model import AnalysisContext, ObjectRef
from sluicegate.sql.structure.definitions import (
    Action,
    AddCheck,
    AddColumn,
    AddForeignKey,
    AddIndex,
    AlterTable,
    ChangeColumn,
    Check,
    Column,
    ColumnType,
    ConvertCharset,
    DropColumn,
    DropPart,
    Expression,
    ExpressionKind,
    ForeignKey,
    Index,
    IndexKind,
    KeyPart,
    OtherAction,
    RenameColumn,
    RenamePart,
    RenameTo,
    SetDefault,
    SetOption,
    Table,
)
from tests.dialects.impacts import foreseen
from tests.servers.mariadb import MariadbServer

VERSION = (10, 11, 0)
T = ObjectRef("t")
NOW = Expression("NOW()", ExpressionKind.NOW)
FIVE = Expression("5", ExpressionKind.LITERAL)


def kind(text: str) -> ColumnType:
    name, _, rest = text.partition("(")
    unsigned = rest.endswith(" UNSIGNED") or name.endswith(" UNSIGNED")
    arguments = rest.removesuffix(" UNSIGNED").removesuffix(")")
    return ColumnType(
        name.removesuffix(" UNSIGNED"), tuple(arguments.split(",")) if arguments else (), unsigned
    )


def col(name: str, type_: str = "INT", **more: object) -> Column:
    return Column(name, kind(type_), **{"nullable": True, **more})  # type: ignore[arg-type]


def change(name: str, type_: str, position: str = "", to: str = "", **more: object) -> ChangeColumn:
    return ChangeColumn(name, col(to or name, type_, **more), position)


def index(kind_: IndexKind, *columns: str, name: str | None = None) -> AddIndex:
    return AddIndex(Index(kind_, tuple(KeyPart(column) for column in columns), name))


PLAIN = """
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, a INT, nn INT NOT NULL, v VARCHAR(20), w VARCHAR(50),
  v300 VARCHAR(300), vi VARCHAR(20), c CHAR(10), l VARCHAR(20) CHARACTER SET latin1,
  u3 VARCHAR(20) CHARACTER SET utf8mb3, u3i VARCHAR(20) CHARACTER SET utf8mb3, e ENUM('a','b'),
  d DECIMAL(10,2), dt DATETIME, t TEXT, g POINT NOT NULL, x INT, i INT, uu INT, f INT,
  KEY i (i), UNIQUE u (uu), KEY vi (vi), KEY u3i (u3i), CONSTRAINT fk FOREIGN KEY (f) REFERENCES p (id),
  CONSTRAINT ck CHECK (x > 0)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci
"""
TABLE = Table(
    T,
    (
        col("id", nullable=False),
        col("a"),
        col("nn", nullable=False),
        col("v", "VARCHAR(20)"),
        col("w", "VARCHAR(50)"),
        col("v300", "VARCHAR(300)"),
        col("vi", "VARCHAR(20)"),
        col("c", "CHAR(10)"),
        col("l", "VARCHAR(20)", charset="latin1"),
        col("u3", "VARCHAR(20)", charset="utf8mb3"),
        col("u3i", "VARCHAR(20)", charset="utf8mb3"),
        col("e", "ENUM('a','b')"),
        col("d", "DECIMAL(10,2)"),
        col("dt", "DATETIME"),
        col("t", "TEXT"),
        col("g", "POINT", nullable=False),
        col("x"),
        col("i"),
        col("uu"),
        col("f"),
    ),
    (
        Index(IndexKind.PRIMARY, (KeyPart("id"),)),
        Index(IndexKind.PLAIN, (KeyPart("i"),), "i"),
        Index(IndexKind.UNIQUE, (KeyPart("uu"),), "u"),
        Index(IndexKind.PLAIN, (KeyPart("vi"),), "vi"),
        Index(IndexKind.PLAIN, (KeyPart("u3i"),), "u3i"),
        Index(IndexKind.PLAIN, (KeyPart("f"),), "fk"),
    ),
    (ForeignKey(("f",), ObjectRef("p"), ("id",), "fk"),),
    options={"ENGINE": "InnoDB", "CHARSET": "utf8mb4", "COLLATE": "utf8mb4_general_ci"},
)
COMPUTED = "CREATE TABLE t (id INT PRIMARY KEY, a INT, gv INT AS (id + 1) VIRTUAL, gs INT AS (id + 2) STORED)"
PLUS_ONE = Expression("id + 1", ExpressionKind.STABLE)
COMPUTED_TABLE = Table(
    T,
    (
        col("id", nullable=False),
        col("a"),
        col("gv", generated=PLUS_ONE),
        col("gs", generated=PLUS_ONE, stored=True),
    ),
    (Index(IndexKind.PRIMARY, (KeyPart("id"),)),),
)
COMPRESSED = "CREATE TABLE t (id INT PRIMARY KEY, a INT) ROW_FORMAT=COMPRESSED"
COMPRESSED_TABLE = Table(
    T,
    (col("id", nullable=False), col("a")),
    (Index(IndexKind.PRIMARY, (KeyPart("id"),)),),
    options={"ROW_FORMAT": "COMPRESSED"},
)
MYISAM = "CREATE TABLE t (id INT PRIMARY KEY, a INT) ENGINE=MyISAM"
MYISAM_TABLE = Table(T, (col("id"), col("a")), options={"ENGINE": "MyISAM"})
FULLTEXT = "CREATE TABLE t (id INT PRIMARY KEY, a INT, t TEXT, s TEXT, FULLTEXT ft (t))"
FULLTEXT_TABLE = Table(
    T,
    (col("id"), col("a"), col("t", "TEXT"), col("s", "TEXT")),
    (Index(IndexKind.FULLTEXT, (KeyPart("t"),), "ft"),),
)

Actions = tuple[Action, ...]
ON_PLAIN: list[tuple[str, Actions]] = [
    ("ADD COLUMN n INT", (AddColumn(col("n")),)),
    ("ADD COLUMN n INT NOT NULL", (AddColumn(col("n", nullable=False)),)),
    ("ADD COLUMN n INT FIRST", (AddColumn(col("n"), position="FIRST"),)),
    ("ADD COLUMN n INT AFTER a", (AddColumn(col("n"), position="a"),)),
    ("ADD COLUMN n INT DEFAULT 5", (AddColumn(col("n", default=FIVE)),)),
    ("ADD COLUMN n DATETIME DEFAULT NOW() ON UPDATE NOW()", (AddColumn(col("n", "DATETIME", default=NOW)),)),
    (
        "ADD COLUMN n VARCHAR(36) DEFAULT (UUID())",
        (AddColumn(col("n", "VARCHAR(36)", default=Expression("UUID()", ExpressionKind.VOLATILE))),),
    ),
    ("ADD COLUMN n INT AS (a + 1) VIRTUAL", (AddColumn(col("n", generated=PLUS_ONE)),)),
    ("ADD COLUMN n INT AS (a + 1) STORED", (AddColumn(col("n", generated=PLUS_ONE, stored=True)),)),
    ("ADD COLUMN n INT UNIQUE", (AddColumn(col("n", unique=True)),)),
    ("ADD COLUMN n INT AUTO_INCREMENT UNIQUE", (AddColumn(col("n", unique=True, auto_increment=True)),)),
    ("ADD COLUMN n INT CHECK (n > 0)", (AddColumn(col("n")),)),
    ("ADD COLUMN n INT, ADD INDEX (n)", (AddColumn(col("n")), index(IndexKind.PLAIN, "n"))),
    ("ADD INDEX n (a), ADD COLUMN z INT", (index(IndexKind.PLAIN, "a"), AddColumn(col("z")))),
    ("ADD COLUMN n INT, DROP INDEX i", (AddColumn(col("n")), DropPart("index", "i"))),
    ("ADD COLUMN n INT, COMMENT='x'", (AddColumn(col("n")), SetOption("COMMENT", "x"))),
    ("ADD COLUMN n INT, MODIFY a BIGINT", (AddColumn(col("n")), change("a", "BIGINT"))),
    ("DROP COLUMN a", (DropColumn("a"),)),
    ("DROP COLUMN i", (DropColumn("i"),)),
    ("DROP COLUMN a, ADD INDEX n (nn)", (DropColumn("a"), index(IndexKind.PLAIN, "nn"))),
    ("MODIFY a BIGINT", (change("a", "BIGINT"),)),
    ("MODIFY a INT(5)", (change("a", "INT(5)"),)),
    ("MODIFY a INTEGER", (change("a", "INTEGER"),)),
    ("MODIFY a INT NOT NULL", (change("a", "INT", nullable=False),)),
    ("MODIFY nn INT NULL", (change("nn", "INT"),)),
    ("MODIFY a INT DEFAULT 7", (change("a", "INT", default=FIVE),)),
    ("MODIFY a INT COMMENT 'x'", (change("a", "INT", comment="x"),)),
    ("MODIFY a INT FIRST", (change("a", "INT", "FIRST"),)),
    ("MODIFY v VARCHAR(30)", (change("v", "VARCHAR(30)"),)),
    ("MODIFY v VARCHAR(300)", (change("v", "VARCHAR(300)"),)),
    ("MODIFY w VARCHAR(60)", (change("w", "VARCHAR(60)"),)),
    ("MODIFY w VARCHAR(300)", (change("w", "VARCHAR(300)"),)),
    ("MODIFY v300 VARCHAR(400)", (change("v300", "VARCHAR(400)"),)),
    ("MODIFY v VARCHAR(10)", (change("v", "VARCHAR(10)"),)),
    ("MODIFY v TEXT", (change("v", "TEXT"),)),
    ("MODIFY v CHAR(20)", (change("v", "CHAR(20)"),)),
    ("MODIFY c CHAR(20)", (change("c", "CHAR(20)"),)),
    ("MODIFY vi VARCHAR(60)", (change("vi", "VARCHAR(60)"),)),
    ("MODIFY v VARCHAR(20) CHARACTER SET latin1", (change("v", "VARCHAR(20)", charset="latin1"),)),
    ("MODIFY l VARCHAR(20) CHARACTER SET utf8mb4", (change("l", "VARCHAR(20)", charset="utf8mb4"),)),
    ("MODIFY u3 VARCHAR(20) CHARACTER SET utf8mb4", (change("u3", "VARCHAR(20)", charset="utf8mb4"),)),
    ("MODIFY u3i VARCHAR(20) CHARACTER SET utf8mb4", (change("u3i", "VARCHAR(20)", charset="utf8mb4"),)),
    ("MODIFY v VARCHAR(20) COLLATE utf8mb4_bin", (change("v", "VARCHAR(20)", collation="utf8mb4_bin"),)),
    ("MODIFY vi VARCHAR(20) COLLATE utf8mb4_bin", (change("vi", "VARCHAR(20)", collation="utf8mb4_bin"),)),
    ("MODIFY e ENUM('a','b','c')", (change("e", "ENUM('a','b','c')"),)),
    ("MODIFY e ENUM('c','a','b')", (change("e", "ENUM('c','a','b')"),)),
    ("MODIFY e ENUM('a')", (change("e", "ENUM('a')"),)),
    ("MODIFY a INT UNSIGNED", (change("a", "INT UNSIGNED"),)),
    ("MODIFY d DECIMAL(12,2)", (change("d", "DECIMAL(12,2)"),)),
    ("MODIFY dt DATETIME(3)", (change("dt", "DATETIME(3)"),)),
    ("MODIFY a INT INVISIBLE", (change("a", "INT", invisible=True),)),
    ("CHANGE a b2 INT", (change("a", "INT", to="b2"),)),
    ("CHANGE a b2 BIGINT", (change("a", "BIGINT", to="b2"),)),
    ("RENAME COLUMN a TO b2", (RenameColumn("a", "b2"),)),
    ("ALTER COLUMN a SET DEFAULT 5", (SetDefault("a", FIVE),)),
    ("ALTER COLUMN a DROP DEFAULT", (SetDefault("a", None),)),
    ("ADD INDEX n (a)", (index(IndexKind.PLAIN, "a"),)),
    ("ADD UNIQUE n (a)", (index(IndexKind.UNIQUE, "a"),)),
    ("ADD FULLTEXT n (t)", (index(IndexKind.FULLTEXT, "t"),)),
    ("ADD SPATIAL INDEX n (g)", (index(IndexKind.SPATIAL, "g"),)),
    ("DROP INDEX i", (DropPart("index", "i"),)),
    ("RENAME INDEX i TO i2", (RenamePart("index", "i", "i2"),)),
    ("DROP PRIMARY KEY", (DropPart("primary key", "PRIMARY"),)),
    (
        "DROP PRIMARY KEY, ADD PRIMARY KEY (id, nn)",
        (DropPart("primary key", "PRIMARY"), index(IndexKind.PRIMARY, "id", "nn")),
    ),
    (
        "ADD FOREIGN KEY (a) REFERENCES p (id)",
        (AddForeignKey(ForeignKey(("a",), ObjectRef("p"), ("id",))),),
    ),
    ("DROP FOREIGN KEY fk", (DropPart("foreign key", "fk"),)),
    ("ADD CONSTRAINT ck2 CHECK (a > 0)", (AddCheck(Check("a > 0")),)),
    ("DROP CONSTRAINT ck", (DropPart("constraint", "ck"),)),
    ("RENAME TO renamed", (RenameTo(ObjectRef("renamed")),)),
    ("ENGINE=InnoDB", (SetOption("ENGINE", "InnoDB"),)),
    ("FORCE", (OtherAction("FORCE"),)),
    ("ROW_FORMAT=COMPRESSED", (SetOption("ROW_FORMAT", "COMPRESSED"),)),
    ("KEY_BLOCK_SIZE=8", (SetOption("KEY_BLOCK_SIZE", "8"),)),
    ("PAGE_COMPRESSED=1", (SetOption("PAGE_COMPRESSED", "1"),)),
    ("AUTO_INCREMENT=1000", (SetOption("AUTO_INCREMENT", "1000"),)),
    ("COMMENT='x'", (SetOption("COMMENT", "x"),)),
    ("DEFAULT CHARACTER SET latin1", (SetOption("CHARSET", "latin1"),)),
    ("CONVERT TO CHARACTER SET latin1", (ConvertCharset("latin1"),)),
    ("STATS_PERSISTENT=1", (SetOption("STATS_PERSISTENT", "1"),)),
    ("ALTER INDEX i IGNORED", (OtherAction("ALTER INDEX"),)),
]
ELSEWHERE: list[tuple[str, Table, str, Actions]] = [
    (COMPUTED, COMPUTED_TABLE, "DROP COLUMN gv", (DropColumn("gv"),)),
    (COMPUTED, COMPUTED_TABLE, "DROP COLUMN gs", (DropColumn("gs"),)),
    (COMPUTED, COMPUTED_TABLE, "DROP COLUMN a", (DropColumn("a"),)),
    (COMPUTED, COMPUTED_TABLE, "ADD COLUMN n INT", (AddColumn(col("n")),)),
    (COMPUTED, COMPUTED_TABLE, "ADD COLUMN n INT FIRST", (AddColumn(col("n"), position="FIRST"),)),
    (COMPUTED, COMPUTED_TABLE, "MODIFY a INT NOT NULL", (change("a", "INT", nullable=False),)),
    (COMPRESSED, COMPRESSED_TABLE, "ADD COLUMN n INT", (AddColumn(col("n")),)),
    (COMPRESSED, COMPRESSED_TABLE, "DROP COLUMN a", (DropColumn("a"),)),
    (COMPRESSED, COMPRESSED_TABLE, "ADD INDEX n (a)", (index(IndexKind.PLAIN, "a"),)),
    (MYISAM, MYISAM_TABLE, "ADD COLUMN n INT", (AddColumn(col("n")),)),
    (MYISAM, MYISAM_TABLE, "ADD INDEX n (a)", (index(IndexKind.PLAIN, "a"),)),
    (MYISAM, MYISAM_TABLE, "MODIFY a INT COMMENT 'x'", (change("a", "INT", comment="x"),)),
    (FULLTEXT, FULLTEXT_TABLE, "ADD COLUMN n INT", (AddColumn(col("n")),)),
    (FULLTEXT, FULLTEXT_TABLE, "DROP COLUMN a", (DropColumn("a"),)),
    (FULLTEXT, FULLTEXT_TABLE, "ADD FULLTEXT n (s)", (index(IndexKind.FULLTEXT, "s"),)),
]
CASES = [(PLAIN, TABLE, sql, actions) for sql, actions in ON_PLAIN] + ELSEWHERE


ROWS = {
    PLAIN: "INSERT INTO t (id, a, nn, v, w, c, l, u3, e, d, dt, t, g, x, i, uu, f) SELECT seq, seq, seq, "
    "concat('v', seq), 'w', 'c', 'l', concat('u', seq), 'a', 1.5, '2030-01-01', 'words', "
    "ST_GeomFromText('POINT(1 1)'), 1, seq, seq, 1 FROM seq_1_to_20",
    FULLTEXT: "INSERT INTO t SELECT seq, seq, 'some words', 'others' FROM seq_1_to_20",
}
_ID = "SELECT table_id FROM information_schema.innodb_sys_tables WHERE name IN (concat(DATABASE(), '/t'), concat(DATABASE(), '/renamed'))"


class Server:
    """One table ``t`` with rows in it, made anew only after an ALTER that it accepted."""

    def __init__(self, connection: pymysql.Connection) -> None:
        self._cursor = connection.cursor()
        self._made = ""
        self.rewritten = False  # by the last one: a table written anew has another number

    def _number(self) -> object:
        self._cursor.execute(_ID)
        return self._cursor.fetchone()

    def first_accepted(self, ddl: str, action: str) -> tuple[str, str]:
        """The least algorithm, and with it the least lock, that the server doesn't refuse."""
        refusals = []
        if self._made != ddl:
            self._make(ddl)
        number = self._number()
        for algorithm in ("INSTANT", "NOCOPY", "INPLACE", "COPY"):
            for lock in ("NONE", "SHARED", "EXCLUSIVE"):
                try:
                    self._cursor.execute(f"ALTER TABLE t {action}, ALGORITHM={algorithm}, LOCK={lock}")
                except pymysql.Error as error:
                    refusals.append(str(error))
                else:
                    self._made = ""
                    self.rewritten = self._number() != number
                    return algorithm, lock
        raise AssertionError(refusals)

    def _make(self, ddl: str) -> None:
        self._cursor.execute("DROP TABLE IF EXISTS t, renamed, p")
        self._cursor.execute("CREATE TABLE p (id INT PRIMARY KEY)")
        self._cursor.execute("INSERT INTO p SELECT seq FROM seq_1_to_20")
        self._cursor.execute(ddl)
        self._cursor.execute(ROWS.get(ddl, "INSERT INTO t (id, a) SELECT seq, seq FROM seq_1_to_20"))
        self._made = ddl


@pytest.fixture(scope="module")
def server(mariadb_server: MariadbServer) -> Iterator[Server]:
    name = mariadb_server.create_database()
    endpoint = mariadb_server.endpoint(name)
    with closing(
        pymysql.connect(
            host=endpoint.host,
            port=endpoint.port,
            user=endpoint.user,
            password=endpoint.password,
            database=name,
            autocommit=True,
        )
    ) as connection:
        yield Server(connection)
    mariadb_server.drop_database(name)


@pytest.mark.parametrize(
    ("ddl", "table", "sql", "actions"),
    CASES,
    ids=[f"{number}-{case[2]}" for number, case in enumerate(CASES)],
)
def test_the_server_agrees(server: Server, ddl: str, table: Table, sql: str, actions: Actions) -> None:
    impact = foreseen(foresight(VARIANT), AlterTable(T, actions), table, version=VERSION)
    assert (impact.algorithm, impact.lock.removeprefix("LOCK=")) == server.first_accepted(ddl, sql)
    if ddl != MYISAM:  # whose tables have no numbers
        assert (impact.work is Work.REWRITE) is server.rewritten
    if impact.algorithm in ("INPLACE", "COPY"):
        assert impact.work is Work.REWRITE
        assert impact.blocks is (Blocks.WRITES if impact.lock == "LOCK=SHARED" else Blocks.NOBODY)
    else:
        assert impact.work in (Work.METADATA, Work.INDEX)


# ---------------------------------------------------------------- the text, with the server's own catalogue

WRITTEN = [
    "ADD COLUMN n VARCHAR(50) NOT NULL DEFAULT ''",
    "ADD COLUMN n TEXT",
    "ADD COLUMN n JSON",
    "ADD COLUMN n TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP",
    "ADD COLUMN n DECIMAL(10,2) NOT NULL DEFAULT 0.00 COMMENT 'x' AFTER a",
    "ADD COLUMN n ENUM('a','b') DEFAULT 'a'",
    "ADD COLUMN (n INT, m INT)",
    "ADD COLUMN n INT FIRST, ADD COLUMN m INT AFTER id",
    "ADD COLUMN IF NOT EXISTS n INT",
    "ADD COLUMN n INT, ADD UNIQUE KEY n (n)",
    "ADD COLUMN n INT DEFAULT 1, DROP COLUMN a",
    "ADD COLUMN n INT INVISIBLE",
    "DROP COLUMN IF EXISTS a",
    "DROP COLUMN v, DROP COLUMN w",
    "DROP COLUMN uu",
    "DROP COLUMN x",
    "MODIFY COLUMN a SMALLINT",
    "MODIFY COLUMN a INT NOT NULL DEFAULT 0",
    "MODIFY COLUMN nn BIGINT NOT NULL",
    "MODIFY COLUMN a INT AFTER v",
    "MODIFY COLUMN v VARCHAR(63)",
    "MODIFY COLUMN v VARCHAR(64)",
    "MODIFY COLUMN v VARCHAR(20) NOT NULL",
    "MODIFY COLUMN v VARCHAR(20) DEFAULT 'y'",
    "MODIFY COLUMN v300 VARCHAR(255)",
    "MODIFY COLUMN t MEDIUMTEXT",
    "MODIFY COLUMN t LONGTEXT",
    "MODIFY COLUMN dt DATE",
    "MODIFY COLUMN dt TIMESTAMP NULL",
    "MODIFY COLUMN d DECIMAL(10,4)",
    "MODIFY COLUMN e ENUM('a','b','c','d') NOT NULL",
    "CHANGE COLUMN v vv VARCHAR(40)",
    "CHANGE COLUMN a a INT COMMENT 'same'",
    "RENAME COLUMN a TO b2, RENAME COLUMN v TO v2",
    "ADD INDEX n (a, v)",
    "ADD INDEX n (t(10))",
    "ADD UNIQUE INDEX n (a, nn), ADD INDEX m (v)",
    "DROP INDEX i, ADD INDEX i (i, a)",
    "DROP INDEX u",
    "DROP KEY vi, DROP KEY u3i",
    "ADD CONSTRAINT nu UNIQUE (nn, id)",
    "DROP CONSTRAINT fk",
    "DROP FOREIGN KEY fk, DROP INDEX fk",
    "ALTER COLUMN v SET DEFAULT 'z', ALTER COLUMN a SET DEFAULT 4",
    "DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CONVERT TO CHARACTER SET utf8mb4",
    "ROW_FORMAT=DYNAMIC",
    "AUTO_INCREMENT=5, COMMENT='y'",
    "CHECKSUM=1",
    "AVG_ROW_LENGTH=100",
    "MAX_ROWS=1000",
]


@pytest.fixture(scope="module")
def written(mariadb_server: MariadbServer) -> dict[str, tuple[str, str, bool]]:
    """What is foreseen of each text, alone."""
    name = mariadb_server.create_database()
    mariadb_server.run("CREATE TABLE p (id INT PRIMARY KEY)", PLAIN, database=name)
    dialect = MariaDb()
    session = dialect.connect(mariadb_server.endpoint(name), SessionLimits())
    try:
        context = AnalysisContext(server_version=session.identity.version, catalogue=session.target_schema())
        found = {}
        for action in WRITTEN:
            impact = next(dialect.analyse(f"ALTER TABLE t {action}", context)).impact
            assert impact is not None, action
            lock = impact.lock.removeprefix("LOCK=")
            found[action] = (impact.algorithm, lock, impact.work is Work.REWRITE)
    finally:
        session.close()
    mariadb_server.drop_database(name)
    return found


@pytest.mark.parametrize("action", WRITTEN)
def test_the_server_agrees_with_the_text(
    server: Server, written: dict[str, tuple[str, str, bool]], action: str
) -> None:
    assert written[action] == (*server.first_accepted(PLAIN, action), server.rewritten)
