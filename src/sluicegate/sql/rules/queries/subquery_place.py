"""QUERY_SUBQUERY: a sub-query in a place where a team doesn't want it. Carries over CloudDM's query_009."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import PLACES, asked, misplaced
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    if query.verb != "SELECT":
        return
    for select in misplaced(query, options.words("allow")):
        yield Note("QUERY_SUBQUERY", select.at, select.place.value.upper())


RULE = Rule(
    id="QRY007",
    code="QUERY_SUBQUERY",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=frozenset({"SELECT"}),
    needs=("selects",),
    enabled=False,
    parameters=(
        Parameter(
            "allow",
            ("None",),
            Text(
                zh="允许出现子查询的位置（None 为都不允许，Any 为任意位置）",
                en="Where sub-queries may stand (None: nowhere, Any: everywhere)",
            ),
            choices=PLACES,
        ),
    ),
    title=Text(
        zh="查询中的子查询位置",
        en="Sub-queries in queries",
    ),
    message=Text(
        zh="此处（{detail}）不允许使用子查询，请改写为连接或拆成多条语句。",
        en="No sub-query may stand here ({detail}). Write a join or several statements.",
    ),
    why=Text(
        zh="子查询在不同版本中的执行方式差别很大，写在不合适的位置会对每一行执行一次。",
        en="How sub-queries run differs between versions; in the wrong place they run once for each row.",
    ),
    fails=(
        Example("SELECT a FROM t WHERE a IN (SELECT b FROM u)"),
        Example("SELECT a FROM t WHERE a IN (SELECT b FROM u)", options={"allow": ("from",)}),
    ),
    passes=(
        Example("SELECT a FROM t"),
        Example("SELECT a FROM t WHERE a IN (SELECT b FROM u)", options={"allow": ("where", "on")}),
        Example("SELECT a FROM t WHERE a IN (SELECT b FROM u)", options={"allow": ("Any",)}),
    ),
)
