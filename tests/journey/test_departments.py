"""The department that an approval is started from: the ticket's, the submitter's default, or their first one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journey.installation import Api, Company, until
from tests.journey.target import SqliteTarget, Target

RESEARCH, QUALITY = 100200301, 100200303
SQL = "UPDATE orders SET total = 0 WHERE id = 1"


@pytest.fixture
def shop(company: Company) -> Target:
    return SqliteTarget(company)


@pytest.fixture
def several(company: Company) -> Iterator[Api]:
    """The developer is in two departments and in the root."""
    person = company.sandbox.user("张三")
    body = {"userid": person["userid"], "dept_id_list": [RESEARCH, QUALITY, 1]}
    company.sandbox.control("POST", "/users", body)
    company.admin.post("/dingtalk/directory/sync")
    yield company.developer
    company.sandbox.control("POST", "/users", {**body, "dept_id_list": person["dept_id_list"]})
    company.admin.post("/dingtalk/directory/sync")


def department(company: Company, number: str) -> str:
    return str(company.sandbox.instance(company.developer.instance(number))["originatorDeptId"])


def test_chosen_default_and_first(company: Company, several: Api, shop: Target) -> None:
    found = several.get("/dingtalk/departments")
    assert [(one["department_id"], one["default"]) for one in found] == [
        (RESEARCH, True),
        (QUALITY, False),
        (1, False),
    ]
    assert department(company, several.submit(shop.datasource, SQL)) == str(RESEARCH)
    assert department(company, several.submit(shop.datasource, SQL, dept_id=QUALITY)) == str(QUALITY)
    assert department(company, several.submit(shop.datasource, SQL, dept_id=-1)) == "-1"
    several.put("/dingtalk/departments", {"department_id": -1})
    assert department(company, several.submit(shop.datasource, SQL)) == "-1"


def test_one_that_isnt_theirs(company: Company, several: Api, shop: Target) -> None:
    number = several.submit(shop.datasource, SQL, dept_id=100200302)

    def problem() -> str:
        approval = several.ticket(number)["approval"]
        return str(approval["problem"]["code"]) if approval and approval["problem"] else ""

    assert until(problem, "the ticket to say what is wrong") == "dingtalk_department_not_yours"
    assert company.sandbox.instances_of(number) == []
    assert several.refused(
        "POST",
        "/tickets",
        {
            "kind": "data_change",
            "title": "x",
            "sql": SQL,
            "targets": [{"datasource_id": shop.datasource["id"]}],
            "dept_id": -7,
        },
    ) == (422, "dept_id_invalid")
