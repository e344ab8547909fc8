"""UNION_COLUMNS_DIFFER: branches with unlike numbers of columns."""

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

    branches = [select for select in query.selects if select.depth == 0]
    if len(branches) < 2 or not query.set_operations:
        return
    if any(item.star for select in branches for item in select.items):
        return
    counts = {len(select.items) for select in branches if select.items}
    if len(counts) > 1:
        yield Note("UNION_COLUMNS_DIFFER", branches[0].at, ", ".join(map(str, sorted(counts))))


RULE = Rule(
    id="QRY044",
    code="UNION_COLUMNS_DIFFER",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("set_operations",),
    title=Text(
        zh="UNION 各分支列数不同",
        en="Branches with unlike numbers of columns",
    ),
    message=Text(
        zh="UNION 各分支的列数不同（{detail}），语句会执行失败，请改为一致。",
        en=(
            "The branches have unlike numbers of columns ({detail}); the statement would fail. Make them "
            "equal."
        ),
    ),
    why=Text(
        zh="集合运算要求各分支列数相同。",
        en="Set operations need the same number of columns in every branch.",
    ),
    fails=(Example("SELECT a, b FROM t UNION ALL SELECT c FROM u"),),
    passes=(
        Example("SELECT a, b FROM t UNION ALL SELECT c, d FROM u"),
        Example("SELECT a, b FROM t UNION ALL SELECT * FROM u"),
    ),
)
