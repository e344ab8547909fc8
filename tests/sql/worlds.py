"""Small private databases for hostile inputs, and everything about them that an input could change.

``state`` maps a place to what is there. A place is (schema, object, owner, aspect): the owner is the table that
an index or trigger hangs on, "" otherwise; the aspect is rows or shape.
"""

from __future__ import annotations

import hashlib
import sqlite3
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
import pymysql

from sluicegate.dialects import registry
from tests.servers.mariadb import MariadbServer
from tests.servers.postgres import PostgresServer

Place = tuple[str, str, str, str]
State = dict[Place, str]

REFUSED = (pymysql.Error, psycopg.Error, sqlite3.Error, sqlite3.Warning)


def _digest(rows: Any) -> str:
    return hashlib.sha256(repr(list(rows)).encode("utf-8", "surrogatepass")).hexdigest()


class World(ABC):
    """One dialect's. Statements go out as the executor sends them: one per message, no parameters."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect

    @abstractmethod
    def build(self) -> None: ...
    @abstractmethod
    def send(self, text: str) -> None: ...
    @abstractmethod
    def state(self) -> State: ...
    @abstractmethod
    def home(self) -> str: ...

    def prepare(self, script: str) -> None:
        found: Any = registry.get(self._dialect)
        from sluicegate.sql.model import AnalysisContext

        for statement in found.analyse(script, AnalysisContext()):
            self.send(statement.text)


# ---------------------------------------------------------------- SQLite

_SQLITE = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, amount INT);
CREATE INDEX i ON users (name);
CREATE VIEW v AS SELECT id, name FROM users;
INSERT INTO users VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z');
INSERT INTO orders VALUES (1, 10), (2, 20);
"""


class SqliteWorld(World):
    def __init__(self, path: str) -> None:
        super().__init__("sqlite")
        self._path = path
        self._connection = sqlite3.connect(path, isolation_level=None)

    def home(self) -> str:
        return "main"

    def build(self) -> None:
        self._connection.close()
        Path(self._path).write_bytes(b"")  # empty again
        self._connection = sqlite3.connect(self._path, isolation_level=None)
        self.prepare(_SQLITE)

    def send(self, text: str) -> None:
        self._connection.execute(text).fetchall()

    def state(self) -> State:
        run = self._connection.execute
        found: State = {}
        for place in ("main", "temp"):  # ANALYZE fills tables of its own
            schema = run(f"SELECT type, name, tbl_name, sql FROM {place}.sqlite_master").fetchall()
            for kind, name, owner, sql in schema:
                if name.startswith("sqlite_stat"):
                    continue
                found[place, name, owner if kind in ("index", "trigger") else "", "shape"] = sql or ""
                if kind == "table" and "VIRTUAL" not in (sql or ""):
                    rows = run(f'SELECT * FROM {place}."{name}"').fetchall()
                    found[place, name, "", "rows"] = _digest(rows)
        for pragma in ("user_version", "application_id", "journal_mode", "foreign_keys"):
            found["settings", pragma, "", "shape"] = str(run(f"PRAGMA {pragma}").fetchone())
        return found


# ---------------------------------------------------------------- PostgreSQL

_POSTGRES = """
CREATE EXTENSION IF NOT EXISTS plpgsql;
DROP SCHEMA IF EXISTS public CASCADE;
DROP SCHEMA IF EXISTS other_schema CASCADE;
CREATE SCHEMA public;
CREATE SCHEMA other_schema;
CREATE TABLE users (id int PRIMARY KEY, name text, email text);
CREATE TABLE orders (id int PRIMARY KEY, amount int);
CREATE TABLE other_schema.users (id int, name text, email text);
CREATE TABLE other_schema.secret (id int, val text);
CREATE SEQUENCE users_id_seq;
CREATE SEQUENCE other_schema.s;
INSERT INTO users VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z');
INSERT INTO orders VALUES (1, 10);
INSERT INTO other_schema.users VALUES (1, 'a', 'x');
INSERT INTO other_schema.secret VALUES (1, 's');
CREATE FUNCTION f_del() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM public.users; RETURN 1; END $$;
CREATE FUNCTION f_imm(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION f_trg() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE PROCEDURE tidy(int) LANGUAGE sql AS 'DELETE FROM public.orders';
"""
_POSTGRES_SHAPES = """
SELECT n.nspname, c.relname, coalesce(t.relname, ''), c.relkind::text || c.relacl::text || c.relrowsecurity::text
  || coalesce(c.reloptions::text, '') || c.relhasrules::text || c.relowner::text
  || (SELECT coalesce(string_agg(a.attname || a.atttypid || a.attnotnull || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
      || coalesce(col_description(c.oid, a.attnum), ''), ',' ORDER BY a.attnum), '')
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND a.attnum > 0)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
LEFT JOIN pg_class t ON t.oid = i.indrelid
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg!_toast%' ESCAPE '!'
UNION ALL SELECT n.nspname, p.proname, '', md5(pg_get_functiondef(p.oid)) || p.proowner
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prokind <> 'a'
UNION ALL SELECT n.nspname, g.tgname, c.relname, pg_get_triggerdef(g.oid) || g.tgenabled::text
  FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
UNION ALL SELECT n.nspname, k.conname, c.relname, pg_get_constraintdef(k.oid)
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
UNION ALL SELECT n.nspname, c.relname, '', pol.polname FROM pg_policy pol JOIN pg_class c ON c.oid = pol.polrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
UNION ALL SELECT 'schemas', nspname, '', nspacl::text FROM pg_namespace
  WHERE nspname NOT LIKE 'pg!_toast%' ESCAPE '!' AND nspname NOT LIKE 'pg!_temp%' ESCAPE '!'
UNION ALL SELECT 'roles', rolname, '', row(r.*)::text FROM pg_authid r WHERE rolname NOT LIKE '%for_tests'
UNION ALL SELECT 'settings', name, '', setting FROM pg_settings WHERE name <> 'transaction_isolation'
"""


class PostgresWorld(World):
    def __init__(self, server: PostgresServer, database: str) -> None:
        super().__init__("postgresql")
        self._connection = server.connect(database)
        self._built = False

    def home(self) -> str:
        return "public"

    def build(self) -> None:
        self._connection.execute("DISCARD ALL")
        self.prepare(_POSTGRES)

    def send(self, text: str) -> None:
        self._connection.execute(cast(LiteralString, text), prepare=True)

    def state(self) -> State:
        run = self._connection.execute
        found: State = {}
        for schema, name, owner, shape in run(_POSTGRES_SHAPES).fetchall():
            found[_temporary(schema), name, owner, "shape"] = found.get(
                (schema, name, owner, "shape"), ""
            ) + str(shape)
        tables = run(
            "SELECT n.nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
            "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg!_toast%' ESCAPE '!' AND relkind IN ('r', 'm') "
            "AND relispopulated"
        ).fetchall()
        for schema, name in tables:
            rows = run(cast(LiteralString, f'SELECT ctid, xmin, * FROM "{schema}"."{name}"')).fetchall()
            found[_temporary(schema), name, "", "rows"] = _digest(rows)
        for schema, name, last in run(
            "SELECT schemaname, sequencename, last_value FROM pg_sequences"
        ).fetchall():
            found[schema, name, "", "rows"] = str(last)
        return found

    def close(self) -> None:
        self._connection.close()


def _temporary(schema: str) -> str:
    return "pg_temp" if schema.startswith("pg_temp") else schema


# ---------------------------------------------------------------- MariaDB

_MARIADB = """
CREATE OR REPLACE DATABASE mydb;
CREATE OR REPLACE DATABASE other_db;
CREATE TABLE mydb.users (id INT PRIMARY KEY, name VARCHAR(50), email VARCHAR(100));
CREATE TABLE mydb.orders (id INT PRIMARY KEY, amount INT);
CREATE TABLE mydb.audit_log (note VARCHAR(200));
CREATE TABLE mydb.`users``x` (id INT);
CREATE VIEW mydb.v_users AS SELECT id, name FROM mydb.users;
CREATE TABLE other_db.users (id INT, name VARCHAR(50), email VARCHAR(100));
CREATE TABLE other_db.secret (id INT, val VARCHAR(20));
CREATE SEQUENCE other_db.s;
INSERT INTO mydb.users VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z');
INSERT INTO mydb.orders VALUES (1, 10);
INSERT INTO other_db.users VALUES (1, 'a', 'x');
INSERT INTO other_db.secret VALUES (1, 's');
CREATE FUNCTION mydb.f_del() RETURNS INT BEGIN DELETE FROM mydb.users; RETURN 1; END;
CREATE PROCEDURE mydb.p_wipe() DELETE FROM mydb.users;
"""
_OWN = "NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')"
_MARIADB_SHAPES = f"""
SELECT table_schema, table_name, '', CONCAT_WS(',', table_type, engine, table_comment, table_collation)
  FROM information_schema.tables WHERE table_schema {_OWN}
UNION ALL SELECT table_schema, table_name, '', GROUP_CONCAT(CONCAT_WS(',', column_name, column_type, is_nullable, column_default,
  extra) ORDER BY ordinal_position) FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
  WHERE table_type <> 'VIEW' AND table_schema {_OWN} GROUP BY 1, 2
UNION ALL SELECT table_schema, index_name, table_name, GROUP_CONCAT(column_name ORDER BY seq_in_index)
  FROM information_schema.statistics WHERE table_schema {_OWN} GROUP BY 1, 2, 3
UNION ALL SELECT table_schema, table_name, '', view_definition FROM information_schema.views WHERE table_schema {_OWN}
UNION ALL SELECT routine_schema, routine_name, '', CONCAT(routine_definition, definer) FROM information_schema.routines
  WHERE routine_schema {_OWN}
UNION ALL SELECT trigger_schema, trigger_name, event_object_table, action_statement FROM information_schema.triggers
  WHERE trigger_schema {_OWN}
UNION ALL SELECT event_schema, event_name, '', CONCAT(event_definition, status) FROM information_schema.events
  WHERE event_schema {_OWN}
UNION ALL SELECT 'schemas', schema_name, '', default_collation_name FROM information_schema.schemata
UNION ALL SELECT 'roles', CONCAT(user, '@', host), '', priv FROM mysql.global_priv
UNION ALL SELECT 'settings', variable_name, '', global_value FROM information_schema.system_variables
  WHERE global_value IS NOT NULL AND variable_name NOT LIKE 'gtid%' AND variable_name NOT LIKE 'innodb_buffer_pool_load%'
"""


class MariadbWorld(World):
    def __init__(self, server: MariadbServer) -> None:
        super().__init__("mariadb")
        self._server = server
        self._connection = server.connect("mysql")

    def home(self) -> str:
        return "mydb"

    def build(self) -> None:
        self._connection.close()
        self._connection = self._server.connect("mysql")
        self.prepare(_MARIADB)
        self.send("USE mydb")

    def send(self, text: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(text.encode("utf-8", "surrogateescape"))  # type: ignore[arg-type]

    def state(self) -> State:
        found: State = {}
        with self._connection.cursor() as cursor:
            cursor.execute("SET @before = @@group_concat_max_len, group_concat_max_len = 100000")
            cursor.execute(_MARIADB_SHAPES)
            for schema, name, owner, shape in cursor.fetchall():
                place = (str(schema), str(name), str(owner), "shape")
                found[place] = found.get(place, "") + str(shape)
            cursor.execute(
                "SELECT table_schema, table_name FROM information_schema.tables "
                f"WHERE table_schema {_OWN} AND table_type IN ('BASE TABLE', 'SEQUENCE')"
            )
            for schema, name in cursor.fetchall():
                quoted = str(name).replace("`", "``")
                cursor.execute(f"SELECT * FROM `{schema}`.`{quoted}`")
                found[str(schema), str(name), "", "rows"] = _digest(cursor.fetchall())
        return found

    def close(self) -> None:
        self._connection.close()
        for name in ("mydb", "other_db"):
            self._server.drop_database(name)
