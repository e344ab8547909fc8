"""Which database types there are: a literal table, and what installed packages add.

A package adds a dialect by an entry point of the group ``sluicegate.dialects`` whose name is the
dialect's code and whose value is its class.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from sluicegate.core.errors import InvalidInput
from sluicegate.core.plugins import entry_points
from sluicegate.dialects.base import Dialect

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "sluicegate.dialects"

# Values are "module:class", imported when asked for: an offline review loads one family only.
_BUILT_IN: dict[str, str] = {
    "mysql": "sluicegate.dialects.mysql.dialect:MySql",
    "mariadb": "sluicegate.dialects.mariadb:MariaDb",
    "tidb": "sluicegate.dialects.tidb:TiDb",
    "oceanbase": "sluicegate.dialects.oceanbase:OceanBase",
    "polardb": "sluicegate.dialects.polardb:PolarDb",
    "postgresql": "sluicegate.dialects.postgres.dialect:PostgreSql",
    "sqlite": "sluicegate.dialects.sqlite.dialect:Sqlite",
    "oracle": "sluicegate.dialects.oracle.dialect:Oracle",
    "mssql": "sluicegate.dialects.mssql.dialect:SqlServer",
    "clickhouse": "sluicegate.dialects.clickhouse.dialect:ClickHouse",
}


@cache
def _installed() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(GROUP)}


@cache
def _load(code: str) -> Dialect:
    place = _BUILT_IN.get(code)
    if place is None:
        loaded = _installed()[code].load()
    else:
        module, _, name = place.partition(":")
        loaded = getattr(import_module(module), name)
    dialect = loaded()
    if not isinstance(dialect, Dialect) or dialect.code != code:
        raise TypeError(f"{loaded!r} is not the dialect {code!r}")
    return dialect


def codes() -> tuple[str, ...]:
    """Codes of all dialects, the built-in ones first."""
    return (*_BUILT_IN, *sorted(set(_installed()) - set(_BUILT_IN)))


def get(code: str) -> Dialect:
    """The dialect of this code.

    Raises:
        InvalidInput: ``dialect_unknown``.
    """
    if code not in _BUILT_IN and code not in _installed():
        raise InvalidInput("dialect_unknown", dialect=code, known=", ".join(codes()))
    return _load(code)


def all_dialects() -> Iterator[Dialect]:
    return (_load(code) for code in codes())
