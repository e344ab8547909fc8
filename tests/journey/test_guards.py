"""What would go wrong quietly: other tables than were meant, our own markers, engines without rollback."""

from __future__ import annotations

import pytest

from tests.journey.installation import Company
from tests.journey.target import ROWS, Target


def carry(company: Company, number: str) -> None:
    company.developer.wait(number, "awaiting_approval")
    company.sandbox.decide(company.developer.instance(number))
    company.developer.wait(number, "approved")
    company.dba.post(f"/tickets/{number}/confirm")


def test_names_mean_the_targets_schema(company: Company, postgres_target: Target) -> None:
    """The same table stands in two schemas; the ticket names one of them as its target."""
    postgres_target.run("CREATE SCHEMA app")
    postgres_target.run("CREATE TABLE app.orders AS SELECT * FROM orders")
    postgres_target.run("ALTER TABLE app.orders ADD PRIMARY KEY (id)")
    body = {
        "kind": "data_change",
        "title": "only in app",
        "targets": [{"datasource_id": postgres_target.datasource["id"], "schema": "app"}],
        "sql": "UPDATE orders SET total = 0 WHERE id = 1",
    }
    number = company.developer.post("/tickets", body)["number"]
    carry(company, number)
    company.developer.wait(number, "succeeded")
    assert postgres_target.rows() == ROWS
    assert postgres_target.run("SELECT total FROM app.orders WHERE id = 1") == [(0,)]
    undo = company.developer.post(f"/tickets/{number}/undo")["tickets"][0]["number"]
    carry(company, undo)
    company.developer.wait(undo, "succeeded")
    assert postgres_target.run("SELECT total FROM app.orders WHERE id = 1") == [(10,)]


def test_a_schema_that_is_not_there(company: Company, postgres_target: Target) -> None:
    body = {
        "kind": "data_change",
        "title": "nowhere",
        "targets": [{"datasource_id": postgres_target.datasource["id"], "schema": "nowhere"}],
        "sql": "UPDATE orders SET total = 0 WHERE id = 1",
    }
    number = company.developer.post("/tickets", body)["number"]
    ticket = company.developer.wait(number, "review_failed")
    assert ticket["reason"]["code"] == "target_connect_failed"


@pytest.mark.parametrize(
    "sql", ["DELETE FROM sluicegate.sluicegate_marker", "DROP SCHEMA sluicegate CASCADE"], ids=["rows", "all"]
)
def test_markers_are_nobodys_to_change(company: Company, postgres_target: Target, sql: str) -> None:
    kind = "schema_change" if sql.startswith("DROP") else "data_change"
    number = company.developer.submit(postgres_target.datasource, sql, kind)
    company.developer.wait(number, "review_failed")
    findings = company.developer.statements(number)[0]["findings"]
    assert any(finding["severity"] == "block" for finding in findings)


def test_an_engine_without_transactions_is_told_and_not_proved(
    company: Company, mariadb_target: Target
) -> None:
    mariadb_target.run("CREATE TABLE notes (id INT PRIMARY KEY, text VARCHAR(20)) ENGINE=MyISAM")
    mariadb_target.run("INSERT INTO notes VALUES (2, 'there')")
    number = company.developer.submit(
        mariadb_target.datasource, "INSERT INTO notes VALUES (1, 'new'), (2, 'double')"
    )
    company.developer.wait(number, "awaiting_approval")
    found = {finding["code"] for finding in company.developer.statements(number)[0]["findings"]}
    assert "NON_TX" in found
    carry(company, number)
    company.developer.wait(number, "needs_attention")
    assert mariadb_target.run("SELECT COUNT(*) FROM notes") == ((2,),), "the first row stayed"
    assert company.developer.statements(number)[0]["outcome"] == "unknown"
