"""A database that the tour changes: what the service is told of it, and a look at it past the service."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import psycopg
import pymysql

from sluicegate.cli.demo import shop
from sluicegate.cli.demo.shop import Shop

DATABASE = "shop"


class Target(ABC):
    """``dialect`` is what the service calls this database type."""

    dialect: ClassVar[str]

    @property
    def name(self) -> str:
        return f"{DATABASE}-{self.dialect}"

    @property
    def database(self) -> str:
        """How a ticket names the database; empty where the data source is one file."""
        return DATABASE

    @abstractmethod
    def registration(self) -> dict[str, str | int]:
        """The fields of the data source, without name and environment."""

    @abstractmethod
    def query(self, sql: str) -> Sequence[Sequence[object]]:
        """Run one statement of our own through a connection of our own, committed."""

    def seed(self) -> None:
        for statement in (*shop.seeding(), *self.after_seeding()):
            self.query(statement)

    def after_seeding(self) -> Sequence[str]:
        return ("ANALYZE",)

    def rows(self) -> Shop:
        return shop.read(self.query)


@dataclass(frozen=True)
class Address:
    port: int
    user: str
    password: str = field(repr=False)
    host: str = "127.0.0.1"

    def registration(self) -> dict[str, str | int]:
        return {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "database": DATABASE,
        }


class PostgresTarget(Target):
    dialect = "postgresql"

    def __init__(self, address: Address) -> None:
        self._address = address

    def registration(self) -> dict[str, str | int]:
        return self._address.registration()

    def connect(self, database: str = DATABASE) -> psycopg.Connection[tuple[object, ...]]:
        address = self._address
        return psycopg.connect(
            host=address.host,
            port=address.port,
            user=address.user,
            password=address.password,
            dbname=database,
            autocommit=True,
            connect_timeout=10,
        )

    def query(self, sql: str) -> Sequence[Sequence[object]]:
        with self.connect() as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []


class MariadbTarget(Target):
    dialect = "mariadb"

    def __init__(self, address: Address) -> None:
        self._address = address

    def registration(self) -> dict[str, str | int]:
        return self._address.registration()

    def after_seeding(self) -> Sequence[str]:
        return ("ANALYZE TABLE orders, products, coupons",)

    def query(self, sql: str) -> Sequence[Sequence[object]]:
        address = self._address
        connection = pymysql.connect(
            host=address.host,
            port=address.port,
            user=address.user,
            password=address.password,
            database=DATABASE,
            autocommit=True,
            charset="utf8mb4",
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()


class SqliteTarget(Target):
    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def database(self) -> str:
        return ""

    def registration(self) -> dict[str, str | int]:
        return {"database": str(self._path)}

    def query(self, sql: str) -> Sequence[Sequence[object]]:
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as connection:
            return connection.execute(sql).fetchall()
