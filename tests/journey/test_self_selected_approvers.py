"""发起人自选: the flow leaves approvers to the submitter, who chooses at submission or when told to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journey.installation import Company, until
from tests.journey.target import SqliteTarget, Target

SQL = "UPDATE orders SET total = 0 WHERE id = 1"
FORM = "CloudDM数据变更工单"
NODE = "负责人"


@pytest.fixture
def shop(company: Company) -> Target:
    return SqliteTarget(company)


@pytest.fixture
def choosing(company: Company) -> Iterator[Company]:
    """The form's flow has one node, whose approvers the originator names, out of two."""
    code = company.sandbox.process_code(FORM)
    people = [company.sandbox.user(name)["userid"] for name in ("李四", "王五")]
    before = next(
        template["flow"] for template in company.sandbox.state()["templates"] if template["name"] == FORM
    )
    node = {"name": NODE, "self_select": True, "selection_range": people, "mode": "AND"}
    company.sandbox.control("POST", f"/templates/{code}", {"flow": [node]})
    yield company
    company.sandbox.control("POST", f"/templates/{code}", {"flow": before})


def told(company: Company, number: str) -> str:
    """The code of what is wrong with the approval, once something is."""

    def problem() -> str:
        approval = company.developer.ticket(number)["approval"]
        return str(approval["problem"]["code"]) if approval and approval["problem"] else ""

    return str(until(problem, "the ticket to say what is wrong"))


def approved_by(company: Company, number: str, who: str) -> None:
    instance = company.developer.instance(number)
    company.sandbox.decide(instance, who=who)
    company.developer.wait(number, "approved")


def test_chosen_at_submission(choosing: Company, shop: Target) -> None:
    number = choosing.developer.submit(shop.datasource, SQL, approvers={NODE: ["王五"]})
    approved_by(choosing, number, "王五")
    assert choosing.sandbox.instances_of(number) == [choosing.developer.instance(number)]


def test_told_to_choose_and_chosen_later(choosing: Company, shop: Target) -> None:
    number = choosing.developer.submit(shop.datasource, SQL)
    assert told(choosing, number) == "approver_choice_needed"
    [choice] = choosing.developer.get(f"/tickets/{number}/approvers")
    assert (choice["node"], choice["required"]) == (NODE, True)
    assert {found["name"] for found in choice["candidates"]} == {"李四", "王五"}
    userid = choosing.sandbox.user("李四")["userid"]
    choosing.developer.put(f"/tickets/{number}/approvers", {"approvers": {NODE: [userid]}})
    approved_by(choosing, number, "李四")
    assert choosing.sandbox.instances_of(number) == [choosing.developer.instance(number)]


def test_somebody_outside_the_range(choosing: Company, shop: Target) -> None:
    number = choosing.developer.submit(shop.datasource, SQL, approvers={NODE: ["张三"]})
    assert told(choosing, number) == "approver_choice_invalid"
    assert choosing.sandbox.instances_of(number) == []
    choosing.developer.put(f"/tickets/{number}/approvers", {"approvers": {NODE: ["王五"]}})
    approved_by(choosing, number, "王五")


def test_only_the_submitter_chooses_and_not_once_it_was_sent(choosing: Company, shop: Target) -> None:
    number = choosing.developer.submit(shop.datasource, SQL, approvers={NODE: ["王五"]})
    choosing.developer.instance(number)
    body = {"approvers": {NODE: ["李四"]}}
    path = f"/tickets/{number}/approvers"
    assert choosing.developer.refused("PUT", path, body) == (409, "choice_too_late")
    assert choosing.dba.refused("PUT", path, body) == (403, "not_your_ticket")


def test_a_choice_that_nobody_asked_for_is_left_alone(company: Company, shop: Target) -> None:
    number = company.developer.submit(shop.datasource, SQL, approvers={NODE: ["王五"]})
    approved_by(company, number, "李四")
