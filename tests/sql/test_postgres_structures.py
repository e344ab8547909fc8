"""PostgreSQL's statements as values: what each says, and that nothing makes the reader fail."""

from __future__ import annotations

import pytest

from sluicegate.dialects import registry
from sluicegate.dialects.postgres import analysis
from sluicegate.sql.facts import Facts
from sluicegate.sql.model import AnalysisContext
from sluicegate.sql.structure import Structure
from sluicegate.sql.structure.definitions import (
    AddCheck,
    AddColumn,
    AddForeignKey,
    AddIndex,
    AlterTable,
    AlterType,
    Comment,
    CreateExtension,
    CreateIndex,
    CreateRoutine,
    CreateTable,
    CreateType,
    CreateView,
    DropColumn,
    DropIndex,
    DropObject,
    DropPart,
    DropTable,
    ExpressionKind,
    Grant,
    IndexKind,
    Maintenance,
    PartitionAction,
    RenameColumn,
    RenamePart,
    RenameTable,
    RenameTo,
    SetDefault,
    SetNullable,
    SetOption,
    SetType,
    SetVariable,
    Truncate,
    ValidateConstraint,
)
from sluicegate.sql.structure.queries import OperandKind, Place, Query
from tests.sql.corpora import analyse, bypass_cases, ordinary


def read(sql: str) -> Structure | None:
    tokens, facts = analysis.LEXER.significant(sql), Facts()
    analysis.ANALYSER.read(sql, tokens, facts)
    assert analysis.ANALYSER.structure is not None
    return analysis.ANALYSER.structure(sql, tokens, facts)


def query(sql: str) -> Query:
    found = read(sql)
    assert isinstance(found, Query)
    return found


# ---------------------------------------------------------------- definitions


def test_each_action_of_alter_table_is_read_where_it_stands() -> None:
    sql = (
        "ALTER TABLE ONLY s.t ADD COLUMN IF NOT EXISTS a int DEFAULT f(1, 2) REFERENCES p (x) CHECK (a > 0), "
        "DROP COLUMN b CASCADE, ALTER c TYPE numeric(10,2) USING c::numeric, ALTER d SET DEFAULT now(), ALTER d DROP DEFAULT, "
        "ALTER e SET NOT NULL, ADD CONSTRAINT u UNIQUE USING INDEX i, DROP CONSTRAINT IF EXISTS k, VALIDATE CONSTRAINT v, "
        "SET (fillfactor = 70), SET UNLOGGED, DISABLE TRIGGER ALL, ENABLE ROW LEVEL SECURITY, OWNER TO bob"
    )
    found = read(sql)
    assert isinstance(found, AlterTable)
    assert (found.table.schema, found.table.name) == ("s", "t")
    kinds = [type(action) for action in found.actions]
    assert kinds == [
        AddColumn, AddForeignKey, AddCheck, DropColumn, SetType, SetDefault, SetDefault, SetNullable, AddIndex, DropPart,
        ValidateConstraint, SetOption, SetOption, SetOption, SetOption, SetOption,
    ]  # fmt: skip
    added, key, check, dropped, retyped, default, cleared, required, unique = found.actions[:9]
    assert isinstance(added, AddColumn)
    assert added.if_not_exists
    assert added.column.default is not None
    assert (added.column.default.text, added.column.default.kind) == ("f(1, 2)", ExpressionKind.VOLATILE)
    assert isinstance(key, AddForeignKey)
    assert (key.foreign_key.columns, key.foreign_key.referenced) == (("a",), ("x",))
    assert isinstance(check, AddCheck)
    assert check.check.text == "a > 0"
    assert isinstance(dropped, DropColumn)
    assert dropped.cascade
    assert isinstance(retyped, SetType)
    assert (str(retyped.type), retyped.using) == ("NUMERIC(10,2)", "c::numeric")
    assert isinstance(default, SetDefault)
    assert default.default is not None
    assert (default.default.text, default.default.kind) == ("now()", ExpressionKind.NOW)
    assert isinstance(cleared, SetDefault)
    assert cleared.default is None
    assert isinstance(required, SetNullable)
    assert sql[required.at :].startswith("ALTER e SET NOT NULL")
    assert isinstance(unique, AddIndex)
    assert (unique.index.kind, unique.index.using_index) == (IndexKind.UNIQUE, "i")
    options = [(action.name, action.value) for action in found.actions if isinstance(action, SetOption)]
    assert options == [
        ("FILLFACTOR", "70"), ("UNLOGGED", ""), ("TRIGGER", "DISABLE ALL"), ("ROW SECURITY", "ENABLE"), ("OWNER", "bob"),
    ]  # fmt: skip


def test_a_column_is_read_with_all_its_clauses() -> None:
    found = read(
        "CREATE TABLE t (a varchar(9) COLLATE \"C\" CONSTRAINT d DEFAULT lower('X') NOT NULL UNIQUE)"
    )
    assert isinstance(found, CreateTable)
    column = found.table.columns[0]
    assert (str(column.type), column.collation, column.nullable, column.unique) == (
        "VARCHAR(9)",
        "C",
        False,
        True,
    )
    assert column.default is not None
    assert column.default.text == "lower('X')"
    assert found.table.indexes[0].columns == ("a",)


def test_an_index_is_read_with_all_its_parts() -> None:
    found = read(
        "CREATE UNIQUE INDEX CONCURRENTLY i ON t USING btree (lower(a) DESC, (b || c), d) INCLUDE (e) WHERE d > 0"
    )
    assert isinstance(found, CreateIndex)
    assert found.concurrently
    index = found.index
    assert [(part.column, part.expression, part.descending) for part in index.parts] == [
        ("", "lower(a)", True), ("", "b || c", False), ("d", "", False),
    ]  # fmt: skip
    assert (index.kind, index.include, index.where) == (IndexKind.UNIQUE, ("e",), "d > 0")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("ALTER TABLE t RENAME TO u", AlterTable),
        ("ALTER VIEW v RENAME TO w", RenameTable),
        ("ALTER TABLE p ATTACH PARTITION t FOR VALUES IN (1)", AlterTable),
        ("ALTER TYPE e ADD VALUE 'x'", AlterType),
        ("ALTER DOMAIN d ADD CHECK (VALUE > 0)", AlterType),
        ("CREATE TABLE t AS SELECT 1", CreateTable),
        ("SELECT 1 INTO t", CreateTable),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", CreateView),
        ("CREATE TYPE e AS ENUM ('a')", CreateType),
        ("CREATE EXTENSION hstore", CreateExtension),
        ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()", CreateRoutine),
        ("COMMENT ON COLUMN t.a IS 'x'", Comment),
        ("DROP INDEX CONCURRENTLY i", DropIndex),
        ("DROP TABLE a, b", DropTable),
        ("DROP TYPE e", DropObject),
        ("TRUNCATE a, b CASCADE", Truncate),
        ("GRANT SELECT ON t TO bob", Grant),
        ("VACUUM (FULL) t", Maintenance),
        ("REINDEX INDEX CONCURRENTLY i", Maintenance),
        ("LOCK TABLE t", Maintenance),
        ("SET LOCAL lock_timeout = '3s'", SetVariable),
    ],
)  # fmt: skip
def test_every_kind_of_definition_is_known(sql: str, expected: type) -> None:
    assert isinstance(read(sql), expected)


def test_renames_say_from_what_to_what() -> None:
    for sql, action in (
        ("ALTER TABLE s.t RENAME TO u", RenameTo),
        ("ALTER TABLE t RENAME a TO b", RenameColumn),
        ("ALTER TABLE t RENAME CONSTRAINT a TO b", RenamePart),
        ("ALTER TABLE t SET SCHEMA z", RenameTo),
        ("ALTER TABLE p DETACH PARTITION t CONCURRENTLY", PartitionAction),
    ):
        found = read(sql)
        assert isinstance(found, AlterTable)
        assert [type(one) for one in found.actions] == [action]


# ---------------------------------------------------------------- queries


def test_selects_know_their_place() -> None:
    found = query(
        "WITH c AS (SELECT 1) SELECT (SELECT max(x) FROM b WHERE b.id = a.id) FROM a JOIN c ON true, "
        "(SELECT 2) d WHERE EXISTS (SELECT 3) UNION ALL SELECT 4"
    )
    assert sorted((select.place, select.depth) for select in found.selects) == sorted(
        [(Place.CTE, 1), (Place.MAIN, 0), (Place.SELECT_LIST, 1), (Place.FROM, 1), (Place.WHERE, 1),
         (Place.SET_OPERATION, 0)]
    )  # fmt: skip
    assert [select.correlated for select in found.selects if select.place is Place.SELECT_LIST] == [True]
    assert found.main is not None
    assert [(join.kind, join.conditional) for join in found.main.joins] == [("INNER", True), ("COMMA", False)]
    assert [(use.ref.name, use.cte) for use in found.main.tables] == [("a", False), ("c", True)]
    assert [operation.all for operation in found.set_operations] == [True]


@pytest.mark.parametrize(
    ("condition", "operator", "function", "other", "negated"),
    [
        ("a = 1", "=", "", OperandKind.NUMBER, False),
        ("1 < a", ">", "", OperandKind.NUMBER, False),
        ("a != 'x'", "<>", "", OperandKind.STRING, True),
        ("lower(a) = 'x'", "=", "LOWER", OperandKind.STRING, False),
        ("a::date = '2024-01-01'", "=", "CAST", OperandKind.STRING, False),
        ("a + 1 = 5", "=", "+", OperandKind.NUMBER, False),
        ("a NOT LIKE '%x'", "LIKE", "", OperandKind.STRING, True),
        ("a ~* 'x'", "REGEXP", "", OperandKind.STRING, False),
        ("a NOT IN (1, 2)", "IN", "", OperandKind.LIST, True),
        ("a = ANY (ARRAY[1, 2])", "IN", "", OperandKind.LIST, False),
        ("a IN (SELECT 1)", "IN", "", OperandKind.QUERY, False),
        ("NOT a BETWEEN 1 AND 2", "BETWEEN", "", OperandKind.LIST, True),
        ("a IS NOT NULL", "IS", "", OperandKind.NULL, True),
        ("a = b", "=", "", OperandKind.COLUMN, False),
    ],
)
def test_comparisons(condition: str, operator: str, function: str, other: OperandKind, negated: bool) -> None:
    for sql, number in ((f"SELECT 1 FROM t WHERE {condition}", 0), (f"DELETE FROM t WHERE {condition}", -1)):
        found = [one for one in query(sql).comparisons if one.select == number]
        assert len(found) == 1
        one = found[0]
        assert one.column is not None
        assert (one.column.name, one.operator, one.function, one.other, one.negated) == (
            "a", operator, function, other, negated,
        )  # fmt: skip


def test_an_insert_says_its_columns_and_rows() -> None:
    found = query(
        "INSERT INTO s.t (a, b) VALUES (1, 'x'), (2, NULL) ON CONFLICT (a) DO UPDATE SET b = excluded.b"
    )
    assert (found.columns, found.rows, found.row_lengths, found.upsert) == (("a", "b"), 2, (2,), "UPDATE")
    assert [literal.text for literal in found.values[0]] == ["1", "x"]
    assert found.targets[0].schema == "s"
    assert query("INSERT INTO t DEFAULT VALUES").columns is None
    assert query("INSERT INTO t SELECT * FROM u ON CONFLICT DO NOTHING").ignore


def test_rows_that_were_passed_over_are_counted() -> None:
    rows = ", ".join(f"({number}, 'it''s (one) of them')" for number in range(3_000))
    assert query(f"INSERT INTO t (a, b) VALUES {rows}").rows == 3_000


def test_an_update_says_what_it_assigns() -> None:
    found = query("UPDATE t x SET a = 1, (b, c) = (d, 'y'), e = DEFAULT FROM u WHERE u.id = x.id RETURNING *")
    assert [(one.column.name, one.value) for one in found.assignments] == [
        ("a", OperandKind.NUMBER), ("b", OperandKind.COLUMN), ("c", OperandKind.STRING), ("e", OperandKind.EXPRESSION),
    ]  # fmt: skip
    assert [use.alias or use.ref.name for use in found.target_uses] == ["x", "u"]
    assert found.where
    assert found.returning


def test_literals_matter_where_rules_may_judge_them() -> None:
    assert query("SELECT a FROM t WHERE a LIKE '%x'").literals_matter
    assert query("SELECT a FROM t LIMIT 5 OFFSET 9").literals_matter
    assert not query("SELECT a FROM t WHERE a = 5").literals_matter


# ---------------------------------------------------------------- anything at all


def test_whatever_is_analysed_is_read() -> None:
    """Structures are read for everything that the analysis meets; none fails, and what is DDL has one."""
    analyse("postgresql", ordinary("postgresql"))
    for case in bypass_cases():
        if case.dialect == "postgresql":
            analyse("postgresql", case.sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 400 + "1" + ")" * 400,
        "SELECT * FROM " + "(SELECT * FROM " * 100 + "t" + ") x" * 100,
        "SELECT 1 FROM t WHERE " + "NOT (" * 200 + "a = 1" + ")" * 200,
        "SELECT 1 FROM t WHERE " + "(a = 1 OR (b = 2 AND " * 90 + "c = 3" + "))" * 90,
        "SELECT " + " UNION SELECT ".join("1" for _ in range(300)),
        "SELECT * FROM t0 " + " ".join(f"JOIN t{n} ON t{n}.id = t0.id" for n in range(1, 300)),
        "UPDATE t SET a = " + "f(" * 150 + "1" + ")" * 150,
        "CREATE TABLE t (a int DEFAULT " + "(" * 150 + "1" + ")" * 150 + ")",
        "CREATE TABLE t (a text DEFAULT " + " || ".join("'x'" for _ in range(300)) + ")",
    ],
)  # fmt: skip
def test_depth_is_bounded(sql: str) -> None:
    list(registry.get("postgresql").analyse(sql, AnalysisContext()))
    read(sql)
