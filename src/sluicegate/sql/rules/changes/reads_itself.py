"""CHANGE_READS_ITSELF: MySQL refuses a sub-query on the table that is changed."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import CHANGES, asked
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Place, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in CHANGES:
        return

    written = {ref.name.casefold() for ref in query.targets}
    for select in query.selects:
        if select.depth != 1 or select.place not in (Place.WHERE, Place.SET):
            continue
        for use in select.tables:
            if not use.cte and use.ref.name.casefold() in written:
                yield Note("CHANGE_READS_ITSELF", use.at, use.ref.name)
                return


RULE = Rule(
    id="CHG042",
    code="CHANGE_READS_ITSELF",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=(Query,),
    verbs=CHANGES,
    needs=("selects",),
    title=Text(
        zh="子查询读取正在修改的表",
        en="Sub-query on the table that is changed",
    ),
    message=Text(
        zh="子查询读取了正在修改的表 {detail}，MySQL 会拒绝（错误 1093），请套一层派生表。",
        en=(
            "A sub-query reads {detail}, the table that is changed; MySQL refuses it (error 1093). Wrap "
            "it in a derived table."
        ),
    ),
    why=Text(
        zh="MySQL 不允许在修改一张表的同时用子查询直接读它；较新的 MariaDB 允许。",
        en="MySQL doesn't read by a sub-query what it is changing; newer MariaDB versions do.",
    ),
    fails=(
        Example("DELETE FROM t WHERE id IN (SELECT MAX(id) FROM t GROUP BY a)"),
        Example("UPDATE t SET a = (SELECT MAX(a) FROM t) WHERE id = 1"),
    ),
    passes=(
        Example("DELETE FROM t WHERE id IN (SELECT id FROM (SELECT MAX(id) AS id FROM t GROUP BY a) x)"),
        Example("DELETE FROM t WHERE id IN (SELECT id FROM u)"),
    ),
)
