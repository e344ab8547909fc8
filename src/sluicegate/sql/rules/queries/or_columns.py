"""OR_COLUMNS: an OR across columns."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked, conditions_by_select
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Place, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    for comparisons in conditions_by_select(query).values():
        columns = {
            found.column.name.casefold(): found
            for found in comparisons
            if found.alternative and found.column is not None and found.place is Place.WHERE
        }
        if len(columns) > 1:
            shown = ", ".join(sorted(columns))
            yield Note("OR_COLUMNS", min(found.at for found in columns.values()), shown)
            return


RULE = Rule(
    id="QRY024",
    code="OR_COLUMNS",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("comparisons",),
    enabled=False,
    title=Text(
        zh="OR 连接不同的列",
        en="OR across columns",
    ),
    message=Text(
        zh="OR 连接了不同的列（{detail}），可能用不上索引，请考虑拆成 UNION ALL 或多条语句。",
        en=(
            "OR joins conditions on different columns ({detail}); indexes may go unused. Consider UNION "
            "ALL or separate statements."
        ),
    ),
    why=Text(
        zh="只要有一个分支没有索引，就要扫描全表。",
        en="As soon as one branch has no index, the whole table is read.",
    ),
    fails=(Example("SELECT a FROM t WHERE b = 1 OR c = 2"),),
    passes=(
        Example("SELECT a FROM t WHERE b = 1 OR b = 2"),
        Example("SELECT a FROM t WHERE b = 1 AND c = 2"),
    ),
)
