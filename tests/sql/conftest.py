from __future__ import annotations

from tests.servers.fixtures import (
    mariadb_endpoint,
    mariadb_server,
    postgres_endpoint,
    postgres_server,
    sqlite_endpoint,
)

__all__ = ["mariadb_endpoint", "mariadb_server", "postgres_endpoint", "postgres_server", "sqlite_endpoint"]
