"""Queries and changes of data as values: MySQL's family and SQLite's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.dialects.mysql.functions import GRAMMAR as MYSQL
from sluicegate.dialects.sqlite.functions import GRAMMAR as SQLITE
from sluicegate.sql.query_structure import read_query
from sluicegate.sql.structure.queries import (
    Assignment,
    ColumnUse,
    Comparison,
    OperandKind,
    Place,
    Query,
    Select,
)
from sluicegate.sql.words import words
from tests.sql.corpora import lexers, ordinary

GRAMMARS = {"mysql": MYSQL, "sqlite": SQLITE}


def read(sql: str, dialect: str = "mysql") -> Query:
    found = read_query(lexers()[dialect].significant(sql), GRAMMARS[dialect], sql)
    assert found is not None
    return found


def select(sql: str, dialect: str = "mysql") -> Select:
    main = read(sql, dialect).main
    assert main is not None
    return main


def compare(condition: str, dialect: str = "mysql") -> Comparison:
    [found] = read(f"SELECT a FROM t WHERE {condition}", dialect).comparisons
    return found


def col(text: str) -> ColumnUse:
    qualifier, _, name = text.rpartition(".")
    return ColumnUse(name, qualifier)


# ---------------------------------------------------------------- SELECT


@pytest.mark.parametrize("dialect", ["mysql", "sqlite"])
def test_all_clauses(dialect: str) -> None:
    query = read(
        "SELECT DISTINCT a, t.b AS x, COUNT(*) n FROM db.t JOIN u AS v ON t.id = v.id WHERE a = 1 "
        "GROUP BY a, t.b HAVING COUNT(*) > 2 ORDER BY n DESC, 2, a LIMIT 10 OFFSET 20",
        dialect,
    )
    main = query.main
    assert main is not None
    assert [(item.alias, item.column, item.function) for item in main.items] == [
        ("", col("a"), ""),
        ("x", col("t.b"), ""),
        ("n", None, "COUNT"),
    ]
    assert [(use.ref.name, use.alias) for use in main.tables] == [("t", ""), ("u", "v")]
    assert [(join.kind, join.conditional) for join in main.joins] == [("INNER", True)]
    assert main.where
    assert main.distinct
    assert main.grouped
    assert main.having
    assert main.aggregates
    assert main.group_by == (col("a"), col("t.b"))
    assert [(item.column, item.position, item.descending) for item in main.order_by] == [
        (col("n"), None, True),
        (None, 2, False),
        (col("a"), None, False),
    ]
    assert (main.limit, main.offset) == (10, 20)
    assert [(found.place, found.operator) for found in query.comparisons] == [
        (Place.ON, "="),
        (Place.WHERE, "="),
        (Place.HAVING, ">"),
    ]
    assert query.literals_matter


@pytest.mark.parametrize(
    ("sql", "stars", "aliases"),
    [
        ("SELECT * FROM t", 1, [""]),
        ("SELECT t.*, a FROM t", 1, ["", ""]),
        ("SELECT COUNT(*), a * b, 2 * 3 FROM t", 0, ["", "", ""]),
        ("SELECT a AS `select`, b c, (1) d, CASE WHEN a THEN 1 END e FROM t", 0, ["select", "c", "d", "e"]),
        (
            "SELECT a IS NULL, NOW() + INTERVAL 1 DAY, b COLLATE utf8mb4_bin, NOT c FROM t",
            0,
            ["", "", "", ""],
        ),
        ("SELECT a 'x', b AS 'y' FROM t", 0, ["", "y"]),
    ],
)
def test_items(sql: str, stars: int, aliases: list[str]) -> None:
    items = select(sql).items
    assert sum(item.star for item in items) == stars
    assert [item.alias for item in items] == aliases


@pytest.mark.parametrize(
    ("tables", "kinds", "names"),
    [
        ("a, b", [("COMMA", False)], ["a", "b"]),
        ("a CROSS JOIN b", [("CROSS", False)], ["a", "b"]),
        ("a NATURAL LEFT JOIN b", [("NATURAL", True)], ["a", "b"]),
        ("a STRAIGHT_JOIN b ON a.x = b.x", [("STRAIGHT", True)], ["a", "b"]),
        ("a RIGHT OUTER JOIN b USING (id)", [("RIGHT", True)], ["a", "b"]),
        ("a JOIN b JOIN c ON b.x = c.x ON a.x = b.x", [("INNER", True), ("INNER", True)], ["a", "b", "c"]),
        ("a JOIN b, c", [("INNER", False), ("COMMA", False)], ["a", "b", "c"]),
        (
            "(a JOIN b ON a.x = b.x) LEFT JOIN c ON a.x = c.x",
            [("INNER", True), ("LEFT", True)],
            ["a", "b", "c"],
        ),
        ("a USE INDEX FOR ORDER BY (i), b PARTITION (p) c", [("COMMA", False)], ["a", "b"]),
        ("a JOIN (SELECT 1 x) d ON a.x = d.x", [("INNER", True)], ["a"]),
        ("a JOIN b ON LEFT(a.x, 3) = b.x", [("INNER", True)], ["a", "b"]),
    ],
)
def test_joins(tables: str, kinds: list[tuple[str, bool]], names: list[str]) -> None:
    main = select(f"SELECT 1 FROM {tables}")
    assert [(join.kind, join.conditional) for join in main.joins] == kinds
    assert [use.ref.name for use in main.tables] == names


def test_places_and_depths() -> None:
    query = read(
        "WITH c AS (SELECT 1) SELECT (SELECT 2), a FROM (SELECT 3) d JOIN e ON e.x IN (SELECT 4) "
        "WHERE a = (SELECT 5 FROM f WHERE x = (SELECT 6)) GROUP BY a HAVING a > (SELECT 7) ORDER BY (SELECT 8) "
        "LIMIT 1"
    )
    assert [(found.place, found.depth) for found in query.selects] == [
        (Place.CTE, 1),
        (Place.MAIN, 0),
        (Place.FROM, 1),
        (Place.ON, 1),
        (Place.SELECT_LIST, 1),
        (Place.WHERE, 1),
        (Place.WHERE, 2),
        (Place.HAVING, 1),
        (Place.OTHER, 1),
    ]
    assert [table.name for table in query.ctes] == ["c"]


def test_lateral_tables() -> None:
    main = select("SELECT 1 FROM a JOIN LATERAL (SELECT 1 FROM b WHERE b.x = a.x) l ON TRUE")
    assert main.joins[0].lateral


def test_common_tables_are_known_where_they_are_used() -> None:
    query = read("WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c, t")
    assert query.ctes[0].recursive
    main = query.main
    assert main is not None
    assert [(use.ref.name, use.cte) for use in main.tables] == [("c", True), ("t", False)]
    assert [(operation.operator, operation.all) for operation in query.set_operations] == [("UNION", True)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM t UNION SELECT b FROM u ORDER BY a LIMIT 3",
        "(SELECT a FROM t) UNION (SELECT b FROM u) ORDER BY a LIMIT 3",
    ],
)
def test_what_ends_a_union_belongs_to_the_whole(sql: str) -> None:
    query = read(sql)
    assert [(found.place, found.depth, found.limit, len(found.order_by)) for found in query.selects] == [
        (Place.MAIN, 0, 3, 1),
        (Place.SET_OPERATION, 0, None, 0),
    ]


@pytest.mark.parametrize(
    ("tail", "limit", "offset"),
    [
        ("LIMIT 5", 5, None),
        ("LIMIT 5 OFFSET 7", 5, 7),
        ("LIMIT 7, 5", 5, 7),
        ("LIMIT ?", -1, None),
        ("LIMIT ? OFFSET ?", -1, -1),
        ("", None, None),
    ],
)
def test_limits(tail: str, limit: int | None, offset: int | None) -> None:
    main = select(f"SELECT a FROM t {tail}")
    assert (main.limit, main.offset) == (limit, offset)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a FROM t FOR UPDATE", "FOR UPDATE"),
        ("SELECT a FROM t WHERE x = 1 FOR SHARE NOWAIT", "FOR SHARE NOWAIT"),
        ("SELECT a FROM t LOCK IN SHARE MODE", "LOCK IN SHARE MODE"),
        ("SELECT a FROM t USE INDEX FOR JOIN (i)", ""),
    ],
)
def test_locking(sql: str, expected: str) -> None:
    assert select(sql).locking == expected


@pytest.mark.parametrize(
    ("inner", "expected"),
    [("o.uid = u.id", True), ("o.uid = 1", False), ("uid = 1", False), ("p.x = (SELECT u.id)", True)],
)
def test_correlation(inner: str, expected: bool) -> None:
    query = read(f"SELECT (SELECT MAX(x) FROM o, p WHERE {inner}) FROM u")
    assert query.selects[1].correlated is expected
    assert not query.selects[0].correlated


def test_windows_are_no_aggregates() -> None:
    assert not select("SELECT SUM(a) OVER (PARTITION BY b) FROM t").aggregates
    assert select("SELECT SUM(a) OVER w FROM t WINDOW w AS (ORDER BY b) ORDER BY 1").order_by[0].position == 1
    assert select("SELECT a FROM t GROUP BY b HAVING SUM(a) > 1").aggregates


# ---------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a = 1", Comparison(col("a"), "=", OperandKind.NUMBER, value="1")),
        ("1 < t.a", Comparison(col("t.a"), ">", OperandKind.NUMBER, value="1")),
        ("a = -5", Comparison(col("a"), "=", OperandKind.NUMBER, value="-5")),
        ("a <> 'x''y'", Comparison(col("a"), "<>", OperandKind.STRING, value="x'y", negated=True)),
        ("a = NULL", Comparison(col("a"), "=", OperandKind.NULL)),
        ("a IS NOT NULL", Comparison(col("a"), "IS", OperandKind.NULL, negated=True)),
        ("NOT a IS NULL", Comparison(col("a"), "IS", OperandKind.NULL, negated=True)),
        ("a = ?", Comparison(col("a"), "=", OperandKind.PARAMETER)),
        ("a = b", Comparison(col("a"), "=", OperandKind.COLUMN, other_column=col("b"))),
        ("a IN (1, 2, 3)", Comparison(col("a"), "IN", OperandKind.LIST, items=3)),
        ("a NOT IN (SELECT 1)", Comparison(col("a"), "IN", OperandKind.QUERY, negated=True)),
        ("a = ANY (SELECT 1)", Comparison(col("a"), "=", OperandKind.QUERY)),
        ("EXISTS (SELECT 1)", Comparison(None, "EXISTS", OperandKind.QUERY)),
        ("NOT EXISTS (SELECT 1)", Comparison(None, "EXISTS", OperandKind.QUERY, negated=True)),
        ("a LIKE '%x'", Comparison(col("a"), "LIKE", OperandKind.STRING, value="%x")),
        (
            "a NOT LIKE 'x|%' ESCAPE '|'",
            Comparison(col("a"), "LIKE", OperandKind.STRING, value="x|%", negated=True),
        ),
        ("a BETWEEN 1 AND 2", Comparison(col("a"), "BETWEEN", OperandKind.NUMBER, value="1")),
        ("LOWER(a) = 'x'", Comparison(col("a"), "=", OperandKind.STRING, "LOWER", value="x")),
        ("DATE(t.a) = CURDATE()", Comparison(col("t.a"), "=", OperandKind.EXPRESSION, "DATE")),
        ("CAST(a AS CHAR) = 'x'", Comparison(col("a"), "=", OperandKind.STRING, "CAST", value="x")),
        ("a + 1 > 5", Comparison(col("a"), ">", OperandKind.NUMBER, "+", value="5")),
        ("(a) = (1)", Comparison(col("a"), "=", OperandKind.NUMBER, value="1")),
        ("a > NOW() - INTERVAL 1 DAY", Comparison(col("a"), ">", OperandKind.EXPRESSION)),
        ("a > DATE '2020-01-01'", Comparison(col("a"), ">", OperandKind.STRING, value="2020-01-01")),
        ("a = CASE WHEN b = 1 OR c = 2 THEN 1 END", Comparison(col("a"), "=", OperandKind.EXPRESSION)),
    ],
)
def test_comparisons(condition: str, expected: Comparison) -> None:
    found = compare(condition)
    assert (found.column, found.operator, found.other, found.function) == (
        expected.column,
        expected.operator,
        expected.other,
        expected.function,
    )
    assert (found.other_column, found.value, found.items) == (
        expected.other_column,
        expected.value,
        expected.items,
    )
    assert (found.negated, found.alternative) == (expected.negated, False)
    assert found.select == 0


def test_branches_of_an_or() -> None:
    query = read("SELECT 1 FROM t WHERE a = 1 AND (b = 2 OR (c = 3 AND d BETWEEN 4 AND 5)) AND e = 6")
    assert [(found.column.name, found.alternative) for found in query.comparisons if found.column] == [
        ("a", False),
        ("b", True),
        ("c", True),
        ("d", True),
        ("e", False),
    ]


def test_pipes() -> None:
    assert read("SELECT 1 FROM t WHERE a = 1 || b = 2").comparisons[1].alternative
    assert len(read("SELECT 1 FROM t WHERE a || b = 'x'", "sqlite").comparisons) == 1


@pytest.mark.parametrize("condition", ["a ISNULL", "a IS NULL"])
def test_null_of_sqlite(condition: str) -> None:
    found = compare(condition, "sqlite")
    assert (found.operator, found.other, found.negated) == ("IS", OperandKind.NULL, False)


@pytest.mark.parametrize("condition", ["a NOTNULL", "a NOT NULL"])
def test_not_null_of_sqlite(condition: str) -> None:
    found = compare(condition, "sqlite")
    assert (found.operator, found.other, found.negated) == ("IS", OperandKind.NULL, True)


def test_comparisons_say_whose_they_are() -> None:
    query = read("UPDATE t SET a = 1 WHERE b = 2 AND c IN (SELECT d FROM u WHERE e = 3)")
    assert {found.column.name: found.select for found in query.comparisons if found.column} == {
        "b": -1,
        "c": -1,
        "e": 0,
    }


# ---------------------------------------------------------------- INSERT


def test_insert_with_rows() -> None:
    query = read("INSERT INTO db.t (a, `b`) VALUES (1, 'x'), (-2, NOW()), (3, (SELECT 4))")
    assert [(ref.database, ref.name) for ref in query.targets] == [("db", "t")]
    assert query.columns == ("a", "b")
    assert (query.rows, query.row_lengths) == (3, (2,))
    assert [[(value.kind, value.text) for value in row] for row in query.values] == [
        [(OperandKind.NUMBER, "1"), (OperandKind.STRING, "x")],
        [(OperandKind.NUMBER, "-2"), (OperandKind.EXPRESSION, "")],
        [(OperandKind.NUMBER, "3"), (OperandKind.QUERY, "")],
    ]
    assert [found.place for found in query.selects] == [Place.VALUES]
    assert query.functions == ("NOW",)


def test_rows_of_different_lengths() -> None:
    assert read("INSERT INTO t VALUES (1, 2), (3), ()").row_lengths == (2, 1, 0)


def test_insert_with_assignments() -> None:
    query = read("INSERT INTO t SET a = 1, b = 'x' ON DUPLICATE KEY UPDATE b = VALUES(b), c = c")
    assert query.columns == ("a", "b")
    assert query.rows == 1
    assert query.upsert == "UPDATE"
    assert [(found.column.name, found.upsert, found.other) for found in query.assignments] == [
        ("b", True, None),
        ("c", True, col("c")),
    ]


@pytest.mark.parametrize(
    ("sql", "dialect", "verb", "ignore", "upsert"),
    [
        ("INSERT IGNORE INTO t VALUES (1)", "mysql", "INSERT", True, ""),
        ("REPLACE t VALUES (1)", "mysql", "REPLACE", False, ""),
        ("INSERT OR IGNORE INTO t VALUES (1)", "sqlite", "INSERT", True, ""),
        ("INSERT OR REPLACE INTO t VALUES (1)", "sqlite", "REPLACE", False, ""),
        ("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", "sqlite", "INSERT", True, "NOTHING"),
        ("INSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING", "sqlite", "INSERT", False, "NOTHING"),
        ("INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = excluded.b WHERE c", "sqlite", "INSERT", False, "UPDATE"),
        ("INSERT INTO t DEFAULT VALUES RETURNING id", "sqlite", "INSERT", False, ""),
    ],
)  # fmt: skip
def test_kinds_of_insert(sql: str, dialect: str, verb: str, ignore: bool, upsert: str) -> None:
    query = read(sql, dialect)
    assert (query.verb, query.ignore, query.upsert, query.rows) == (verb, ignore, upsert, 1)
    assert query.returning is ("RETURNING" in sql)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t (a) SELECT b FROM u WHERE c = 1",
        "INSERT INTO t (a) (SELECT b FROM u WHERE c = 1)",
        "INSERT INTO t (a) WITH v AS (SELECT 2) SELECT b FROM u WHERE c = 1 ON DUPLICATE KEY UPDATE a = 1",
    ],
)
def test_insert_from_a_query(sql: str) -> None:
    query = read(sql)
    main = query.main
    assert main is not None
    assert main.place is Place.INSERT
    assert main.tables[0].ref.name == "u"
    assert query.rows is None
    assert query.columns == ("a",)


def test_rows_that_were_passed_over_are_counted() -> None:
    script = "INSERT INTO t (a, b) VALUES " + ", ".join(
        f"({number}, 'it''s (x), ')" for number in range(2500)
    )
    tokens = lexers()["mysql"].significant(script)
    first = next(place for place, token in enumerate(tokens) if token.key == "VALUES") + 1
    last = max(place for place, token in enumerate(tokens) if token.key == "(")
    shortened = tokens[:first] + tokens[last:]
    found = read_query(shortened, MYSQL, script)
    assert found is not None
    assert (found.rows, found.row_lengths) == (2500, (2,))
    sparse = read_query(shortened, SQLITE, script)
    assert sparse is not None
    assert sparse.rows == 2500


# ---------------------------------------------------------------- UPDATE and DELETE


def test_update() -> None:
    query = read("UPDATE IGNORE t SET a = 'x', b = b, c = b + 1 WHERE id = 1 ORDER BY id LIMIT 2")
    assert [ref.name for ref in query.targets] == ["t"]
    assert [(found.column.name, found.value, found.literal, found.other) for found in query.assignments] == [
        ("a", OperandKind.STRING, "x", None),
        ("b", OperandKind.COLUMN, "", col("b")),
        ("c", OperandKind.EXPRESSION, "", None),
    ]
    assert (query.where, query.limit, len(query.order_by), query.ignore) == (True, 2, 1, True)


@pytest.mark.parametrize(
    ("sql", "dialect", "targets", "uses"),
    [
        ("UPDATE t a JOIN u b ON a.i = b.i SET a.x = b.y", "mysql", ["t"], ["t", "u"]),
        ("UPDATE t, u SET t.x = 1, u.y = 2 WHERE t.i = u.i", "mysql", ["t", "u"], ["t", "u"]),
        ("UPDATE t, u SET x = 1", "mysql", ["t", "u"], ["t", "u"]),
        ("UPDATE t SET x = u.y FROM u WHERE t.i = u.i", "sqlite", ["t"], ["t", "u"]),
        ("DELETE FROM t AS a WHERE a.x = 1", "mysql", ["t"], ["t"]),
        ("DELETE a, b FROM t a, u b WHERE a.x = b.x", "mysql", ["t", "u"], ["t", "u"]),
        ("DELETE t.* FROM t JOIN u ON t.i = u.i", "mysql", ["t"], ["t", "u"]),
        ("DELETE FROM a USING t a JOIN u USING (i)", "mysql", ["t"], ["t", "u"]),
    ],
)
def test_tables_written(sql: str, dialect: str, targets: list[str], uses: list[str]) -> None:
    query = read(sql, dialect)
    assert [ref.name for ref in query.targets] == targets
    assert [use.ref.name for use in query.target_uses] == uses


def test_assignment_of_rows() -> None:
    query = read("UPDATE t SET (a, b) = (SELECT 1, 2), c = 3", "sqlite")
    assert query.assignments[0] == Assignment(col("a"), OperandKind.QUERY, at=query.assignments[0].at)
    assert [found.column.name for found in query.assignments] == ["a", "b", "c"]


def test_with_before_a_change() -> None:
    query = read("WITH c AS (SELECT 1) DELETE FROM t WHERE a IN (SELECT * FROM c)")
    assert query.verb == "DELETE"
    assert [(found.place, found.depth) for found in query.selects] == [(Place.CTE, 1), (Place.WHERE, 1)]


# ---------------------------------------------------------------- bounds


@pytest.mark.parametrize("depth", [20, 300])
def test_nesting_is_bounded(depth: int) -> None:
    sql = "SELECT 1 FROM t WHERE a IN (" * depth + "SELECT 1" + ")" * depth
    found = read_query(lexers()["mysql"].significant(sql), MYSQL, sql)
    assert (found is None) is (depth > 60)


@pytest.mark.parametrize("opener", ["(", "a = (", "(a OR ", "(SELECT ", "FROM (", "f((", "JOIN (", "a IN ("])
@pytest.mark.parametrize(
    "start", ["SELECT ", "SELECT a FROM t WHERE ", "UPDATE t SET a = ", "DELETE FROM t WHERE "]
)
def test_deep_nonsense_is_read_quickly(start: str, opener: str) -> None:
    sql = start + opener * 3000 + " x" + ")" * 3000
    for dialect, grammar in GRAMMARS.items():
        read_query(lexers()[dialect].significant(sql), grammar, sql)


@pytest.mark.parametrize("dialect", ["mysql", "sqlite"])
def test_ordinary_statements_are_read(dialect: str) -> None:
    tokens = lexers()[dialect].significant(ordinary(dialect))
    begin = 0
    read_ones = 0
    for place, token in enumerate(tokens):
        if token.key == ";":
            statement = tokens[begin:place]
            begin = place + 1
            if statement and statement[0].key in ("SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"):
                assert read_query(statement, GRAMMARS[dialect], ordinary(dialect)) is not None
                read_ones += 1
    assert read_ones > 20


WORDS = sorted(
    words(
        """
        SELECT FROM WHERE GROUP BY ORDER LIMIT OFFSET HAVING JOIN LEFT NATURAL ON USING UNION ALL WITH RECURSIVE AS
        INSERT INTO VALUES UPDATE SET DELETE REPLACE IGNORE DUPLICATE KEY CONFLICT DO NOTHING OR AND NOT IN LIKE IS
        NULL BETWEEN CASE WHEN THEN END EXISTS TABLE ROW DISTINCT COUNT NOW INTERVAL DAY FOR WINDOW FETCH INDEX
        PARTITION LATERAL DEFAULT RETURNING ( ) , . * = < || ! - 1 2.5 'x' ? @v a b t `q` "r" [s] ;
        """
    )
)


@given(
    st.lists(st.sampled_from(WORDS), max_size=60),
    st.sampled_from(["", "SELECT ", "INSERT INTO t ", "UPDATE t SET ", "DELETE FROM "]),
)
def test_it_never_raises(soup: list[str], start: str) -> None:
    sql = start + " ".join(soup)
    for dialect, grammar in GRAMMARS.items():
        read_query(lexers()[dialect].significant(sql), grammar, sql)
