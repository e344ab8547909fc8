"""Rules that policies write themselves."""

from __future__ import annotations

import pytest

from sluicegate.core.errors import InvalidInput
from sluicegate.sql.expressions import SHAPES, VARIABLES
from sluicegate.sql.findings import say
from sluicegate.sql.model import AnalysisContext, Finding, TicketKind, Verdict
from sluicegate.sql.policy import Policy, combined, from_json
from tests.sql.corpora import analyse


def own(when: str, level: str = "error", code: str = "MINE", **more: object) -> Policy:
    item = {"code": code, "level": level, "message": {"zh": "不行", "en": "not so"}, "when": when}
    return from_json({"name": "p", "expressions": [item], **more}, "f")


def found(when: str, sql: str, dialect: str = "mysql", **context: object) -> list[Finding]:
    rules = own(when).ruleset()
    statements = analyse(dialect, sql, AnalysisContext(rules=rules, dialect=dialect, **context))  # type: ignore[arg-type]
    return [item for statement in statements for item in statement.findings if item.code == "MINE"]


CREATE = (
    "CREATE TABLE tmp_a (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(30) DEFAULT 'x' COMMENT 'c')"
)
HOLDS = [
    (
        'statement.operation == "CREATE TABLE" && statement.tables.exists(t, t.name.startsWith("tmp_"))',
        CREATE,
    ),
    ('statement.table == "tmp_a" && statement.has_primary_key', CREATE),
    ('statement.columns.exists(c, c.base_type == "VARCHAR" && c.length < 40 && c.comment == "c")', CREATE),
    ("statement.columns.all(c, c.unsigned || c.has_default)", CREATE),
    ("statement.columns.exists_one(c, c.nullable)", CREATE),
    ('statement.indexes.exists(i, i.kind == "primary" && i.columns == ["id"])', CREATE),
    ('statement.actions == ["AddColumn"]', "ALTER TABLE t ADD COLUMN a INT"),
    ('statement.writes.map(t, t.name) == ["t"]', "UPDATE t SET a = 1 WHERE id = 1"),
    ('statement.query.assigned == ["a"] && statement.query.where', "UPDATE t SET a = 1 WHERE id = 1"),
    ("statement.query.rows > 2 && !statement.query.has_columns", "INSERT INTO t VALUES (1), (2), (3)"),
    ('statement.query.columns.exists(c, c == "b")', "INSERT INTO t (a, b) VALUES (1, 2)"),
    (
        "statement.query.star && statement.query.has_limit && statement.query.limit > 10",
        "SELECT * FROM t LIMIT 11",
    ),
    ('statement.text.lowerAscii().contains("drop")', "DROP TABLE t"),
    ('statement.text.matches("^DROP\\\\s")', "DROP TABLE t"),
    ('statement.kind == "ddl" && !statement.read_in_full || statement.read_in_full', "DROP TABLE t"),
    ('target.dialect == "mysql" && target.family == "mysql"', "SELECT 1"),
]


@pytest.mark.parametrize(("when", "sql"), HOLDS, ids=range(len(HOLDS)))
def test_what_it_sees(when: str, sql: str) -> None:
    [finding] = found(when, sql)
    assert say(finding, "zh") == "不行"
    assert say(finding, "en") == "not so"
    assert finding.params["policy"] == "p"
    assert found(f"!({when})", sql) == []


def test_the_context() -> None:
    kind = TicketKind.DATA_CHANGE
    assert found(
        'ticket.kind == "data_change" && target.database == "shop"',
        "SELECT 1",
        database="shop",
        ticket_kind=kind,
    )
    assert found('ticket.kind == "" && target.schema == ""', "SELECT 1", dialect="postgresql")


@pytest.mark.parametrize("dialect", ["mysql", "mariadb", "postgresql", "sqlite"])
def test_on_every_dialect(dialect: str) -> None:
    assert found('statement.operation == "UPDATE"', "UPDATE t SET a = 1 WHERE id = 1", dialect)
    assert found(f'target.dialect == "{dialect}"', "SELECT 1", dialect)


@pytest.mark.parametrize("level", ["info", "warning", "error", "block"])
def test_levels(level: str) -> None:
    rules = own("true", level).ruleset()
    [statement] = analyse("mysql", "SELECT 1", AnalysisContext(rules=rules))
    [finding] = [item for item in statement.findings if item.code == "MINE"]
    assert finding.severity.code == level
    assert (statement.verdict is Verdict.DENY) == (level == "block")
    assert finding.waivable == (level == "block")


def test_off_and_tables() -> None:
    sql = "UPDATE a SET x = 1 WHERE id = 1;\nUPDATE b SET x = 1 WHERE id = 1"
    for policy, expected in ((own("true", "off"), []), (own("true", tables=["b"]), [2])):
        statements = analyse("mysql", sql, AnalysisContext(rules=policy.ruleset()))
        marked = [item.ordinal for item in statements for one in item.findings if one.code == "MINE"]
        assert marked == expected


def test_policies_with_the_same_code_both_speak() -> None:
    one = own('statement.operation == "DROP TABLE"')
    other = from_json({**own('statement.kind == "ddl"').to_json(), "name": "q"}, "f")
    rules = combined([one, other])
    dropped, created = analyse(
        "mysql", "DROP TABLE a;\nCREATE TABLE b (id INT)", AnalysisContext(rules=rules)
    )
    assert [item.params["policy"] for item in dropped.findings if item.code == "MINE"] == ["p", "q"]
    assert [item.params["policy"] for item in created.findings if item.code == "MINE"] == ["q"]


# ---------------------------------------------------------------- statements alike


def test_statements_that_differ_in_literals_only() -> None:
    sql = "UPDATE t SET a = 1 WHERE b = 'plain';\nUPDATE t SET a = 1 WHERE b = 'drop it'"
    assert [item.line for item in found("statement.text.contains('drop')", sql)] == [2]
    sql = "SELECT * FROM t LIMIT 5;\nSELECT * FROM t LIMIT 5000"
    assert [item.line for item in found("statement.query.limit > 100", sql)] == [2]


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("when", "line", "column"),
    [
        ("statement.kind ==", 1, 18),
        ("true &&\n  statement.nope", 2, 12),
        ("statement.tables.exists(t, t.nme == 'x')", 1, 29),
        ("statement.table == 1", 1, 17),
        ("nope(1)", 1, 5),
        ("__import__('os').system('true')", 1, 11),
        ("open('/etc/passwd') == ''", 1, 5),
    ],
)
def test_the_place_of_a_mistake(when: str, line: int, column: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        own(when)
    assert refusal.value.code == "expression_invalid"
    assert (refusal.value.params["line"], refusal.value.params["column"]) == (line, column)
    assert "sluicegate." not in str(refusal.value.params["problem"])


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("1 + 1", "expression_not_boolean"),
        ("statement.table", "expression_not_boolean"),
        ("true || " * 1000 + "true", "expression_too_long"),
        ("(" * 900 + "true" + ")" * 900, "expression_invalid"),
    ],
    ids=["number", "text", "long", "deep"],
)
def test_refused(when: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        own(when)
    assert refusal.value.code == code


def test_codes() -> None:
    for code, reason in (("NO_WHERE", "expression_code_taken"), ("lower", "policy_value_invalid")):
        with pytest.raises(InvalidInput) as refusal:
            own("true", code=code)
        assert refusal.value.code == reason


@pytest.mark.parametrize(
    "when",
    [
        "1 / statement.tables.size() > 0",
        'statement.tables[3].name == "x"',
        "statement.text.matches('(')",
        (
            "[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c,"
            " [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, a + b + c + d + e > 0)))))"
        ),
    ],
    ids=["zero", "index", "pattern", "endless"],
)
def test_what_cant_be_worked_out_is_a_finding(when: str) -> None:
    [finding] = found(when, "SELECT 1")
    assert finding.severity.code == "error"
    assert "can't be worked out" in say(finding, "en")
    assert "无法" in say(finding, "zh")


def test_any_text_is_seen() -> None:
    """Text that never was UTF-8, and characters that can't be seen."""
    assert found("size(statement.text) > 0", "UPDATE t SET a = '\udcff\x00' WHERE id = 1")


def test_variables_are_shapes() -> None:
    assert set(VARIABLES.values()) <= set(SHAPES)
    known = {"string", "bool", "int", *SHAPES}
    assert {kind.strip("[]") for fields in SHAPES.values() for kind, _ in fields.values()} <= known
