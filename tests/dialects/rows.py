"""Random tables of many types for the three servers: what hypothesis draws, and how it is put in and seen."""

# ruff: noqa: DTZ001 - of columns that have no zone

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.servers.mariadb import MariadbServer
from tests.servers.postgres import PostgresServer

Rows = list[tuple[Any, ...]]

TEXT = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12
) | st.sampled_from(
    [
        "it's",
        'say "x"',
        "back\\slash",
        "\\'",
        "a\r\nb\tc",
        "水闸 🚰",
        "%s %d",
        "{}",
        "--",
        "/* */",
        ";",
        "A",
        "a",
        "a ",
    ]
)
BLOB = st.binary(max_size=12) | st.sampled_from([b"", b"\0\1\2", b"\\x41", b"'"])
DOUBLE = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [0.1, 1 / 3, 1e300, 5e-324, -1e-7]
)
SINGLE = st.floats(width=32, allow_nan=False, allow_infinity=False, allow_subnormal=False) | st.just(
    struct.unpack("f", struct.pack("f", 1.1))[0]
)
DATES = st.dates(date(1000, 1, 1), date(9999, 12, 31))
TIMES = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text("abc'\"\\水", max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)


def integers(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def decimals(digits: int, places: int) -> st.SearchStrategy[Decimal]:
    limit = 10**digits - 1
    return st.integers(-limit, limit).map(lambda number: Decimal(f"{number}e-{places}"))


@dataclass(frozen=True)
class Kind:
    """A column type and the values it is given."""

    sql: str
    values: st.SearchStrategy[Any]


MARIADB = [
    Kind("TINYINT", integers(8)),
    Kind("BIGINT", integers(64)),
    Kind("BIGINT UNSIGNED", st.integers(0, 2**64 - 1)),
    Kind("BOOLEAN", st.booleans()),
    Kind("DECIMAL(30,10)", decimals(30, 10)),
    Kind("FLOAT", SINGLE.filter(lambda value: abs(value) < 3e38)),
    Kind("DOUBLE", DOUBLE),
    Kind("VARCHAR(50)", TEXT),
    Kind("CHAR(20)", TEXT),
    Kind(
        "VARCHAR(50) CHARACTER SET latin1",
        st.text(st.characters(codec="cp1252", exclude_characters="\0"), max_size=9),
    ),
    Kind("VARCHAR(50) CHARACTER SET gbk", st.text("水闸abc'\\", max_size=9)),
    Kind("TEXT COLLATE utf8mb4_bin", TEXT),
    Kind("BLOB", BLOB),
    Kind("VARBINARY(20)", BLOB),
    Kind("BINARY(12)", BLOB),
    Kind("DATE", DATES),
    Kind("DATETIME(6)", TIMES),
    Kind("DATETIME", TIMES.map(lambda value: value.replace(microsecond=0))),
    Kind("TIMESTAMP(3) NULL", st.datetimes(datetime(1971, 1, 1), datetime(2037, 1, 1))),
    Kind("TIME(6)", st.timedeltas(timedelta(hours=-838), timedelta(hours=838))),
    Kind("YEAR", st.integers(1901, 2155)),
    Kind("JSON", JSON.map(json.dumps)),
    Kind("ENUM('red','green','it''s')", st.sampled_from(["red", "green", "it's"])),
    Kind("SET('a','b','c')", st.sampled_from(["", "a", "a,b", "a,b,c"])),
    Kind("BIT(9)", st.integers(0, 511)),
    Kind("UUID", st.uuids(version=4).map(str)),
    Kind("INET6", st.ip_addresses(v=6).map(str)),
]
POSTGRES = [
    Kind("smallint", integers(16)),
    Kind("bigint", integers(64)),
    Kind("boolean", st.booleans()),
    Kind("numeric", decimals(30, 10) | st.just("NaN")),
    Kind("numeric(20,4)", decimals(20, 4)),
    Kind("real", SINGLE),
    Kind("double precision", DOUBLE | st.sampled_from(["NaN", "Infinity", "-Infinity"])),
    Kind("text", TEXT),
    Kind("varchar(30)", TEXT),
    Kind("char(20)", TEXT),
    Kind("bytea", BLOB),
    Kind("date", DATES.map(str) | st.sampled_from(["infinity", "0044-03-15 BC"])),
    Kind("timestamp", TIMES.map(str) | st.just("-infinity")),
    Kind("timestamptz", TIMES.map(lambda value: f"{value}+08")),
    Kind("time", st.times().map(str)),
    Kind("timetz", st.times().map(lambda value: f"{value}+05:30")),
    Kind("interval", st.sampled_from(["1 mon", "30 days", "-1 year 2 mons 3.5 seconds", "00:00:01.000001"])),
    Kind("json", JSON.map(lambda value: json.dumps(value) + " ")),
    Kind("jsonb", JSON.map(json.dumps)),
    Kind("uuid", st.uuids().map(str)),
    Kind("inet", st.ip_addresses().map(str)),
    Kind("macaddr", st.just("08:00:2b:01:02:03")),
    Kind("integer[]", st.lists(integers(32), max_size=3)),
    Kind("text[]", st.lists(TEXT, max_size=3)),
    Kind("json[]", st.lists(JSON.map(json.dumps), max_size=2)),
    Kind("bit(5)", st.sampled_from(["00000", "10101"])),
    Kind("varbit", st.sampled_from(["", "1", "10101"])),
    Kind("int4range", st.sampled_from(["empty", "[1,5)", "(,3)"])),
    Kind("tstzrange", st.just("[2024-01-01 00:00+08,2024-02-01 00:00+08)")),
    Kind("point", st.sampled_from(["(1,2)", "(0.1,-3)"])),
    Kind("box", st.sampled_from(["(1,1),(0,0)", "(2,1),(1,0)"])),
    Kind("tsvector", st.just("'cat':1 'dog':2")),
    Kind('"the Mood"', st.sampled_from(["so so", "it's"])),
    Kind("small_positive", st.integers(1, 9)),
]
SQLITE_VALUE = integers(64) | DOUBLE | TEXT | BLOB | st.just("nul\0inside") | st.just(float("inf"))
SQLITE = [
    Kind(sql, SQLITE_VALUE)
    for sql in ("INTEGER", "REAL", "TEXT", "BLOB", "NUMERIC", "TEXT COLLATE NOCASE", "", "DATETIME")
]


@dataclass(frozen=True)
class Bench:
    """How a test puts values in and sees all there is of a row, without the code under test.

    ``insert(table, columns, types, rows)``; ``shown(table, columns)``: key -> everything visible of a row.
    """

    kinds: Sequence[Kind]
    setup: Sequence[str]
    insert: Callable[[str, Sequence[str], Sequence[str], Rows], None]
    shown: Callable[[str, Sequence[str]], dict[tuple[Any, ...], tuple[Any, ...]]]


def mariadb_bench(server: MariadbServer, database: str) -> Bench:
    def insert(table: str, columns: Sequence[str], types: Sequence[str], rows: Rows) -> None:
        connection = server.connect(database)
        try:
            with connection.cursor() as cursor:
                sql = (
                    f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
                )
                for row in rows:
                    cursor.execute(sql, row)
        finally:
            connection.close()

    def shown(table: str, columns: Sequence[str]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        # The text of a FLOAT has six digits only; as a DOUBLE it has them all.
        floats = server.run(
            f"SELECT column_name FROM information_schema.columns WHERE data_type = 'float' AND table_name = '{table}'",
            database=database,
        )
        sight = ", ".join(
            [f"HEX({column}), CAST({column} AS CHAR)" for column in columns]
            + [f"{name} + 0e0" for (name,) in floats]
        )
        return {
            row[:2]: row[2:] for row in server.run(f"SELECT id, k, {sight} FROM {table}", database=database)
        }

    return Bench(MARIADB, (), insert, shown)


def postgres_bench(server: PostgresServer, database: str) -> Bench:
    def insert(table: str, columns: Sequence[str], types: Sequence[str], rows: Rows) -> None:
        with server.connect(database) as connection:
            values = ", ".join(f"%s::{kind}" for kind in types)
            for row in rows:
                connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})", row)  # type: ignore[arg-type]

    def shown(table: str, columns: Sequence[str]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        sight = ", ".join(f"{column}::text" for column in columns)
        return {
            row[:2]: row[2:] for row in server.run(f"SELECT id, k, {sight} FROM {table}", database=database)
        }

    setup = (
        "CREATE TYPE \"the Mood\" AS ENUM ('so so', 'it''s')",
        "CREATE DOMAIN small_positive AS integer CHECK (value BETWEEN 1 AND 9)",
    )
    return Bench(POSTGRES, setup, insert, shown)


def sqlite_bench(path: str) -> Bench:
    def insert(table: str, columns: Sequence[str], types: Sequence[str], rows: Rows) -> None:
        connection = sqlite3.connect(path)
        with connection:
            sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            connection.executemany(sql, rows)
        connection.close()

    def shown(table: str, columns: Sequence[str]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        connection = sqlite3.connect(path)
        sight = ", ".join(f"typeof({column}), {column}" for column in columns)
        rows = connection.execute(f"SELECT id, k, {sight} FROM {table}").fetchall()
        connection.close()
        return {row[:2]: row[2:] for row in rows}

    return Bench(SQLITE, (), insert, shown)
