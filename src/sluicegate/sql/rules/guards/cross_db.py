"""CROSS_DB: a statement reaches out of the ticket's target."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Access, ObjectRef, Severity
from sluicegate.sql.rules.base import (
    CLICKHOUSE,
    MSSQL,
    MYSQL,
    ORACLE,
    POSTGRESQL,
    SQLITE,
    Example,
    Options,
    Rule,
    Subject,
    Text,
)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    """Writing elsewhere is denied, reading is shown. When nobody said what the target is, whatever
    is named with its place is shown."""
    territory = subject.territory
    target = territory.target(subject.context)
    yield from _outside(subject, target, target or territory.assumed, territory.system, _place)
    if territory.inner:
        schema = subject.context.schema
        yield from _outside(subject, schema, schema or territory.inner, territory.inner_system, _schema)


def _outside(
    subject: Subject,
    target: str | None,
    home: str | None,
    system: frozenset[str],
    place_of: Callable[[Subject, ObjectRef], str | None],
) -> Iterator[Note]:
    seen: set[tuple[str, Access]] = set()
    for ref in subject.facts.objects:
        place = place_of(subject, ref)
        if place is None or place.casefold() in system or place.startswith("pg_temp"):
            continue
        if home is not None and place.casefold() == home.casefold():
            continue
        if (place, ref.access) in seen:
            continue
        seen.add((place, ref.access))
        if target is None:
            severity = Severity.WARNING
        else:
            severity = Severity.BLOCK if ref.access is Access.WRITE else Severity.ERROR
        yield Note("CROSS_DB", -1, f"{place}.{ref.name}" if ref.name != place else place, severity)


def _place(subject: Subject, ref: ObjectRef) -> str | None:
    if ref.type == subject.territory.qualifier and ref.type in ("database", "schema"):
        return ref.name
    return subject.territory.place(ref)


def _schema(_subject: Subject, ref: ObjectRef) -> str | None:
    return ref.name if ref.type == "schema" else ref.schema


RULE = Rule(
    id="SEC002",
    code="CROSS_DB",
    severity=Severity.ERROR,
    check=check,
    everywhere=True,
    title=Text(zh="访问变更目标之外的库", en="Reaching out of the target"),
    message=Text(
        zh="访问了变更目标之外的对象 {detail}。请为它单独提交工单，或确认确实需要。",
        en="Reaches {detail}, outside of the ticket's target. File a ticket for that target, or make sure it is meant.",
    ),
    why=Text(
        zh="审批针对的是工单所选的目标；写入其他库或模式等于绕过了那里的审批。写入会被拦截，读取会提示审批人。",
        en="What is approved is the ticket's target; writing elsewhere would go round the approval there. Writing is denied, reading is shown to the approver.",
    ),
    fails=(
        Example(
            "UPDATE other_place.orders SET total = 1 WHERE id = 1",
            families=(MYSQL, POSTGRESQL, SQLITE, ORACLE, CLICKHOUSE),
        ),
        Example("UPDATE other_place.dbo.orders SET total = 1 WHERE id = 1", families=(MSSQL,)),
        Example("UPDATE other_place.orders SET total = 1 WHERE id = 1", families=(MSSQL,)),
    ),
    passes=(
        Example("UPDATE orders SET total = 1 WHERE id = 1"),
        Example("UPDATE dbo.orders SET total = 1 WHERE id = 1", families=(MSSQL,)),
        Example("SELECT name FROM sys.objects", families=(MSSQL,)),
    ),
)
