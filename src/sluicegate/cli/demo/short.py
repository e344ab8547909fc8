"""The shorter ways: there and back on another database, a refusal, and asking for access."""

from __future__ import annotations

from collections.abc import Callable

from sluicegate.cli.client import ApiError
from sluicegate.cli.demo import screen, shop, trip
from sluicegate.cli.demo.cast import Cast
from sluicegate.cli.demo.failing import StepFailed
from sluicegate.cli.demo.targets import Target
from sluicegate.cli.demo.trip import FiledTicket
from sluicegate.cli.language import say
from sluicegate.cli.shapes import Grant

_HOURS = 8


def there_and_back(cast: Cast, target: Target) -> None:
    """The same change, agreed to and executed, and its undo."""
    before = target.rows()
    after = shop.changed(before)
    number = trip.file(cast, target, shop.CHANGE, "demo_title_change")
    trip.reviewed(cast, number)
    trip.decided(cast, number, agree=True, remark=say("demo_remark_agree"))
    screen.proved("demo_untouched", before, target.rows(), name=target.name)
    trip.executed(cast, number)
    screen.proved("demo_rows_changed", after, target.rows(), name=target.name)
    undo = trip.file_undo(cast, number)
    trip.reviewed(cast, undo)
    trip.decided(cast, undo, agree=True, remark=say("demo_remark_undo"))
    trip.executed(cast, undo)
    screen.proved("demo_rows_back", before, target.rows(), name=target.name)


def refused(cast: Cast, target: Target) -> None:
    """What the approver refuses is executed by nobody."""
    before = target.rows()
    number = trip.file(cast, target, shop.REFUSED_CHANGE, "demo_title_refused")
    trip.reviewed(cast, number)
    remark, name = say("demo_remark_refuse"), cast.lead.employee.name
    ticket = trip.decided(cast, number, agree=False, remark=remark)
    reason = ticket.reason.text if ticket.reason else ""
    screen.proved("demo_refused", True, remark in reason, number=number, who=name, remark=remark)
    code = _refusal(lambda: cast.dba.post(f"/tickets/{number}/confirm", FiledTicket, {}))
    screen.proved("demo_not_confirmed", "transition_impossible", code, number=number)
    screen.proved("demo_untouched", before, target.rows(), name=target.name)


def ask_for_access(cast: Cast, target: Target) -> None:
    """What the developer may not change, an access request opens for a while."""
    code = _refusal(lambda: trip.file(cast, target, shop.CHANGE, "demo_title_change"))
    screen.proved("demo_access_missing", "access_missing", code, name=target.name)
    source = cast.sources[target.name].id
    access = {"actions": ["data_change"], "objects": [{"datasource_id": source}], "hours": _HOURS}
    content = {"kind": "access_request", "title": say("demo_title_access"), "access": access}
    number = cast.developer.create("/tickets", FiledTicket, content).number
    instance_id = trip.instance_of(cast, number)
    cast.company.decide(instance_id, cast.lead.employee, "agree", say("demo_remark_access"))
    trip.succeeded(cast, number)
    grants = cast.admin.get("/grants", list[Grant], {"live": True, "datasource_id": source})
    given = [(grant.username, grant.actions) for grant in grants if grant.ticket == number]
    who = cast.people[1]
    screen.proved(
        "demo_access_given",
        [(who.username, ["data_change"])],
        given,
        who=who.employee.name,
        number=number,
        hours=_HOURS,
    )


def _refusal(call: Callable[[], object]) -> str:
    """The code with which the service refuses.

    Raises:
        StepFailed: it didn't.
    """
    try:
        answer = call()
    except ApiError as error:
        return error.problem_code
    raise StepFailed(say("demo_refusal_expected"), str(answer))
