"""Lists of tickets by keyset: nothing twice, nothing left out."""

from __future__ import annotations

import pytest

from sluicegate.accounts.models import User
from sluicegate.core.errors import InvalidInput
from sluicegate.tickets.selectors import MAX_PAGE, TicketFilter, list_tickets
from tests.integration.world import World

MINE = TicketFilter(box="mine")


@pytest.fixture
def submitter(world: World) -> User:
    return world.person("dba")


def test_pages_stay_whole_while_tickets_come_in(world: World, submitter: User) -> None:
    datasource = world.datasource()
    numbers = [world.ticket(submitter, datasource).number for _ in range(10)]
    seen: list[str] = []
    cursor, pages = None, 0
    while True:
        page = list_tickets(submitter, MINE, cursor=cursor, size=3)
        seen += [ticket.number for ticket in page.tickets]
        pages += 1
        if page.next is None:
            break
        cursor = page.next
        world.ticket(submitter, datasource)
    assert seen == numbers[::-1]
    assert pages == 4


def test_last_page_that_is_full(world: World, submitter: User) -> None:
    datasource = world.datasource()
    for _ in range(4):
        world.ticket(submitter, datasource)
    first = list_tickets(submitter, MINE, size=2)
    assert list_tickets(submitter, MINE, cursor=first.next, size=2).next is None


@pytest.mark.parametrize("size", [-1, 0, 10**9])
def test_size_has_bounds(world: World, submitter: User, size: int) -> None:
    world.ticket(submitter)
    world.ticket(submitter)
    assert len(list_tickets(submitter, MINE, size=size).tickets) == min(2, max(1, min(size, MAX_PAGE)))


def test_filters(world: World, submitter: User) -> None:
    shop, bank = world.datasource(), world.datasource()
    first = world.ticket(submitter, shop, title="修正订单 Total_50%", remark="客户投诉")
    second = world.ticket(submitter, bank, title="other")

    def found(**wanted: object) -> list[str]:
        page = list_tickets(submitter, TicketFilter(box="mine", **wanted))  # type: ignore[arg-type]
        return [ticket.number for ticket in page.tickets]

    assert found() == [second.number, first.number]
    assert found(datasource_id=bank.pk) == [second.number]
    assert found(words="订单") == [first.number]
    assert found(words="投诉 TOTAL_50%") == [first.number]
    assert found(words="total") == [second.number, first.number], "the SQL is searched too"
    assert found(words="total_5") == [first.number], "no pattern characters"
    assert found(words=bank.name) == [second.number]
    assert found(words="订单 other") == []
    assert found(states=("draft",)) == [second.number, first.number]
    assert found(states=("failed",)) == []
    assert found(kinds=("schema_change",)) == []
    assert found(submitter=submitter.username) == [second.number, first.number]
    assert found(since=second.created_at) == [second.number]
    assert found(until=second.created_at) == [first.number]


def test_unknown_box(submitter: User) -> None:
    with pytest.raises(InvalidInput):
        list_tickets(submitter, TicketFilter(box="theirs"))
