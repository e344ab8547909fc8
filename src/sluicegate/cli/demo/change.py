"""The main thing: a data change from its filing to its undo, with everything that there is to see."""

from __future__ import annotations

from sluicegate.cli.demo import screen, shop, trip
from sluicegate.cli.demo.cast import Cast
from sluicegate.cli.demo.company import Instance
from sluicegate.cli.demo.failing import require
from sluicegate.cli.demo.shop import Shop
from sluicegate.cli.demo.targets import Target
from sluicegate.cli.demo.trip import FiledTicket
from sluicegate.cli.language import say
from sluicegate.cli.output import styled, when
from sluicegate.cli.shapes import Snapshot, Statement, Step
from sluicegate.dingtalk.contracts import FieldKey
from sluicegate.dingtalk.form_presets import DATA_CHANGE, PRESETS

_ROWS_SHOWN = 6
_CONTROLS = PRESETS["clouddm-classic"][DATA_CHANGE].controls
_TITLES = {control.key: control.title for control in _CONTROLS}


def tour(cast: Cast, target: Target) -> None:
    before = target.rows()
    after = shop.changed(before)
    number = _file(cast, target, before)
    _agree(cast, target, number, before)
    _execute(cast, target, number, before, after)
    _timeline(cast, number)
    _undo(cast, target, number, before)


def _file(cast: Cast, target: Target, before: Shop) -> str:
    screen.chapter("demo_chapter_file", name=target.name)
    number = trip.file(cast, target, shop.CHANGE, "demo_title_change")
    screen.done("demo_filed", number=number, who=cast.people[1].employee.name)
    ticket = trip.reviewed(cast, number)
    statements = trip.statements(cast.developer, number)
    require("demo_reviewed", shop.CHANGE_STATEMENTS, len(statements), number=number)
    _show_review(statements)
    flagged = [statement.ordinal for statement in statements if statement.findings]
    screen.proved("demo_flagged", [3], flagged)
    review = ticket.targets[0].review
    estimated = review.estimated_rows if review else None
    changing = len(shop.differences(before, shop.changed(before)))
    screen.proved("demo_estimated", True, estimated is not None, rows=estimated, really=changing)
    screen.proved("demo_untouched", before, target.rows(), name=target.name)
    return number


def _show_review(statements: list[Statement]) -> None:
    columns = ("demo_column_number", "demo_column_sql", "demo_column_rows", "demo_column_findings")
    screen.table(
        [say(column) for column in columns],
        [
            (
                statement.ordinal,
                statement.text,
                statement.estimate_reason if statement.estimated_rows is None else statement.estimated_rows,
                styled(
                    statement.verdict, "; ".join(finding.message for finding in statement.findings) or "✓"
                ),
            )
            for statement in statements
        ],
    )


def _agree(cast: Cast, target: Target, number: str, before: Shop) -> None:
    name = cast.lead.employee.name
    screen.chapter("demo_chapter_approval", who=name)
    instance_id = trip.instance_of(cast, number)
    instance = cast.company.instance(instance_id)
    _check_form(instance, target)
    screen.pairs([(value.name, _short(value.value)) for value in instance.values])
    screen.done("demo_form_filled", count=len(instance.values))
    remark = say("demo_remark_agree")
    ticket = trip.decided(cast, number, agree=True, remark=remark)
    steps = [(step.name, step.remark) for step in _agreed(ticket)]
    screen.proved("demo_agreed", [(name, remark)], steps, who=name, remark=remark, number=number)
    screen.proved("demo_untouched", before, target.rows(), name=target.name)


def _check_form(instance: Instance, target: Target) -> None:
    values = {value.name: value.value for value in instance.values}
    require("demo_form_controls", sorted(_TITLES.values()), sorted(values))
    require("demo_form_control", target.name, values[_TITLES[FieldKey.DATASOURCE]], title=target.name)
    title = _TITLES[FieldKey.SQL]
    require("demo_form_control", shop.CHANGE.split(), values[title].split(), title=title)


def _short(value: str, lines: int = 4) -> str:
    shown = value.splitlines()
    return "\n".join([*shown[:lines], *(["…"] if len(shown) > lines else [])])


def _agreed(ticket: FiledTicket) -> list[Step]:
    return [step for step in ticket.approval.steps if step.decision == "agree"] if ticket.approval else []


def _execute(cast: Cast, target: Target, number: str, before: Shop, after: Shop) -> None:
    screen.chapter("demo_chapter_execution", who=cast.people[3].employee.name)
    trip.executed(cast, number, _progress())
    screen.proved("demo_rows_changed", after, target.rows(), name=target.name)
    _show_rows(before, target.rows())
    changed = shop.differences(before, after)
    statements = trip.statements(cast.dba, number)
    applied = [statement.affected_rows or 0 for statement in statements if statement.outcome == "applied"]
    counts = [sum(row.table == table for row in changed) for table in ("orders", "products", "coupons")]
    screen.proved("demo_affected", counts, applied, rows=sum(counts), statements=len(counts))


def _progress() -> trip.Watcher:
    """Prints each state of the run once, as the service reports it."""
    seen: set[tuple[str, int]] = set()

    def show(snapshot: Snapshot) -> None:
        for target in snapshot.targets:
            if (snapshot.state, target.done) not in seen:
                seen.add((snapshot.state, target.done))
                screen.note("demo_progress", done=target.done, total=target.total, state=snapshot.state)

    return show


def _show_rows(before: Shop, after: Shop) -> None:
    changed = shop.differences(before, after)
    tables = ("orders", "products", "coupons")
    shown = [row for table in tables for row in [row for row in changed if row.table == table][:2]]
    columns = ("demo_column_table", "demo_column_before", "demo_column_after")
    screen.table(
        [say(column) for column in columns],
        [
            (row.table, _row(row.before), _row(row.after) if row.after else say("demo_row_gone"))
            for row in shown[:_ROWS_SHOWN]
        ],
    )


def _row(row: shop.Row) -> str:
    return ", ".join(map(str, row))


def _timeline(cast: Cast, number: str) -> None:
    screen.chapter("demo_chapter_timeline", number=number)
    ticket = trip.show(cast.developer, number)
    remarks = "; ".join(f"{step.name}: “{step.remark}”" for step in _agreed(ticket))
    screen.pairs(
        [
            (when(event.at), f"{event.text}  ({remarks if event.type == 'approve' else event.actor})")
            for event in ticket.events
        ]
    )
    wanted = ["created", "submit", "review_passed", "approve", "start", "succeed"]
    types = [event.type for event in ticket.events]
    screen.proved("demo_timeline_whole", wanted, [type_ for type_ in wanted if type_ in types])
    assert ticket.approval is not None
    assert ticket.approval.external_id is not None
    comment = cast.company.comment_with(ticket.approval.external_id, number)
    screen.done("demo_comment", comment=" / ".join(comment.splitlines()))


def _undo(cast: Cast, target: Target, number: str, before: Shop) -> None:
    screen.chapter("demo_chapter_undo", number=number)
    undo = trip.file_undo(cast, number)
    trip.reviewed(cast, undo)
    script = trip.statements(cast.developer, undo)
    screen.done("demo_undo_filed", number=undo, statements=len(script))
    screen.pairs([(str(statement.ordinal), statement.text) for statement in script[:2]])
    trip.decided(cast, undo, agree=True, remark=say("demo_remark_undo"))
    screen.done("demo_undo_agreed", who=cast.lead.employee.name)
    trip.executed(cast, undo)
    screen.proved("demo_rows_back", before, target.rows(), name=target.name)
