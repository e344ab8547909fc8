"""A real database with rows, registered as a data source, and looked at past the service."""

from __future__ import annotations

import contextlib
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymysql

from sluicegate.dialects.base import Endpoint
from tests.journey.installation import Company, Json
from tests.servers import postgres

ROWS = [(1, "ann", 10), (2, "bob", 20), (3, "cid", 30), (4, "dee", 40)]
_CREATE = "CREATE TABLE orders (id INT PRIMARY KEY, name VARCHAR(40), total INT NOT NULL)"


class Target(ABC):
    """``datasource`` is what the API knows of it; ``run`` and ``rows`` go straight to the server."""

    dialect: str

    def __init__(self, company: Company, environment: str, fields: Json) -> None:
        self.datasource = company.datasource(environment, dialect=self.dialect, **fields)
        self.run(_CREATE)
        for row in ROWS:
            self.run(f"INSERT INTO orders VALUES ({row[0]}, '{row[1]}', {row[2]})")

    @abstractmethod
    def connection(self) -> Any:
        """A connection of the test's own, by the driver, to be closed by ``with``."""

    @abstractmethod
    def run(self, sql: str) -> Sequence[tuple[Any, ...]]: ...

    def rows(self) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.run("SELECT id, name, total FROM orders ORDER BY id")]


class MariadbTarget(Target):
    dialect = "mariadb"

    def __init__(self, company: Company, endpoint: Endpoint, environment: str = "prod") -> None:
        self._endpoint = endpoint
        super().__init__(company, environment, _network_fields(endpoint))

    def connection(self) -> Any:
        end = self._endpoint
        return pymysql.connect(
            host=end.host,
            port=end.port,
            user=end.user,
            password=end.password,
            database=end.database,
            autocommit=True,
        )

    def run(self, sql: str) -> Sequence[tuple[Any, ...]]:
        with self.connection() as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            found: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return found


class PostgresTarget(Target):
    dialect = "postgresql"

    def __init__(self, company: Company, endpoint: Endpoint, environment: str = "prod") -> None:
        self._endpoint = endpoint
        super().__init__(company, environment, _network_fields(endpoint))

    def connection(self) -> Any:
        return postgres.connect(self._endpoint)

    def run(self, sql: str) -> Sequence[tuple[Any, ...]]:
        with self.connection() as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []


class SqliteTarget(Target):
    dialect = "sqlite"

    def __init__(self, company: Company, environment: str = "prod") -> None:
        root = company.installation.sqlite_root
        self._path = root / f"shop-{len(list(root.iterdir()))}.db"
        sqlite3.connect(self._path).close()
        Path(self._path).touch()
        super().__init__(company, environment, {"database": str(self._path)})

    def connection(self) -> Any:
        return contextlib.closing(sqlite3.connect(self._path, timeout=30, isolation_level=None))

    def run(self, sql: str) -> Sequence[tuple[Any, ...]]:
        with self.connection() as connection:
            found: Sequence[tuple[Any, ...]] = connection.execute(sql).fetchall()
            return found


def _network_fields(endpoint: Endpoint) -> Json:
    return {
        "host": endpoint.host,
        "port": endpoint.port,
        "user": endpoint.user,
        "password": endpoint.password,
        "database": endpoint.database,
    }
