"""UPDATE_COLUMNS: columns that every UPDATE must set. Carries over CloudDM's update_002."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb != "UPDATE":
        return

    named = {assignment.column.name.casefold() for assignment in query.assignments}
    missing = [column for column in options.words("columns") if column.casefold() not in named]
    if missing:
        yield Note("UPDATE_COLUMNS", query.at, ", ".join(missing))


RULE = Rule(
    id="CHG001",
    code="UPDATE_COLUMNS",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=frozenset({"UPDATE"}),
    needs=("assignments",),
    enabled=False,
    parameters=(
        Parameter(
            "columns",
            (),
            Text(
                zh="必须更新的列",
                en="Columns that must be set",
            ),
        ),
    ),
    title=Text(
        zh="更新必须包含的列",
        en="Columns that every UPDATE sets",
    ),
    message=Text(
        zh="UPDATE 没有设置必须更新的列 {detail}，请补上。",
        en="The UPDATE doesn't set {detail}. Add it.",
    ),
    why=Text(
        zh="如约定每次更新都要写 update_time，下游同步和审计才能发现变化。",
        en="Where every change sets update_time, say, replication and audits can see it.",
    ),
    fails=(Example("UPDATE t SET a = 1 WHERE id = 1", options={"columns": ("update_time",)}),),
    passes=(
        Example(
            "UPDATE t SET a = 1, update_time = CURRENT_TIMESTAMP WHERE id = 1",
            options={"columns": ("update_time",)},
        ),
        Example("UPDATE t SET a = 1 WHERE id = 1"),
    ),
)
