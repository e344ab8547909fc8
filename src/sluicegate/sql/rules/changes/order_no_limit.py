"""CHANGE_ORDER_BY: an order that changes nothing."""

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

    if query.order_by and query.limit is None:
        yield Note("CHANGE_ORDER_BY", query.at, query.targets[0].name if query.targets else "")


RULE = Rule(
    id="CHG028",
    code="CHANGE_ORDER_BY",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=(Query,),
    verbs=CHANGES,
    title=Text(
        zh="修改或删除中的排序",
        en="ORDER BY in UPDATE or DELETE",
    ),
    message=Text(
        zh="对 {detail} 的修改有 ORDER BY 而没有 LIMIT，排序没有意义，请去掉。",
        en="The change of {detail} has an ORDER BY but no LIMIT. Leave the order out.",
    ),
    why=Text(
        zh="要改的是全部符合条件的行，排序只增加开销。",
        en="All rows that qualify are changed anyway; sorting them only costs time.",
    ),
    fails=(
        Example("UPDATE t SET a = 1 WHERE b = 2 ORDER BY id"),
        Example("DELETE FROM t WHERE b = 2 ORDER BY id"),
    ),
    passes=(
        Example("DELETE FROM t WHERE b = 2 ORDER BY id LIMIT 5"),
        Example("DELETE FROM t WHERE b = 2"),
    ),
)
