"""NOT_IN_SUBQUERY: one NULL among the values, and no row qualifies."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked, conditions, name
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import OperandKind, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    for found in conditions(query):
        if found.operator == "IN" and found.negated and found.other is OperandKind.QUERY:
            yield Note("NOT_IN_SUBQUERY", found.at, "" if found.column is None else name(found.column))


RULE = Rule(
    id="QRY019",
    code="NOT_IN_SUBQUERY",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("comparisons",),
    title=Text(
        zh="NOT IN 子查询",
        en="NOT IN (sub-query)",
    ),
    message=Text(
        zh="{detail} NOT IN (子查询) 在子查询含 NULL 时不返回任何行，请改用 NOT EXISTS。",
        en="{detail} NOT IN (sub-query) finds nothing once the sub-query yields a NULL. Write NOT EXISTS.",
    ),
    why=Text(
        zh="只要子查询返回一个 NULL，NOT IN 的结果就不会为真，语句会悄悄地什么也不做；执行计划通常也更差。",
        en=(
            "A single NULL makes NOT IN never true, so that the statement silently does nothing; its "
            "plan is usually worse too."
        ),
    ),
    fails=(
        Example("SELECT a FROM t WHERE b NOT IN (SELECT c FROM u)"),
        Example("DELETE FROM t WHERE b NOT IN (SELECT c FROM u)"),
    ),
    passes=(
        Example("SELECT a FROM t WHERE b IN (SELECT c FROM u)"),
        Example("SELECT a FROM t WHERE b NOT IN (1, 2)"),
        Example("SELECT a FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.c = t.b)"),
    ),
)
