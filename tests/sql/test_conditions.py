"""Conditions that filter nothing, and others; real servers say the same of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pymysql
import pytest

from sluicegate.dialects.base import Endpoint
from sluicegate.sql.model import AnalysisContext
from tests.servers.mariadb import MariadbServer
from tests.servers.postgres import PostgresServer
from tests.sql.corpora import CONTEXTS, analyse, codes

EVERYWHERE = """\
id = id + 0
id + 0 = id
id = id * 1
id - 0 = id
0 + id = id
id = +id
id = -(-id)
coalesce(id,0)=coalesce(id,0)
coalesce(id, id) = id
coalesce(id, 0) = id
id IS NOT NULL OR TRUE
NOT FALSE
NOT (1=2)
NOT NOT TRUE
NOT (id <> id)
NOT id <> id
id BETWEEN id AND id
id BETWEEN id - 1 AND id + 1
id >= id - 1
id < id + 1
id + 1 > id
id LIKE '%'
name LIKE '%%'
name LIKE name
name LIKE '%' || '%'
name LIKE '%' ESCAPE '|'
id IN (id)
id IN (1, id)
id IN (SELECT id)
id = (SELECT id)
id = id
users.id = id
(id) = ((id))
id - id = 0
id * 0 = 0
0 = id * 0
id >= id
id <= id AND 1=1
abs(id) >= 0
length(name) >= 0
id * id >= 0
1 = 1
'a' = 'a'
1 < 2
1 + 1 = 2
2 > 1
1 IN (1)
1 IN (1,2)
1 BETWEEN 0 AND 2
NULL IS NULL
(1=1) IS NOT NULL
(id = 1) IN (TRUE, FALSE)
EXISTS (SELECT 1)
EXISTS (SELECT NULL)
EXISTS (SELECT 1 FROM users)
id = 1 OR id <> 1
id = 1 OR id != 1
id < 5 OR id >= 5
id < 10 OR id > 5
id <= 5 OR id > 4
id IS NULL OR id IS NOT NULL
id = 1 OR NOT id = 1
id = 1 OR NOT (id = 1)
NOT (id = 1 AND id <> 1)
NOT (id IS NULL AND id IS NOT NULL)
NOT (id < 1 AND id > 5)
id IN (SELECT id FROM users)
CASE WHEN TRUE THEN TRUE END
CASE WHEN 1=1 THEN 1=1 ELSE 1=0 END
CASE WHEN id = 1 THEN TRUE ELSE TRUE END
CASE id WHEN 1 THEN TRUE ELSE TRUE END
CASE WHEN id = id THEN TRUE END
id = CASE WHEN 1=1 THEN id ELSE 0 END
(id, name) = (id, name)
(id = id) = TRUE
(id = id) IS TRUE
TRUE IS TRUE
TRUE = TRUE
TRUE
TRUE OR id = 1
id = 1 OR 1 = 1
id = 1 OR 'x' = 'x'
(id = 1) OR (2 > 1)
id > 0
id >= 0
id >= 1
id > -1
id <> 0
id <> -1
id != 0
id IS NOT NULL
users.id > 0
0 < id
upper(name) = upper(name)
concat(name, '') = name
cast(id as integer) = id
lower('a') = 'a'
nullif(1, 2) = 1
1 <> 2
'a' <> 'b'
NOT 'a' = 'b'
1 = 1 AND id = id
name = name || ''
id = 1 OR id = id
id NOT IN (0)
id NOT IN (-1)
id < 999999999999
"""
MYSQL = """\
id <=> id
1
1=1
id
id OR 1
1 || 0
id XOR NOT id
!0
NOT 0
'1'
'1abc'
0x1
id REGEXP '.*'
name REGEXP ''
name RLIKE '^'
name REGEXP '$'
name REGEXP '^.*$'
id DIV 1 = id
id ^ id = 0
id | 0 = id
IF(id = 1, 1, 1)
IF(1, 1, 0)
IFNULL(id, 0) = IFNULL(id, 0)
IFNULL(id, id) = id
ISNULL(NULL)
NOT ISNULL(id)
id = id = 1
id IS TRUE OR id IS NOT TRUE
id IS NOT UNKNOWN OR id IS UNKNOWN
instr(name, '')
locate('', name)
name = binary name
concat(name) = name
id && 1 || 1
name LIKE concat('%', '%')
@a IS NULL
STRCMP(name, name) = 0
GREATEST(id, id) = id
LEAST(id) = id
id mod 1 = 0
id % 1 = 0
-1
1.5
1e3
TRUE + 1
DATE(created) = DATE(created)
created <= created
name COLLATE utf8mb4_bin = name
"""
POSTGRESQL = """\
id = id::int
id::text = id::text
true::bool
't'::bool
'yes'
'on'::boolean
id = ANY (ARRAY[id])
id = ANY ('{1}') OR true
id IS NOT DISTINCT FROM id
name ~ ''
name ~ '.*'
name ~* '.*'
name ILIKE '%'
name ~~ '%'
name SIMILAR TO '%'
name !~ 'zzz' OR name ~ 'zzz'
1 = ANY (ARRAY[1])
bool 't'
boolean 'yes'
ROW(id) = ROW(id)
(id = id) IS NOT FALSE
users IS NOT NULL OR TRUE
id <= ALL (ARRAY[id])
NOT 'f'::bool
ctid IS NOT NULL
ctid = ctid
starts_with(name, '')
position('' in name) > 0
current_date = current_date
now() > '2000-01-01'
pg_typeof(id) = pg_typeof(id)
id = greatest(id, id)
id IS DISTINCT FROM id + 1
exists (values (1))
exists (table users)
(select true)
coalesce(id = 1, true) OR true
"""
SQLITE = """\
rowid = rowid
rowid
rowid > 0
rowid IS NOT NULL
id == id
id IS id
id NOTNULL OR id ISNULL
name GLOB '*'
1
'1'
iif(1, 1, 0)
iif(id=1, 1, 1)
name IS NOT 'zzz' OR name IS 'zzz'
typeof(id) = typeof(id)
instr(name, '')
id = id COLLATE BINARY
0x1
NOT 0
id IS NOT NULL IS NOT NULL
max(id, id) = id
"""
FILTERING = """\
id = 1
id = 0
id > 100
id > 5 AND id < 10
name = 'x'
name LIKE 'a%'
name LIKE '%a'
id IN (1, 2)
id NOT IN (1, 2)
id BETWEEN 1 AND 5
active = 1
active = TRUE
deleted_at IS NULL
deleted_at IS NOT NULL
NOT active
a = b
a.id = b.id AND a.x = 1
id = id2
id + 1 = 5
id = 1 OR id = 2
id < 5 OR id > 10
coalesce(a, b) = 1
coalesce(a, 0) = coalesce(b, 0)
id = (SELECT max(id) FROM t)
EXISTS (SELECT 1 FROM o WHERE o.id = users.id)
NOT EXISTS (SELECT 1 FROM o WHERE o.id = users.id)
id IN (SELECT user_id FROM doomed)
CASE WHEN a = 1 THEN b = 2 ELSE c = 3 END
CASE WHEN a = 1 THEN TRUE ELSE FALSE END
upper(name) = 'X'
(a, b) = (1, 2)
(a, b) IN ((1, 2))
x <> y
created < '2020-01-01'
amount > 0
amount >= 0
amount <> 0
status <> 'x'
id > 1000
user_id > 0
count > 0 AND id = 5
id > 0 AND id <= 1000
name <> ''
name = ''
a * 0 = 1
a - b = 0
a >= b - 1
active
is_deleted
id = 5 OR name = 'y'
length(name) > 0
length(name) >= 5
abs(id) > 5
id % 2 = 0
a IS NOT NULL OR b IS NOT NULL
name = lower(name)
name <> trim(name)
a <> b OR a IS NULL
price = price * 2
id = -id
a > a + 1
version = 3 AND id = 9
CASE WHEN a THEN 0 ELSE 1 END = 1
id = coalesce(parent_id, id)
"""

_OWN = {"mysql": MYSQL, "mariadb": MYSQL, "postgresql": POSTGRESQL, "sqlite": SQLITE}
_DIALECTS = (*_OWN, "oracle", "mssql", "clickhouse")


def _conditions(dialect: str) -> list[str]:
    own = _OWN.get(dialect, "")
    return [*EVERYWHERE.splitlines(), *own.splitlines()]


def _filters_nothing(dialect: str, condition: str, before: str = "") -> bool:
    context = CONTEXTS.get(dialect, AnalysisContext())
    found = analyse(dialect, f"{before}DELETE FROM users WHERE {condition}", context)
    return "TAUTOLOGY" in codes(found[-1:])


@pytest.mark.parametrize("dialect", _DIALECTS)
def test_what_filters_nothing_is_seen(dialect: str) -> None:
    assert [one for one in _conditions(dialect) if not _filters_nothing(dialect, one)] == []


@pytest.mark.parametrize("dialect", _DIALECTS)
def test_what_filters_is_left_alone(dialect: str) -> None:
    assert [one for one in FILTERING.splitlines() if _filters_nothing(dialect, one)] == []


@pytest.mark.parametrize("dialect", ["mysql", "postgresql", "sqlite"])
@pytest.mark.parametrize(
    ("harmless", "harmful"),
    [
        ("id > 5", "id > 0"),
        ("id <> 5", "id <> 0"),
        ("id = id + 1", "id = id + 0"),
        ("id < 5 OR id > 9", "id < 9 OR id > 5"),
        ("name LIKE 'a'", "name LIKE '%'"),
        ("id BETWEEN 5 AND 9", "id BETWEEN 0 AND 9223372036854775807"),
        ("CASE WHEN id = 1 THEN 1 ELSE 2 END = 1", "CASE WHEN id = 1 THEN 1 ELSE 1 END = 1"),
        ("coalesce(name, 'a') = 'a' AND id > 3", "coalesce(name, 'a') = coalesce(name, 'a') AND id > 0"),
    ],
)
def test_a_harmless_statement_before_it_hides_nothing(dialect: str, harmless: str, harmful: str) -> None:
    """They are of one shape."""
    before = f"DELETE FROM users WHERE {harmless};\n"
    assert not _filters_nothing(dialect, harmless)
    assert _filters_nothing(dialect, harmful, before)


def test_another_tables_rows_may_filter() -> None:
    assert _filters_nothing("mysql", "id IN (SELECT id FROM users)")
    assert not _filters_nothing("mysql", "id IN (SELECT id FROM doomed)")
    assert _filters_nothing("postgresql", "EXISTS (SELECT 1 FROM users)")
    assert not _filters_nothing("postgresql", "EXISTS (SELECT 1 FROM doomed)")


@pytest.mark.parametrize("dialect", _DIALECTS)
@pytest.mark.parametrize(
    "condition",
    [
        "(" * 60 + "id = id" + ")" * 60,
        " AND ".join(["id = id"] * 400),
        "id + " * 200 + "0 = id",
        "1 ^ 999999999999",
    ],
)
def test_long_conditions_end(dialect: str, condition: str) -> None:
    assert analyse(dialect, f"DELETE FROM users WHERE {condition}")


# ---------------------------------------------------------------- what servers say

_COLUMNS = [
    "parent_id",
    "a",
    "b",
    "c",
    "d",
    "x",
    "y",
    "amount",
    "price",
    "version",
    "count",
    "active",
    "is_deleted",
    "user_id",
    "created_year",
    "deleted_at",
]
_ROWS = [(1, "Ab c", 3), (2, "", -7), (5, "zz%", 0), (123, "x", 99)]
Count = Callable[[str], int | None]


def _check(dialect: str, count: Count) -> None:
    """Conditions that the server doesn't take say nothing; most are taken."""
    taken = 0
    for condition in _conditions(dialect):
        found = count(condition)
        if found is not None:
            taken += 1
            assert found == len(_ROWS), condition
    assert taken > 100
    for condition in ("id > 1", "name <> ''", "x > 0", "id % 2 = 0"):
        assert count(condition) not in (None, len(_ROWS))


def _definition(text: str) -> str:
    return f"CREATE TABLE users (id INT PRIMARY KEY, name {text} NOT NULL, created DATE, {_numbers()})"


def _numbers() -> str:
    return ", ".join(f"{name} INT" for name in _COLUMNS)


def _insert(mark: str) -> str:
    return f"INSERT INTO users (id, name, x, created) VALUES ({mark}, {mark}, {mark}, '2024-01-02')"


def test_sqlite_agrees() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(_definition("TEXT"))
        connection.executemany(_insert("?"), _ROWS)

        def count(condition: str) -> int | None:
            try:
                return int(connection.execute(f"SELECT count(*) FROM users WHERE {condition}").fetchone()[0])
            except sqlite3.Error:
                return None

        _check("sqlite", count)


def test_mariadb_agrees(mariadb_server: MariadbServer, mariadb_endpoint: Endpoint) -> None:
    with (
        closing(mariadb_server.connect(mariadb_endpoint.database)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(_definition("VARCHAR(50)"))
        cursor.executemany(_insert("%s"), _ROWS)

        def count(condition: str) -> int | None:
            try:
                cursor.execute(f"SELECT count(*) FROM users WHERE {condition}")
                return int(cursor.fetchone()[0])  # type: ignore[index]
            except pymysql.Error:
                return None

        _check("mariadb", count)


def test_postgres_agrees(postgres_server: PostgresServer, postgres_endpoint: Endpoint) -> None:
    import psycopg

    with postgres_server.connect(postgres_endpoint.database) as connection:
        connection.execute(_definition("TEXT"))  # type: ignore[arg-type]
        with connection.cursor() as cursor:
            cursor.executemany(_insert("%s"), _ROWS)  # type: ignore[arg-type]

        def count(condition: str) -> int | None:
            try:
                with connection.transaction():
                    found = connection.execute(f"SELECT count(*) FROM users WHERE {condition}").fetchone()  # type: ignore[arg-type]
            except psycopg.Error:
                return None
            assert found is not None
            return int(found[0])

        _check("postgresql", count)
