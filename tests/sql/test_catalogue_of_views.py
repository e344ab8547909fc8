"""A catalogue made from definitions: views with the columns of their SELECT, and what nobody knows the columns of."""

from __future__ import annotations

import pytest

from sluicegate.dialects import registry
from sluicegate.dialects.base import Dialect
from sluicegate.sql.catalogue import ABSENT, Lookup
from sluicegate.sql.model import AnalysisContext, ObjectRef
from sluicegate.sql.structure.definitions import Table

TABLES = "CREATE TABLE a (id INT, x INT); CREATE TABLE b (id INT, y INT);\n"


@pytest.fixture(params=["mariadb", "postgresql", "sqlite"])
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return registry.get(request.param)


def looked_up(dialect: Dialect, script: str, name: str) -> Lookup:
    return dialect.catalogue(TABLES + script).table(ObjectRef(name))


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT id, x FROM a", ("id", "x")),
        ("SELECT a.id AS one, b.y FROM a JOIN b ON b.id = a.id WHERE x > 1", ("one", "y")),
        ("SELECT * FROM a", ("id", "x")),
        ("SELECT a.*, 1 AS more FROM a", ("id", "x", "more")),
        ("SELECT count(*) AS n, (SELECT max(y) FROM b) AS m FROM a", ("n", "m")),
        ("SELECT id FROM a UNION ALL SELECT y FROM b", ("id",)),
        ("WITH w AS (SELECT id FROM a) SELECT id AS w1 FROM w", ("w1",)),
        ("SELECT y FROM (SELECT y FROM b) d", ("y",)),
    ],
)
def test_columns_from_the_select(dialect: Dialect, query: str, columns: tuple[str, ...]) -> None:
    view = looked_up(dialect, f"CREATE VIEW v AS {query};", "v")
    assert isinstance(view, Table)
    assert (view.view, tuple(column.name for column in view.columns)) == (True, columns)


def test_named_columns_and_views_of_views(dialect: Dialect) -> None:
    script = "CREATE VIEW v (p, q) AS SELECT count(*), max(x) FROM a; CREATE VIEW w AS SELECT * FROM v;"
    view = looked_up(dialect, script, "w")
    assert isinstance(view, Table)
    assert tuple(column.name for column in view.columns) == ("p", "q")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM a",
        "SELECT x + 1 FROM a",
        "SELECT * FROM a JOIN b USING (id)",
        "SELECT * FROM (SELECT 1 AS one) d",
        "SELECT * FROM nowhere",
        "WITH a AS (SELECT 1 AS one) SELECT * FROM a",
        "VALUES (1)",
    ],
)
def test_views_of_uncertain_columns_are_there_all_the_same(dialect: Dialect, query: str) -> None:
    assert looked_up(dialect, f"CREATE VIEW v AS {query};", "v") is None
    assert looked_up(dialect, f"CREATE VIEW v AS {query};", "w") is ABSENT


def test_what_else_has_no_known_columns(dialect: Dialect) -> None:
    assert looked_up(dialect, "CREATE TABLE c AS SELECT * FROM a;", "c") is None
    assert looked_up(dialect, "CREATE VIEW v AS SELECT x + 1 FROM a; DROP VIEW v;", "v") is ABSENT


def test_virtual_tables() -> None:
    script = "CREATE VIRTUAL TABLE found USING fts5(title, body);"
    assert looked_up(registry.get("sqlite"), script, "found") is None


def test_a_script_may_use_them(dialect: Dialect) -> None:
    made = dialect.catalogue(
        TABLES + "CREATE VIEW v AS SELECT x + 1 FROM a; CREATE VIEW w AS SELECT x AS z FROM a;"
    )
    context = AnalysisContext(catalogue=made)

    def codes(script: str) -> set[str]:
        return {finding.code for item in dialect.analyse(script, context) for finding in item.findings}

    missing = codes("SELECT id FROM nowhere")
    assert missing - codes("SELECT id FROM a")
    assert not (missing - codes("SELECT id FROM a")) & codes("SELECT anything FROM v")
    assert codes("INSERT INTO w (nothing) VALUES (1)") - codes("INSERT INTO w (z) VALUES (1)")
