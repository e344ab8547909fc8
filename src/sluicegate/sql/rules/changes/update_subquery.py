"""UPDATE_SUBQUERY: a sub-query in a place where a team doesn't want it. Carries over CloudDM's update_004."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import PLACES, misplaced_subqueries
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    return misplaced_subqueries(subject, options, "UPDATE")


RULE = Rule(
    id="CHG002",
    code="UPDATE_SUBQUERY",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=frozenset({"UPDATE"}),
    needs=("selects",),
    enabled=False,
    parameters=(
        Parameter(
            "allow",
            ("Any",),
            Text(
                zh="允许出现子查询的位置（None 为都不允许，Any 为任意位置）",
                en="Where sub-queries may stand (None: nowhere, Any: everywhere)",
            ),
            choices=PLACES,
        ),
    ),
    title=Text(
        zh="更新中的子查询位置",
        en="Sub-queries in UPDATE",
    ),
    message=Text(
        zh="此处（{detail}）不允许使用子查询，请先查出要改的主键。",
        en="No sub-query may stand here ({detail}). Look up the keys first.",
    ),
    why=Text(
        zh="更新语句中的子查询会延长加锁时间，影响哪些行也不易核对。",
        en="Sub-queries keep locks for longer, and it is hard to see which rows are meant.",
    ),
    fails=(Example("UPDATE t SET a = 1 WHERE b IN (SELECT c FROM u)", options={"allow": ("None",)}),),
    passes=(
        Example("UPDATE t SET a = 1 WHERE b IN (SELECT c FROM u)"),
        Example("UPDATE t SET a = 1 WHERE b = 1", options={"allow": ("None",)}),
        Example("UPDATE t SET a = 1 WHERE b IN (SELECT c FROM u)", options={"allow": ("where",)}),
    ),
)
