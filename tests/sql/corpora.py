"""The inputs that several tests of the analysis use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sluicegate.dialects import registry
from sluicegate.sql.catalogue import CatalogueCopy
from sluicegate.sql.known import KnownObjects
from sluicegate.sql.lexer import Lexer
from sluicegate.sql.model import AnalysisContext, Statement

CASES = Path(__file__).parent / "cases"
DIALECTS = ("mysql", "mariadb", "postgresql", "sqlite")
CONTEXTS = {
    "mysql": AnalysisContext(database="mydb"),
    "mariadb": AnalysisContext(database="mydb"),
    "postgresql": AnalysisContext(schema="public"),
    "sqlite": AnalysisContext(),
    "oracle": AnalysisContext(),
    "mssql": AnalysisContext(),
    "clickhouse": AnalysisContext(database="default"),
}
_FIXTURES = {
    "mysql": "fixture_mysql.sql",
    "mariadb": "fixture_mysql.sql",
    "postgresql": "fixture_postgresql.sql",
}


@dataclass(frozen=True)
class Case:
    """One hostile input and what must be said of it."""

    id: str
    dialect: str
    sql: str
    setup: str
    verdict: str
    statements: int
    objects: tuple[str, ...]
    codes: tuple[str, ...]
    harms: str = ""  # why it is never run, not even on a private server


def _case(entry: dict[str, Any]) -> Case:
    sql = entry.get("sql")
    if sql is None:
        sql = bytes.fromhex(entry["sql_hex"]).decode("utf-8", "surrogateescape")
    expected = entry["expected"]
    return Case(
        id=entry["id"],
        dialect=entry["dialect"],
        sql=sql,
        setup=entry.get("setup", ""),
        verdict=expected["verdict"],
        statements=expected["statements"],
        objects=tuple(expected["objects"]),
        codes=tuple(expected["codes"]),
        harms=entry.get("harms", ""),
    )


@cache
def bypass_cases() -> tuple[Case, ...]:
    document = yaml.safe_load((CASES / "bypass.yaml").read_text(encoding="utf-8"))
    cases = (_case(entry) for entry in document["cases"])
    return tuple(case for case in cases if case.dialect in registry.codes())


@dataclass(frozen=True)
class Deception:
    """One of the further inputs: ``harms`` says why it is never run, "" when it may be."""

    id: str
    dialect: str
    sql: str
    verdict: str
    statements: int
    codes: tuple[str, ...]
    written: tuple[str, ...]
    read: tuple[str, ...]
    harms: str


@cache
def deceptions() -> tuple[Deception, ...]:
    document = yaml.safe_load((CASES / "bypass_more.yaml").read_text(encoding="utf-8"))
    return tuple(
        Deception(
            id=entry["id"],
            dialect=entry["dialect"],
            sql=entry["sql"],
            verdict=entry["verdict"],
            statements=entry["statements"],
            codes=tuple(entry.get("codes", ())),
            written=tuple(entry.get("written", ())),
            read=tuple(entry.get("read", ())),
            harms=entry.get("harms", ""),
        )
        for entry in document["cases"]
    )


def known_objects(dialect: str, setup: str) -> KnownObjects:
    """What the server of a case holds, from the statements that set it up."""
    fixture = _FIXTURES.get(dialect)
    script = (CASES / fixture).read_text(encoding="utf-8") if fixture else ""
    found: Any = registry.get(dialect)
    return KnownObjects(found.definitions(f"{script}\n{setup}"))


@cache
def catalogue_of(dialect: str, setup: str, rows: int | None = None) -> CatalogueCopy:
    """The catalogue that holds exactly what these definitions make, each table with so many rows."""
    made = registry.get(dialect).catalogue(setup)
    return CatalogueCopy([replace(table, rows=rows) for table in made.tables().values()], made.home)


def ordinary(dialect: str) -> str:
    return (CASES / "ordinary" / f"{dialect}.sql").read_text(encoding="utf-8")


def ordinary_schema(dialect: str) -> str:
    """What the ordinary statements are for."""
    return (CASES / "ordinary" / "schema" / f"{dialect}.sql").read_text(encoding="utf-8")


def analyse(dialect: str, sql: str, context: AnalysisContext | None = None) -> list[Statement]:
    return list(registry.get(dialect).analyse(sql, context or AnalysisContext()))


def codes(statements: list[Statement]) -> set[str]:
    return {finding.code for statement in statements for finding in statement.findings}


def lexers() -> dict[str, Lexer]:
    from sluicegate.dialects.mariadb import VARIANT as MARIADB
    from sluicegate.dialects.mysql.lexicon import lexer
    from sluicegate.dialects.mysql.variant import MYSQL
    from sluicegate.dialects.postgres.lexicon import ESCAPING_LEXER
    from sluicegate.dialects.postgres.lexicon import LEXER as POSTGRES
    from sluicegate.dialects.sqlite.lexicon import LEXER as SQLITE
    from sluicegate.dialects.tidb import VARIANT as TIDB

    return {
        "mysql": lexer(MYSQL, None),
        "mysql 8": lexer(MYSQL, (8, 0, 36)),
        "mysql delimiter": lexer(MYSQL, None, "$$"),
        "mariadb": lexer(MARIADB, None),
        "tidb": lexer(TIDB, None, "//"),
        "postgresql": POSTGRES,
        "postgresql escaping": ESCAPING_LEXER,
        "sqlite": SQLITE,
    }
