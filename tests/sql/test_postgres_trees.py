"""The parse tree is whole, however long it is."""

from __future__ import annotations

from sluicegate.dialects import registry
from sluicegate.sql.model import AnalysisContext, StatementKind


def test_trees_of_every_length_are_whole() -> None:
    dialect = registry.get("postgresql")
    for length in range(1, 120):
        columns = ", ".join(f"c{i}" for i in range(length))
        for sql in (
            f"INSERT INTO t ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM s",
            f"UPDATE t SET a = '{'x' * length}' WHERE id IN ({', '.join(map(str, range(length)))})",
        ):
            statements = list(dialect.analyse(sql, AnalysisContext()))
            assert [statement.kind for statement in statements] == [StatementKind.DML], sql
            assert any(ref.name == "t" for ref in statements[0].objects)


def test_long_chains_of_operators_are_ordinary() -> None:
    dialect = registry.get("postgresql")
    chain = " || ".join(["'a'"] * 200)
    found = list(dialect.analyse(f"UPDATE t SET a = {chain} WHERE id = 1", AnalysisContext()))
    assert [statement.kind for statement in found] == [StatementKind.DML]
