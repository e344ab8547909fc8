"""What is read of CREATE TABLE is what MariaDB's own catalogue says of the table."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from sluicegate.dialects.base import Endpoint
from sluicegate.dialects.mysql.definitions import read
from sluicegate.dialects.mysql.lexicon import lexer
from sluicegate.dialects.mysql.variant import MYSQL
from sluicegate.sql.structure.definitions import CreateTable, IndexKind, Table
from tests.servers.mariadb import MariadbServer

LEXER = lexer(MYSQL, None)

PARENT = (
    "CREATE TABLE parent (a INT NOT NULL, b VARCHAR(10) NOT NULL, PRIMARY KEY (a), UNIQUE (b)) ENGINE=InnoDB"
)
TABLES = (
    "CREATE TABLE t (a INT)",
    "CREATE TABLE t (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(64) NOT NULL DEFAULT '')",
    "CREATE TABLE t (id INTEGER AUTO_INCREMENT KEY, n NUMERIC(10,2) DEFAULT 1.50, r REAL, d DEC(5), f FLOAT(30))",
    "CREATE TABLE t (a BOOL DEFAULT TRUE, b BOOLEAN NOT NULL, c BIT(3) DEFAULT b'101', d YEAR, e TINYINT(4) ZEROFILL)",
    "CREATE TABLE t (a CHAR, b CHARACTER(3), c CHARACTER VARYING(9), d NATIONAL VARCHAR(5), e NCHAR(2), f CHAR BYTE)",
    "CREATE TABLE t (a TEXT, b LONG, c LONG VARBINARY, d TINYTEXT NOT NULL, e LONGBLOB, f VARBINARY(17), g JSON)",
    "CREATE TABLE t (a ENUM('x','it''s','a,b') NOT NULL DEFAULT 'x', b SET('p','q') DEFAULT 'p,q')",
    "CREATE TABLE t (a TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, b DATETIME(3))",
    "CREATE TABLE t (a DATETIME DEFAULT NOW() ON UPDATE NOW(), b DATE DEFAULT '2020-01-01', c TIME(6) NULL)",
    "CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a + 1) STORED, c INT AS (a * 2) VIRTUAL, KEY (b))",
    "CREATE TABLE t (a INT NOT NULL COMMENT 'it''s \\\\ \"odd\"', b INT COMMENT '中文注释', PRIMARY KEY (a))",
    "CREATE TABLE t (`order` INT, `a b` INT, `x``y` INT, UNIQUE KEY `my key` (`order`, `a b`), KEY (`x``y`))",
    "CREATE TABLE t (a VARCHAR(300), b TEXT, KEY k1 (a(20)), KEY k2 (b(30), a(5)), FULLTEXT KEY ft (b))",
    "CREATE TABLE t (a INT, b INT, KEY k (a, b DESC), INDEX USING HASH (b), UNIQUE INDEX u USING BTREE (b, a))",
    (
        "CREATE TABLE t (a INT, b VARCHAR(10), CONSTRAINT fk1 FOREIGN KEY (a) REFERENCES parent (a) "
        "ON DELETE CASCADE ON UPDATE SET NULL, CONSTRAINT fk2 FOREIGN KEY (b) REFERENCES parent (b))"
    ),
    "CREATE TABLE t (a INT REFERENCES parent (a) ON DELETE SET NULL, b VARCHAR(10) UNIQUE)",
    "CREATE TABLE t (a INT CHECK (a > 0), b INT, CONSTRAINT positive CHECK (b > 0 AND a <> b), CHECK (a + b < 9))",
    "CREATE TABLE t (a VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_bin, b TEXT CHARSET utf8mb4, c VARCHAR(3) ASCII)",
    (
        "CREATE TABLE t (a INT PRIMARY KEY, b INT INVISIBLE, c UUID DEFAULT UUID(), d INET6 NOT NULL) ENGINE InnoDB "
        "DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_bin COMMENT 'a table' AUTO_INCREMENT 1 ROW_FORMAT DYNAMIC"
    ),
    "CREATE TABLE t (a INT DEFAULT -5, b DOUBLE PRECISION DEFAULT 1e3, c INT DEFAULT (1 + 2), d VARCHAR(9) DEFAULT NULL)",
    (
        "CREATE TABLE t (a INT NOT NULL, b DATE NOT NULL, PRIMARY KEY (a, b)) PARTITION BY RANGE (YEAR(b)) "
        "(PARTITION p0 VALUES LESS THAN (2020), PARTITION p1 VALUES LESS THAN (2030), PARTITION p2 VALUES LESS THAN MAXVALUE)"
    ),
    "CREATE TABLE t (a INT, b INT) ENGINE=InnoDB PARTITION BY HASH (a) PARTITIONS 4",
    (
        "CREATE TABLE t (a INT) PARTITION BY LIST (a) SUBPARTITION BY HASH (a) SUBPARTITIONS 2 "
        "(PARTITION x VALUES IN (1, 2), PARTITION y VALUES IN (3))"
    ),
    "CREATE TABLE t (id SERIAL, p POINT NOT NULL, SPATIAL INDEX (p))",
    "CREATE TABLE t (/*!50000 id INT NOT NULL, */ b INT /* a, comment */ DEFAULT 3, -- c INT,\n PRIMARY KEY (id))",
    "CREATE TABLE IF NOT EXISTS t (a INT(5) UNSIGNED ZEROFILL NOT NULL, b MIDDLEINT, c INT8 UNSIGNED, d FIXED(8,3))",
)


def structure(sql: str) -> Table:
    found = read(sql, LEXER.significant(sql))
    assert isinstance(found, CreateTable), sql
    return found.table


class Truth:
    """MariaDB's catalogue of one table."""

    def __init__(self, server: MariadbServer, database: str, table: str) -> None:
        self._server, self._database, self._table = server, database, table

    def ask(self, view: str, columns: str, tail: str) -> list[tuple[Any, ...]]:
        where = f"WHERE table_schema = '{self._database}' AND table_name = '{self._table}' {tail}"
        return list(self._server.run(f"SELECT {columns} FROM information_schema.{view} {where}"))

    def columns(self) -> list[tuple[Any, ...]]:
        names = "column_name, column_type, is_nullable = 'YES', column_comment, extra"
        return self.ask("columns", names, "ORDER BY ordinal_position")

    def data_types(self) -> list[str]:
        return [row[0] for row in self.ask("columns", "UPPER(data_type)", "ORDER BY ordinal_position")]

    def indexes(self) -> dict[str, list[tuple[str, int | None]]]:
        found = defaultdict(list)
        for name, column, prefix in self.ask(
            "statistics", "index_name, column_name, sub_part", "ORDER BY index_name, seq_in_index"
        ):
            found[name].append((column, prefix))
        return dict(found)

    def unique(self) -> set[str]:
        return {row[0] for row in self.ask("statistics", "DISTINCT index_name", "AND non_unique = 0")}

    def foreign_keys(self) -> dict[str, tuple[list[str], str, list[str]]]:
        found: dict[str, tuple[list[str], str, list[str]]] = {}
        columns = "constraint_name, column_name, referenced_table_name, referenced_column_name"
        tail = "AND referenced_table_name IS NOT NULL ORDER BY constraint_name, ordinal_position"
        for name, column, table, referenced in self.ask("key_column_usage", columns, tail):
            entry = found.setdefault(name, ([], table, []))
            entry[0].append(column)
            entry[2].append(referenced)
        return found

    def checks(self) -> int:
        where = f"WHERE constraint_schema = '{self._database}' AND table_name = '{self._table}'"
        rows = self._server.run(f"SELECT COUNT(*) FROM information_schema.check_constraints {where}")
        return int(str(rows[0][0]))

    def partitions(self) -> list[str]:
        rows = self.ask("partitions", "DISTINCT partition_name", "AND partition_name IS NOT NULL")
        return [row[0] for row in rows]


@pytest.fixture
def database(mariadb_server: MariadbServer, mariadb_endpoint: Endpoint) -> str:
    mariadb_server.run(PARENT, database=mariadb_endpoint.database)
    return mariadb_endpoint.database


@pytest.mark.parametrize("group", range(3))
def test_the_reader_agrees_with_the_catalogue(
    mariadb_server: MariadbServer, database: str, group: int
) -> None:
    for sql in TABLES[group::3]:
        mariadb_server.run("DROP TABLE IF EXISTS t", sql, database=database)
        ((_, shown),) = mariadb_server.run("SHOW CREATE TABLE t", database=database)
        truth = Truth(mariadb_server, database, "t")
        agree_on_what_is_shown(structure(str(shown)), truth, str(shown))
        agree_on_what_was_written(structure(sql), truth, sql)


def agree_on_what_is_shown(table: Table, truth: Truth, sql: str) -> None:
    """The server's own text has everything."""
    read_columns = [
        (
            column.name,
            str(column.type).lower(),
            column.nullable is not False,
            column.comment or "",
        )
        for column in table.columns
    ]
    catalogue = truth.columns()
    assert read_columns == [
        (name, kind.lower(), bool(nullable), comment) for name, kind, nullable, comment, _ in catalogue
    ], sql
    for column, (_, _, _, _, extra) in zip(table.columns, catalogue, strict=True):
        said = extra.upper()
        assert column.auto_increment == ("AUTO_INCREMENT" in said)
        assert (column.generated is not None) == ("GENERATED" in said)
        assert column.stored == ("STORED GENERATED" in said)
        assert (column.on_update is not None) == ("ON UPDATE" in said)
        assert column.invisible == ("INVISIBLE" in said)
    read_indexes = {
        index.name or "PRIMARY": [(part.column, part.prefix) for part in index.parts]
        for index in table.indexes
    }
    spatial = {index.name for index in table.indexes if index.kind is IndexKind.SPATIAL}
    wanted = truth.indexes()
    assert set(read_indexes) == set(wanted), sql
    assert {name: read_indexes[name] for name in read_indexes if name not in spatial} == {
        name: wanted[name] for name in wanted if name not in spatial
    }, sql
    assert {index.name or "PRIMARY" for index in table.indexes if index.unique} == truth.unique()
    assert {
        key.name: (list(key.columns), key.references.name, list(key.referenced)) for key in table.foreign_keys
    } == truth.foreign_keys()
    assert (list(table.partitioning.names) if table.partitioning and table.partitioning.names else None) in (
        None,
        truth.partitions(),
    )


def agree_on_what_was_written(table: Table, truth: Truth, sql: str) -> None:
    """People leave out much; what they write means the same."""
    catalogue = truth.columns()
    assert [column.name for column in table.columns] == [row[0] for row in catalogue], sql
    types = [column.type.name if column.type else "" for column in table.columns]
    json = types.count("JSON")  # MariaDB's own is a text with a check
    assert ["LONGTEXT" if name == "JSON" else name for name in types] == truth.data_types(), sql
    assert [column.nullable is not False for column in table.columns] == [bool(row[2]) for row in catalogue]
    assert [column.auto_increment for column in table.columns] == [
        "auto_increment" in row[4].lower() for row in catalogue
    ]
    foreign = {tuple(key.columns) for key in table.foreign_keys}
    wanted = {tuple(column for column, _ in parts) for parts in truth.indexes().values()}
    assert {index.columns for index in table.indexes} <= wanted
    assert wanted - {index.columns for index in table.indexes} <= foreign  # the server indexes foreign keys
    assert len(table.foreign_keys) == len(truth.foreign_keys())
    assert len(table.checks) + json == truth.checks()
    if table.partitioning is not None:
        assert table.partitioning.count == len(truth.partitions())
