"""COLUMN_SET_TWICE: one column gets two values."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked, is_number, is_text, name, target
from sluicegate.sql.rules.base import POSTGRESQL, STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def _whole(subject: Subject, column: str) -> bool:
    """PostgreSQL writes parts of arrays and of composite columns too: there only plain columns count."""
    if subject.family != POSTGRESQL:
        return True
    table = target(subject)
    found = None if table is None else table.column(column)
    return (
        found is not None
        and found.type is not None
        and not found.type.array
        and (is_text(found) or is_number(found))
    )


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    columns = list(query.columns or ())
    severity = None
    if query.verb == "UPDATE":
        columns = [name(assignment.column) for assignment in query.assignments]
        severity = Severity.WARNING  # some servers take the last value
    seen: set[str] = set()
    for column in columns:
        if column.casefold() in seen and _whole(subject, column):
            yield Note("COLUMN_SET_TWICE", query.at, column, severity)
        seen.add(column.casefold())


RULE = Rule(
    id="CHG023",
    code="COLUMN_SET_TWICE",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    title=Text(
        zh="同一列写了两次",
        en="Column written twice",
    ),
    message=Text(
        zh="列 {detail} 出现了两次，请去掉一个。",
        en="Column {detail} is given twice. Take one out.",
    ),
    why=Text(
        zh="插入时数据库会拒绝；更新时有的数据库拒绝，有的只取最后一个值。",
        en="An INSERT is refused; an UPDATE is refused, or the last value silently wins.",
    ),
    fails=(
        Example("INSERT INTO t (a, b, a) VALUES (1, 2, 3)", families=("mysql", "sqlite")),
        Example("UPDATE t SET a = 1, b = 2, a = 3 WHERE id = 1", families=("mysql", "sqlite")),
        Example("INSERT INTO t (a, b, a) VALUES (1, 2, 3)", setup="CREATE TABLE t (a INT, b INT)"),
    ),
    passes=(
        Example("INSERT INTO t (a, b) VALUES (1, 2)"),
        Example("UPDATE t SET a = 1, b = 2 WHERE id = 1"),
        Example(
            "INSERT INTO t (arr[1], arr[2]) VALUES (1, 2)",
            families=("postgresql",),
            setup="CREATE TABLE t (arr INT[])",
        ),
    ),
)
