"""CHANGE_LIMIT_NO_ORDER: which rows are changed is left to chance."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import CHANGES, asked
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in CHANGES:
        return

    if query.limit is not None and not query.order_by:
        yield Note("CHANGE_LIMIT_NO_ORDER", query.at, query.targets[0].name if query.targets else "")


RULE = Rule(
    id="CHG027",
    code="CHANGE_LIMIT_NO_ORDER",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=(Query,),
    verbs=CHANGES,
    title=Text(
        zh="修改或删除有 LIMIT 而没有排序",
        en="LIMIT without ORDER BY in UPDATE or DELETE",
    ),
    message=Text(
        zh="对 {detail} 的修改有 LIMIT 而没有 ORDER BY，改到哪些行不确定，请加上排序。",
        en=(
            "The change of {detail} has a LIMIT but no ORDER BY, so that chance decides which rows it "
            "reaches. Add an order."
        ),
    ),
    why=Text(
        zh="主从复制按语句重放时，从库可能改到不同的行。",
        en="A replica that repeats the statement may change other rows.",
    ),
    fails=(
        Example("UPDATE t SET a = 1 WHERE b = 2 LIMIT 5"),
        Example("DELETE FROM t WHERE b = 2 LIMIT 5"),
    ),
    passes=(
        Example("UPDATE t SET a = 1 WHERE b = 2 ORDER BY id LIMIT 5"),
        Example("DELETE FROM t WHERE b = 2"),
    ),
)
