"""A ticket that asks for exact counts: kept with its revision, and counted by its review."""

from __future__ import annotations

import sqlite3

from sluicegate.reviews.models import ReviewedStatement
from sluicegate.sql.model import TicketKind
from sluicegate.tickets import reviewing
from sluicegate.tickets.content import Content, TargetInput
from sluicegate.tickets.models import Ticket
from sluicegate.tickets.submission import resubmit_copy, submit_ticket
from tests.integration.world import World


def reviewed(ticket: Ticket) -> ReviewedStatement:
    reviewing.review(ticket.pk, ticket.revision_number)
    review = ticket.revisions.get().targets.get().review
    assert review is not None
    return review.statements.get()


def filed(world: World, *, count_exactly: bool) -> Ticket:
    datasource = world.datasource()
    with sqlite3.connect(datasource.database) as file:
        file.execute("INSERT INTO orders VALUES (1, 5), (2, 5), (3, 6)")
    file.close()
    target = TargetInput(datasource.pk)
    # Of FROM in its condition the estimate isn't sure.
    script = b"UPDATE orders SET total = 3 WHERE total IS NOT DISTINCT FROM 5"
    values = Content("fix", "", (target,), script, count_exactly=count_exactly)
    return submit_ticket(by=world.admin, kind=TicketKind.DATA_CHANGE, values=values)


def test_only_on_request(world: World) -> None:
    counted = reviewed(filed(world, count_exactly=True))
    assert (counted.estimated_rows, counted.estimate_exact) == (2, True)
    usual = reviewed(filed(world, count_exactly=False))
    assert (usual.estimated_rows, usual.estimate_exact) == (None, False)


def test_a_copy_asks_for_the_same(world: World) -> None:
    copy = resubmit_copy(by=world.admin, number=filed(world, count_exactly=True).number)
    assert reviewed(copy).estimate_exact
