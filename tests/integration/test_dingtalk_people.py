"""What approvers do in a real local DingTalk, as the ticket shows it: who had it, who has it now, and what counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sluicegate.core.messages import LANGUAGES
from sluicegate.tickets.models import Ticket
from tests.integration.dingtalk_company import Company, dingtalk_company, sandbox_server
from tests.integration.world import World


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with sandbox_server() as running:
        yield running


@pytest.fixture
def company(world: World, database: dict[str, str], url: str) -> Iterator[Company]:
    with dingtalk_company(world, database, url) as ready:
        yield ready


def steps(company: Company, ticket: Ticket) -> list[tuple[str, str]]:
    """Who, and what of it, as the ticket shows after a reading."""
    company.read(ticket)
    approval = company.shown(ticket).approval
    assert approval is not None
    return [(step.name, step.decision) for step in approval.steps]


def held(company: Company, ticket: Ticket) -> str | None:
    approval = company.shown(ticket).approval
    assert approval is not None
    return approval.held.code if approval.held else None


def test_a_transfer_shows_who_had_it_and_who_has_it(company: Company) -> None:
    company.flow({"name": "组长", "mode": "OR", "approvers": ["李四"]})
    ticket = company.awaiting()
    company.control("POST", f"{company.task(ticket, '李四')}/redirect", {"to": company.userid("王五")})
    assert steps(company, ticket) == [("李四", "transferred"), ("王五", "waiting")]
    company.decide(ticket, "王五", "agree", "我来看")
    assert steps(company, ticket) == [("李四", "transferred"), ("王五", "agree")]
    assert company.state_of(ticket) == "approved"


@pytest.mark.parametrize("before", [True, False])
def test_an_added_approver_has_to_agree_too(company: Company, before: bool) -> None:
    company.flow({"name": "组长", "mode": "OR", "approvers": ["李四"]})
    ticket = company.awaiting()
    body = {"to": company.userid("王五"), "before": before}
    company.control("POST", f"{company.task(ticket, '李四')}/append", body)
    assert {name for name, _ in steps(company, ticket)} == {"李四", "王五"}
    for who in ("王五", "李四") if before else ("李四", "王五"):
        assert company.state_of(ticket) == "awaiting_approval"
        company.decide(ticket, who)
        company.read(ticket)
    assert sorted(steps(company, ticket)) == sorted([("李四", "agree"), ("王五", "agree")])
    assert company.state_of(ticket) == "approved"


def test_any_of_them_is_enough_and_the_others_need_not(company: Company) -> None:
    company.flow({"name": "任一", "mode": "OR", "approvers": ["李四", "王五"]})
    ticket = company.awaiting()
    company.decide(ticket, "王五")
    assert steps(company, ticket) == [("李四", "cancelled"), ("王五", "agree")]
    assert company.state_of(ticket) == "approved"


def test_all_of_them_have_to(company: Company) -> None:
    company.flow({"name": "全部", "mode": "AND", "approvers": ["李四", "王五"]})
    ticket = company.awaiting()
    company.decide(ticket, "王五")
    assert steps(company, ticket) == [("李四", "waiting"), ("王五", "agree")]
    assert company.state_of(ticket) == "awaiting_approval"
    company.decide(ticket, "李四")
    company.read(ticket)
    assert company.state_of(ticket) == "approved"


def test_agreement_by_a_rule_alone_does_not_count(company: Company) -> None:
    company.flow({"name": "自动", "approval_type": "AUTO_AGREE", "approvers": []})
    ticket = company.awaiting()
    company.read(ticket)
    assert (company.state_of(ticket), held(company, ticket)) == (
        "awaiting_approval",
        "approval_only_submitter",
    )
    assert company.decisions(ticket) == []


def test_agreement_by_a_rule_beside_a_person_counts(company: Company) -> None:
    company.flow(
        {"name": "自动", "approval_type": "AUTO_AGREE", "approvers": []},
        {"name": "组长", "mode": "OR", "approvers": ["李四"]},
    )
    ticket = company.awaiting()
    company.read(ticket)
    assert company.state_of(ticket) == "awaiting_approval"
    company.decide(ticket, "李四")
    company.read(ticket)
    assert company.state_of(ticket) == "approved"


@pytest.mark.parametrize("transferred", [True, False])
def test_agreement_by_the_submitter_alone_does_not_count(company: Company, transferred: bool) -> None:
    """Be the flow so, or somebody have passed it on to them."""
    company.flow({"name": "自己", "mode": "OR", "approvers": ["李四" if transferred else "张三"]})
    ticket = company.awaiting()
    if transferred:
        company.control("POST", f"{company.task(ticket, '李四')}/redirect", {"to": company.userid("张三")})
    company.decide(ticket, "张三")
    company.read(ticket)
    assert (company.state_of(ticket), held(company, ticket)) == (
        "awaiting_approval",
        "approval_only_submitter",
    )


def test_an_approver_who_has_left_is_still_named(company: Company) -> None:
    """The instance goes on waiting for them, until somebody passes it on in DingTalk."""
    company.flow({"name": "组长", "mode": "OR", "approvers": ["李四"]})
    ticket = company.awaiting()
    assert steps(company, ticket) == [("李四", "waiting")]
    company.control("POST", "/users", {"userid": company.userid("李四"), "active": False})
    ((name, decision),) = steps(company, ticket)
    assert name in ("李四", company.userid("李四"))
    assert decision == "waiting"
    assert company.state_of(ticket) == "awaiting_approval"
    company.control("POST", f"{company.task(ticket, '李四')}/redirect", {"to": company.userid("王五")})
    company.decide(ticket, "王五")
    company.read(ticket)
    assert company.state_of(ticket) == "approved"


@pytest.mark.parametrize("way", ["revoked", "deleted"])
def test_an_instance_that_its_originator_took_back_or_somebody_deleted(company: Company, way: str) -> None:
    ticket = company.awaiting()
    if way == "revoked":
        company.terminate(ticket, "张三")
    else:
        company.delete(ticket)
    company.read(ticket)
    for language in LANGUAGES:
        shown = company.shown(ticket, language)
        assert (shown.state, shown.reason and shown.reason.code) == ("withdrawn", "terminated_at_provider")
