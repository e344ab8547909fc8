"""GROUP_BY_POSITION: grouped by the number of a column."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    for select in query.selects:
        if select.group_positions:
            yield Note("GROUP_BY_POSITION", select.at)


RULE = Rule(
    id="QRY015",
    code="GROUP_BY_POSITION",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("selects",),
    enabled=False,
    title=Text(
        zh="按列序号分组",
        en="GROUP BY position",
    ),
    message=Text(
        zh="GROUP BY 使用了列的序号，请改写列名。",
        en="GROUP BY names a column by its number. Write its name.",
    ),
    why=Text(
        zh="增减或调换查询的列之后，序号会悄悄指向别的列，分组就错了。",
        en=(
            "Once the list of columns changes, the number silently means another one, and the groups are "
            "wrong."
        ),
    ),
    fails=(Example("SELECT a, COUNT(*) FROM t GROUP BY 1"),),
    passes=(Example("SELECT a, COUNT(*) FROM t GROUP BY a"),),
)
