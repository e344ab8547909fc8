"""What real servers say a statement touches: SQLite's authorizer, and the locks that MariaDB and PostgreSQL
hold while the transaction is open."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
import pymysql

from sluicegate.sql.model import ObjectRef, Statement

RELATIONS = frozenset({"table", "view", "sequence", "temporary"})
# Parts of virtual tables, the schema table under its other names, and what makes json_each a table.
_SQLITE_INNER = ("search_", "boxes_", "sqlite_", "json_", "pragma_")
_SQLITE_CHANGES = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})


@dataclass(frozen=True)
class Touched:
    """Names, as the server folds them, of the tables, views and sequences read or written."""

    everything: frozenset[str]
    written: frozenset[str]


def named(statement: Statement, fold: Callable[[str], str] = str.lower) -> Touched:
    """What the analysis says, in the target's own database or schema."""
    refs = [ref for ref in statement.objects if ref.type in RELATIONS and _at_home(ref)]
    return Touched(
        frozenset(fold(ref.name) for ref in refs),
        frozenset(fold(ref.name) for ref in refs if ref.access == "write"),
    )


def _at_home(ref: ObjectRef) -> bool:
    return ref.database is None and ref.schema in (None, "public", "main", "app")


# ---------------------------------------------------------------- SQLite


def sqlite_touched(connection: sqlite3.Connection, text: str) -> Touched:
    """What the compiler asks permission for, in the statement itself (not in triggers and views).

    Common table expressions are named as the place that an access comes from too, so places count as
    inner only where the schema holds a trigger or view of that name."""
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type IN ('view', 'trigger')")
    stored = {name for (name,) in rows}
    asked: list[tuple[int, str]] = []

    def authorize(
        action: int, first: str | None, _second: str | None, _db: str | None, inner: str | None
    ) -> int:
        if inner not in stored and first:
            asked.append((action, first.lower()))
        return sqlite3.SQLITE_OK

    connection.set_authorizer(authorize)
    try:
        connection.execute(text).fetchall()
    finally:
        connection.set_authorizer(None)
    changed = {name for action, name in asked if action in _SQLITE_CHANGES}
    read = {name for action, name in asked if action == sqlite3.SQLITE_READ}
    # A common table expression that reads itself is reported under its own name.
    real = {name.lower() for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    mine = {name for name in read | changed if name in real and not name.startswith(_SQLITE_INNER)}
    return Touched(frozenset(mine), frozenset(mine & changed))


# ---------------------------------------------------------------- MariaDB


class MariadbLocks:
    """The metadata locks that a connection holds, watched from another one."""

    def __init__(self, watcher: pymysql.Connection, thread_id: int, database: str) -> None:
        self._watcher = watcher
        self._thread = thread_id
        self._database = database

    @staticmethod
    def switch_on(connection: pymysql.Connection) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE performance_schema.setup_instruments SET enabled = 'YES', timed = 'YES' "
                "WHERE name = 'wait/lock/metadata/sql/mdl'"
            )

    def held(self) -> Touched:
        with self._watcher.cursor() as cursor:
            cursor.execute(
                "SELECT object_name, lock_type FROM performance_schema.metadata_locks AS l "
                "JOIN performance_schema.threads AS t ON t.thread_id = l.owner_thread_id "
                "WHERE t.processlist_id = %s AND object_type = 'TABLE' AND object_schema = %s",
                (self._thread, self._database),
            )
            rows: Iterable[tuple[Any, ...]] = cursor.fetchall()
        locks = [(str(name).lower(), str(kind)) for name, kind in rows]
        return Touched(
            frozenset(name for name, _ in locks), frozenset(name for name, kind in locks if "WRITE" in kind)
        )


# ---------------------------------------------------------------- PostgreSQL

_WRITING = {"RowExclusiveLock", "ShareLock", "ExclusiveLock", "AccessExclusiveLock"}
_REACH = """
WITH RECURSIVE edges (f, t) AS (
  SELECT inhparent, inhrelid FROM pg_inherits
  UNION SELECT r.ev_class, d.refobjid FROM pg_rewrite r JOIN pg_depend d ON d.objid = r.oid
    WHERE d.refclassid = 'pg_class'::regclass
  UNION SELECT confrelid, conrelid FROM pg_constraint WHERE contype = 'f'
  UNION SELECT conrelid, confrelid FROM pg_constraint WHERE contype = 'f'
  UNION SELECT a.adrelid, d.refobjid FROM pg_attrdef a JOIN pg_depend d ON d.objid = a.oid
    WHERE d.refclassid = 'pg_class'::regclass
  UNION SELECT refobjid, objid FROM pg_depend WHERE deptype = 'i' AND classid = 'pg_class'::regclass
), reach (oid) AS (
  SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = ANY (%s) AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  UNION SELECT edges.t FROM edges JOIN reach ON reach.oid = edges.f
)
SELECT DISTINCT c.relname FROM reach JOIN pg_class c USING (oid) WHERE c.relkind IN ('r', 'v', 'm', 'p', 'S')
"""


class PostgresLocks:
    """The relation locks that a session's open transaction holds."""

    def __init__(self, watcher: psycopg.Connection[tuple[Any, ...]], pid: int) -> None:
        self._watcher = watcher
        self._pid = pid

    def held(self) -> Touched:
        rows = self._watcher.execute(
            "SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE l.pid = %s "
            "AND c.relkind IN ('r', 'v', 'm', 'p', 'S') "
            "AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')",
            (self._pid,),
        ).fetchall()
        return Touched(
            frozenset(str(name) for name, _ in rows),
            frozenset(str(name) for name, mode in rows if mode in _WRITING),
        )

    def reach(self, names: frozenset[str]) -> frozenset[str]:
        """These and all that the server touches along with them: partitions, views' tables, other ends of
        foreign keys, sequences of defaults."""
        rows = self._watcher.execute(_REACH, (list(names),)).fetchall()
        return frozenset(str(name) for (name,) in rows) | names
