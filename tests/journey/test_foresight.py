"""What the approver is told before anything runs: impact, what a change reaches, how many rows of how many."""

from __future__ import annotations

import pytest

from tests.journey.installation import Company, Json
from tests.journey.target import MariadbTarget, PostgresTarget, Target

LOG = "CREATE TABLE log (note VARCHAR(40))"
TRIGGERS = {
    "mariadb": (
        LOG,
        "CREATE TRIGGER noted AFTER UPDATE ON orders FOR EACH ROW INSERT INTO log VALUES (NEW.name)",
        "ANALYZE TABLE orders",
    ),
    "postgresql": (
        LOG,
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS "  # noqa: ISC003
        + "$$ BEGIN INSERT INTO log VALUES (NEW.name); RETURN NEW; END $$",
        "CREATE TRIGGER noted AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION note()",
        "ANALYZE orders",
    ),
}
WIDER = {
    "mariadb": "ALTER TABLE orders MODIFY total BIGINT NOT NULL",
    "postgresql": "ALTER TABLE orders ALTER COLUMN total TYPE bigint",
}
WORDS = {"mariadb": ("COPY", "LOCK=SHARED", "writes"), "postgresql": ("", "ACCESS EXCLUSIVE", "everything")}


@pytest.fixture(params=["mariadb", "postgresql"])
def target(request: pytest.FixtureRequest, company: Company) -> Target:
    kind = MariadbTarget if request.param == "mariadb" else PostgresTarget
    endpoint = request.getfixturevalue(
        "mariadb_endpoint" if request.param == "mariadb" else "postgres_endpoint"
    )
    made = kind(company, endpoint)
    for statement in TRIGGERS[made.dialect]:
        made.run(statement)
    return made


def awaiting(company: Company, target: Target, sql: str, kind: str) -> str:
    number = company.developer.submit(target.datasource, sql, kind)
    company.developer.wait(number, "awaiting_approval")
    return number


def reviewed(company: Company, number: str) -> tuple[Json, list[Json]]:
    """(the review of the only target, its statements)."""
    return company.developer.ticket(number)["targets"][0]["review"], company.developer.statements(number)


def test_a_definition(company: Company, target: Target) -> None:
    _, (statement,) = reviewed(company, awaiting(company, target, WIDER[target.dialect], "schema_change"))
    impact = statement["impact"]
    algorithm, lock, blocks = WORDS[target.dialect]
    assert (impact["work"], impact["blocks"]) == ("rewrite", blocks)
    assert (impact["algorithm"], impact["lock"], impact["table"]) == (algorithm, lock, "orders")
    assert impact["rows"] == 4
    assert "writes the whole table orders" in impact["text"]


def test_a_change(company: Company, target: Target) -> None:
    sql = "UPDATE orders SET total = 1 WHERE id = 2;\nUPDATE orders SET total = 2 WHERE id = 3"
    number = awaiting(company, target, sql, "data_change")
    review, (first, second) = reviewed(company, number)
    assert (first["estimated_rows"], first["table_rows"], first["share"]) == (1, 4, 25.0)
    assert (first["estimate_reason"], first["impact"]) == ("", None)
    assert "INDIRECT" in {finding["code"] for finding in first["findings"]}
    assert "statement 1" in second["estimate_reason"]
    assert (review["estimated_rows"], review["worst_rows"], review["worst_share"]) == (2, 1, 25.0)
    form = company.sandbox.form(company.developer.instance(number))
    assert form["预计影响行数"] == "2；占表比例最大：第 1 条语句，1 行，25%"
    assert target.run("SELECT count(*) FROM log")[0][0] == 0


FILLED = {
    "mariadb": (
        "CREATE TABLE big (id INT PRIMARY KEY, name VARCHAR(20))",
        "INSERT INTO big SELECT seq, concat('n', seq) FROM seq_1_to_150000",
        "ANALYZE TABLE big",
    ),
    "postgresql": (
        "CREATE TABLE big (id int PRIMARY KEY, name varchar(20))",
        "INSERT INTO big SELECT g, 'n' || g FROM generate_series(1, 150000) AS g",
        "ANALYZE big",
    ),
}


def test_what_the_plan_shows(company: Company, target: Target) -> None:
    for statement in FILLED[target.dialect]:
        target.run(statement)
    sql = "UPDATE big SET name = 'x' WHERE name = 'n7';\nUPDATE big SET name = 'y' WHERE id = 8"
    _, (scans, by_key) = reviewed(company, awaiting(company, target, sql, "data_change"))
    (found,) = (finding for finding in scans["findings"] if finding["code"] == "FULL_SCAN")
    assert (scans["verdict"], found["severity"]) == ("flag", "warning")
    assert "big" in found["message"]
    assert "FULL_SCAN" not in {finding["code"] for finding in by_key["findings"]}
