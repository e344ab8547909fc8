"""Plans and counts are asked as an account that may only read, where the data source has one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from sluicegate.dialects.base import Endpoint
from tests.journey.acting import approved, executed
from tests.journey.installation import Company, Json
from tests.journey.target import ROWS, MariadbTarget, PostgresTarget, Target

KINDS = {"mariadb": MariadbTarget, "postgresql": PostgresTarget}
JOINED = {
    "mariadb": "UPDATE orders JOIN small ON small.id = orders.id SET orders.total = 1",
    "postgresql": "WITH w AS (SELECT id FROM small) UPDATE orders SET total = 1 FROM w WHERE w.id = orders.id",
}


class Account:
    """An account of the test's own on the target's server, which may read what it is allowed to."""

    def __init__(self, target: Target, database: str) -> None:
        self._target, self._database = target, database
        self.name, self.password = f"reviewer_{secrets.token_hex(4)}", secrets.token_hex(12)
        self._mariadb = target.dialect == "mariadb"
        self._user = f"'{self.name}'@'%'" if self._mariadb else self.name
        by = "IDENTIFIED BY" if self._mariadb else "PASSWORD"
        target.run(f"CREATE USER {self._user} {by} '{self.password}'")
        if self._mariadb:
            target.run(f"GRANT SHOW VIEW ON `{database}`.* TO {self._user}")

    def allow(self, table: str) -> None:
        self._target.run(f"GRANT SELECT ON {self._place(table)} TO {self._user}")

    def refuse(self, table: str) -> None:
        self._target.run(f"REVOKE SELECT ON {self._place(table)} FROM {self._user}")

    def drop(self) -> None:
        if not self._mariadb:
            self._target.run(f"DROP OWNED BY {self._user}")
        self._target.run(f"DROP USER {self._user}")

    def _place(self, table: str) -> str:
        return f"`{self._database}`.{table}" if self._mariadb else table


@pytest.fixture(params=["mariadb", "postgresql"])
def served(request: pytest.FixtureRequest) -> tuple[str, Endpoint]:
    dialect = str(request.param)
    return dialect, request.getfixturevalue(f"{dialect.removesuffix('ql')}_endpoint")


@pytest.fixture
def target(company: Company, served: tuple[str, Endpoint]) -> Target:
    dialect, endpoint = served
    made = KINDS[dialect](company, endpoint, environment="dev")
    made.run("CREATE TABLE small (id INT PRIMARY KEY)")
    made.run("INSERT INTO small VALUES (1), (2)")
    for table in ("orders", "small"):
        made.run(f"ANALYZE {'TABLE ' if dialect == 'mariadb' else ''}{table}")
    return made


@pytest.fixture
def account(company: Company, target: Target, served: tuple[str, Endpoint]) -> Iterator[Account]:
    """The data source's review account, which may read orders and small."""
    made = Account(target, served[1].database)
    for table in ("orders", "small"):
        made.allow(table)
    answer = changed(company, target, review_user=made.name, review_password=made.password)
    assert (answer["review_user"], answer["has_review_password"]) == (made.name, True)
    assert made.password not in str(answer)
    yield made
    made.drop()


def changed(company: Company, target: Target, **fields: object) -> Json:
    path = f"/datasources/{target.datasource['id']}"
    return company.admin.patch(path, fields)  # type: ignore[no-any-return]


def estimated(company: Company, target: Target, sql: str, **more: Any) -> list[Json]:
    number = company.developer.submit(target.datasource, sql, **more)
    company.developer.wait(number, "awaiting_approval")
    return company.developer.statements(number)


def test_reading_is_enough(company: Company, target: Target, account: Account) -> None:
    tested = company.admin.post(f"/datasources/{target.datasource['id']}/test")
    assert tested["review_account"] is True
    by_key, copied, joined = estimated(
        company,
        target,
        "UPDATE orders SET total = 1 WHERE id = 2;\n"
        f"INSERT INTO small (id) SELECT id + 10 FROM orders WHERE id = 1;\n{JOINED[target.dialect]}",
    )
    assert by_key["estimated_rows"] == copied["estimated_rows"] == 1
    assert joined["estimated_rows"] >= 1
    (counted,) = estimated(company, target, "DELETE FROM orders WHERE total > 15", count_exactly=True)
    assert (counted["estimated_rows"], counted["estimate_exact"]) == (3, True)
    # What it may not read isn't asked as anybody else.
    account.refuse("orders")
    (unknown,) = estimated(company, target, "UPDATE orders SET total = 1 WHERE id = 2")
    assert unknown["estimated_rows"] is None
    assert "account" in unknown["estimate_reason"]
    assert target.rows() == ROWS


def test_executions_keep_the_other_account(company: Company, target: Target, account: Account) -> None:
    number = approved(company, target, "UPDATE orders SET total = 99 WHERE id = 1")
    executed(company, number)
    assert target.rows()[0] == (1, "ann", 99)
    assert account.name


def test_an_account_that_fails(company: Company, target: Target, account: Account) -> None:
    changed(company, target, review_password="not the password")
    path = f"/datasources/{target.datasource['id']}/test"
    assert company.admin.refused("POST", path) == (503, "review_account_refused")
    (unknown,) = estimated(company, target, "UPDATE orders SET total = 1 WHERE id = 2")
    assert unknown["estimated_rows"] is None
    assert "review account can't be used" in unknown["estimate_reason"]
    answer = changed(company, target, review_user="")
    assert (answer["review_user"], answer["has_review_password"]) == ("", False)
    (known,) = estimated(company, target, "UPDATE orders SET total = 1 WHERE id = 2")
    assert known["estimated_rows"] == 1
    assert account.name


def test_a_name_means_the_same_for_both(company: Company, postgres_endpoint: Endpoint) -> None:
    """A table of the same name in a schema that only one of the accounts looks in."""
    target = PostgresTarget(company, postgres_endpoint, environment="dev")
    account = Account(target, postgres_endpoint.database)
    account.allow("orders")
    database = f'"{postgres_endpoint.database}"'
    target.run("CREATE SCHEMA mine; CREATE TABLE mine.orders (id int PRIMARY KEY, total int)")
    target.run(f"ALTER DATABASE {database} SET search_path = mine, public")
    changed(company, target, review_user=account.name, review_password=account.password)
    (unknown,) = estimated(company, target, "UPDATE orders SET total = 1")
    assert unknown["estimated_rows"] is None
    assert "review account can't be used" in unknown["estimate_reason"]
    target.run(f"GRANT USAGE ON SCHEMA mine TO {account.name}; GRANT SELECT ON mine.orders TO {account.name}")
    target.run("INSERT INTO mine.orders SELECT n, n FROM generate_series(1, 500) n; ANALYZE mine.orders")
    target.run(f"ALTER ROLE {account.name} IN DATABASE {database} SET search_path = public")
    (known,) = estimated(company, target, "UPDATE orders SET total = 1")
    assert known["estimated_rows"] == 500
    account.drop()


def test_what_an_account_may_be(company: Company, target: Target) -> None:
    path = f"/datasources/{target.datasource['id']}"
    same = {"review_user": target.datasource["user"]}
    assert company.admin.refused("PATCH", path, same) == (422, "review_account_same")
    one = {"review_user": "reader", "max_sessions": 1}
    assert company.admin.refused("PATCH", path, one) == (422, "review_account_sessions")
    changed(company, target, review_user="reader", review_password="secret of its own")
    moved = {"port": 1, "password": "the executing account's"}
    assert company.admin.refused("PATCH", path, moved) == (422, "datasource_secret_needed")
