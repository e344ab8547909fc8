"""CARTESIAN_PRODUCT: every row with every row."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import CHANGES, OWN, asked, conditions_by_select
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import OperandKind, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    comparisons = conditions_by_select(query)
    own = (OWN, query.joins, query.target_uses)
    asked_for = ((number, select.joins, select.tables) for number, select in enumerate(query.selects))
    for number, joins, tables in (own, *asked_for):
        loose = [
            join
            for join in joins
            if not (join.conditional or join.lateral or join.kind in ("CROSS", "NATURAL"))
        ]
        if not loose or len(tables) <= len(joins) or any(use.cte for use in tables):
            continue  # derived tables and functions may hold one row
        related = {
            found.column.qualifier or found.column.name
            for found in comparisons.get(number, ())
            if found.column is not None
            and (found.other_column is not None or found.other is OperandKind.EXPRESSION)
        }
        if not related:
            severity = Severity.WARNING if query.verb in CHANGES else Severity.INFO
            yield Note("CARTESIAN_PRODUCT", loose[0].at, loose[0].kind, severity)


RULE = Rule(
    id="QRY035",
    code="CARTESIAN_PRODUCT",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("tables",),
    title=Text(
        zh="笛卡尔积",
        en="Cartesian product",
    ),
    message=Text(
        zh="连接没有任何条件，会得到两表的笛卡尔积，请补上连接条件。",
        en="The tables are joined without any condition: every row meets every row. Add the condition.",
    ),
    why=Text(
        zh="结果行数是两表行数的乘积，查询会拖垮数据库，修改和删除会波及本不相干的行。",
        en=(
            "The result is the product of both tables; it can bring the server down, and changes reach "
            "rows that have nothing to do with it."
        ),
    ),
    fails=(
        Example("SELECT t.a FROM t, u WHERE t.a = 1"),
        Example("SELECT t.a FROM t JOIN u", families=("mysql", "sqlite")),
        Example("DELETE t FROM t, u WHERE t.a = 1", families=("mysql",)),
    ),
    passes=(
        Example("SELECT t.a FROM t, u WHERE t.i = u.i"),
        Example("SELECT t.a FROM t CROSS JOIN u"),
        Example("SELECT t.a FROM t JOIN u USING (i)"),
    ),
)
